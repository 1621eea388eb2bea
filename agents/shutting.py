"""Switching a machine off: its operating system is asked and given time, and is cut off only where that is declared.

Asking returns at once; the wait lies between passes, so that it delays nobody, and each reading in it decides. When the
asking began is an entry of the ledger (a token at the leaf of ``power``, written before the device is asked). A process
that did not itself ask does so again, and the time begins anew: nobody is cut off who may never have been asked.
What still runs when its time is over, and may not be cut off, is left alone and said (semantics, section 4).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from agents.drift import withhold
from agents.elements import lookup
from agents.findings import Finding
from agents.ledger import Ledger, LedgerChange
from agents.tokens import Cycle
from device_profiles.compare import Goal
from device_profiles.desired import Desired
from device_profiles.paths import Path, render_path
from device_profiles.state import Slot, State
from device_profiles.wire import LedgerEntry

OFF_TIMEOUT_S: Final = 300
"""How long an operating system has where ``off_timeout`` does not say."""
LOOK_AGAIN: Final = timedelta(seconds=2)
"""How often a machine that shuts down is looked at."""
_SECTION: Final = "slots"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shutting:
    """How what shall be off is switched off now. ``asks``: leaves of power whose machines are to be asked."""

    goal: Goal
    asks: tuple[Path, ...] = ()
    findings: tuple[Finding, ...] = ()
    wanted: frozenset[Path] = frozenset()
    """The leaves that shall be off and are not; of others nothing need be remembered."""
    look_at: datetime | None = None

    def beside(self, other: Shutting) -> Shutting:
        """This, with what is said and wanted of others."""
        return replace(
            self,
            findings=(*other.findings, *self.findings),
            wanted=self.wanted | other.wanted,
            look_at=min(filter(None, (self.look_at, other.look_at)), default=None),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is known of who was asked: the ledger, and what this very process asked (``here``)."""

    ledger: Ledger
    here: Collection[Path]
    now: datetime

    def _since(self, path: Path) -> datetime | None:
        entry = self.ledger.token(path)
        return entry.token if entry is not None and path in self.here else None

    def left(self, path: Path, timeout_s: int) -> timedelta | None:
        """The time that a machine has left; None where it is yet to be asked."""
        since = self._since(path)
        return None if since is None else since + timedelta(seconds=timeout_s) - self.now

    def knows(self, path: Path) -> bool:
        """Whether its shutting down was begun, here or elsewhere: then that it is on is no drift."""
        return self.ledger.token(path) is not None


def power_of(place: Path) -> Path:
    """The leaf of an object's power."""
    return (*place, "power")


def settle_power(goal: Goal, observed: State, asked: Asked) -> Shutting:
    """``goal`` with the manner in which each slot is switched off now, and without those that are waited for."""
    asks, findings, waiting, look_at = [], [], [], []
    slots: dict[str, Any] = dict(goal.state.slots)
    wanted = [key for key, slot in slots.items() if slot.power == "off" and _is_on(observed, key)]
    for key in wanted:
        slot, path = slots[key], power_of((_SECTION, key))
        left = asked.left(path, timeout_of(slot))
        if left is None:
            asks.append(path)
            slots[key] = replace(slot, off="soft")
        elif left > timedelta(0):
            waiting.append(path)
            findings.append(_waits(path, left))
            look_at.append(asked.now + min(left, LOOK_AGAIN))
        elif slot.off == "hard":
            slots[key] = replace(slot, off="hard")
        else:
            waiting.append(path)
            findings.append(_kept(path, timeout_of(slot)))
    changed = replace(goal, state=replace(goal.state, slots=slots)) if wanted else goal
    return Shutting(
        goal=withhold(changed, observed, waiting) if waiting else changed,
        asks=tuple(asks),
        findings=tuple(findings),
        wanted=frozenset(power_of((_SECTION, key)) for key in wanted),
        look_at=min(look_at, default=None),
    )


def settle_cycles(
    due: Iterable[Cycle], desired: Desired, observed: State, asked: Asked
) -> tuple[tuple[Cycle, ...], Shutting]:
    """The cycles that can go on now, and how each switches off; of the others, what is waited for."""
    going, findings, wanted, look_at = [], [], [], []
    for cycle in due:
        path = power_of(cycle.place)
        if cycle.only_boots or cycle.one_shot or cycle.place[0] != _SECTION or cycle.stage == "on":
            going.append(cycle)
            continue
        if not _is_on(observed, cycle.place[1]):
            going.append(cycle)
            continue
        wanted.append(path)
        slot = desired.state.slots.get(cycle.place[1], Slot())
        left = asked.left(path, timeout_of(slot)) if cycle.stage else None
        if left is None:
            going.append(replace(cycle, off="ask"))
        elif left > timedelta(0):
            findings.append(_waits(path, left))
            look_at.append(asked.now + min(left, LOOK_AGAIN))
        else:
            going.append(replace(cycle, off="hard" if slot.off == "hard" else "give up"))
    waiting = Shutting(
        goal=Goal(), findings=tuple(findings), wanted=frozenset(wanted), look_at=min(look_at, default=None)
    )
    return tuple(going), waiting


def timeout_of(slot: Slot) -> int:
    """How many seconds an operating system has to shut down."""
    return OFF_TIMEOUT_S if slot.off_timeout is None else slot.off_timeout


def entry_of(path: Path, *, pass_id: str, now: datetime) -> LedgerEntry:
    """What is remembered before a machine is asked to shut down."""
    return LedgerEntry(path=render_path(path), kind="token", state="intended", pass_id=pass_id, at=now, token=now)


def forgotten(ledger: Ledger, wanted: Collection[Path]) -> LedgerChange:
    """What need not be remembered any more: the machine is off, or shall not be."""
    known = [path for path in ledger.tokens if path[0] == _SECTION and path[2:] == ("power",)]
    return LedgerChange(forget=tuple(render_path(path) for path in known if path not in wanted))


def _is_on(observed: State, key: str) -> bool:
    shown = lookup(observed, _SECTION, key)
    return shown is not None and shown.power == "on"


def _waits(path: Path, left: timedelta) -> Finding:
    seconds = max(round(left.total_seconds()), 1)
    message = f"its operating system was asked to shut down, and has {seconds} s left to do so"
    return Finding(render_path(path), "ShuttingDown", message)


def _kept(path: Path, timeout_s: int) -> Finding:
    message = f"its operating system was asked to shut down, and runs on after {timeout_s} s: "
    return Finding(render_path(path), "StillOn", message + "shut it down there, or say off: hard to cut it off")
