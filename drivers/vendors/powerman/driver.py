"""The driver: queries, and ``on`` and ``off`` of single outlets."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar, Final

from annotated_types import Gt
from pydantic import ConfigDict, TypeAdapter

from device_profiles.compare import Goal
from device_profiles.facts import FACTS_SCHEMA, Facts
from device_profiles.links import Neighbour
from device_profiles.names import printable
from device_profiles.operation import Operation, OutletOperation
from device_profiles.profile import Profile
from device_profiles.state import EMPTY, Outlet, Power, State
from drivers import limits
from drivers.contract import Connection, Step, Want
from drivers.errors import Garbled, Rejected, Unsupported
from drivers.labels import labels
from drivers.planning import Edit, edits
from drivers.quirks import checked
from drivers.selection import Selection
from drivers.vendors.powerman.protocol import WITH_ERRORS, Reply, Session

_NODE: Final = re.compile(r"([^:\s]+): (on|off|unknown)")
_DEVICE: Final = re.compile(r"([^:\s]+): (.*)")
_WORD: Final = re.compile(r"(\w+)=(\S*)")
_STATE, _DEVICES = 303, 304
_POWER: Final[Mapping[str, Power | None]] = {"on": "on", "off": "off", "unknown": None}
_FIRST_PAUSE_S: Final = 0.1
_LONGEST_PAUSE_S: Final = 2.0
SOURCE: Final = "powerman"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quirks:
    """How long an outlet may take to show what it was told."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")
    done_within_s: Annotated[float, Gt(0)] = 30.0


_QUIRKS: Final = TypeAdapter(Quirks)


class Powerman:
    """A powermand (see :class:`drivers.contract.Driver`)."""

    capabilities: ClassVar[frozenset[str]] = frozenset({"outlets.power", "operation", "facts", "neighbours"})

    def __init__(self, connection: Connection, profile: Profile) -> None:
        self._profile = profile
        self._done_within_s = checked(profile, _QUIRKS).done_within_s
        self._session = Session(lambda: connection.stream(""), timeout_s=profile.command_timeout_s)
        self._state = EMPTY
        self._selection = Selection()

    async def read(self, want: Want) -> State:
        """All outlets, in one query."""
        state = State(outlets={key: Outlet(power=power) for key, power in (await self._query("status")).items()})
        self._state = self._state if state == self._state else state
        return self._selection.of(self._state, want)

    async def _query(self, line: str) -> dict[str, Power | None]:
        """The power of outlets. One that a controller does not tell of is unknown, and all others are believed."""
        reply = await self._session.ask(line)
        if not reply.is_good and reply.code not in WITH_ERRORS:
            raise Rejected(f"'{line}': powermand says {reply.code} {reply.why}")
        return _powers(line, reply)

    def plan(self, goal: Goal, observed: State) -> tuple[Step, ...]:
        """One step for each outlet; what shall be off goes first."""
        found = limits.check(
            edits(goal, observed), capabilities=self._profile.capabilities, implicit=self._profile.implicit
        )
        return tuple(sorted(map(_step, found), key=lambda step: step.impact != "outage"))

    async def apply(self, step: Step) -> None:
        """Switch, and wait until the outlet shows it."""
        await self._run(step.commands, doing=step.text)

    async def undo(self, step: Step) -> None:
        """Switch back."""
        await self._run(step.undo, doing=f"undo of {step.text}")

    async def _run(self, commands: Sequence[str], *, doing: str) -> None:
        for line in commands:
            word, _, key = line.partition(" ")
            if word not in ("on", "off") or not key:
                raise Rejected(f"{doing}: '{printable(line, most=60)}' is no command that this driver made")
            await self._session.run(line, doing=doing)
            await self._until(key, word, doing)

    async def _until(self, key: str, wanted: str, doing: str) -> None:
        """powermand's word that it was done is the controller's; some of those switch later."""
        pause_s, shown = _FIRST_PAUSE_S, None
        try:
            async with asyncio.timeout(self._done_within_s):
                while (shown := (await self._query(f"status {key}")).get(key)) != wanted:
                    await asyncio.sleep(pause_s)
                    pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)
        except TimeoutError:
            seen = shown or "unknown"
            raise Rejected(
                f"{doing}: was accepted, and is not done after {self._done_within_s:g} s: it shows {seen}"
            ) from None

    async def save(self) -> None:
        """Nothing to do: there is no configuration that could be saved."""

    async def operation(self, want: Want) -> Operation:
        """``outlets``; powermand measures nothing that all of its devices have."""
        at = datetime.now(UTC)
        powers = await self._query("status") if not want or "outlets" in want else {}
        outlets = {key: OutletOperation(on=None if power is None else power == "on") for key, power in powers.items()}
        return Operation(at=at, source=SOURCE, outlets=outlets)

    async def facts(self) -> Facts:
        """The daemon's version, its controllers, and the outlets of each."""
        reply = await self._session.run("device", doing="asking for controllers")
        devices = [_device(text) for text in reply.lines(_DEVICES)]
        powers = await self._query("status")
        return {
            "schema": FACTS_SCHEMA,
            "platform": self._profile.name,
            "platform_version": self._session.version,
            "hostname": "powermand",
            "fqdn": "powermand",
            "dmi": {"system": {"manufacturer": self._profile.vendor, "product_name": "powermand", "serial_number": ""}},
            "power": {
                "outlet_count": len(powers),
                "switched_count": len(powers),
                "outlets": {key: {"name": key, "switched": True} for key in powers},
                "devices": devices,
            },
        }

    async def links(self) -> tuple[Neighbour, ...]:
        """Whose names its outlets bear: powerman.conf names them after what they feed."""
        if not self._state.outlets:
            await self.read(())
        return tuple(labels((key, key) for key in self._state.outlets))

    async def close(self) -> None:
        """Hang up; the connection stays."""
        await self._session.close()


def _powers(line: str, reply: Reply) -> dict[str, Power | None]:
    found: dict[str, Power | None] = {}
    for text in reply.lines(_STATE):
        match = _NODE.fullmatch(text)
        if match is None or match[1] in found:
            raise Garbled(f"'{line}': the line '{printable(text, most=60)}' tells no outlet's power, or one's twice")
        found[match[1]] = _POWER[match[2]]
    return found


def _device(text: str) -> dict[str, Any]:
    match = _DEVICE.fullmatch(text)
    if match is None:
        raise Garbled(f"the line '{printable(text, most=60)}' tells of no controller")
    words = dict(_WORD.findall(match[2]))
    return {"name": match[1], **{word: words.get(word, "") for word in ("state", "type", "hosts")}}


def _step(edit: Edit) -> Step:
    if edit.before is None:
        raise Unsupported(f"outlets.{edit.key}: powermand has no such node: correct its name in the role")
    wanted, before = edit.after.power, edit.before.power
    return Step(
        capability="outlets.power",
        text=f"outlet {edit.key}: power {wanted}",
        commands=(f"{wanted} {edit.key}",),
        undo=() if before is None else (f"{before} {edit.key}",),
        impact="outage" if wanted == "off" else "none",
        touches=(("outlets", edit.key, "power"),),
    )
