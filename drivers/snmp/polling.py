"""The tables of a profile, read by name and decoded: one poll is one snapshot.

What is asked for is looked for first (one small request tells for a dozen tables whether there is anything), then all
columns that are there are read side by side, between two looks at sysUpTime. Where the device was restarted in between
(its time went back, other than by wrapping), all is read again; where that happens twice, the device is told to be
garbling. A cell whose value is not of its type, or a row whose index is none, is left out and told in
:attr:`Poll.problems`, with its OID; nothing is guessed in its place.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, Final

from device_profiles.snmp import Snmp, Table
from drivers.errors import Garbled, Rejected
from drivers.snmp.decoding import Undecodable, index_of, value_of
from drivers.snmp.managed import Managed, Rows
from drivers.snmp.values import Integer, Missing, Oid, Value, dotted, oid

Row = dict[str, Any]
"""Column and index parts by name; a column that the device does not have in this row is not in it."""

UPTIME: Final = oid("1.3.6.1.2.1.1.3.0")
_NEAR_THE_WRAP: Final = 2**32 - 100 * 3600
_MOST_PROBLEMS: Final = 20


@dataclass(slots=True)
class Poll:
    """What was read. Rows have the numbers of their index as key, in the device's order."""

    uptime_s: float | None = None
    tables: dict[str, dict[Oid, Row]] = field(default_factory=dict)
    scalars: dict[str, Any] = field(default_factory=dict)
    problems: dict[str, None] = field(default_factory=dict)

    def rows(self, table: str) -> Mapping[Oid, Row]:
        """The rows of a table; none where the device does not have it."""
        return self.tables.get(table, {})

    def value(self, scalar: str, default: Any = None) -> Any:
        """A scalar; ``default`` where the device does not have it."""
        return self.scalars.get(scalar, default)

    def tell(self, sentence: str) -> None:
        """Note what could not be read; after a few, that there are more."""
        if len(self.problems) < _MOST_PROBLEMS:
            self.problems[sentence] = None
        else:
            self.problems["and more of the kind"] = None


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What of a profile is asked for: columns by table, and scalars."""

    columns: Mapping[str, tuple[str, ...]]
    scalars: tuple[str, ...]
    steady: bool
    spare: bool = False


_Cells = tuple[tuple[Oid, tuple[Oid, ...], tuple[Value, ...]], ...]
"""Columns with their indexes and values: small, since it is kept for each device."""


@dataclass(frozen=True, slots=True)
class _Known:
    """What a device answered to a steady reading, and what that is."""

    cells: _Cells
    poll: Poll


@lru_cache(maxsize=4096)
def _same(index: Oid) -> Oid:
    """One object for one index: devices of a kind have the same ones."""
    return index


def _cells(found: Mapping[Oid, Rows]) -> _Cells:
    return tuple((column, tuple(map(_same, rows)), tuple(rows.values())) for column, rows in found.items())


class Poller:
    """Reads what a profile says that its devices have."""

    def __init__(self, managed: Managed, snmp: Snmp) -> None:
        self.managed = managed
        self.snmp = snmp
        self._tables = snmp.all_tables
        self._scalars = snmp.all_scalars
        self._known: _Known | None = None
        managed.limits = replace(managed.limits, variables=snmp.variables, rows=snmp.rows)

    async def read(self, *names: str, vlan: int | None = None, steady: bool = False, spare: bool = False) -> Poll:
        """Tables (``ifTable``), single columns (``ifTable.ifDescr``) and scalars (``sysName``), as one snapshot.

        ``steady`` is what hardly ever changes and is read often: where a device answers as it did the last time, the
        tables that were decoded then are given again (the same object); where a scalar is another, other ones are.
        ``spare``: a table that the device garbles is left out and told, where no conclusion is drawn from its lack. A
        name that the profile does not have is a KeyError. Raises :class:`~drivers.errors.DeviceError`.
        """
        wanted = replace(self._wanted(names, steady=steady), spare=spare)
        for _ in range(2):
            before = await self._uptime(vlan)
            poll = await self._once(wanted, vlan)
            after = await self._uptime(vlan) if wanted.columns else before
            if before is None or after is None or after >= before or before > _NEAR_THE_WRAP:
                poll.uptime_s = None if after is None else after / 100
                return poll
        raise Garbled(f"{dotted(UPTIME)}: the device was restarted while it was read, and again: nothing was believed")

    def _wanted(self, names: Iterable[str], *, steady: bool) -> _Wanted:
        columns: dict[str, tuple[str, ...]] = {}
        scalars: dict[str, None] = {}
        for name in names:
            table, _, column = name.partition(".")
            if name in self._scalars:
                scalars[name] = None
            elif column:
                columns[table] = (*columns.get(table, ()), column)
            else:
                columns[table] = tuple(self._tables[table].columns)
        return _Wanted(columns, tuple(scalars), steady)

    async def _uptime(self, vlan: int | None) -> int | None:
        (value,) = await self.managed.get([UPTIME], vlan=vlan)
        return int(value) if isinstance(value, Integer) else None

    async def _once(self, wanted: _Wanted, vlan: int | None) -> Poll:
        poll = Poll()
        await self._read_scalars(poll, wanted.scalars, vlan)
        there = await self._there(wanted, vlan)
        asked = {self._tables[table].column(name): (table, name) for table in there for name in wanted.columns[table]}
        found = await self._walked(poll, asked, wanted, vlan)
        cells, known = _cells(found) if wanted.steady else (), self._known
        if wanted.steady and known is not None and known.cells == cells and known.poll.scalars == poll.scalars:
            poll.tables, poll.problems = known.poll.tables, known.poll.problems
            return poll
        for table in there:
            columns = {name: found[at] for at, (owner, name) in asked.items() if owner == table and at in found}
            self._decode(poll, table, columns)
        self._known = _Known(cells, poll) if wanted.steady else self._known
        return poll

    async def _walked(
        self, poll: Poll, asked: Mapping[Oid, tuple[str, str]], wanted: _Wanted, vlan: int | None
    ) -> Mapping[Oid, Rows]:
        """All columns at once; where the device garbles that, and it may, table by table without those it garbles."""
        timed = frozenset(at for at, (table, _) in asked.items() if self._tables[table].is_timed)
        try:
            return await self.managed.walk(list(asked), vlan=vlan, timed=timed)
        except (Garbled, Rejected):
            if not wanted.spare:
                raise
        found: dict[Oid, Rows] = {}
        for table in dict.fromkeys(table for table, _ in asked.values()):
            try:
                own = [at for at, (owner, _) in asked.items() if owner == table]
                found |= await self.managed.walk(own, vlan=vlan, timed=timed)
            except (Garbled, Rejected) as error:
                poll.tell(f"{error}: {table} was left out")
        return found

    async def _read_scalars(self, poll: Poll, names: tuple[str, ...], vlan: int | None) -> None:
        values = await self.managed.get([self._scalars[name].instance for name in names], vlan=vlan)
        for name, value in zip(names, values, strict=True):
            if isinstance(value, Missing):
                continue
            try:
                poll.scalars[name] = value_of(value, self._scalars[name])
            except Undecodable as error:
                poll.tell(f"{dotted(self._scalars[name].instance)} ({name}): {error}")

    async def _there(self, wanted: _Wanted, vlan: int | None) -> list[str]:
        """The tables that have anything in them."""
        names = list(wanted.columns)
        if not names:
            return []
        entries = [self._tables[name].entry for name in names]
        found = await self.managed.following(entries, vlan=vlan)
        return [
            name
            for name, entry, (at, value) in zip(names, entries, found, strict=True)
            if at[: len(entry)] == entry and value is not Missing.END
        ]

    def _decode(self, poll: Poll, name: str, columns: Mapping[str, Rows]) -> None:
        table = self._tables[name]
        rows: dict[Oid, Row | None] = {}
        for column, cells in columns.items():
            for index, value in cells.items():
                if index not in rows:
                    rows[index] = _indexed(poll, name, table, index)
                row = rows[index]
                if row is not None:
                    _put(poll, table, row, (column, index, value))
        poll.tables[name] = {index: row for index, row in sorted(rows.items()) if row is not None}


def _indexed(poll: Poll, name: str, table: Table, index: Oid) -> Row | None:
    try:
        return index_of(index, table)
    except Undecodable as error:
        poll.tell(f"{table.oid}: the index {dotted(index)} of {name} {error}: the row was left out")
        return None


def _put(poll: Poll, table: Table, row: Row, cell: tuple[str, Oid, Value]) -> None:
    column, index, value = cell
    try:
        found = value_of(value, table.columns[column])
    except Undecodable as error:
        poll.tell(f"{dotted((*table.column(column), *index))} ({column}): {error}: it was left out")
        return
    if found is not None:
        row[column] = found
