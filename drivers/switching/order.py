"""The order of a switch's edits, with what LAGs need besides that of :mod:`drivers.planning`.

Members leave one LAG before they join another; a LAG whose members another one claims is taken apart before that is
made; and a port that was a member is configured as a plain port only when its LAG is gone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from device_profiles.compare import Goal
from device_profiles.state import State
from drivers.planning import Edit, Phase


@dataclass(frozen=True, slots=True)
class Order:
    """The edits of one plan, and which ports they take out of LAGs."""

    goal: Goal
    observed: State
    edits: Sequence[Edit]

    def ordered(self) -> list[Edit]:
        """The edits in the order in which they are made."""
        freed = self.freed()
        return sorted(self.edits, key=lambda edit: self._turn(edit, freed))

    def _turn(self, edit: Edit, freed: frozenset[str]) -> tuple[int, int]:
        """When an edit is made: its phase, and its place within it."""
        if edit.section == "lags" and edit.before is not None:
            own = frozenset(edit.before.members or ())
            if edit.phase is Phase.REMOVE_LAGS:
                return (Phase.LAGS, 0) if own & self._claimed() else (edit.phase, 0)
            return (edit.phase, 1 if own <= frozenset(edit.after.members or own) else 0)
        if edit.phase is Phase.PORTS and edit.key in freed:
            return (Phase.REMOVE_LAGS, 1)
        return (edit.phase, 2)

    def _claimed(self) -> frozenset[str]:
        """Ports that are declared members of some LAG."""
        return frozenset(member for lag in self.goal.state.lags.values() for member in lag.members or ())

    def freed(self) -> frozenset[str]:
        """Ports that are members now, and will be plain ports because their whole LAG goes."""
        gone = [edit.before for edit in self.edits if edit.phase is Phase.REMOVE_LAGS]
        return frozenset(member for lag in gone for member in lag.members or ()) - self._claimed()

    def leaving(self) -> frozenset[str]:
        """Ports that leave a LAG which stays."""
        found: set[str] = set()
        for name, wanted in self.goal.state.lags.items():
            shown = self.observed.lags.get(name)
            if shown is not None and wanted.members is not None:
                found |= set(shown.members or ()) - set(wanted.members)
        return frozenset(found) - self._claimed()

    def reopened(self) -> Iterator[str]:
        """Who left a LAG and was shut for it; where being enabled is declared and was so, no edit says it again."""
        for port in sorted(self.freed() | self.leaving()):
            declared, shown = self.goal.state.ports.get(port), self.observed.ports.get(port)
            if declared is not None and declared.enabled and shown is not None and shown.enabled:
                yield port
