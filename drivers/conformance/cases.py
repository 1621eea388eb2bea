"""What the suite wants of a device, put together: goals, and the way from one of them to another. Pure."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Final

from device_profiles.compare import Goal
from device_profiles.leaves import leaves
from device_profiles.paths import Path, shape_of
from device_profiles.state import Port, State

NOTHING: Final = Goal()


@dataclass(frozen=True)
class Case:
    """A way from one goal to another."""

    name: str
    before: Goal
    after: Goal

    @functools.cached_property
    def shapes(self) -> frozenset[str]:
        """The shapes that it needs."""
        return shapes_of(self.before) | shapes_of(self.after)


def shapes_of(goal: Goal) -> frozenset[str]:
    """The shapes that a goal says something of."""
    return frozenset(shape_of(path) for path in leaves(goal.state)) | frozenset(path[0] for path in goal.absent)


def joined(*goals: Goal) -> Goal:
    """All of several goals; where two name the same object, the fields of both."""
    sections: dict[str, dict[Any, Any]] = {}
    for goal in goals:
        for entry in fields(State):
            section = sections.setdefault(entry.name, {})
            for key, item in getattr(goal.state, entry.name).items():
                section[key] = _both(section[key], item) if key in section else item
    return Goal(State(**sections), frozenset().union(*(goal.absent for goal in goals)))


def _both(one: Any, other: Any) -> Any:
    said = {entry.name: getattr(other, entry.name) for entry in fields(other)}
    return replace(one, **{name: value for name, value in said.items() if value is not None})


def port(name: str, **values: Any) -> Goal:
    """A port."""
    return Goal(State(ports={name: Port(**values)}))


def absent(*paths: Path) -> Goal:
    """These objects shall not be there."""
    return Goal(absent=frozenset(paths))


def sides(section: str, key: str, before: Any, after: Any) -> tuple[Goal, Goal]:
    """Two goals that say something of one object."""
    said: list[dict[str, Any]] = [{section: {key: value}} for value in (before, after)]
    return Goal(State(**said[0])), Goal(State(**said[1]))


def becoming(section: str, key: str, before: Any, after: Any) -> Case:
    """One field of one object becomes another."""
    (name,) = (entry.name for entry in fields(after) if getattr(after, entry.name) is not None)
    return Case(f"{section}.{name} becomes {getattr(after, name)}", *sides(section, key, before, after))


def few_of(cases: Sequence[Case]) -> tuple[Case, ...]:
    """Some of them that have all shapes among them, and those in which something goes."""
    lacking = frozenset[str]().union(*(case.shapes for case in cases))
    chosen = {case.name for case in cases if case.after.absent}
    for case in sorted(cases, key=lambda case: -len(case.shapes)):
        if case.shapes & lacking:
            lacking -= case.shapes
            chosen.add(case.name)
    return tuple(case for case in cases if case.name in chosen)
