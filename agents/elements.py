"""Sets, taken apart into elements: whose they are is settled here, one element at a time.

``trunk_vlans``, ``members``, ``initiators`` and ``luns`` have several owners. Ours are added, and only what we added
goes again; an exact set holds what is declared and nothing else. The word ``all`` is an element that holds all others.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from device_profiles.paths import Path
from device_profiles.state import State

Elements = Mapping[str, Any]


def elements(value: Any) -> dict[str, Any]:
    """The elements of a set by their written key; a LUN's value is its volume."""
    if value is None:
        return {}
    if isinstance(value, str):
        return {value: value}
    if isinstance(value, Mapping):
        return {str(key): item for key, item in value.items()}
    return {str(item): item for item in value}


def gather(field: str, found: Elements) -> Any:
    """The set that has these elements, in its canonical form."""
    if field == "luns":
        return {int(key): item for key, item in sorted(found.items(), key=lambda pair: int(pair[0]))}
    if "all" in found and field == "trunk_vlans":
        return "all"
    return tuple(sorted(found.values()))


def settle_set(field: str, declared: Any, shown: Any, *, ours: Collection[str]) -> Any:
    """The set that shall be: what is shown, without what we made and nobody declares, and what is declared."""
    want, have = elements(declared), elements(shown)
    kept = {key: item for key, item in have.items() if key not in ours or key in want}
    return gather(field, {**kept, **want})


def settle_exact(field: str, declared: Any, shown: Any, *, never_removed: Collection[str]) -> Any:
    """The exact set: what is declared, and of what is shown only what nothing may remove."""
    kept = {key: item for key, item in elements(shown).items() if key in never_removed}
    return gather(field, {**kept, **elements(declared)})


def lookup(state: State, section: str, key: str) -> Any:
    """The object of ``state`` at a section and a written key; None where there is none."""
    found = getattr(state, section)
    return found.get(int(key)) if section == "vlans" else found.get(key)


def shows(state: State, path: Path) -> bool:
    """Whether an object, or an element of one of its sets, is there in ``state``."""
    item = lookup(state, path[0], path[1])
    if item is None or len(path) == 2:
        return item is not None
    value = getattr(item, path[2], None)
    return value is not None if len(path) == 3 else path[3] in elements(value)
