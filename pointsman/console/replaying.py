"""Playing a transcript: asciicast v2, from the service or from a file, in its own time or faster.

On a pipe everything comes at once, and only what the line said; on a terminal in its own time, with pauses cut short
and markers on standard error.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import orjson

from pointsman.console.terminal import Terminal
from pointsman.problems import PointsmanError

LONGEST_PAUSE_S: Final = 2.0


@dataclass(frozen=True, slots=True)
class Event:
    """Something at a time, in seconds from the beginning: ``o`` what was said, ``m`` a marker."""

    at_s: float
    code: str
    text: str


def read_cast(text: str, *, name: str) -> tuple[dict[str, Any], list[Event]]:
    """Header and events. Raises :class:`~pointsman.problems.PointsmanError` for what is no asciicast."""
    lines = [line for line in text.splitlines() if line.strip()]
    try:
        header = orjson.loads(lines[0]) if lines else None
        if not isinstance(header, dict) or header.get("version") != 2:
            raise PointsmanError(f"{name} is no asciicast of version 2: play what --save wrote, or name a node")
        return header, list(_events(lines[1:]))
    except (orjson.JSONDecodeError, ValueError, TypeError) as error:
        raise PointsmanError(f"{name} cannot be read as an asciicast: {error}") from error


def _events(lines: list[str]) -> Iterator[Event]:
    for line in lines:
        at_s, code, text = orjson.loads(line)
        yield Event(float(at_s), str(code), str(text))


async def play(events: list[Event], terminal: Terminal, *, speed: float) -> None:
    """Show what was said. ``speed`` 2 is twice as fast; on a pipe there are no pauses."""
    last_s = 0.0
    for event in events:
        if terminal.is_interactive and math.isfinite(event.at_s):
            await asyncio.sleep(min(max(event.at_s - last_s, 0.0) / speed, LONGEST_PAUSE_S))
            last_s = event.at_s
        if event.code == "o":
            await terminal.show(event.text.encode())
        elif event.code == "m" and terminal.is_interactive:
            terminal.note(event.text)
