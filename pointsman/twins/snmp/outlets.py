"""A PDU made of a profile's own tables: outlets that are switched, delayed and named as the profile says.

It is no document's second reading: what it proves is that the tables of a profile fit each other (each view finds its
rows, each command its state) and that the driver keeps its promises on devices of all these shapes. What the tables say
is judged by recordings.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Final

from device_profiles.profile import Profile
from device_profiles.snmp import Column, Scalar, Table
from device_profiles.snmp.power import Condition, OutletView, View, filled, full
from device_profiles.snmp.syntax import numbers
from drivers.snmp.decoding import to_bits
from drivers.snmp.pdu import Binding, Kind, Request, Response, Status
from drivers.snmp.records import Tree
from drivers.snmp.values import Counter, Gauge, Integer, ObjectId, Octets, Oid, Ticks, Value, oid
from pointsman.twins.snmp.cells import Device, Refused, number, octets

_SYSTEM: Final = oid("1.3.6.1.2.1.1")
_UNIT: Final = b"000ED3000001"
_COUNTED: Final = ("outlet", "port")
"""Parts of an index that number outlets."""
_MEASURED: Final = 1
_FACT: Final = "Version TWIN-1"


@dataclass(slots=True)
class Outlet:
    """One outlet. ``left`` is how many requests it still takes until it is as ``wanted``."""

    on: bool = True
    name: bytes = b""
    wanted: bool = True
    left: int = 0
    unlocked: bool = False
    boots: int = 0
    """How often what it feeds got its power back."""

    def turn(self, *, on: bool) -> None:
        """Switch the relay."""
        self.boots += on and not self.on
        self.on = on


@dataclass(slots=True)
class _Cell:
    """What a variable does when it is written: switch an outlet, or name it."""

    outlet: int
    writes: dict[int, tuple[bool, bool]] = field(default_factory=dict)
    """Number to whether it switches on, and whether it is what switches (and not what unlocks)."""
    needs_unlocking: bool = False
    most: int = 0


class Pdu(Device):
    """A PDU of ``count`` outlets. ``late``: an outlet is switched some requests after its command was answered."""

    def __init__(self, profile: Profile, count: int = 8, *, late: int = 0) -> None:
        super().__init__()
        if profile.snmp is None:
            raise ValueError(f"{profile.name} says nothing about SNMP")
        self.profile = profile
        self.late = late
        self.outlets = {place: Outlet(name=f"Outlet {place}".encode()) for place in range(1, count + 1)}
        self.uptime = 1_000
        self._tables = profile.snmp.all_tables
        self._scalars = profile.snmp.all_scalars
        self._views = profile.snmp.all_power
        self._shown: tuple[object, Tree] | None = None

    def __deepcopy__(self, memo: dict[int, Any]) -> Pdu:
        made = type(self).__new__(type(self))
        memo[id(self)] = made
        made.__dict__ = self.__dict__ | {
            "outlets": {place: replace(each) for place, each in self.outlets.items()},
            "lazy": set(self.lazy),
        }
        return made

    def answer(self, request: Request) -> Response:
        """What the device answers; time passes for outlets that are on their way."""
        if request.kind is Kind.SET:
            return super().answer(request)
        # Nothing else changes what it shows, and a table of all variables is made anew for each answer else.
        shown = tuple((each.on, each.name, bool(each.left)) for each in self.outlets.values())
        if self._shown is None or self._shown[0] != shown:
            self._shown = (shown, Tree(self.variables()))
        found = self._shown[1].answer(request)
        if any(each.left for each in self.outlets.values()):
            for each in self.outlets.values():
                each.left = max(0, each.left - 1)
                if each.left == 0:
                    each.turn(on=each.wanted)
        return found

    # Reading.

    def variables(self) -> dict[Oid, Value]:
        """All variables as they are now."""
        found: dict[Oid, Value] = {
            (*_SYSTEM, 1, 0): Octets(b"A PDU of the twins"),
            (*_SYSTEM, 2, 0): ObjectId(self._object_id()),
            (*_SYSTEM, 3, 0): Ticks(self.uptime),
            (*_SYSTEM, 5, 0): Octets(b"pdu1.example.net"),
        }
        found.update(self._told())
        for feed in self._views.inputs:
            found.update(self._row(feed, _MEASURED))
        for view in reversed(self._views.outlets):
            for place in self.outlets:
                found.update(self._row(view, place))
                found.update(self._outlet(view, place))
        return found

    def _object_id(self) -> Oid:
        signs = self.profile.snmp.signs if self.profile.snmp is not None else ()
        return numbers(next((sign.object for sign in signs if sign.object), "1.3.6.1.4.1.99999"))

    def _told(self) -> Iterator[Binding]:
        """What facts are made of."""
        facts = self.profile.snmp.facts if self.profile.snmp is not None else {}
        for source in (source for sources in facts.values() for source in sources):
            table, _, column = source.of.partition(".")
            if column:
                index = self._index(self._tables[table], 1, None)
                found = self._tables[table].columns[column]
                yield (*self._tables[table].column(column), *index), _value(found, _FACT)
            elif source.of != "sysDescr":
                yield self._scalars[source.of].instance, _value(self._scalars[source.of], _FACT)

    def _row(self, view: View, place: int) -> Iterator[Binding]:
        """What makes a row of a view: names, measurements, and that it is there."""
        if view.name:
            name = self.outlets[place].name if isinstance(view, OutletView) else b"Feed"
            yield self._at(view, view.name, place), Octets(name)
        if view.unit and not self._is_part(view, view.unit):
            yield self._at(view, view.unit, place), Integer(view.home)
        for part in view.columns():
            if part and part in view.key and not self._is_part(view, part) and part != view.name:
                yield self._at(view, part, place), _value(self._cell(view, part, place), place)
        if view.present is not None and "{" not in view.present.of:
            yield self._at(view, view.present.of, place), _fits(self._cell(view, view.present.of, place), view.present)
        for column in view.measures.columns():
            yield self._at(view, column, place), _value(self._cell(view, column, place), 100)
        if view.sensors is not None:
            for sensor in view.sensors.numbers.values():
                yield (*self._at(view, view.sensors.value, place), sensor), Gauge(1234)
                if view.sensors.digits:
                    yield (*self._at(view, view.sensors.digits, place), sensor), Gauge(3)

    def _outlet(self, view: OutletView, place: int) -> Iterator[Binding]:
        outlet = self.outlets[place]
        if view.switchable is not None:
            cell = self._cell(view, view.switchable.of, place)
            yield self._at(view, view.switchable.of, place), _fits(cell, view.switchable)
        if view.pending is not None:
            cell = self._cell(view, view.pending.of, place)
            wanted = view.pending if outlet.left else Condition(of=view.pending.of, lacks=view.pending.has)
            yield self._at(view, view.pending.of, place), _fits(cell, wanted)
        if view.state:
            words = view.states.on if outlet.on else view.states.off
            under = () if view.state_under is None else (view.state_under,)
            yield (*self._at(view, view.state, place), *under), _value(self._cell(view, view.state, place), words[0])

    # Where things stand.

    def _is_part(self, view: View, name: str) -> bool:
        return name in self._tables[view.table].index

    def _index(self, table: Table, place: int, view: View | None) -> Oid:
        found: list[int] = []
        for part, syntax in table.index.items():
            if syntax == "string":
                found += [len(_UNIT), *_UNIT]
            elif part in _COUNTED:
                found.append(place)
            else:
                found.append(view.home if view is not None and part == view.unit else 1)
        return tuple(found)

    def _at(self, view: View, name: str, place: int) -> Oid:
        if "{" in name:
            return self._scalar(name, place).instance
        table, _, column = full(view, name).partition(".")
        return (*self._tables[table].column(column), *self._index(self._tables[view.table], place, view))

    def _scalar(self, name: str, place: int) -> Scalar:
        return self._scalars[str(filled(name, dict.fromkeys(_COUNTED, place)))]

    def _cell(self, view: View, name: str, place: int) -> Column | Scalar:
        if "{" in name:
            return self._scalar(name, place)
        table, _, column = full(view, name).partition(".")
        return self._tables[table].columns[column]

    # Writing.

    def order(self, binding: Binding) -> int:
        """One is as good as another."""
        del binding
        return 0

    def write(self, name: Oid, value: Value) -> None:
        """Switch or name an outlet."""
        cell = self._cells().get(name)
        if cell is None:
            raise Refused(Status.NOT_WRITABLE)
        outlet = self.outlets[cell.outlet]
        if cell.most:
            outlet.name = octets(value, most=cell.most)
            return
        sent = number(value, low=-(2**31), high=2**31 - 1)
        if sent not in cell.writes:
            raise Refused(Status.WRONG_VALUE)
        on, switches = cell.writes[sent]
        if not switches:
            outlet.unlocked = True
        elif outlet.unlocked or not cell.needs_unlocking:
            # Without unlocking a command is accepted, and nothing comes of it.
            outlet.unlocked, outlet.wanted, outlet.left = False, on, self.late
            if not self.late:
                outlet.turn(on=on)

    def lie(self, place: int) -> None:
        """Answer commands to an outlet as done from now on, and do not do them."""
        self.lazy |= {name for name, cell in self._cells().items() if cell.outlet == place and cell.writes}

    def _cells(self) -> dict[Oid, _Cell]:
        found: dict[Oid, _Cell] = {}
        for view in self._views.outlets:
            for place in self.outlets:
                if view.rename:
                    found.setdefault(self._at(view, view.rename, place), _Cell(place, most=view.rename_most))
                for on, writes in ((True, view.on), (False, view.off)):
                    for step, write in enumerate(writes, start=1):
                        cell = found.setdefault(self._at(view, write.set, place), _Cell(place))
                        cell.writes[write.to] = (on, step == len(writes))
                        cell.needs_unlocking = len(writes) > 1 and step == len(writes)
        return found


def _fits(cell: Column | Scalar, condition: Condition) -> Value:
    """A value for which a condition holds."""
    if condition.has:
        return _value(cell, condition.has[0])
    if cell.enum:
        return _value(cell, next(word for word in cell.enum if word not in condition.lacks))
    return _value(cell, 1)


def _value(cell: Column | Scalar, wanted: str | int) -> Value:
    """A value as a column writes it."""
    if cell.type in ("text", "octets", "mac"):
        return Octets(b"" if cell.type == "mac" else str(wanted).encode())
    if cell.type == "bits":
        return Octets(to_bits({int(wanted)}, size=1, first=cell.first))
    if cell.type == "bool":
        return Integer(1 if wanted == "true" else 2)
    if cell.type == "enum":
        return Integer(cell.enum[str(wanted)])
    made: type[Integer] = {"gauge": Gauge, "counter": Counter}.get(cell.type, Integer)
    return made(int(wanted) if str(wanted).isdecimal() else 1)
