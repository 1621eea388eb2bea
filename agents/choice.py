"""What a pass is to do about a reading: pure but for the driver's own pure ``plan``. Passes and previews share it.

Order matters here. The goal is settled first, planned and judged, so that what a guard forbids is not taken for drift.
Then drift is told apart from a new declaration: a generation acts once whatever its drift mode; what differs *after* it
was reached is drift, and what is only to be reported (or lies in a pause) is taken out of the goal, and planned again.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from agents.approval import Plan
from agents.contest import left_alone
from agents.drift import differences, find_drift, mode_of, withhold
from agents.elements import lookup
from agents.feeding import NO_FEEDS, LastFeeds, cycling
from agents.findings import Finding
from agents.goal import Settled, settle
from agents.guard import Allowed, Guard, ProtectedPaths, Refused, Scene, Verdict, judge
from agents.holding import Holding, cycle_step, hold
from agents.nodes import Node, Refusal
from agents.protection import absent_ports, protections
from agents.rollback import Backwards
from agents.shutting import Asked, Shutting, power_of, settle_cycles, settle_power
from agents.tokens import Cycle, cycles, without_tokens
from agents.ways import NO_WAYS, Uncut, Way, Ways
from device_profiles.compare import Goal, compare
from device_profiles.desired import Desired
from device_profiles.paths import Path, parse_path, render_path
from device_profiles.state import State
from device_profiles.wire import DriftItem
from drivers.contract import Driver, Step

CYCLE_WITHIN: Final = timedelta(minutes=15)
"""How long after it was asked for a power cycle is still done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What is to be done now, and why not more."""

    goal: Goal
    """What this pass shall reach."""
    verdict: Verdict
    problems: tuple[Finding, ...]
    notes: tuple[Finding, ...]
    fresh: frozenset[Path]
    drift: tuple[DriftItem, ...] = ()
    """All drift that the reading shows."""
    standing: tuple[DriftItem, ...] = ()
    """Drift that is left as it is: recorded, not put back."""
    cycles: tuple[Cycle, ...] = ()
    """Power cycles that are due, those that were begun first."""
    cuts: tuple[Way, ...] = ()
    """The ways that the steps to take may cut, and may be tried to."""
    paused: bool = False
    back: Backwards | None = None
    """The rollback that this is, if it is one."""
    owing: bool = False
    """Whether a pause, a window or an approval that is missing keeps something from being done."""
    held: tuple[Refused, ...] = ()
    """Steps that wait for their window or for approval."""
    plan: Plan | None = None
    """What waits for approval."""
    granted: Plan | None = None
    """The approved plan that these steps are part of."""
    exact: frozenset[str] = frozenset()
    """The exact sets that this leaves with nothing in them that would have to be asked for."""
    opens_at: datetime | None = None
    """When the window opens that is waited for."""
    asks: tuple[Path, ...] = ()
    """The leaves of power whose machines these steps ask to shut down."""
    off_wanted: frozenset[Path] = frozenset()
    """Those that shall be off and are on."""
    look_at: datetime | None = None
    """When a machine that shuts down is looked at again."""

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps to take."""
        return () if self.paused else self.verdict.allowed

    def missing(self, observed: State) -> tuple[Path, ...]:
        """What is not yet as this pass shall leave it; what a guard refused is not counted."""
        found = self.back.differs(observed) if self.back else (c.path for c in compare(self.goal, observed))
        return tuple(path for path in found if not self.verdict.excuses(path))


