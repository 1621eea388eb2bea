"""Which plans must be approved before they are carried out, by what hash, and which were.

What is approved is just what was shown: the hash is over every step's commands, so that another reading or another
declaration needs another approval. What is *left* of an approved plan (a device was lost in the middle of it) is
approved as well. An approval holds while its generation does: the same plan is carried out again without asking.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

import orjson
from pydantic import ConfigDict

from agents.drift import differences
from agents.findings import Finding
from agents.guard import Scene, reach
from device_profiles.compare import compare
from device_profiles.desired import Desired
from device_profiles.documents import Budget
from device_profiles.operation import TOLERANT
from device_profiles.paths import Path, parse_path, render_path
from drivers.contract import Step

WAITING: Final = "WaitingForApproval"
OVER_BUDGET: Final = "OverBudget"
_MOST_SHOWN: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is to be approved: its hash, and the digest of each of its steps."""

    __pydantic_config__: ClassVar[ConfigDict] = TOLERANT
    hash: str
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Steps that may be taken only with approval, and why."""

    plan: Plan
    finding: Finding


def digest_of_step(step: Step) -> str:
    """What tells a step from every other: all that reaches the device, and what it is called."""
    text = orjson.dumps([step.capability, step.text, step.commands, step.impact])
    return hashlib.blake2b(text, digest_size=12).hexdigest()


def plan_of(steps: Sequence[Step]) -> Plan:
    """The plan of these steps, in order."""
    digests = tuple(map(digest_of_step, steps))
    return Plan(hash=hashlib.blake2b("\n".join(digests).encode(), digest_size=12).hexdigest(), steps=digests)


def is_approved(plan: Plan, *, approved: Collection[str], earlier: Plan | None) -> bool:
    """Whether ``plan`` was approved, or is what is left of ``earlier``, which was."""
    if plan.hash in approved:
        return True
    return earlier is not None and earlier.hash in approved and set(plan.steps) <= set(earlier.steps)


def ask(
    steps: Sequence[Step], scene: Scene, desired: Desired, *, is_first: bool, made: Collection[Path], exact: set[str]
) -> Asked | None:
    """What of ``steps`` needs approval; None where nothing does.

    ``is_first``: the node was never converged; ``made``: what we created, which may go unasked; ``exact``: the sets
    whose first pass as exact ones is over.
    """
    if not steps:
        return None
    if desired.approval == "required" or (desired.approval == "first" and is_first):
        return _asked(steps, desired, WAITING, f"{_count(steps)} for approval")
    over = _over(desired.budget, steps) if desired.budget is not None else ""
    if over:
        return _asked(steps, desired, OVER_BUDGET, f"{over}: {_count(steps)} for approval")
    gone = removals(scene, desired, made=made, exact=exact)
    removing = [step for step in steps if any(_reaches(step, path) for path in gone)]
    if not removing:
        return None
    shown = ", ".join(render_path(path) for path in gone[:_MOST_SHOWN])
    more = f" and {len(gone) - _MOST_SHOWN} more" if len(gone) > _MOST_SHOWN else ""
    return _asked(removing, desired, WAITING, f"a set becomes exact, and {shown}{more} would go: it waits for approval")


def removals(scene: Scene, desired: Desired, *, made: Collection[Path], exact: Collection[str]) -> list[Path]:
    """What newly exact sets would take away that we did not make."""
    sets = [parse_path(text) for text in desired.exclusive if text not in exact]
    if not sets:
        return []
    gone = [item.path for item in differences(compare(scene.goal, scene.observed)) if item.expected is None]
    return [path for path in gone if path not in made and any(path[: len(each)] == each for each in sets)]


def _reaches(step: Step, path: Path) -> bool:
    return any(path[: len(own)] == own or own == path[:3] for own in reach(step))


def _asked(steps: Sequence[Step], desired: Desired, reason: str, why: str) -> Asked:
    plan = plan_of(steps)
    message = f"{why}; see it with: pointsman plan {desired.node}, and approve it: pointsman approve {desired.node}"
    return Asked(plan=plan, finding=Finding("plan", reason, f"{message} {plan.hash}"))


def _count(steps: Sequence[Step]) -> str:
    return "one step waits" if len(steps) == 1 else f"{len(steps)} steps wait"


def _over(budget: Budget, steps: Sequence[Step]) -> str:
    """In which way steps are more than the budget; empty where they are not."""
    ports = {path[1] for step in steps for path in reach(step) if path[0] == "ports" and len(path) > 1}
    if budget.steps is not None and len(steps) > budget.steps:
        return f"{len(steps)} steps are more than the budget of {budget.steps}"
    if budget.ports is not None and len(ports) > budget.ports:
        return f"{len(ports)} ports are more than the budget of {budget.ports}"
    return ""


@dataclass(frozen=True, slots=True)
class Unapproved:
    """Holds back the steps that wait for approval."""

    asked: Asked

    def objection(self, step: Step, scene: Scene) -> Finding | None:
        """See :class:`agents.guard.Guard`."""
        del scene
        return self.asked.finding if digest_of_step(step) in self.asked.plan.steps else None
