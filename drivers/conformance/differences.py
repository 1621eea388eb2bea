"""What differs between two readings of a device, in words, and what need not be the same. Pure."""

from __future__ import annotations

from dataclasses import replace

from device_profiles.leaves import leaves
from device_profiles.paths import Path, render_path
from device_profiles.state import State, Volume


def with_data_kept(before: State, after: State) -> State:
    """What shall be shown when all is undone: a volume that was made or grown stays as it is, with its data."""
    kept = {
        name: shown
        for name, shown in after.volumes.items()
        if (shown.size or 0) >= (before.volumes.get(name, Volume()).size or 0)
    }
    return replace(before, volumes=dict(sorted({**before.volumes, **kept}.items())))


def difference(one: State, other: State, *, most: int = 4) -> str:
    """Where two states differ, in words."""
    before, after = leaves(one), leaves(other)
    words = [
        f"{render_path(path)} {_word(before, path)} -> {_word(after, path)}"
        for path in sorted({*before, *after})
        if before.get(path) != after.get(path)
    ]
    more = f" and {len(words) - most} more" if len(words) > most else ""
    return (", ".join(words[:most]) or "nothing that has a name") + more


def _word(found: dict[Path, object], path: Path) -> str:
    return repr(found[path]) if path in found else "absent"
