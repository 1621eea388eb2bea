"""What a row is, and what it is given."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.figures import Result
from benchmarks.machine import Cores


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Where a row may write, which cores it gives to whom, and where it tells how far it is."""

    folder: Path
    cores: Cores
    tell: Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One measurement that can be run alone. ``measure`` starts all that it needs, and ends it."""

    name: str
    sentence: str
    measure: Callable[[Stage], Awaitable[Result]]
