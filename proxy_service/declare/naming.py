"""One name for one port: what a role declares, in the spellings of the node that it reaches (semantics, section 1).

A role may reach nodes of several systems, so it is known per node only that ``Gi1/0/1`` and ``GigabitEthernet1/0/1``
are one port. Where a role spells a port in two ways, both are one object; where they say different things of it, the
leaf is *torn*, and its group is held like any other conflict. Pure.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from device_profiles.fields import Merge
from device_profiles.leaves import RULES
from device_profiles.paths import Path, parse_path, render_path, shape_of
from device_profiles.profile import PortNames
from proxy_service.declare.merge import Declared

_SECTIONS: Final = frozenset({"ports", "lags"})
_RANGE: Final = re.compile(r"(?P<first>.*\d)(?P<last>-\d{1,6})\Z")


def named(role: Declared, names: PortNames) -> Declared:
    """``role`` with the names that its ports and LAGs have on a node whose profile has these rules."""
    if not names.rules:
        return role
    spelt: defaultdict[Path, dict[Path, Any]] = defaultdict(dict)
    for path, value in role.leaves.items():
        spelt[canonical(path, names)][path] = value
    return replace(
        role,
        leaves={path: next(iter(values.values())) for path, values in spelt.items()},
        torn={path: _why(values) for path, values in spelt.items() if _is_torn(path, values)},
        exclusive=tuple(dict.fromkeys(canonical_text(text, names) for text in role.exclusive)),
    )


def canonical(path: Path, names: PortNames) -> Path:
    """A path in canonical names: its port or LAG, and a member."""
    if path[0] not in _SECTIONS:
        return path
    section, key, *rest = path
    if section == "lags" and rest[:1] == ["members"]:
        rest[1:] = [names.canonical(member) for member in rest[1:]]
    return (section, names.canonical(key), *rest)


def canonical_text(text: str, names: PortNames) -> str:
    """A written path in canonical names."""
    return render_path(canonical(parse_path(text), names))


def canonical_protected(text: str, names: PortNames) -> str:
    """A protected path in canonical names: ``ports.Gi1/0/1-4`` is a range, ``sw1/ports.Gi1/0/1`` is one node's."""
    head, *rest = parse_path(text)
    node, slash, section = head.rpartition("/")
    if section not in _SECTIONS or not rest:
        return text
    span = _RANGE.match(rest[0])
    first, last = (span["first"], span["last"]) if span is not None else (rest[0], "")
    found = canonical((section, first, *rest[1:]), names)
    return render_path((f"{node}{slash}{section}", f"{found[1]}{last}", *found[2:]))


def _is_torn(path: Path, values: Mapping[Path, Any]) -> bool:
    rule = RULES.get(shape_of(path))
    united = rule is None or rule.merge is Merge.UNION
    first = next(iter(values.values()))
    return not united and any(value != first for value in values.values())


def _why(values: Mapping[Path, Any]) -> str:
    spellings = " and ".join(sorted({path[1] for path in values}))
    return f"{spellings} are one {'port' if next(iter(values))[0] == 'ports' else 'LAG'} of this node, and disagree"
