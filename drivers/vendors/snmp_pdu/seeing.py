"""Rows of tables as outlets and inputs, joined by key (see :mod:`device_profiles.snmp.power`)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from device_profiles.operation import InputOperation, OutletOperation
from device_profiles.snmp import Snmp
from device_profiles.snmp.power import MEASURES, Condition, InputView, OutletView, View, Write, filled, full
from device_profiles.state import Power as PowerState
from drivers.snmp.polling import Poll, Row
from drivers.snmp.values import Oid

_PLACE: Final = re.compile(r"\{\w+\}")
_NOT_IN_KEYS: Final = re.compile(r"[^A-Za-z0-9._-]+")
_LONGEST_KEY: Final = 63


@dataclass(frozen=True, slots=True)
class Switch:
    """How an outlet is switched: variables and what is written to them, and by what it is seen that it was done.

    ``busy`` are variables and their numbers while a command of the device's own is under way.
    """

    on: tuple[tuple[Oid, int], ...]
    off: tuple[tuple[Oid, int], ...]
    state: Oid
    shows_on: frozenset[int]
    shows_off: frozenset[int]
    busy: tuple[tuple[Oid, frozenset[int]], ...] = ()


@dataclass(slots=True)
class SeenOutlet:
    """One outlet, by all views that show it. ``rename`` is the variable of its name, and how long that may be."""

    key: str
    name: str = ""
    power: PowerState | None = None
    waiting: bool | None = None
    switch: Switch | None = None
    rename: tuple[Oid, int] | None = None
    told: dict[str, str] = field(default_factory=dict)
    measures: dict[str, float] = field(default_factory=dict)

    @property
    def operation(self) -> OutletOperation:
        """What it does."""
        on = None if self.power is None else self.power == "on"
        return OutletOperation(on=on, waiting=self.waiting, **self.measures)


@dataclass(slots=True)
class Seen:
    """All that a device has."""

    outlets: dict[str, SeenOutlet] = field(default_factory=dict)
    inputs: dict[str, InputOperation] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether it shows nothing at all."""
        return not (self.outlets or self.inputs)


class Views:
    """The views of a profile, with its tables at hand."""

    def __init__(self, snmp: Snmp) -> None:
        self.power = snmp.all_power
        self.tables = snmp.all_tables
        self.scalars = snmp.all_scalars

    def names(self, *, measured: bool) -> tuple[str, ...]:
        """What is to be polled: with everything that is measured, or for outlets alone."""
        views: tuple[View, ...] = (*self.power.outlets, *(self.power.inputs if measured else ()))
        found: dict[str, None] = {}
        for view in views:
            for column in view.columns() if measured else view.steady_columns():
                if column:
                    found.update(dict.fromkeys(self._polled(full(view, column))))
        return tuple(found)

    def _polled(self, name: str) -> Iterator[str]:
        table, _, column = name.partition(".")
        if "{" in name:
            shape = re.compile(_PLACE.sub(r"\\d+", name))
            yield from (scalar for scalar in self.scalars if shape.fullmatch(scalar))
        elif column not in self.tables[table].index:
            yield name

    def see(self, poll: Poll) -> Seen:
        """The outlets and inputs of a poll."""
        found = Seen()
        for view in self.power.outlets:
            for place in () if view.fallback and found.outlets else tuple(self._places(poll, view)):
                _add(found.outlets.setdefault(place.key, SeenOutlet(place.key)), place, view)
        for each in self.power.inputs:
            for place in () if each.fallback and found.inputs else tuple(self._places(poll, each)):
                name = f"{each.kind}-{place.key}"
                found.inputs[name] = _input(found.inputs.get(name), place, each)
        found.outlets = dict(sorted(found.outlets.items(), key=lambda item: _natural(item[0])))
        return found

    def _places(self, poll: Poll, view: View) -> Iterator[_Place]:
        """The rows that a view shows as something."""
        for index, row in poll.rows(view.table).items():
            place = _Place(poll, self, view, index, row)
            if place.key and place.holds(view.present):
                yield place


def _natural(key: str) -> tuple[tuple[int, str], ...]:
    """Sorts ``A2`` before ``A10``."""
    parts = re.findall(r"\d+|\D+", key)
    return tuple((int(part), "") if part.isdecimal() else (-1, part) for part in parts)