def choose(
    node: Node,
    observed: State,
    *,
    driver: Driver,
    protect: Sequence[str],
    now: datetime,
    desired: Desired | None = None,
    ways: Ways = NO_WAYS,
    no_way_back: str = "",
    last_feeds: LastFeeds = NO_FEEDS,
    cycle_within: timedelta = CYCLE_WITHIN,
) -> Choice:
    """What to do about ``observed``; ``desired`` in place of the node's own for a dry run.

    ``ways`` must not be cut, unless the node allows it and there is a way back (``no_way_back`` says why not), nor
    ``last_feeds`` be taken. Raises :class:`~drivers.errors.Unsupported` or ``Rejected`` where the driver cannot plan.
    """
    is_own, desired = desired is None, desired or node.desired
    was_settled = is_own and node.was_settled
    unknown = node.accepted.unknown if is_own else ()
    guards, wrong = _guards(node, desired, protect, refusal=node.refusal if is_own else None)
    guards = (*guards, Uncut(ways, "own_path" in desired.allow, no_way_back), last_feeds)
    capabilities = node.capabilities & driver.capabilities
    due, late = _cycles(node, desired, guards, observed, capabilities=capabilities, now=now, within=cycle_within)
    asked = Asked(ledger=node.ledger, here=node.asked_off, now=now)
    going, waiting = settle_cycles(due, desired, observed, asked)
    desired = without_tokens(desired, capabilities)
    settled = settle(desired, observed, ledger=node.ledger.paths, profile=node.profile, capabilities=capabilities)
    verdict = _judged(driver, settled.goal, observed, guards)
    drift = _drift(settled, verdict, observed, desired, asked=asked, node=node) if was_settled else ()
    standing, fought = _standing(drift, node, desired, now)
    left = {parse_path(item.path) for item in standing} | _paused_leaves(settled.goal, observed, desired)
    paused = desired.drift == "pause"
    off = Shutting(goal=settled.goal) if paused else _shutting(left, settled.goal, observed, asked, due).beside(waiting)
    goal = off.goal
    if goal is not settled.goal:
        verdict = _judged(driver, goal, observed, guards)
    scene = Scene(goal, observed)
    going = () if is_own and node.refusal is not None else going
    holding = _hold(verdict, going, scene, node, desired, now=now, is_own=is_own)
    verdict = holding.verdict
    problems = (*unknown, *settled.problems, *late, *off.findings, *wrong, *fought)
    problems = (*problems, *(item.finding for item in (*verdict.refused, *holding.held)))
    return Choice(
        goal=goal,
        verdict=verdict,
        problems=tuple(dict.fromkeys(problems)),
        notes=(*settled.notes, *absent_ports(desired.protect, observed, node=node.name)),
        fresh=settled.fresh,
        drift=drift,
        standing=drift if paused else _and_held(standing, drift, holding.held),
        cycles=() if paused else holding.cycles,
        cuts=() if paused else (*_cuts(ways, verdict.allowed, scene), *_cut_by_cycles(ways, holding.cycles, observed)),
        paused=paused,
        owing=bool(holding.held or (paused and (verdict.allowed or due))) and not was_settled,
        held=holding.held,
        plan=holding.plan,
        granted=holding.granted,
        exact=holding.exact,
        opens_at=holding.opens_at,
        asks=off.asks,
        off_wanted=off.wanted,
        look_at=off.look_at,
    )


def _shutting(left: Collection[Path], goal: Goal, observed: State, asked: Asked, due: Sequence[Cycle]) -> Shutting:
    """What of ``goal`` is acted on, without what is ``left``, and how it switches off.

    The power of what is cycled is the cycle's own: switched on before it, a machine would boot twice.
    """
    cycled = {power_of(cycle.place) for cycle in due if not cycle.only_boots}
    leaves = {*left, *(path for path in cycled if path[1] in getattr(goal.state, path[0]))}
    return settle_power(withhold(goal, observed, leaves) if leaves else goal, observed, asked)


def _standing(
    drift: Sequence[DriftItem], node: Node, desired: Desired, now: datetime
) -> tuple[tuple[DriftItem, ...], tuple[Finding, ...]]:
    """The drift that is left as it is: only reported, or contested (and what is said of that)."""
    contested = left_alone(node.contests, now) if drift else {}
    standing = tuple(
        item
        for item in drift
        if mode_of(item.roles, desired, parse_path(item.path)) != "enforce" or item.path in contested
    )
    return standing, tuple(contested[item.path].finding(found=item.found) for item in drift if item.path in contested)


def _hold(
    verdict: Verdict, due: Sequence[Cycle], scene: Scene, node: Node, desired: Desired, *, now: datetime, is_own: bool
) -> Holding:
    """Put off what must wait; nothing does on a paused node, where nothing is done anyway."""
    if desired.drift == "pause":
        return Holding(verdict=verdict, cycles=tuple(due))
    approved = node.accepted.assignment.approved if is_own else ()
    return hold(verdict, due, scene=scene, node=node, desired=desired, approved=approved, now=now)


