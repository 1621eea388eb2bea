"""What installed distributions add to ours, by entry points.

To ask all distributions takes milliseconds, and what is installed does not change while a process runs.
"""

from __future__ import annotations

import functools
import importlib.metadata


@functools.cache
def entry_points(group: str) -> tuple[importlib.metadata.EntryPoint, ...]:
    """The entry points of a group; each group is looked up once."""
    return tuple(importlib.metadata.entry_points(group=group))
