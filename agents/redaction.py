"""Facts that a site keeps to itself: taken out before they leave the agent, whatever the service says.

A path is one into the facts (``dmi.system.serial_number``); ``*`` stands for every key or element, and a path takes all
that is below it. What the agent itself rests on (identity, ways) it reads before that.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from device_profiles.facts import Facts
from device_profiles.paths import Path, parse_path

_FIRST: Final = re.compile(r"[^.\[]*")


@dataclass(frozen=True, slots=True)
class Redaction:
    """One path that is kept back; ``node`` is empty where it is on all of them."""

    path: Path
    node: str = ""


def parse_redaction(text: str) -> Redaction:
    """``dmi.system.serial_number``, ``network.interfaces.*.addresses`` or ``sw1/lldp``. Raises ValueError."""
    first = _FIRST.match(text)
    node, slash, rest = text.partition("/") if first is not None and "/" in first[0] else ("", "", text)
    if slash and not node:
        raise ValueError("before the slash stands the name of a node: sw1/dmi.system")
    return Redaction(parse_path(rest), node)


def redacted(facts: Facts, texts: Iterable[str], *, node: str) -> Facts:
    """``facts`` without what ``texts`` name; the same object where that is nothing."""
    found: Any = facts
    for each in map(parse_redaction, texts):
        if each.node in {"", node}:
            found = _without(found, each.path)
    kept: Facts = found
    return kept


def _without(value: Any, path: Path) -> Any:
    """``value`` without what lies at ``path``; containers that are not concerned stay the same objects."""
    key, rest = path[0], path[1:]
    if isinstance(value, Mapping):
        concerned = [own for own in value if key in ("*", own)]
        if not concerned:
            return value
        if not rest:
            return {own: item for own, item in value.items() if own not in concerned}
        return {own: _without(item, rest) if own in concerned else item for own, item in value.items()}
    if isinstance(value, list) and key == "*":
        return [_without(item, rest) for item in value] if rest else []
    return value
