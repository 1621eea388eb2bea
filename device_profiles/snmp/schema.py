"""The section ``[snmp]`` of a profile, and the files of MIBs that it names (see the package)."""

from __future__ import annotations

import functools
import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path as File
from typing import Annotated, ClassVar, Final, Literal

from annotated_types import Ge, Gt, Le
from pydantic import AfterValidator, ConfigDict, TypeAdapter, ValidationError

from device_profiles.names import ObjectName
from device_profiles.patterns import Pattern
from device_profiles.problems import problems_of
from device_profiles.snmp.power import NO_POWER, Power
from device_profiles.snmp.syntax import IMPLIED, NUMBERS, IndexSyntax, OidPart, OidText, ValueSyntax, numbers

_STRICT: Final = ConfigDict(extra="forbid")
FOLDER: Final = File(__file__).parent / "mibs"
VARIABLE: Final = "POINTSMAN_PLUGINS"
_SUFFIX: Final = ".mib.toml"
"""What a MIB's file is called in a folder of plug-ins, where profiles lie as well."""

FactWord = Literal["vendor", "model", "serial", "version", "name", "base_mac", "uuid", "hardware"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a table; ``oid`` is relative to the table's entry. ``enum`` is word to number.

    ``scale`` is what a number is multiplied with to be in ``unit``. ``first`` is the number of the first bit of
    ``bits``: ports count from 1 (PortList), BITS from 0.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    oid: OidPart
    type: ValueSyntax
    enum: Mapping[str, int] = field(default_factory=dict)
    scale: Annotated[float, Gt(0)] = 1.0
    unit: str = ""
    first: Literal[0, 1] = 1

    def __post_init__(self) -> None:
        _fits(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scalar:
    """A single variable, like a column; it is read at its OID with a 0 behind it."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    oid: OidText
    type: ValueSyntax
    enum: Mapping[str, int] = field(default_factory=dict)
    scale: Annotated[float, Gt(0)] = 1.0
    unit: str = ""
    first: Literal[0, 1] = 1

    def __post_init__(self) -> None:
        _fits(self)

    @property
    def instance(self) -> tuple[int, ...]:
        """What is asked for."""
        return (*numbers(self.oid), 0)


def _fits(column: Column | Scalar) -> None:
    if (column.type == "enum") != bool(column.enum):
        raise ValueError("an enum has words, like enum = { up = 1, down = 2 }, and nothing else has")
    if len(set(column.enum.values())) != len(column.enum):
        raise ValueError("enum: two words stand for one number")
    if column.scale != 1.0 and column.type not in NUMBERS:
        raise ValueError(f"scale: a {column.type} has none")


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table; ``oid`` is that of its entry, ``index`` the parts of a row's index in order."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    oid: OidText
    index: Mapping[str, IndexSyntax]
    columns: Mapping[str, Column]

    def __post_init__(self) -> None:
        if not self.index or not self.columns:
            raise ValueError("a table has an index and a column at least")
        for name in list(self.index)[:-1]:
            if self.index[name] in IMPLIED:
                raise ValueError(f"index.{name}: only the last part can be {self.index[name]}")
        if both := sorted(set(self.index) & set(self.columns)):
            raise ValueError(f"columns.{both[0]}: is in the index already")

    @property
    def entry(self) -> tuple[int, ...]:
        """The OID of its entry."""
        return numbers(self.oid)

    @property
    def is_timed(self) -> bool:
        """Whether its rows are told by the time of their last change as well (TimeFilter, RFC 4502)."""
        return next(iter(self.index)) == "timeMark"

    def column(self, name: str) -> tuple[int, ...]:
        """The OID of a column."""
        return (*self.entry, *numbers(self.columns[name].oid))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """How a device is known (see the package); what is empty is not asked."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    object: str = ""
    descr: Pattern = ""
    unless: Pattern = ""
    present: str = ""

    def __post_init__(self) -> None:
        numbers(self.object)
        numbers(self.present)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a fact comes from: ``of`` is a scalar, or a table's column (``entPhysicalTable.entPhysicalSerialNum``: the
    first row that says something). With ``pattern`` only its first group counts.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    of: str
    pattern: Pattern = ""


Facts = Mapping[FactWord, tuple[Source, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """What is different on some of a profile's devices: their facts and words that a driver knows (``quirks``).

    The variant whose sign fits best is taken, as with profiles.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    platform: ObjectName
    vendor: str
    signs: tuple[Sign, ...]
    facts: Facts = field(default_factory=dict)
    quirks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Mib:
    """A file of ``mibs/``; ``source`` is the document that it was written from."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    source: str
    scalars: Mapping[str, Scalar] = field(default_factory=dict)
    tables: Mapping[str, Table] = field(default_factory=dict)
    power: Power = NO_POWER


_MIB: Final = TypeAdapter(Mib)


def _known(name: str) -> str:
    load_mib(name)
    return name


def load_mib(name: str) -> Mib:
    """A MIB by name. Raises ValueError, naming file and key."""
    file = next((file for file in _files(name) if file.is_file()), None)
    if file is None or not name.replace("_", "").isalnum():
        raise ValueError(f"there is no MIB {name[:60]!r}")
    return read_mib(file)


def _files(name: str) -> Iterator[File]:
    yield FOLDER / f"{name}.toml"
    yield from (File(text) / f"{name}{_SUFFIX}" for text in os.environ.get(VARIABLE, "").split(os.pathsep) if text)


@functools.cache
def read_mib(file: File) -> Mib:
    """The MIB in a file. Raises ValueError, naming file and key."""
    try:
        return _MIB.validate_python(tomllib.loads(file.read_text(encoding="utf-8")))
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{file.name}: not TOML: {error}") from None
    except ValidationError as error:
        first = problems_of(error)[0]
        raise ValueError(f"{file.name}: {first.path or 'the file'}: {first.message}") from None


MibName = Annotated[str, AfterValidator(_known)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Snmp:
    """What a profile's devices say by SNMP (see the package).

    ``variables`` is how many an answer shall hold, ``rows`` how many a table may have.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    mibs: tuple[MibName, ...] = ()
    signs: tuple[Sign, ...] = ()
    facts: Facts = field(default_factory=dict)
    variants: tuple[Variant, ...] = ()
    scalars: Mapping[str, Scalar] = field(default_factory=dict)
    tables: Mapping[str, Table] = field(default_factory=dict)
    power: Power = NO_POWER
    variables: Annotated[int, Ge(1), Le(500)] = 60
    rows: Annotated[int, Ge(1), Le(1_000_000)] = 65_536

    def __post_init__(self) -> None:
        for place, facts in (
            ("facts", self.facts),
            *((f"variants.{each.platform}", each.facts) for each in self.variants),
        ):
            for word, sources in facts.items():
                for source in sources:
                    if not self._has(source.of):
                        raise ValueError(f"{place}.{word}: there is no scalar or column {source.of[:60]!r}")

        self.all_power.check(self._has_part)

    def _has(self, name: str) -> bool:
        if name in self.all_scalars:
            return True
        table, _, column = name.partition(".")
        return table in self.all_tables and column in self.all_tables[table].columns

    def _has_part(self, name: str) -> bool:
        """Whether there is a scalar, a column, or a part of an index."""
        table, _, part = name.partition(".")
        return self._has(name) or (table in self.all_tables and part in self.all_tables[table].index)

    @property
    def all_power(self) -> Power:
        """What its tables mean as outlets and inputs, its own before those of its MIBs."""
        return self.power + _power(self.mibs)

    @property
    def all_scalars(self) -> Mapping[str, Scalar]:
        """Scalars by name, its own over those of its MIBs."""
        return {**_scalars(self.mibs), **self.scalars}

    @property
    def all_tables(self) -> Mapping[str, Table]:
        """Tables by name, its own over those of its MIBs."""
        return {**_tables(self.mibs), **self.tables}


@functools.cache
def _scalars(mibs: tuple[str, ...]) -> Mapping[str, Scalar]:
    return {name: scalar for mib in mibs for name, scalar in load_mib(mib).scalars.items()}


@functools.cache
def _tables(mibs: tuple[str, ...]) -> Mapping[str, Table]:
    return {name: table for mib in mibs for name, table in load_mib(mib).tables.items()}


@functools.cache
def _power(mibs: tuple[str, ...]) -> Power:
    return sum((load_mib(mib).power for mib in mibs), NO_POWER)
