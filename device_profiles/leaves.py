"""A state taken apart into leaves: one path, one value.

Each element of a set is a leaf of its own (``ports.p24.trunk_vlans.100`` -> ``True``), because sets are owned by
element; each LUN of an export likewise. An object that can be created is a leaf by being there
(``vlans.100`` -> ``True``). The tables below are made once from the schema, so walking costs no reflection.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Final

from device_profiles.fields import Merge, Rule, rule_of
from device_profiles.paths import Path, shape_of
from device_profiles.state import Export, Lag, Outlet, Port, Slot, State, Stp, Vlan, Volume

SECTIONS: Final[Mapping[str, type]] = {
    "vlans": Vlan,
    "ports": Port,
    "lags": Lag,
    "outlets": Outlet,
    "slots": Slot,
    "volumes": Volume,
    "exports": Export,
}
CREATABLE: Final = frozenset({"vlans", "lags", "volumes", "exports"})
"""Sections whose objects come into being by declaration; ports, outlets and slots are there or are not."""


@dataclass(frozen=True, slots=True)
class Field:
    """One leaf field of an object: where it stands below the object, and its rule."""

    names: Path
    rule: Rule
    shape: str
    """Its name as a capability (``ports.stp.edge``)."""
    get: Callable[[Any], Any]
    """Its value in an object; None where it, or the part that holds it, is absent."""


def _getter(names: Path) -> Callable[[Any], Any]:
    """Made once for each field: comparing asks for every field of every object."""
    own = attrgetter(names[0])
    if len(names) == 1:
        return own
    inner = attrgetter(*names[1:])

    def get(item: Any) -> Any:
        part = own(item)
        return None if part is None else inner(part)

    return get


def _fields_of(section: str, cls: type, above: Path = ()) -> Iterator[Field]:
    for entry in dataclasses.fields(cls):
        names, rule = (*above, entry.name), rule_of(entry)
        if rule is not None:
            yield Field(names, rule, ".".join((section, *names)), _getter(names))
        elif entry.name == "stp":
            yield from _fields_of(section, Stp, names)


FIELDS: Final[Mapping[str, tuple[Field, ...]]] = {name: tuple(_fields_of(name, cls)) for name, cls in SECTIONS.items()}
RULES: Final[Mapping[str, Rule]] = {entry.shape: entry.rule for found in FIELDS.values() for entry in found}
RULE_AT: Final[Mapping[Path, Rule]] = {
    (section, *entry.names): entry.rule for section, found in FIELDS.items() for entry in found
}
"""The rule of each field by its path without the object's key, which is quicker to come by than its shape."""
SHAPES: Final = frozenset(RULES) | CREATABLE


def is_element(path: Path) -> bool:
    """Whether a leaf is there or is not: an object that can be created, or an element of a set."""
    rule = RULES.get(shape_of(path))
    return (len(path) == 2 and path[0] in CREATABLE) or (rule is not None and rule.merge is Merge.UNION)


def objects(state: State) -> Iterator[tuple[str, str, Any]]:
    """Every object of a state: section, key as text, object."""
    for section in SECTIONS:
        for key, item in getattr(state, section).items():
            yield section, str(key), item


def leaves(state: State) -> dict[Path, Any]:
    """Every leaf of a state with its value; a set's element and an object's being there have ``True``."""
    found: dict[Path, Any] = {}
    for section, key, item in objects(state):
        if section in CREATABLE:
            found[(section, key)] = True
        for entry in FIELDS[section]:
            value = entry.get(item)
            if value is not None:
                _add(found, (section, key, *entry.names), value, entry.rule)
    return found


def _add(found: dict[Path, Any], path: Path, value: Any, rule: Rule) -> None:
    if rule.merge is not Merge.UNION:
        found[path] = value
    elif isinstance(value, Mapping):
        found.update({(*path, str(key)): element for key, element in value.items()})
    elif isinstance(value, str):
        found[(*path, value)] = True
    else:
        found.update({(*path, str(element)): True for element in value})


def build(found: Mapping[Path, Any]) -> State:
    """The state that has these leaves: the inverse of :func:`leaves` (a set without elements is absent)."""
    trees: dict[str, dict[str, dict[str, Any]]] = {name: {} for name in SECTIONS}
    for path, value in found.items():
        item = trees[path[0]].setdefault(path[1], {})
        if len(path) > 2:
            _put(item, path, value)
    sections: dict[str, dict[Any, Any]] = {
        section: {_key(section, key): _make(SECTIONS[section], item) for key, item in tree.items()}
        for section, tree in trees.items()
    }
    return State(**sections)


def _key(section: str, key: str) -> int | str:
    return int(key) if section == "vlans" else key


def _put(item: dict[str, Any], path: Path, value: Any) -> None:
    if RULES[shape_of(path)].merge is Merge.UNION:
        item.setdefault(path[2], {})[path[3]] = value
    elif path[2] == "stp":
        item.setdefault("stp", {})[path[3]] = value
    else:
        item[path[2]] = value


def _make(cls: type, item: dict[str, Any]) -> Any:
    values = dict(item)
    if "stp" in values:
        values["stp"] = Stp(**values["stp"])
    if "trunk_vlans" in values:
        words = values["trunk_vlans"]
        values["trunk_vlans"] = "all" if "all" in words else tuple(sorted(map(int, words)))
    for name in ("members", "initiators"):
        if name in values:
            values[name] = tuple(sorted(values[name]))
    if "luns" in values:
        values["luns"] = {int(number): volume for number, volume in values["luns"].items()}
    return cls(**values)
