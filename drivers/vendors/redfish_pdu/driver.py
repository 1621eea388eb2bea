"""The driver: what is asked of the PDU, and when."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar, Final

from annotated_types import Gt
from pydantic import ConfigDict, TypeAdapter

from device_profiles.compare import Goal
from device_profiles.facts import FACTS_SCHEMA, Facts
from device_profiles.links import Neighbour
from device_profiles.operation import Operation
from device_profiles.profile import Profile
from device_profiles.state import EMPTY, Outlet, State
from device_profiles.state import Power as PowerState
from drivers import limits
from drivers.contract import Connection, Step, Want
from drivers.errors import Unsupported
from drivers.planning import Edit, edits
from drivers.quirks import checked
from drivers.redfish import commands
from drivers.redfish.documents import number, text
from drivers.redfish.driver import ServiceDriver
from drivers.redfish.network import network_of
from drivers.selection import Selection
from drivers.vendors.redfish_pdu.seeing import Reader, Seen, SeenOutlet, shown_name

SOURCE: Final = "Redfish"
_VALUES: Final = {"on": "On", "off": "Off"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Quirks:
    """How long an outlet may take to show what it was told, and how a service is asked (see the driver ``redfish``)."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")
    done_within_s: Annotated[float, Gt(0)] = 45.0
    conditional: bool = True
    expand: bool = True


_QUIRKS: Final = TypeAdapter(Quirks)


class RedfishPdu(ServiceDriver):
    """A PDU (see :class:`drivers.contract.Driver`)."""

    capabilities: ClassVar[frozenset[str]] = frozenset(
        {"outlets.name", "outlets.power", "operation", "facts", "neighbours"}
    )

    def __init__(self, connection: Connection, profile: Profile) -> None:
        super().__init__(connection, profile, checked(profile, _QUIRKS))
        self._reader = Reader(self._service)
        self._of: Seen | None = None
        self._state = EMPTY
        self._selection = Selection()

    async def read(self, want: Want) -> State:
        """All outlets, and then what of them is wanted."""
        seen = await self._reader.read()
        if seen is not self._of:
            state = State(outlets={key: self._outlet(each) for key, each in seen.outlets.items()})
            self._state = self._state if state == self._state else state
            self._of = seen
        return self._selection.of(self._state, want)

    def _outlet(self, outlet: SeenOutlet) -> Outlet:
        values: dict[str, Any] = {"name": shown_name(outlet), "power": commands.power_of(outlet.document)}
        return Outlet(**{name: value for name, value in values.items() if f"outlets.{name}" in self._able})

    def plan(self, goal: Goal, observed: State) -> tuple[Step, ...]:
        """The steps to ``goal``; what shall be off goes first."""
        found = limits.check(
            edits(goal, observed), capabilities=self._profile.capabilities, implicit=self._profile.implicit
        )
        made = [step for edit in found for step in _steps(edit, self._reader.seen.outlets.get(edit.key))]
        return tuple(sorted(made, key=lambda step: step.impact != "outage"))

    async def operation(self, want: Want) -> Operation:
        """``outlets`` and ``inputs``; nothing wanted is all."""
        at = datetime.now(UTC)
        seen = await self._reader.read()
        return Operation(
            at=at,
            source=SOURCE,
            outlets={key: each.operation for key, each in seen.outlets.items()}
            if not want or "outlets" in want
            else {},
            inputs=await self._reader.inputs() if not want or "inputs" in want else {},
        )

    async def facts(self) -> Facts:
        """What the PDU is and has."""
        seen = await self._reader.read()
        root = await self._service.root()
        service = self._service.in_passing()
        managers = await service.collection(root, "Managers")
        inputs = await self._reader.inputs()
        return {
            "schema": FACTS_SCHEMA,
            "platform": self._profile.name,
            "platform_version": next((found for pdu in seen.pdus if (found := text(pdu, "FirmwareVersion"))), ""),
            **await network_of(service, next(iter(managers), None)),
            "dmi": {"system": _system(seen, self._profile.vendor)},
            "bmc": {"redfish_version": text(root, "RedfishVersion")},
            "power": {
                "outlet_count": len(seen.outlets),
                "switched_count": sum(each.control is not None for each in seen.outlets.values()),
                "outlets": {key: _told(each) for key, each in seen.outlets.items()},
                "inputs": {key: {"kind": each.kind, "name": each.name or ""} for key, each in inputs.items()},
            },
        }

    async def links(self) -> tuple[Neighbour, ...]:
        """One for each outlet to which somebody gave a name: what is plugged in there, by its label."""
        seen = await self._reader.read()
        return tuple(
            Neighbour(port=key, kind="label", medium="power", name=each.label)
            for key, each in seen.outlets.items()
            if each.label
        )


def _steps(edit: Edit, outlet: SeenOutlet | None) -> Iterator[Step]:
    if outlet is None:
        raise Unsupported(f"outlets.{edit.key}: the device shows no such outlet: correct its name in the role")
    before: Outlet = edit.before or Outlet()
    if "name" in edit.fields:
        yield _name(edit.key, outlet, wanted=edit.after.name)
    if "power" in edit.fields:
        yield _power(edit.key, outlet, wanted=edit.after.power, before=before.power)


def _name(key: str, outlet: SeenOutlet, *, wanted: str) -> Step:
    if not outlet.takes_a_name:
        raise Unsupported(f"outlets.{key}.name: the device takes no name for this outlet: leave it out of the role")
    return Step(
        capability="outlets.name",
        text=f"outlet {key}: name {wanted}",
        commands=(commands.patch(outlet.path, {"UserLabel": wanted}),),
        undo=(commands.patch(outlet.path, {"UserLabel": outlet.label}),),
        impact="none",
        touches=(("outlets", key, "name"),),
    )


def _power(key: str, outlet: SeenOutlet, *, wanted: PowerState, before: PowerState | None) -> Step:
    if outlet.control is None:
        raise Unsupported(f"outlets.{key}.power: the device measures this outlet, and does not switch it: leave it out")
    return Step(
        capability="outlets.power",
        text=f"outlet {key}: power {wanted}",
        commands=(commands.switch(outlet.path, outlet.control, _VALUES[wanted], wanted),),
        undo=() if before is None else (commands.switch(outlet.path, outlet.control, _VALUES[before], before),),
        impact="outage" if wanted == "off" else "none",
        touches=(("outlets", key, "power"),),
    )


def _system(seen: Seen, vendor: str) -> dict[str, str]:
    pdu = next(iter(seen.pdus), {})
    uuid = text(pdu, "UUID").lower()
    return {
        "manufacturer": text(pdu, "Manufacturer") or vendor,
        "product_name": text(pdu, "Model"),
        "serial_number": text(pdu, "SerialNumber"),
        **({"uuid": uuid} if uuid else {}),
    }


def _told(outlet: SeenOutlet) -> dict[str, Any]:
    rated = number(outlet.document, "RatedCurrentAmps")
    kind = text(outlet.document, "OutletType")
    return {
        "name": outlet.name,
        "switched": outlet.control is not None,
        **({"type": kind} if kind else {}),
        **({"rated_amps": rated} if rated is not None else {}),
    }
