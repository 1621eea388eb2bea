"""A power cycle, step by step: off, read, on, read; each stage on disk before its command (semantics, section 4).

After a crash the stage and a reading decide. Begun and not seen off: it is switched off (again). Seen off: it is
switched on. Switched on and seen on: it was done, and is not done again. So what stands behind it boots once.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, ClassVar, Literal

from agents.elements import lookup
from agents.ledger import LedgerChange
from agents.tokens import Cycle, Stage
from device_profiles.compare import Goal
from device_profiles.leaves import SECTIONS
from device_profiles.paths import render_path
from device_profiles.state import State
from device_profiles.wire import LedgerEntry
from drivers.contract import Driver, Step
from drivers.errors import Transient


class NotSwitched(Transient):
    """A device took the command, and shows that it did not do it."""

    reason: ClassVar[str] = "NotSwitched"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cycling:
    """Does cycles. ``take`` takes steps as any pass does, and gives what the device shows then; ``note`` the ledger."""

    driver: Driver
    pass_id: str
    now: Callable[[], datetime]
    note: Callable[[LedgerChange], None]
    take: Callable[[Sequence[Step], State], Awaitable[State]]

    async def run(self, cycle: Cycle, observed: State) -> State:
        """Do one cycle, or what is left of it; what the device shows then. Raises ``DeviceError``."""
        if cycle.stage in {"", "off"}:
            self._write(cycle, "off")
            observed = await self._switch(cycle, "off", observed)
        if not cycle.ends_off:
            self._write(cycle, "on")
            observed = await self._switch(cycle, "on", observed)
        self._write(cycle, "", state="confirmed")
        return observed

    async def _switch(self, cycle: Cycle, power: Literal["on", "off"], observed: State) -> State:
        if _power(observed, cycle) == power:
            return observed
        section, key = cycle.place
        wanted: dict[str, Any] = {section: {key: SECTIONS[section](power=power)}}
        steps = self.driver.plan(Goal(State(**wanted)), observed)
        # Nothing brings back what went down with the power: a rollback ends here.
        observed = await self.take([replace(step, undo=(), impact="outage") for step in steps], observed)
        if _power(observed, cycle) != power:
            raise NotSwitched(f"{render_path(cycle.place)} was switched {power}, and the device shows that it is not")
        return observed

    def _write(self, cycle: Cycle, stage: Stage, *, state: Literal["intended", "confirmed"] = "intended") -> None:
        entry = LedgerEntry(
            path=render_path(cycle.path),
            kind="token",
            state=state,
            pass_id=self.pass_id,
            at=self.now(),
            token=cycle.token,
            stage=stage,
        )
        self.note(LedgerChange(put=(entry,)))


def _power(observed: State, cycle: Cycle) -> str | None:
    item = lookup(observed, *cycle.place)
    return None if item is None else item.power
