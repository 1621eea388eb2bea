"""Paths into a state: tuples of keys inside, dotted text outside.

``("ports", "p1", "mode")`` is written ``ports.p1.mode``. A key that holds a dot stands in brackets:
``ports[ge-0/0/0.0].mode``. A *shape* is a path without the keys of mappings: ``ports.mode``; drivers declare their
capabilities as shapes.
"""

from __future__ import annotations

import re
from typing import Final

Path = tuple[str, ...]

_PART = re.compile(r"(?:^|\.)([^.\[\]]+)|\[([^\[\]]+)\]")
KEYED_SECTIONS: Final = frozenset({"vlans", "ports", "lags", "outlets", "slots", "volumes", "exports"})


def render_path(path: Path) -> str:
    """The written form of a path."""
    return "".join(f"[{key}]" if "." in key else (key if index == 0 else f".{key}") for index, key in enumerate(path))


def parse_path(text: str) -> Path:
    """The path that ``text`` writes; ValueError where it writes none."""
    parts: list[str] = []
    position = 0
    while position < len(text):
        match = _PART.match(text, position)
        if match is None:
            raise ValueError(f"not a path: {text[:80]!r}")
        parts.append(match[1] or match[2])
        position = match.end()
    if not parts:
        raise ValueError("a path names at least one key")
    return tuple(parts)


def shape_of(path: Path) -> str:
    """The shape of a path: ``ports.p1.stp.edge`` has ``ports.stp.edge``; a set's element has its set's shape."""
    if not path or path[0] not in KEYED_SECTIONS:
        return ".".join(path)
    names = path[2:]
    depth = 2 if names[:1] == ("stp",) else 1
    return ".".join((path[0], *names[:depth]))
