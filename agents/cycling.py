"""A power cycle, step by step: off, read, on, read; each stage on disk before its command (semantics, section 4).

After a crash the stage and a reading decide. Begun and not seen off: it is switched off (again). Seen off: it is
switched on. Switched on and seen on: it was done, and is not done again. So what stands behind it boots once.

A boot device is set when the machine is off, which it may be again and again, and is on disk as set, together with the
stage ``on``, before the power-on: from then on it may be used up, and is not set any more.

Where nothing can be read, a command is sent once: a device's own cycle (stage ``once``), or a boot device for whatever
boot comes. What fails or crashes there is unknown, and is not repeated until a newer time is declared.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, ClassVar, Literal

from agents.elements import lookup
from agents.ledger import LedgerChange
from agents.shutting import entry_of, power_of
from agents.tokens import Cycle, Stage
from device_profiles.compare import Goal
from device_profiles.leaves import SECTIONS
from device_profiles.paths import Path, render_path
from device_profiles.state import State
from device_profiles.wire import LedgerEntry
from drivers.contract import Driver, Step
from drivers.errors import Blocked, Transient


class NotSwitched(Transient):
    """A device took the command, and shows that it did not do it."""

    reason: ClassVar[str] = "NotSwitched"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cycling:
    """Does cycles. ``take`` takes steps as any pass does, and gives what the device shows then; ``note`` the ledger.

    ``asked`` is told the leaf of power of a machine that was asked to shut down.
    """

    driver: Driver
    pass_id: str
    now: Callable[[], datetime]
    note: Callable[[LedgerChange], None]
    take: Callable[[Sequence[Step], State], Awaitable[State]]
    asked: Callable[[Path], None]

    async def run(self, cycle: Cycle, observed: State) -> State:
        """Do one cycle, or as much of it as can be done now; what the device shows then. Raises ``DeviceError``."""
        if cycle.only_boots or cycle.one_shot:
            return await self._once(cycle, observed)
        if cycle.off == "give up":
            self._write(cycle, "kept", state="confirmed")
            return observed
        if cycle.stage in {"", "off"}:
            observed = await self._off(cycle, observed)
            if _power(observed, cycle) != "off":
                return observed
        if not cycle.ends_off:
            if cycle.stage != "on":
                observed = await self._set_boot(cycle, observed)
            self._note(*self._booted(cycle), self._entry(cycle, "on"))
            observed = await self._switch(cycle, "on", observed)
        self._write(cycle, "", state="confirmed")
        return observed

    async def _off(self, cycle: Cycle, observed: State) -> State:
        """Switch off; a machine that was asked to may go on for a while."""
        path = power_of(cycle.place)
        self._write(cycle, "off")
        if cycle.off == "hard" or _power(observed, cycle) == "off":
            return await self._switch(cycle, "off", observed, off="hard")
        self._note(self._entry(cycle, "off"), entry_of(path, pass_id=self.pass_id, now=self.now()))
        observed = await self._take(cycle, observed, power="off", off="soft")
        self.asked(path)
        return observed

    async def _switch(
        self, cycle: Cycle, power: Literal["on", "off"], observed: State, *, off: str | None = None
    ) -> State:
        if _power(observed, cycle) == power:
            return observed
        more = {"off": off} if off is not None and cycle.place[0] == "slots" else {}
        observed = await self._take(cycle, observed, power=power, **more)
        if _power(observed, cycle) != power:
            raise NotSwitched(f"{render_path(cycle.place)} was switched {power}, and the device shows that it is not")
        return observed

    async def _set_boot(self, cycle: Cycle, observed: State) -> State:
        """Set what the coming boot is from, while nothing can use it up."""
        if cycle.boot is None:
            return observed
        self._note(self._entry(cycle, "", path=cycle.boot_path))
        return await self._take(cycle, observed, boot_once=cycle.boot)

    def _booted(self, cycle: Cycle) -> tuple[LedgerEntry, ...]:
        """The entry that ends the setting of a boot device."""
        if cycle.boot is None:
            return ()
        return (self._entry(cycle, "", path=cycle.boot_path, state="confirmed"),)

    async def _once(self, cycle: Cycle, observed: State) -> State:
        """Send what no reading can tell, unless it may have been sent before."""
        if cycle.stage:
            self._write(cycle, "unknown", state="confirmed")
            return observed
        if not cycle.only_boots:
            observed = await self._set_boot(cycle, observed)
        self._note(*(() if cycle.only_boots else self._booted(cycle)), self._entry(cycle, "once"))
        try:
            if cycle.only_boots:
                observed = await self._take(cycle, observed, boot_once=cycle.boot)
            else:
                observed = await self._take(cycle, observed, cycled_at=cycle.token)
        except Blocked:
            self._write(cycle, "")  # the device says that it did not do it
            raise
        self._write(cycle, "", state="confirmed")
        return observed

    async def _take(self, cycle: Cycle, observed: State, **values: Any) -> State:
        section, key = cycle.place
        wanted: dict[str, Any] = {section: {key: SECTIONS[section](**values)}}
        steps = self.driver.plan(Goal(State(**wanted)), observed)
        # Nothing brings back what went down with the power: a rollback ends here.
        impact: Literal["none", "outage"] = "none" if cycle.only_boots else "outage"
        return await self.take([replace(step, undo=(), impact=impact) for step in steps], observed)

    def _note(self, *entries: LedgerEntry) -> None:
        self.note(LedgerChange(put=entries))

    def _write(self, cycle: Cycle, stage: Stage, *, state: Literal["intended", "confirmed"] = "intended") -> None:
        self._note(self._entry(cycle, stage, state=state))

    def _entry(
        self,
        cycle: Cycle,
        stage: Stage,
        *,
        path: Path | None = None,
        state: Literal["intended", "confirmed"] = "intended",
    ) -> LedgerEntry:
        return LedgerEntry(
            path=render_path(path or cycle.path),
            kind="token",
            state=state,
            pass_id=self.pass_id,
            at=self.now(),
            token=cycle.token,
            stage=stage,
        )


def _power(observed: State, cycle: Cycle) -> str | None:
    item = lookup(observed, *cycle.place)
    return None if item is None else item.power
