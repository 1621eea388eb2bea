"""How a device is told what is planned: lines of its configuration, merged as one candidate.

What a profile declares stands in ``quirks.says``: for each shape the lines that set it and the lines that take it away.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from pydantic import ConfigDict

from device_profiles.compare import Goal
from device_profiles.profile import Profile
from device_profiles.state import State
from drivers import limits
from drivers.contract import Step
from drivers.errors import Unsupported
from drivers.planning import Edit, edits

_DEFAULT_VLAN: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Says:
    """Lines for one shape; ``{key}`` is the object's name and ``{value}`` the value."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")
    sets: tuple[str, ...]
    unsets: tuple[str, ...]


def plan(goal: Goal, observed: State, *, profile: Profile, says: Mapping[str, Says]) -> tuple[Step, ...]:
    """The steps from ``observed`` to ``goal``. Raises :class:`~drivers.errors.Unsupported`, naming the leaf."""
    found = limits.check(edits(goal, observed), capabilities=profile.capabilities, implicit=profile.implicit)
    return tuple(_step(edit, profile, says) for edit in found)


def _step(edit: Edit, profile: Profile, says: Mapping[str, Says]) -> Step:
    own = edit.section == "vlans" and int(edit.key) in (_DEFAULT_VLAN, *profile.reserved_vlans)
    if own and None in (edit.before, edit.merged):
        raise Unsupported(f"vlans.{edit.key} is the switch's own: take it out of the role")
    if edit.section == "ports" and edit.before is None:
        raise Unsupported(f"ports.{edit.key} is declared, and the device has no such port")
    return Step(
        capability=f"{edit.section}.{min(edit.fields)}" if edit.fields else edit.section,
        text=f"{edit.section} {edit.key}: {', '.join(sorted(edit.fields)) or 'made or removed'}",
        commands=tuple(_lines(edit, edit.merged, says)),
        undo=tuple(_lines(edit, edit.before, says)),
        impact="outage" if "enabled" in edit.fields or edit.merged is None else "none",
        touches=edit.paths,
        creates=edit.creates,
        removes=edit.removes,
    )


def _lines(edit: Edit, item: Any, says: Mapping[str, Says]) -> Iterator[str]:
    if item is None:
        yield from _filled(says[edit.section].unsets, edit.key)
        return
    if edit.section in says:
        yield from _filled(says[edit.section].sets, edit.key)
    for field in sorted(edit.fields):
        words, value = says[f"{edit.section}.{field}"], getattr(item, field)
        yield from _filled(words.sets if value not in (None, False) else words.unsets, edit.key, value)


def _filled(lines: tuple[str, ...], key: str, value: Any = "") -> Iterator[str]:
    return (line.format(key=key, value=value) for line in lines)
