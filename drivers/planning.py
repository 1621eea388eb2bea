"""The safe order of changes, one for all vendors.

Changes are gathered into edits, one per object and phase, and the phases run in this order: shut ports that shall be
shut; take members and objects apart that shall go from a bundle; make VLANs, then bundles, then set ports; remove
what is not wanted any more; open ports last. So a VLAN is there before the port that uses it, a port is off a VLAN
before the VLAN goes, and nothing forwards before it is configured. A vendor's driver turns each edit into one step.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, is_dataclass, replace
from enum import IntEnum
from typing import Any

from device_profiles.compare import Change, Goal, compare
from device_profiles.leaves import is_element, leaves
from device_profiles.paths import Path
from device_profiles.state import State


class Phase(IntEnum):
    """When in a plan an edit is made."""

    SHUT = 0
    VLANS = 1
    LAGS = 2
    PORTS = 3
    OTHER = 4
    REMOVE_LAGS = 5
    REMOVE_VLANS = 6
    REMOVE_OTHER = 7
    OPEN = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """All changes of one object in one phase. ``before`` and ``after`` are the whole objects, or None."""

    phase: Phase
    section: str
    key: str
    before: Any
    after: Any
    changes: tuple[Change, ...]

    @property
    def fields(self) -> frozenset[str]:
        """The names of the fields that change (``mode``, ``stp.edge``); empty where only the object comes or goes."""
        return frozenset(".".join(change.path[2:]) for change in self.changes if len(change.path) > 2)

    @property
    def merged(self) -> Any:
        """The whole object as it shall be: what is declared over what is shown; None where it shall go."""
        return _over(self.before, self.after)

    @property
    def creates(self) -> tuple[Path, ...]:
        """The object, or the elements of sets, that are not there before."""
        return tuple(sorted(self._parts(self.merged) - self._parts(self.before)))

    @property
    def removes(self) -> tuple[Path, ...]:
        """The object, or the elements of sets, that are there before only."""
        return tuple(sorted(self._parts(self.before) - self._parts(self.merged)))

    def _parts(self, item: Any) -> set[Path]:
        if item is None:
            return set()
        sections: dict[str, Any] = {self.section: {self.key: item}}
        found = {path for path in leaves(State(**sections)) if is_element(path)}
        trunk = self.section != "ports" or item.mode in (None, "trunk")
        return {path for path in found if trunk or path[2:3] != ("trunk_vlans",)}

    @property
    def paths(self) -> tuple[Path, ...]:
        """The paths that change."""
        return tuple(change.path for change in self.changes)


def _over(before: Any, after: Any) -> Any:
    if before is None or after is None:
        return after
    said = {entry.name: getattr(after, entry.name) for entry in fields(after)}
    return replace(
        before,
        **{
            name: _over(getattr(before, name), value) if is_dataclass(value) else value
            for name, value in said.items()
            if value is not None
        },
    )


def edits(goal: Goal, observed: State) -> tuple[Edit, ...]:
    """The edits from ``observed`` to ``goal`` in safe order; deterministic, and empty when nothing differs."""
    gathered: dict[tuple[Phase, str, str], list[Change]] = {}
    for change in compare(goal, observed):
        gathered.setdefault((_phase(change), change.path[0], change.path[1]), []).append(change)
    ordered = sorted(gathered.items(), key=lambda item: (item[0][0], _natural(item[0][2]), item[0][1]))
    return tuple(_edit(*place, changes, goal=goal.state, observed=observed) for place, changes in ordered)


def _edit(phase: Phase, section: str, key: str, changes: Iterable[Change], *, goal: State, observed: State) -> Edit:
    name = int(key) if section == "vlans" else key
    return Edit(
        phase=phase,
        section=section,
        key=key,
        before=getattr(observed, section).get(name),
        after=getattr(goal, section).get(name),
        changes=tuple(changes),
    )


_REMOVAL = {"lags": Phase.REMOVE_LAGS, "vlans": Phase.REMOVE_VLANS}
_MAKING = {"lags": Phase.LAGS, "vlans": Phase.VLANS, "ports": Phase.PORTS}


def _phase(change: Change) -> Phase:
    section = change.path[0]
    if change.after is None:
        return _REMOVAL.get(section, Phase.REMOVE_OTHER)
    if section == "ports" and change.path[2:] == ("enabled",):
        return Phase.OPEN if change.after else Phase.SHUT
    return _MAKING.get(section, Phase.OTHER)


def _natural(key: str) -> tuple[tuple[int, int | str], ...]:
    """Sorts ``p2`` before ``p10``."""
    parts: list[tuple[int, int | str]] = []
    digits = ""
    for char in f"{key}\0":
        if char.isdecimal() and char.isascii():
            digits += char
            continue
        if digits:
            parts.append((0, int(digits)))
            digits = ""
        parts.append((1, char))
    return tuple(parts)
