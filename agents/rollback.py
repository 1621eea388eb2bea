"""Taking passes back: a pass whose steps are the undo of theirs, the last first.

The steps go under the same guards, into the journal, and are proved: in the end each object that was touched shows
what it did before (decision 0008). The declaration stays what it is, and is not acted on until it changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from agents.elements import lookup
from agents.findings import Finding
from agents.places import joined, places, read_goal
from agents.stepping import inverse, read_step
from agents.store import rows
from device_profiles.compare import Goal
from device_profiles.paths import Path
from device_profiles.state import State
from drivers.contract import Step
from drivers.errors import Blocked

_TAKEN: Final = frozenset({"done", "failed", "intended"})


class CannotRollBack(Blocked):
    """There is nothing to take back, or it cannot be taken back."""

    reason: ClassVar[str] = "CannotRollBack"


@dataclass(frozen=True, slots=True)
class Backwards:
    """A rollback: its steps, what shall be shown in the end, and why the node is then not as declared."""

    steps: tuple[Step, ...]
    before: Goal
    because: Finding

    def differs(self, observed: State) -> tuple[Path, ...]:
        """The objects that do not show what they did before."""
        return tuple(
            path for path in places(self.before) if lookup(observed, *path) != lookup(self.before.state, *path)
        )


def backwards(kept: Sequence[rows.CutPass], wanted: str | None) -> Backwards:
    """What brings a node back to before the pass ``wanted``, else before its last; ``kept`` newest first.

    Raises :class:`CannotRollBack`.
    """
    changing = [each for each in kept if each.row.before and any(status in _TAKEN for _, status in each.steps)]
    if not changing:
        raise CannotRollBack("this agent knows no pass that changed the node: there is nothing to roll back")
    last = wanted or changing[0].row.id
    known = [each.row.id for each in changing]
    if last not in known:
        raise CannotRollBack(f"this agent does not keep the pass {last}, or it changed nothing; the last is {known[0]}")
    undone = changing[: known.index(last) + 1]
    _refuse_what_stays(undone)
    before = Goal()
    for each in reversed(undone):
        before = joined(before, read_goal(each.row.before))
    taken = [document for each in undone for document, status in reversed(each.steps) if status in _TAKEN]
    steps = tuple(inverse(read_step(document)) for document in taken)
    message = f"rolled back to before the pass {last}: the declaration is not acted on until it changes"
    return Backwards(steps, before, Finding("desired", "RolledBack", message))


def _refuse_what_stays(passes: Sequence[rows.CutPass]) -> None:
    """A power cycle happened, and a volume that grew does not shrink: nothing beyond them is taken back."""
    for each in passes:
        for document, status in each.steps:
            step = read_step(document)
            if status in _TAKEN and (not step.undo or step.impact == "data"):
                raise CannotRollBack(f"'{step.text}' of the pass {each.row.id} cannot be undone: nothing was done")