def _and_held(
    standing: tuple[DriftItem, ...], drift: Sequence[DriftItem], held: Sequence[Refused]
) -> tuple[DriftItem, ...]:
    """The drift that stands, with that which waits to be put back."""
    waiting = Verdict((), tuple(held))
    return tuple(item for item in drift if item in standing or waiting.excuses(parse_path(item.path)))


def choose_back(
    node: Node,
    observed: State,
    back: Backwards,
    *,
    protect: Sequence[str],
    ways: Ways,
    no_way_back: str,
    last_feeds: LastFeeds = NO_FEEDS,
) -> Choice:
    """What to do to take passes back, under the same guards; nothing where that is done."""
    guards, wrong = _guards(node, node.desired, protect, refusal=None)
    guards = (*guards, Uncut(ways, "own_path" in node.desired.allow, no_way_back), last_feeds)
    scene = Scene(back.before, observed)
    verdict = judge(back.steps if back.differs(observed) else (), scene, guards)
    return Choice(
        goal=back.before,
        verdict=verdict,
        problems=(back.because, *wrong, *(item.finding for item in verdict.refused)),
        notes=(),
        fresh=frozenset(),
        cuts=_cuts(ways, verdict.allowed, scene),
        owing=True,
        back=back,
    )


def _cuts(ways: Ways, steps: Sequence[Step], scene: Scene) -> tuple[Way, ...]:
    return tuple(dict.fromkeys(way for step in steps if (way := ways.cut_by(step, scene)) is not None))


def _cut_by_cycles(ways: Ways, due: Sequence[Cycle], observed: State) -> tuple[Way, ...]:
    """The ways that power cycles cut, other than those that were begun, which go on."""
    fresh = [cycle for cycle in due if not cycle.stage]
    return _cuts(ways, [cycle_step(cycle) for cycle in fresh], Scene(cycling(fresh), observed))


def _cycles(
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


def _judged(driver: Driver, goal: Goal, observed: State, guards: Sequence[Guard]) -> Verdict:
    return judge(driver.plan(goal, observed), Scene(goal, observed), guards)


def _drift(
    settled: Settled, verdict: Verdict, observed: State, desired: Desired, *, asked: Asked, node: Node
) -> tuple[DriftItem, ...]:
    found = find_drift(settled.goal, observed, desired, now=asked.now, earlier=node.drift)
    places = ((item, parse_path(item.path)) for item in found)
    return tuple(item for item, path in places if not (verdict.excuses(path) or asked.knows(path)))


def _paused_leaves(goal: Goal, observed: State, desired: Desired) -> set[Path]:
    """Leaves of roles that are paused, on a node that is not: nothing of theirs is written."""
    if "pause" not in desired.role_drift.values():
        return set()
    found = (item.path for item in differences(compare(goal, observed)))
    return {path for path in found if mode_of(desired.owners.get(render_path(path), ()), desired, path) == "pause"}


def _guards(
    node: Node, desired: Desired, protect: Sequence[str], *, refusal: Refusal | None
) -> tuple[tuple[Guard, ...], tuple[Finding, ...]]:
    """The guards of this node; a protected path that cannot be read is a problem, and protects the whole node."""
    if refusal is not None:
        return (_Nothing(Finding(refusal.path, refusal.reason, refusal.message)),), ()
    paths = list(protections(protect, node=node.name))
    wrong = []
    for text in desired.protect:
        try:
            paths.extend(protections((text,), node=node.name))
        except ValueError as error:
            wrong.append(Finding(text, "BadProtect", f"{error}; nothing is written to the node until this is mended"))
    if wrong:
        return (_Nothing(wrong[0]),), tuple(wrong)
    return (ProtectedPaths(tuple(paths)), Allowed(desired.allow)), ()


@dataclass(frozen=True, slots=True)
class _Nothing:
    """Objects to every step."""

    finding: Finding

    def objection(self, step: Step, scene: Scene) -> Finding | None:  # noqa: ARG002 -- the Protocol's arguments
        return self.finding
