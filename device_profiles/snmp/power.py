"""What the tables of a power distribution unit mean: outlets, and what feeds them.

A *view* is one table seen as outlets (or inputs, phases, banks): how a row's key is made, and which columns say what.
Views of a kind are joined by key, and where two say something about one field the first counts; so a family of devices
that grew several tables over the years is one list. A column is named like ``outletName`` (of the view's own table) or
``outletPowerTable.outletWatts`` (of another that has the same index)::

    [[power.outlets]]
    table = "rPDU2OutletSwitchedStatusTable"
    key = "{rPDU2OutletSwitchedStatusNumber}|{outlet}"  # as printed on the device; parts of the index can be named too
    unit = "rPDU2OutletSwitchedStatusModule"            # of chained units: "2-7"; unit 1 (`home`) goes without
    name = "rPDU2OutletSwitchedStatusName"
    state = "rPDU2OutletSwitchedStatusState"            # an enum; see `states`
    pending = { of = "rPDU2OutletSwitchedStatusCommandPending", has = ["commandPending"] }
    on = [{ set = "rPDU2OutletSwitchedControlTable.rPDU2OutletSwitchedControlCommand", to = 1 }]
    off = [{ set = "rPDU2OutletSwitchedControlTable.rPDU2OutletSwitchedControlCommand", to = 2 }]

What is switched is read back until it is so. Where a device has no tables but variables with numbers in their names, a
column can be a scalar with parts of the index in braces (``outlet{outlet}Status``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar, Final, Literal

from annotated_types import Gt
from pydantic import ConfigDict

_STRICT: Final = ConfigDict(extra="forbid")
_PART: Final = re.compile(r"\{(\w+)(:letter)?\}")

InputKind = Literal["unit", "input", "phase", "line", "bank"]
"""What a view of :attr:`Power.inputs` shows: a whole unit, an inlet or cord, a phase, a wire, a bank (breaker, branch,
group)."""
Words = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """Whether a column's value, as text, is one of ``has`` and none of ``lacks``; of a column of bits, any of them.

    What the device does not tell contradicts nothing.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    of: str
    has: Words = ()
    lacks: Words = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """One variable that is written: ``to`` this number, at the row's index."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    set: str
    to: int


@dataclass(frozen=True, slots=True, kw_only=True)
class States:
    """Which words of a state mean what. One that means neither leaves it open; ``waiting`` ones are on their way."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    on: Words = ("on",)
    off: Words = ("off",)
    waiting: Words = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensors:
    """Measurements that have rows of their own: index of the view's row, then the number of what is measured.

    ``value`` is divided by ten to the power of ``digits``; ``numbers`` is measure to number. Where ``available`` (a
    bool) says no, the value is what was measured once.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    value: str
    digits: str = ""
    available: str = ""
    numbers: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """Columns of what is measured, by what it is and its unit. Values below zero say that there is none."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    amps: str = ""
    volts: str = ""
    watts: str = ""
    voltamps: str = ""
    power_factor: str = ""
    energy_wh: str = ""

    def columns(self) -> Iterator[str]:
        """The columns that are there."""
        return (column for _, column in self.items())

    def items(self) -> Iterator[tuple[str, str]]:
        """Measure and column of those that are there."""
        for name in MEASURES:
            if column := getattr(self, name):
                yield name, column


MEASURES: Final = ("amps", "volts", "watts", "voltamps", "power_factor", "energy_wh")


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One table seen as things that have power (see the module). Rows that are not ``present`` are none.

    A ``fallback`` is looked at only where no view before it showed anything: tables whose keys may be others.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    table: str
    key: str
    unit: str = ""
    home: int = 1
    fallback: bool = False
    name: str = ""
    present: Condition | None = None
    measures: Measures = Measures()
    sensors: Sensors | None = None

    def columns(self) -> Iterator[str]:
        """Everything of it that names a column that is read."""
        yield from self.steady_columns()
        yield from self.measures.columns()
        if self.sensors is not None:
            yield from (self.sensors.value, self.sensors.digits, self.sensors.available)

    def steady_columns(self) -> Iterator[str]:
        """Those of them that measure nothing."""
        yield from (self.unit, self.name, *(match[1] for match in _PART.finditer(self.key)))
        if self.present is not None:
            yield self.present.of


@dataclass(frozen=True, slots=True, kw_only=True)
class OutletView(View):
    """A table seen as outlets. Without ``on`` and ``off`` they are not switched by it.

    ``switchable`` is what the device says of single outlets; ``rename`` the column that a name is written to. With
    ``state_under`` the state stands in the row whose index has that number behind the outlet's.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    state: str = ""
    state_under: int | None = None
    states: States = States()
    pending: Condition | None = None
    switchable: Condition | None = None
    on: tuple[Write, ...] = ()
    off: tuple[Write, ...] = ()
    rename: str = ""
    rename_most: Annotated[int, Gt(0)] = 32
    bank: str = ""
    phase: str = ""
    receptacle: str = ""

    def steady_columns(self) -> Iterator[str]:
        """Those of its columns that measure nothing."""
        yield from View.steady_columns(self)
        yield from (self.state, self.bank, self.phase, self.receptacle)
        yield from (condition.of for condition in (self.pending, self.switchable) if condition is not None)

    def written(self) -> Iterator[str]:
        """Everything of it that is written."""
        yield from (write.set for write in (*self.on, *self.off))
        yield self.rename


@dataclass(frozen=True, slots=True, kw_only=True)
class InputView(View):
    """A table seen as what feeds outlets."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    kind: InputKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Power:
    """The views of a MIB or a profile."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    outlets: tuple[OutletView, ...] = ()
    inputs: tuple[InputView, ...] = ()

    def __add__(self, other: Power) -> Power:
        return Power(outlets=self.outlets + other.outlets, inputs=self.inputs + other.inputs)

    def check(self, has: Callable[[str], bool]) -> None:
        """Raise ValueError for what no table says. ``has`` knows scalars and ``table.column``."""
        for view in (*self.outlets, *self.inputs):
            written = view.written() if isinstance(view, OutletView) else iter(())
            for name in (*view.columns(), *written):
                if name and not has(_sample(full(view, name))):
                    raise ValueError(f"power.{view.table}: there is no column {name[:80]!r}")
            if view.sensors is not None and (unknown := set(view.sensors.numbers) - set(MEASURES)):
                raise ValueError(f"power.{view.table}.sensors: {min(unknown)!r} is none of {', '.join(MEASURES)}")


NO_POWER: Final = Power()


def _sample(name: str) -> str:
    """A scalar's name with numbers in it, for the first of them."""
    return _PART.sub("1", name)


def full(view: View, name: str) -> str:
    """A column of a view with its table before it; a scalar's name as it is."""
    return name if "." in name or "{" in name else f"{view.table}.{name}"


def filled(template: str, row: Mapping[str, object]) -> str | None:
    """A template with a row's values; None where the row lacks one. ``{unit:letter}`` counts A, B, C.

    Of several with ``|`` between them it is the first that the row can fill: agents leave columns out.
    """
    return next((text for part in template.split("|") if (text := _filled(part, row)) is not None), None)


def _filled(template: str, row: Mapping[str, object]) -> str | None:
    if any(row.get(match[1]) in (None, "") for match in _PART.finditer(template)):
        return None
    return _PART.sub(lambda match: _letter(row[match[1]]) if match[2] else str(row[match[1]]), template)


def _letter(number: object) -> str:
    return chr(ord("A") + number - 1) if isinstance(number, int) and 1 <= number <= 26 else str(number)
