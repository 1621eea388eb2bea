"""The driver: what is asked of the service, and when."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import ClassVar, Final

from device_profiles.compare import Goal
from device_profiles.facts import Facts
from device_profiles.links import Neighbour
from device_profiles.operation import Operation
from device_profiles.profile import Profile
from device_profiles.state import EMPTY, State
from drivers.contract import Connection, Step, Want
from drivers.quirks import checked
from drivers.redfish.documents import text
from drivers.redfish.driver import ServiceDriver
from drivers.selection import Selection
from drivers.vendors.redfish import facts, steps
from drivers.vendors.redfish.machines import Machine
from drivers.vendors.redfish.operating import Measures, slot_operation
from drivers.vendors.redfish.quirks import QUIRKS
from drivers.vendors.redfish.seeing import Reader, Seen, slot_of

SOURCE: Final = "Redfish"
_SHAPES: Final = ("slots.power", "slots.boot_device", "slots.boot_once", "slots.identify")


class Redfish(ServiceDriver):
    """A Redfish service of machines (see :class:`drivers.contract.Driver`)."""

    capabilities: ClassVar[frozenset[str]] = frozenset({*_SHAPES, "operation", "facts", "neighbours"})

    def __init__(self, connection: Connection, profile: Profile) -> None:
        quirks = checked(profile, QUIRKS)
        super().__init__(connection, profile, quirks)
        self._quirks = quirks
        self._reader = Reader(self._service, self._quirks)
        self._of: Seen | None = None
        self._state = EMPTY
        self._selection = Selection()

    @property
    def requests(self) -> int:
        """How many requests were sent so far."""
        return self._service.session.asked

    async def read(self, want: Want) -> State:
        """All slots, and then what of them is wanted."""
        seen = await self._reader.read()
        if seen is not self._of:
            before = self._state.slots
            slots = {
                name: slot_of(machine, self._quirks, able=self._able, before=before.get(name))
                for name, machine in seen.machines.items()
            }
            state = State(slots=slots)
            self._state = self._state if state == self._state else state
            self._of = seen
        return self._selection.of(self._state, want)

    def plan(self, goal: Goal, observed: State) -> tuple[Step, ...]:
        """The steps to ``goal``. How machines are switched is remembered from the last reading."""
        return steps.plan(goal, observed, seen=self._reader.seen, quirks=self._quirks, profile=self._profile)

    async def operation(self, want: Want) -> Operation:
        """``slots`` and ``sensors``; nothing wanted is all."""
        at = datetime.now(UTC)
        if want and not {"slots", "sensors"} & set(want):
            return Operation(at=at, source=SOURCE)
        seen = await self._reader.read()
        measures = Measures(self._service.in_passing(), seen)
        if not want or "sensors" in want:
            await measures.read()
        slots = {
            name: slot_operation(machine, self._quirks, watts=measures.of(machine))
            for name, machine in seen.machines.items()
        }
        return Operation(
            at=at, source=SOURCE, slots=slots if not want or "slots" in want else {}, sensors=measures.sensors
        )

    async def facts(self) -> Facts:
        """What the device is, and what is in its slots."""
        return await facts.facts(self._service.in_passing(), await self._reader.read(), self._profile, self._quirks)

    async def links(self) -> tuple[Neighbour, ...]:
        """One for each slot that holds something: serial number, UUID and MACs of what is in it."""
        seen = await self._reader.read()
        macs = await facts.machine_macs(self._service.in_passing(), seen.machines.values(), self._quirks, inner=False)
        return tuple(_link(each, macs.get(name, ())) for name, each in seen.machines.items() if each.present)


def _link(machine: Machine, macs: tuple[str, ...]) -> Neighbour:
    return Neighbour(
        port=machine.slot,
        kind="slot",
        medium="slot",
        name=text(machine.system, "HostName"),
        serial=facts.serial(machine.system, machine.chassis),
        uuid=(text(machine.system, "UUID") or text(machine.chassis, "UUID")).lower(),
        macs=macs,
    )
