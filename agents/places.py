"""Places of a state: the objects that a pass touches, cut out so that what they showed can be kept and brought back."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Any, Final

import orjson
from pydantic import TypeAdapter

from agents.drift import differences
from agents.elements import lookup
from agents.guard import reach
from agents.reports import state_json
from device_profiles.compare import Goal, compare
from device_profiles.leaves import SECTIONS
from device_profiles.names import OBSERVED
from device_profiles.paths import Path, parse_path, render_path
from device_profiles.state import State
from drivers.contract import Step

_STATES: Final = TypeAdapter(State)


def places_of(steps: Iterable[Step]) -> frozenset[Path]:
    """The objects (section and key) that steps reach; the port of a bundle with the bundle."""
    found = {path[:2] for step in steps for path in reach(step)}
    return frozenset(found | {("ports", key) for section, key in found if section == "lags"})


def cut_out(state: State, places: Collection[Path]) -> Goal:
    """What ``state`` shows at these places, as a goal that brings it back: what is not there shall be away."""
    sections: dict[str, dict[Any, Any]] = {name: {} for name in SECTIONS}
    absent = set()
    for section, key in places:
        item = lookup(state, section, key)
        if item is not None:
            sections[section][int(key) if section == "vlans" else key] = item
        elif section != "ports":
            absent.add((section, key))
    return Goal(State(**sections), frozenset(absent))


def joined(first: Goal, second: Goal) -> Goal:
    """Both goals; where they speak of one place, the first."""
    known = {*places(first)}
    sections = {name: dict(getattr(first.state, name)) for name in SECTIONS}
    for section in SECTIONS:
        for key, item in getattr(second.state, section).items():
            if (section, str(key)) not in known:
                sections[section][key] = item
    return Goal(State(**sections), first.absent | {path for path in second.absent if path not in known})


def places(goal: Goal) -> Iterator[Path]:
    """The objects that a goal speaks of."""
    yield from goal.absent
    for section in SECTIONS:
        for key in getattr(goal.state, section):
            yield section, str(key)


def is_ours(observed: State, *, goal: Goal, before: Goal) -> bool:
    """Whether every leaf is either as it was before our steps, or as they leave it: then nobody else was there."""
    left = {(item.path, repr(item.found)) for item in differences(compare(goal, observed))}
    begun = {(item.path, repr(item.found)) for item in differences(compare(goal, before.state))}
    return left <= begun


def write_goal(goal: Goal) -> bytes:
    """A goal as JSON."""
    absent = [render_path(path) for path in sorted(goal.absent)]
    return orjson.dumps({"state": orjson.Fragment(state_json(goal.state)), "absent": absent})


def read_goal(document: bytes) -> Goal:
    """A goal from :func:`write_goal`."""
    raw = orjson.loads(document)
    state = _STATES.validate_python(raw["state"], context=OBSERVED)
    return Goal(state, frozenset(parse_path(text) for text in raw["absent"]))
