"""What a switch is told for one step, and what takes it back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Rows(NamedTuple):
    """The commands of a step, and its undo commands."""

    commands: Iterable[str]
    undo: Iterable[str]
