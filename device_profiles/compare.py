"""What differs between a goal and what a device shows: one function for plans, drift and previews.

A :class:`Goal` is concrete: who owns which element of a set was settled before, so ``state`` holds complete values
and ``absent`` names what has to go. Fields that the goal does not have are not looked at: only what is declared.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from device_profiles.leaves import CREATABLE, FIELDS, SECTIONS, objects
from device_profiles.paths import Path
from device_profiles.state import EMPTY, State


@dataclass(frozen=True, slots=True)
class Goal:
    """What a device shall show when a pass is done.

    ``absent`` holds object paths (``("lags", "lag1")``) that must not be there any more.
    """

    state: State = EMPTY
    absent: frozenset[Path] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class Change:
    """One field (or one object's being there) that is not as it shall be."""

    path: Path
    before: Any
    """What the device shows; None where it shows nothing."""
    after: Any
    """What it shall show; None where the object shall go; True where an object shall be."""


def compare(goal: Goal, observed: State) -> tuple[Change, ...]:
    """The changes from ``observed`` to ``goal``, in the order of the schema; empty when all is as it shall be."""
    return tuple(_changes(goal, observed))


def _changes(goal: Goal, observed: State) -> Iterator[Change]:
    if goal.state != observed:
        for section, key, item in objects(goal.state):
            shown = getattr(observed, section).get(int(key) if section == "vlans" else key)
            if shown is None and section in CREATABLE:
                yield Change((section, key), None, True)
            elif shown is item:
                continue
            for entry in FIELDS[section]:
                after = entry.get(item) if entry.rule.manner_of is None else None
                before = None if shown is None else entry.get(shown)
                if after is not None and after != before and not _carried_alike(entry.names, item, shown):
                    yield Change((section, key, *entry.names), before, after)
    for path in sorted(goal.absent):
        if is_there(observed, path):
            yield Change(path, True, None)


def _carried_alike(names: Path, wanted: Any, shown: Any) -> bool:
    """Whether two lists of trunk VLANs differ in the native VLAN only, which is carried whether listed or not."""
    if names != ("trunk_vlans",) or shown is None or not isinstance(shown.trunk_vlans, tuple):
        return False
    if not isinstance(wanted.trunk_vlans, tuple):
        return False
    native = shown.native_vlan if wanted.native_vlan is None else wanted.native_vlan
    return set(wanted.trunk_vlans) - {native} == set(shown.trunk_vlans) - {shown.native_vlan}


def is_there(state: State, path: Path) -> bool:
    """Whether the object at ``path`` (section and key) is in ``state``."""
    section, key = path[0], path[1]
    if section not in SECTIONS:
        return False
    return (int(key) if section == "vlans" else key) in getattr(state, section)
