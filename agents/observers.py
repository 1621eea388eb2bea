"""Who wants to know where a pass is: told synchronously at each boundary, after what was remembered is on disk.

The log, metrics and fault tests hang here. An observer must be quick and must not raise; one that raises
``BaseException`` stops the agent where it stands, which is how tests crash it at a chosen place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Phase(StrEnum):
    """Where a pass is. ``applying`` comes before a step reaches the device, ``applied`` right after."""

    READING = "reading"
    PLANNED = "planned"
    GUARDED = "guarded"
    APPLYING = "applying"
    APPLIED = "applied"
    VERIFYING = "verifying"
    SAVED = "saved"
    REPORTED = "reported"


@dataclass(frozen=True, slots=True)
class Moment:
    """One boundary. ``step`` counts from 1 while applying, and is 0 elsewhere."""

    node: str
    pass_id: str
    phase: Phase
    step: int = 0
    steps: int = 0


class Observer(Protocol):
    """Somebody who is told."""

    def notice(self, moment: Moment) -> None:
        """The pass is there now."""


Observers = Sequence[Observer]
