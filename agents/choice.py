"""What a pass is to do about a reading: pure but for the driver's own pure ``plan``. Passes and previews share it.

Order matters here. The goal is settled first, planned and judged, so that what a guard forbids is not taken for drift.
Then drift is told apart from a new declaration: a generation acts once whatever its drift mode; what differs *after* it
was reached is drift, and what is only to be reported (or lies in a pause) is taken out of the goal, and planned again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from agents.contest import left_alone
from agents.drift import differences, find_drift, mode_of, withhold
from agents.findings import Finding
from agents.goal import Settled, settle
from agents.guard import Guard, Refused, Scene, Verdict, judge
from agents.holding import Holding, hold
from agents.judging import NOTHING_AROUND, Around, cuts, cuts_of_cycles, due_cycles, guards_of
from agents.nodes import Node
from agents.protection import absent_ports
from agents.rollback import Backwards
from agents.shutting import Asked, Shutting, power_of, settle_cycles, settle_power
from agents.tokens import Cycle, without_tokens
from agents.ways import Way
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

    off: Shutting
    """What this pass shall reach, with how it switches off."""
    holding: Holding
    """Which steps and cycles may be taken, and what waits."""
    problems: tuple[Finding, ...]
    notes: tuple[Finding, ...]
    fresh: frozenset[Path] = frozenset()
    drift: tuple[DriftItem, ...] = ()
    """All drift that the reading shows."""
    standing: tuple[DriftItem, ...] = ()
    """Drift that is left as it is: recorded, not put back."""
    ways: tuple[Way, ...] = ()
    """The ways that the steps and cycles may cut, and may be tried to."""
    paused: bool = False
    back: Backwards | None = None
    """The rollback that this is, if it is one."""
    owing: bool = False
    """Whether a pause, a window or an approval that is missing keeps something from being done."""

    @property
    def goal(self) -> Goal:
        """What this pass shall reach."""
        return self.off.goal

    @property
    def verdict(self) -> Verdict:
        """Which steps may be taken, and which may not."""
        return self.holding.verdict

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps to take."""
        return () if self.paused else self.verdict.allowed

    @property
    def cycles(self) -> tuple[Cycle, ...]:
        """Power cycles that are due, those that were begun first."""
        return () if self.paused else self.holding.cycles

    @property
    def cuts(self) -> tuple[Way, ...]:
        """The ways that what is to be taken may cut."""
        return () if self.paused else self.ways

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
    around: Around = NOTHING_AROUND,
) -> Choice:
    """What to do about ``observed``; ``desired`` in place of the node's own for a dry run.

    Raises :class:`~drivers.errors.Unsupported` or ``Rejected`` where the driver cannot plan.
    """
    is_own, desired = desired is None, desired or node.desired
    refusal = node.refusal if is_own else None
    guards, wrong = guards_of(node, desired, protect, around=around, refusal=refusal)
    capabilities = node.capabilities & driver.capabilities
    due, late = due_cycles(node, desired, guards, observed, capabilities=capabilities, now=now, within=CYCLE_WITHIN)
    desired = without_tokens(desired, capabilities)
    case = _Case(node=node, desired=desired, observed=observed, now=now, driver=driver, guards=guards, is_own=is_own)
    going, waiting = settle_cycles(due, desired, observed, case.asked)
    settled = settle(desired, observed, ledger=node.ledger.paths, profile=node.profile, capabilities=capabilities)
    verdict = case.judge(settled.goal)
    drift = case.drift(settled, verdict)
    standing, fought = case.standing(drift)
    off = case.shutting(settled.goal, standing, due).beside(waiting)
    if off.goal is not settled.goal:
        verdict = case.judge(off.goal)
    scene = Scene(off.goal, observed)
    holding = case.hold(verdict, going if refusal is None else (), scene)
    unknown = node.accepted.unknown if is_own else ()
    refused = (item.finding for item in (*holding.verdict.refused, *holding.held))
    return Choice(
        off=off,
        holding=holding,
        problems=_once(*unknown, *settled.problems, *late, *off.findings, *wrong, *fought, *refused),
        notes=(*settled.notes, *absent_ports(desired.protect, observed, node=node.name)),
        fresh=settled.fresh,
        drift=drift,
        standing=drift if case.paused else _and_held(standing, drift, holding.held),
        ways=(*cuts(around, holding.verdict.allowed, scene), *cuts_of_cycles(around, holding.cycles, observed)),
        paused=case.paused,
        owing=case.owes(holding, due),
    )


