"""A part of a configuration: a line at the margin, and those below it."""

from __future__ import annotations

from typing import NamedTuple


class Block(NamedTuple):
    """A line at the margin, and the lines below it, without their indent; deeper ones are left out."""

    head: str
    lines: tuple[str, ...]
