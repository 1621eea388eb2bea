"""What is no longer as it was when this generation converged: pure.

Drift is found leaf by leaf (an element of a set is a leaf), belongs to the roles that declared the leaf, and lasts
since it was first found. Its mode is that of those roles, else the node's. Where roles share a leaf, a pause of one
keeps all hands off; else whoever says enforce has it enforced.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from agents.elements import elements, gather, lookup
from device_profiles.compare import Change, Goal, compare
from device_profiles.desired import Desired
from device_profiles.documents import DriftMode
from device_profiles.fields import Merge
from device_profiles.leaves import FIELDS, RULES
from device_profiles.paths import Path, render_path, shape_of
from device_profiles.state import State
from device_profiles.wire import DriftItem

_BY_HAND: Final = frozenset({"outlets.power", "slots.power"})


@dataclass(frozen=True, slots=True)
class Difference:
    """One leaf: what it shall be and what it is; None where it shall not be, or is not, there."""

    path: Path
    expected: Any
    found: Any


def differences(changes: Iterable[Change]) -> Iterator[Difference]:
    """Changes taken apart into leaves."""
    for change in changes:
        rule = RULES.get(shape_of(change.path))
        if len(change.path) < 3 or rule is None or rule.merge is not Merge.UNION:
            yield Difference(change.path, change.after, change.before)
            continue
        want, have = elements(change.after), elements(change.before)
        for key in sorted(want.keys() | have.keys()):
            expected, found = _element(want, key), _element(have, key)
            if expected != found:
                yield Difference((*change.path, key), expected, found)


def _element(found: Mapping[str, Any], key: str) -> Any:
    """A LUN is its volume; any other element is just there."""
    value = found.get(key)
    return None if value is None else value if str(value) != key else True


def find_drift(
    goal: Goal, observed: State, desired: Desired, *, now: datetime, earlier: Iterable[DriftItem] = ()
) -> tuple[DriftItem, ...]:
    """The declared leaves that differ. A release that is still owed is no drift: nobody declares it."""
    since = {item.path: item.since for item in earlier}
    found = []
    for item in differences(compare(goal, observed)):
        path = render_path(item.path)
        roles = _owners(item.path, desired)
        if roles:
            begun = since.get(path, now)
            found.append(DriftItem(path=path, expected=item.expected, found=item.found, roles=roles, since=begun))
    return tuple(found)


def _owners(path: Path, desired: Desired) -> tuple[str, ...]:
    """Who declared a leaf; for an element that an exact set shall not have, who declared the set."""
    roles = desired.owners.get(render_path(path), ())
    if roles or len(path) < 4 or render_path(path[:3]) not in desired.exclusive:
        return roles
    below = render_path(path[:3])
    return tuple(sorted({role for leaf, names in desired.owners.items() if leaf.startswith(below) for role in names}))


def mode_of(roles: Iterable[str], desired: Desired, path: Path) -> DriftMode:
    """What is done about drift of a leaf (``path``) that these roles declared.

    Power that somebody switched by hand is put back only where a role itself says so: an admin who switches a server
    off to open it must not have it switched on under his hands.
    """
    if desired.drift == "pause":
        return "pause"
    others: DriftMode = "report" if shape_of(path) in _BY_HAND else desired.drift
    modes = {desired.role_drift.get(role, others) for role in roles} or {others}
    return "pause" if "pause" in modes else "enforce" if "enforce" in modes else "report"


def withhold(goal: Goal, observed: State, leaves: Collection[Path]) -> Goal:
    """``goal`` without these leaves: they stay as they are shown.

    An element alone can be left; a field that belongs to a group takes the group with it.
    """
    state = goal.state
    for place in {path[:2] for path in leaves}:
        mine = [path for path in leaves if path[:2] == place]
        section = place[0]
        key = int(place[1]) if section == "vlans" else place[1]
        kept = dict(getattr(state, section))
        item = kept.pop(key, None)
        if item is not None and place not in mine:
            kept[key] = _withhold(item, lookup(observed, *place), mine)
        state = replace(state, **{section: kept})
    return replace(goal, state=state)


def _withhold(item: Any, shown: Any, leaves: Collection[Path]) -> Any:
    section = next(iter(leaves))[0]
    fields = {path[2:] for path in leaves if len(path) == 3 or path[2] == "stp"}
    groups = {RULES[".".join((section, *names))].group for names in fields} - {None}
    for entry in FIELDS[section]:
        if entry.names in fields or entry.rule.group in groups:
            item = _without(item, entry.names)
    for path in leaves:
        if len(path) == 4 and path[2] != "stp" and (want := getattr(item, path[2])) is not None:
            have = elements(getattr(shown, path[2], None))
            kept = {key: value for key, value in elements(want).items() if key != path[3]}
            if path[3] in have:
                kept[path[3]] = have[path[3]]
            item = replace(item, **{path[2]: gather(path[2], kept)})
    return item


def _without(item: Any, names: Path) -> Any:
    if len(names) == 1:
        return replace(item, **{names[0]: None})
    part = getattr(item, names[0])
    return item if part is None else replace(item, **{names[0]: replace(part, **{names[1]: None})})
