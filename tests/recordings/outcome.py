"""What a recording was to show, and what was found in it: one class for all that is judged."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from tests.recordings.meaning import Fact

Explained = Mapping[str, tuple[int, int, str]]
"""By kind of fact: how many we do not have, how many we have beside, and why."""


@dataclass
class Outcome:
    """One case: which facts were expected, and which were found.

    Where the other system is wrong, and why, is ``explained``; such a case is read when we differ in just that.
    """

    platform: str
    name: str
    expected: set[Fact] = field(default_factory=set)
    found: set[Fact] = field(default_factory=set)
    error: str = ""
    explained: Explained = field(default_factory=dict)

    @property
    def missing(self) -> set[Fact]:
        return self.expected - self.found

    @property
    def surplus(self) -> set[Fact]:
        return self.found - self.expected

    @property
    def unexplained(self) -> list[str]:
        """Kinds in which we differ in another way than was explained."""
        kinds = {fact.kind for fact in (*self.missing, *self.surplus)}
        return sorted(kind for kind in kinds if self.explained.get(kind, (0, 0))[:2] != self.differs(kind))

    def differs(self, kind: str) -> tuple[int, int]:
        """How many we do not have, and how many we have beside."""
        missing, surplus = (sum(fact.kind == kind for fact in facts) for facts in (self.missing, self.surplus))
        return missing, surplus

    @property
    def reason(self) -> str:
        """Why the other system is believed to be wrong in just that; an empty text where that is not known."""
        return "" if self.unexplained else "; ".join(f"{kind}: {said[2]}" for kind, said in self.explained.items())

    @property
    def read(self) -> bool:
        return not self.error and not self.unexplained


def by_platform(outcomes: Iterable[Outcome]) -> dict[str, list[Outcome]]:
    """The cases by the profile that was found to fit."""
    found: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        found.setdefault(outcome.platform, []).append(outcome)
    return dict(sorted(found.items()))
