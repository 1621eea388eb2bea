"""Many schedules: drawn by Hypothesis from one number, played, and the first that shows a fault made short.

A run is blocks of schedules; block ``n`` of a run with the seed ``s`` is drawn from ``s + n``. So the seed that is
printed with a fault, given as the seed of a run of one block, draws the very schedule again.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import hypothesis
from hypothesis import HealthCheck, Phase, given
from hypothesis.strategies import SearchStrategy

from tests.faults.playing import Outcome, play
from tests.faults.schedules import SCHEDULES, Schedule

BLOCK: int = 50
"""Schedules in a block."""


class Violated(AssertionError):
    """A schedule after which something did not hold."""


@dataclass(slots=True)
class Found:
    """What a block of schedules brought to light."""

    seed: int
    played: int = 0
    injected: Counter[str] = field(default_factory=Counter)
    on: Counter[str] = field(default_factory=Counter)
    """How many of them with which device."""
    virtual_s: float = 0.0
    schedule: Schedule | None = None
    """The shortest schedule that shows a fault."""
    violations: tuple[str, ...] = ()


def play_block(
    seed: int, count: int = BLOCK, *, shorten: bool = True, schedules: SearchStrategy[Schedule] = SCHEDULES
) -> Found:
    """Play schedules that are drawn from ``seed``, up to the first fault."""
    found = Found(seed)
    phases = (Phase.generate, Phase.shrink) if shorten else (Phase.generate,)

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=phases,
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
        verbosity=hypothesis.Verbosity.quiet,
    )
    @given(schedules)
    def trial(schedule: Schedule) -> None:
        outcome = play(schedule)
        _note(found, schedule, outcome)
        if outcome.violations:
            raise Violated(outcome.violations)

    try:
        trial()
    except Violated:
        return found
    return found


def _note(found: Found, schedule: Schedule, outcome: Outcome) -> None:
    if not found.violations:
        found.played += 1
        found.injected.update(outcome.injected)
        found.on[schedule.twin or "in memory"] += 1
        found.virtual_s += outcome.virtual_s
    if outcome.violations and (found.schedule is None or len(schedule.acts) <= len(found.schedule.acts)):
        found.schedule, found.violations = schedule, outcome.violations
