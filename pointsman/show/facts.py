"""Facts as a tree."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pointsman.show.output import Branch
from pointsman.show.text import ago, safe, value_text

Json = Mapping[str, Any]


def facts_tree(title: str, answer: Json) -> Branch:
    """What the service holds: mappings become branches, all else one line."""
    found = answer["facts"]
    branch = Branch(f"{title} (read {ago(answer.get('at'))})")
    _add(branch, found)
    return branch


def _add(branch: Branch, value: Any) -> None:
    if isinstance(value, Mapping):
        for key, item in value.items():
            if isinstance(item, Mapping | list) and item and not _is_flat(item):
                _add(branch.add(f"{safe(key)}:"), item)
            else:
                branch.add(f"{safe(key)}: {value_text(item)}")
    elif isinstance(value, list):
        for item in value:
            _add(branch, item)
    else:
        branch.add(value_text(value))


def _is_flat(value: Any) -> bool:
    return isinstance(value, list) and not any(isinstance(item, Mapping | list) for item in value)
