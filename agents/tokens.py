"""Verbs that became state: ``cycled_at: T`` asks for one power cycle, and the ledger knows which T was done (pure).

A token runs iff it is newer than the last one done. Where none is known (a new node, one that was adopted, a ledger
that was lost), the time at which the node was taken on counts as the last: what somebody cycled long ago is not cycled
again. One that reaches us too late is not done at all: whoever asked for it has long looked after it by hand
(semantics, section 4).

``boot_once`` is a token of its own. With the time of a cycle it belongs to that cycle, and is set right before its
power-on; without one it is set once, for whatever boot comes. What was begun and cannot be told from a reading (a
one-shot command, a boot device that may have been used up) is never repeated: it is unknown until a newer T.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from agents.findings import Finding
from agents.ledger import Ledger
from device_profiles.desired import Desired
from device_profiles.paths import Path, render_path
from device_profiles.state import BootOnce, Outlet, Slot, State
from device_profiles.wire import LedgerEntry

_SECTIONS: Final = ("outlets", "slots")
Stage = Literal["", "off", "on", "once", "unknown", "kept"]
"""How far a verb was begun; and of one that was given up, why: nobody can tell, or the machine stayed on."""
Off = Literal["ask", "hard", "give up"]
"""How a cycle switches off what is on; the last one does not, and is over."""


@dataclass(frozen=True, slots=True)
class Cycle:
    """One verb: of the object at ``place``, asked for by the time ``token``. ``stage``: how far it was begun."""

    place: Path
    token: datetime
    stage: Stage = ""
    ends_off: bool = False
    """Whether it is declared off: then it is not switched on again."""
    boot: BootOnce | None = None
    """What it boots from, once."""
    only_boots: bool = False
    """Whether nothing is cycled: the boot device is for whatever boot comes."""
    one_shot: bool = False
    """Whether the device has one command for it, and no reading tells whether it was done."""
    off: Off = "hard"

    @property
    def path(self) -> Path:
        """The leaf that asks for it."""
        return (*self.place, "boot_once" if self.only_boots else "cycled_at")

    @property
    def boot_path(self) -> Path:
        """The leaf that asks for its boot device."""
        return (*self.place, "boot_once")

    @property
    def sentence(self) -> str:
        """What is done, for people."""
        at = f"as asked for at {self.token.isoformat()}"
        boot = f"from {self.boot.device} once" if self.boot is not None else ""
        if self.only_boots:
            return f"boot {render_path(self.place)} {boot} {at}"
        return f"cycle {render_path(self.place)} {at}" + (f", and boot {boot}" if boot else "")


def without_tokens(desired: Desired, capabilities: Collection[str]) -> Desired:
    """``desired`` without the verbs that are done by power steps: no reading would ever show them."""
    sections: dict[str, Any] = {}
    for section in _SECTIONS:
        items = getattr(desired.state, section)
        done = {
            name: None
            for name, able in (("cycled_at", _cycles(section, capabilities)), ("boot_once", _boots(capabilities)))
            if able and any(getattr(item, name, None) is not None for item in items.values())
        }
        if done:
            sections[section] = {key: replace(item, **done) for key, item in items.items()}
    return replace(desired, state=replace(desired.state, **sections)) if sections else desired


def cycles(
    desired: Desired,
    ledger: Ledger,
    *,
    capabilities: Collection[str],
    taken_on_at: datetime,
    now: datetime,
    within: timedelta,
) -> tuple[tuple[Cycle, ...], tuple[Finding, ...]]:
    """The verbs that are to be done, those that were begun first; and those that came too late, or are given up."""
    due: list[Cycle] = []
    said: list[Finding] = []
    for cycle in _declared(desired.state, capabilities):
        done = ledger.token(cycle.path)
        if done is not None and done.state == "intended" and done.stage:
            due.append(_begun(cycle, done))
        elif cycle.token <= _last(done, taken_on_at):
            said += _given_up(cycle, done)
            said += _boot_too_late(cycle, ledger, taken_on_at)
        elif now - cycle.token > within:
            minutes = within.total_seconds() / 60
            message = f"was asked for more than {minutes:g} min before it came here, and is not done: set a newer time"
            said.append(Finding(render_path(cycle.path), "CycleExpired", message))
        else:
            due.append(cycle)
    return tuple(sorted(due, key=lambda cycle: (not cycle.stage, cycle.place, cycle.path))), tuple(said)


def _last(done: LedgerEntry | None, taken_on_at: datetime) -> datetime:
    """The last token that counts as done. One that the device refused was never begun."""
    is_done = done is not None and done.state == "confirmed" and done.token is not None
    return done.token if is_done and done is not None and done.token is not None else taken_on_at


def _begun(cycle: Cycle, entry: LedgerEntry) -> Cycle:
    """What is left of a verb that was begun. A boot device belongs to it only if it bears the same time.

    While a machine is yet to be switched on, a newer time is fulfilled by the same power-on: nobody wants two boots.
    """
    token = cycle.token if entry.stage == "off" else (entry.token or cycle.token)
    if entry.token is not None and cycle.token < entry.token:
        token = entry.token
    return replace(cycle, token=token, stage=entry.stage, boot=cycle.boot if token == cycle.token else None)


def _given_up(cycle: Cycle, done: LedgerEntry | None) -> Iterator[Finding]:
    """Why the last verb was not done, for as long as it is the one that is declared."""
    if done is None or done.token != cycle.token:
        return
    if done.stage == "unknown":
        what = "a boot device was set" if cycle.only_boots else "the device did it"
        message = f"was begun, and nothing tells whether {what}: see for yourself, and set a newer time to have it done"
        yield Finding(render_path(cycle.path), "CycleUnknown", message)
    elif done.stage == "kept":
        message = "the operating system did not shut down when it was asked to, so nothing was cycled: "
        yield Finding(render_path(cycle.path), "StillOn", message + "set a newer time, and off: hard to cut it off")


def _boot_too_late(cycle: Cycle, ledger: Ledger, taken_on_at: datetime) -> Iterator[Finding]:
    """A boot device that was declared for a cycle when that was over: it would be for another boot."""
    if cycle.boot is None or cycle.only_boots or cycle.ends_off or cycle.token <= taken_on_at:
        return
    done, cycled = ledger.token(cycle.boot_path), ledger.token(cycle.path)
    given_up = cycled is not None and cycled.stage in {"unknown", "kept"}
    if not given_up and (done is None or done.token is None or done.token < cycle.token):
        message = "came when the cycle of this time was over, and is not set: set a newer time here and in cycled_at"
        yield Finding(render_path(cycle.boot_path), "CycleExpired", message)


def _declared(state: State, capabilities: Collection[str]) -> Iterator[Cycle]:
    for section in _SECTIONS:
        for key, item in getattr(state, section).items():
            yield from _of(item, (section, str(key)), capabilities)


def _of(item: Outlet | Slot, place: Path, capabilities: Collection[str]) -> Iterator[Cycle]:
    boot = item.boot_once if isinstance(item, Slot) else None
    together = boot is not None and boot.at == item.cycled_at
    if together and not _boots(capabilities):
        return  # that it cannot boot from there is said of the leaf; cycled alone, it would boot from elsewhere
    if item.cycled_at is not None and _cycles(place[0], capabilities):
        one_shot = f"{place[0]}.cycled_at" in capabilities
        mine = boot if together else None
        yield Cycle(place, item.cycled_at, ends_off=item.power == "off", boot=mine, one_shot=one_shot)
    if boot is not None and not together and _boots(capabilities):
        yield Cycle(place, boot.at, boot=boot, only_boots=True)


def _cycles(section: str, capabilities: Collection[str]) -> bool:
    return f"{section}.power" in capabilities or f"{section}.cycled_at" in capabilities


def _boots(capabilities: Collection[str]) -> bool:
    return "slots.boot_once" in capabilities