@dataclass(frozen=True, slots=True)
class _Place:
    """One row, as a view sees it."""

    poll: Poll
    views: Views
    view: View
    index: Oid
    row: Row

    @property
    def key(self) -> str:
        """Its key; an empty text where the row does not say enough."""
        text = filled(self.view.key, self.row)
        unit = self.row.get(self.view.unit) if self.view.unit else None
        if text is None:
            return ""
        if unit is not None and unit != self.view.home:
            text = f"{unit}-{text}"
        return _NOT_IN_KEYS.sub("-", text).strip("-._")[:_LONGEST_KEY]

    def value(self, name: str, *, under: int | None = None) -> Any:
        """What a column says; None where it says nothing. ``under``: in the row with that number behind the index."""
        if not name:
            return None
        if "{" in name:
            scalar = filled(name, self.row)
            return None if scalar is None else self.poll.value(scalar)
        table, dot, column = name.rpartition(".")
        index = self.index if under is None else (*self.index, under)
        row = self.poll.rows(table).get(index, {}) if dot else self.row
        return row.get(column)

    def variable(self, name: str, *, under: int | None = None) -> Oid:
        """The variable that a column is at this row."""
        if "{" in name:
            return self.views.scalars[str(filled(name, self.row))].instance
        table, _, column = full(self.view, name).partition(".")
        return (*self.views.tables[table].column(column), *self.index, *(() if under is None else (under,)))

    def numbers(self, name: str, words: Iterable[str]) -> frozenset[int]:
        """The numbers of words of a column that is an enum; a bool has two."""
        enum = self._enum(name)
        return frozenset(enum[word] for word in words if word in enum)

    def _enum(self, name: str) -> Mapping[str, int]:
        if "{" in name:
            scalar = self.views.scalars[str(filled(name, self.row))]
            return scalar.enum
        table, _, column = full(self.view, name).partition(".")
        return self.views.tables[table].columns[column].enum

    def holds(self, condition: Condition | None) -> bool:
        """Whether a condition holds, or is not contradicted."""
        value = None if condition is None else self.value(condition.of)
        if condition is None or value is None:
            return True
        told = set(map(str, value)) if isinstance(value, tuple) else {str(value).lower()} | {str(value)}
        return (not condition.has or bool(told & set(condition.has))) and not told & set(condition.lacks)


def _add(outlet: SeenOutlet, place: _Place, view: OutletView) -> None:
    """What a view says of an outlet, as far as no view before it said it."""
    outlet.name = outlet.name or str(place.value(view.name) or "")
    for word in ("bank", "phase", "receptacle"):
        value = place.value(getattr(view, word))
        if value not in (None, "", 0):
            outlet.told.setdefault(word, str(value))
    for measure, value in _measured(place):
        outlet.measures.setdefault(measure, value)
    if view.rename and outlet.rename is None:
        outlet.rename = (place.variable(view.rename), view.rename_most)
    if view.state and outlet.power is None and outlet.waiting is None:
        _state(outlet, place, view)


def _state(outlet: SeenOutlet, place: _Place, view: OutletView) -> None:
    word = place.value(view.state, under=view.state_under)
    if word is None:
        return
    states = view.states
    outlet.power = "on" if word in states.on else "off" if word in states.off else None
    outlet.waiting = word in states.waiting or (
        view.pending is not None and place.value(view.pending.of) is not None and place.holds(view.pending)
    )
    if view.on and view.off and place.holds(view.switchable):
        outlet.switch = _switch(place, view)


def _switch(place: _Place, view: OutletView) -> Switch:
    settled = {"on": set(view.states.on), "off": set(view.states.off)}
    for words in settled.values():
        words -= set(view.states.waiting)
    busy = []
    state = place.variable(view.state, under=view.state_under)
    if waiting := place.numbers(view.state, view.states.waiting):
        busy.append((state, waiting))
    if view.pending is not None and place.value(view.pending.of) is not None:
        busy.append((place.variable(view.pending.of), place.numbers(view.pending.of, view.pending.has)))
    return Switch(
        on=_writes(place, view.on),
        off=_writes(place, view.off),
        state=state,
        shows_on=place.numbers(view.state, settled["on"]),
        shows_off=place.numbers(view.state, settled["off"]),
        busy=tuple(busy),
    )


def _writes(place: _Place, writes: Iterable[Write]) -> tuple[tuple[Oid, int], ...]:
    return tuple((place.variable(write.set), write.to) for write in writes)


def _measured(place: _Place) -> Iterator[tuple[str, float]]:
    for measure, column in place.view.measures.items():
        yield from _number(measure, place.value(column))
    sensors = place.view.sensors
    if sensors is None:
        return
    for measure, number in sensors.numbers.items():
        shown = _sensor(place, sensors.value, number)
        power_of_ten = _sensor(place, sensors.digits, number) or 0
        if shown is not None and 0 <= power_of_ten <= 9 and _sensor(place, sensors.available, number) is not False:
            yield from _number(measure, shown / 10**power_of_ten)


def _sensor(place: _Place, name: str, number: int) -> Any:
    """What a column says in the row of a sensor of this place; None where it says nothing, or there is none."""
    table, _, column = full(place.view, name).partition(".")
    return place.poll.rows(table).get((*place.index, number), {}).get(column) if name else None


def _number(measure: str, value: Any) -> Iterator[tuple[str, float]]:
    if isinstance(value, int | float) and value >= 0:
        yield measure, round(float(value), 6)


def _input(known: InputOperation | None, place: _Place, view: InputView) -> InputOperation:
    measures: dict[str, Any] = dict(_measured(place))
    name = str(place.value(view.name) or "") or None
    if known is None:
        return InputOperation(kind=view.kind, name=name, **measures)
    merged = {measure: getattr(known, measure) for measure in measures}
    kept = {measure: value for measure, value in merged.items() if value is not None}
    others = {measure: getattr(known, measure) for measure in MEASURES if measure not in measures}
    return InputOperation(kind=known.kind, name=known.name or name, **{**others, **measures, **kept})
