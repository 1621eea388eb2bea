"""Who judges a node's steps, and what they say of its power cycles; pure.

Its guards are the protected paths, the words that it allows, and what stands around the device: ways that must not be
cut, and feeds that are the last of what they feed.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from agents.elements import lookup
from agents.feeding import NO_FEEDS, LastFeeds, cycling
from agents.findings import Finding
from agents.guard import Allowed, Guard, ProtectedPaths, Scene
from agents.holding import cycle_step
from agents.nodes import Node, Refusal
from agents.protection import protections
from agents.tokens import Cycle, cycles
from agents.ways import NO_WAYS, Uncut, Way, Ways
from device_profiles.desired import Desired
from device_profiles.state import State
from drivers.contract import Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What a choice must know of the world around the device.

    ``ways`` must not be cut, unless the node allows it and there is a way back (``no_way_back`` says why not), nor
    ``last_feeds`` be taken.
    """

    ways: Ways = NO_WAYS
    no_way_back: str = ""
    last_feeds: LastFeeds = NO_FEEDS


NOTHING_AROUND: Final = Around()


@dataclass(frozen=True, slots=True)
class _Nothing:
    """Objects to every step."""

    finding: Finding

    def objection(self, step: Step, scene: Scene) -> Finding | None:  # noqa: ARG002 -- the Protocol's arguments
        return self.finding


def guards_of(
    node: Node, desired: Desired, protect: Sequence[str], *, around: Around, refusal: Refusal | None
) -> tuple[tuple[Guard, ...], tuple[Finding, ...]]:
    """The guards of this node; a protected path that cannot be read is a problem, and protects the whole node."""
    outer = Uncut(around.ways, "own_path" in desired.allow, around.no_way_back), around.last_feeds
    if refusal is not None:
        return (_Nothing(Finding(refusal.path, refusal.reason, refusal.message)), *outer), ()
    paths = list(protections(protect, node=node.name))
    wrong = []
    for text in desired.protect:
        try:
            paths.extend(protections((text,), node=node.name))
        except ValueError as error:
            wrong.append(Finding(text, "BadProtect", f"{error}; nothing is written to the node until this is mended"))
    if wrong:
        return (_Nothing(wrong[0]), *outer), tuple(wrong)
    return (ProtectedPaths(tuple(paths)), Allowed(desired.allow), *outer), ()


def due_cycles(
    node: Node,
    desired: Desired,
    guards: Sequence[Guard],
    observed: State,
    *,
    capabilities: Collection[str],
    now: datetime,
    within: timedelta,
) -> tuple[tuple[Cycle, ...], tuple[Finding, ...]]:
    """The cycles that are due and may be done; why others are not."""
    due, late = cycles(
        desired, node.ledger, capabilities=capabilities, taken_on_at=node.taken_on_at, now=now, within=within
    )
    scene = Scene(cycling(due), observed)
    allowed, refused = [], list(late)
    for cycle in due:
        step = cycle_step(cycle)
        minding = [guard for guard in guards if not (cycle.stage and isinstance(guard, Uncut | LastFeeds))]
        finding = next((found for guard in minding if (found := guard.objection(step, scene))), None)
        if lookup(observed, *cycle.place) is None:
            continue  # that it is not there is said of the object itself
        if finding is None:
            allowed.append(cycle)
        else:
            refused.append(finding)
    return tuple(allowed), tuple(refused)


def cuts(around: Around, steps: Sequence[Step], scene: Scene) -> tuple[Way, ...]:
    """The ways that steps cut."""
    return tuple(dict.fromkeys(way for step in steps if (way := around.ways.cut_by(step, scene)) is not None))


def cuts_of_cycles(around: Around, due: Sequence[Cycle], observed: State) -> tuple[Way, ...]:
    """The ways that power cycles cut, other than those that were begun, which go on."""
    fresh = [cycle for cycle in due if not cycle.stage]
    return cuts(around, [cycle_step(cycle) for cycle in fresh], Scene(cycling(fresh), observed))
