"""Verbs that became state: ``cycled_at: T`` asks for one power cycle, and the ledger knows which T was done (pure).

A token runs iff it is newer than the last one done. Where none is known (a new node, one that was adopted, a ledger
that was lost), the time at which the node was taken on counts as the last: what somebody cycled long ago is not cycled
again. One that reaches us too late is not done at all: whoever asked for it has long looked after it by hand
(semantics, section 4).
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
from device_profiles.state import State

_SECTIONS: Final = ("outlets", "slots")
Stage = Literal["", "off", "on"]


@dataclass(frozen=True, slots=True)
class Cycle:
    """One power cycle: of the object at ``place``, asked for by the time ``token``. ``stage``: how far it was begun."""

    place: Path
    token: datetime
    stage: Stage = ""
    ends_off: bool = False
    """Whether it is declared off: then it is not switched on again."""

    @property
    def path(self) -> Path:
        """The leaf that asks for it."""
        return (*self.place, "cycled_at")


def without_tokens(desired: Desired, capabilities: Collection[str]) -> Desired:
    """``desired`` without the verbs that are done by power steps: no reading would ever show them."""
    sections: dict[str, Any] = {}
    for section in _SECTIONS:
        items = getattr(desired.state, section)
        if f"{section}.power" in capabilities and any(item.cycled_at is not None for item in items.values()):
            sections[section] = {key: replace(item, cycled_at=None) for key, item in items.items()}
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
    """The cycles that are to be done, those that were begun first; and those that came too late."""
    due, late = [], []
    for cycle in _declared(desired.state, capabilities):
        done = ledger.token(cycle.path)
        if done is not None and done.state == "intended" and done.token is not None:
            due.append(replace(cycle, token=done.token, stage=done.stage))
        elif cycle.token <= (done.token if done is not None and done.token is not None else taken_on_at):
            continue
        elif now - cycle.token > within:
            minutes = within.total_seconds() / 60
            message = f"was asked for more than {minutes:g} min before it came here, and is not done: set a newer time"
            late.append(Finding(render_path(cycle.path), "CycleExpired", message))
        else:
            due.append(cycle)
    return tuple(sorted(due, key=lambda cycle: (not cycle.stage, cycle.place))), tuple(late)


def _declared(state: State, capabilities: Collection[str]) -> Iterator[Cycle]:
    for section in _SECTIONS:
        if f"{section}.power" in capabilities:
            for key, item in getattr(state, section).items():
                if item.cycled_at is not None:
                    yield Cycle((section, str(key)), item.cycled_at, ends_off=item.power == "off")