def _once(*findings: Finding) -> tuple[Finding, ...]:
    return tuple(dict.fromkeys(findings))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """What is chosen about; each question to it is one step of the choice."""

    node: Node
    desired: Desired
    observed: State
    now: datetime
    driver: Driver
    guards: Sequence[Guard]
    is_own: bool
    """Whether it is the node's own desired state, and no dry run."""

    @property
    def paused(self) -> bool:
        """Whether nothing is written to the node."""
        return self.desired.drift == "pause"

    @property
    def asked(self) -> Asked:
        """Who was asked to shut down."""
        return Asked(ledger=self.node.ledger, here=self.node.asked_off, now=self.now)

    @property
    def was_settled(self) -> bool:
        """Whether what is desired was reached before: what differs since is drift."""
        return self.is_own and self.node.was_settled

    def judge(self, goal: Goal) -> Verdict:
        """Have the way to ``goal`` planned and judged."""
        return judge(self.driver.plan(goal, self.observed), Scene(goal, self.observed), self.guards)

    def drift(self, settled: Settled, verdict: Verdict) -> tuple[DriftItem, ...]:
        """What differs since all was reached, but for what no step may mend and what shuts down."""
        if not self.was_settled:
            return ()
        found = find_drift(settled.goal, self.observed, self.desired, now=self.now, earlier=self.node.drift)
        asked = self.asked
        places = ((item, parse_path(item.path)) for item in found)
        return tuple(item for item, path in places if not (verdict.excuses(path) or asked.knows(path)))

    def standing(self, drift: Sequence[DriftItem]) -> tuple[tuple[DriftItem, ...], tuple[Finding, ...]]:
        """The drift that is left as it is: only reported, or contested (and what is said of that)."""
        contested = left_alone(self.node.contests, self.now) if drift else {}
        standing = tuple(
            item
            for item in drift
            if mode_of(item.roles, self.desired, parse_path(item.path)) != "enforce" or item.path in contested
        )
        fought = (contested[item.path].finding(found=item.found) for item in drift if item.path in contested)
        return standing, tuple(fought)

    def shutting(self, goal: Goal, standing: Sequence[DriftItem], due: Sequence[Cycle]) -> Shutting:
        """What of ``goal`` is acted on, without what stands or is paused, and how it switches off.

        The power of what is cycled is the cycle's own: switched on before it, a machine would boot twice.
        """
        if self.paused:
            return Shutting(goal=goal)
        cycled = {power_of(cycle.place) for cycle in due if not cycle.only_boots}
        leaves = {parse_path(item.path) for item in standing} | self._paused_leaves(goal)
        leaves |= {path for path in cycled if path[1] in getattr(goal.state, path[0])}
        return settle_power(withhold(goal, self.observed, leaves) if leaves else goal, self.observed, self.asked)

    def _paused_leaves(self, goal: Goal) -> set[Path]:
        """Leaves of roles that are paused, on a node that is not: nothing of theirs is written."""
        desired = self.desired
        if "pause" not in desired.role_drift.values():
            return set()
        found = (item.path for item in differences(compare(goal, self.observed)))
        return {path for path in found if mode_of(desired.owners.get(render_path(path), ()), desired, path) == "pause"}

    def hold(self, verdict: Verdict, due: Sequence[Cycle], scene: Scene) -> Holding:
        """Put off what must wait; nothing does on a paused node, where nothing is done anyway."""
        if self.paused:
            return Holding(verdict=verdict, cycles=tuple(due))
        node = self.node
        approved = node.accepted.assignment.approved if self.is_own else ()
        return hold(verdict, due, scene=scene, node=node, desired=self.desired, approved=approved, now=self.now)

    def owes(self, holding: Holding, due: Sequence[Cycle]) -> bool:
        """Whether something that was never reached is kept from being done."""
        kept = holding.held or (self.paused and (holding.verdict.allowed or due))
        return bool(kept) and not self.was_settled


def _and_held(
    standing: tuple[DriftItem, ...], drift: Sequence[DriftItem], held: Sequence[Refused]
) -> tuple[DriftItem, ...]:
    """The drift that stands, with that which waits to be put back."""
    waiting = Verdict((), tuple(held))
    return tuple(item for item in drift if item in standing or waiting.excuses(parse_path(item.path)))


def choose_back(
    node: Node, observed: State, back: Backwards, *, protect: Sequence[str], around: Around = NOTHING_AROUND
) -> Choice:
    """What to do to take passes back, under the same guards; nothing where that is done."""
    guards, wrong = guards_of(node, node.desired, protect, around=around, refusal=None)
    scene = Scene(back.before, observed)
    verdict = judge(back.steps if back.differs(observed) else (), scene, guards)
    return Choice(
        off=Shutting(goal=back.before),
        holding=Holding(verdict=verdict, cycles=()),
        problems=(back.because, *wrong, *(item.finding for item in verdict.refused)),
        notes=(),
        ways=cuts(around, verdict.allowed, scene),
        owing=True,
        back=back,
    )
