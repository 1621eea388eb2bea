"""A twin's database: tables of rows, changed by transactions that are taken whole or not at all.

Rows are never changed in place, so a transaction is a shallow copy that becomes the database when it holds together:
what no bridge refers to goes, a port has an interface, names are unique. A table's JSON is kept until the next change.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from typing import Any, Final

import orjson

from pointsman.twins.values import COLUMNS, CommandFailed, Value, cell, initial

Row = dict[str, Value]
Tables = dict[str, dict[str, Row]]

ROOT: Final = "Open_vSwitch"
_UUID: Final = "_uuid"


class Transaction:
    """Changes that are not committed yet; reading sees them."""

    def __init__(self, tables: Tables) -> None:
        self.tables: Tables = {name: dict(rows) for name, rows in tables.items()}
        self.symbols: dict[str, str] = {}

    def find(self, table: str, name: str) -> str | None:
        """The UUID of the row of that name; of table Open_vSwitch ``.`` is the only row."""
        if table == ROOT and name == ".":
            return next(iter(self.tables[ROOT]), None)
        return next((key for key, row in self.tables[table].items() if row["name"] == (name,)), None)

    def row(self, table: str, name: str) -> Row:
        """The row of that name or UUID. Raises :class:`CommandFailed`."""
        return self.tables[table][self.key(table, name)]

    def key(self, table: str, name: str) -> str:
        """The UUID of the row of that name or UUID. Raises :class:`CommandFailed`."""
        found = name if name in self.tables[table] else self.find(table, name)
        if found is None:
            raise CommandFailed(f'no row "{name}" in table {table}')
        return found

    def create(self, table: str, **values: Value) -> str:
        """A new row; its UUID."""
        key = str(uuid.uuid4())
        self.tables[table][key] = {name: initial(column) for name, column in COLUMNS[table].items()} | values
        return key

    def change(self, table: str, key: str, **values: Value) -> None:
        """Set columns of a row."""
        self.tables[table][key] = self.tables[table][key] | values

    def delete(self, table: str, key: str) -> None:
        """Delete a row."""
        del self.tables[table][key]

    def settle(self) -> None:
        """Drop what nothing refers to, and check what remains. Raises :class:`CommandFailed`."""
        for table, parent, column in (("Port", "Bridge", "ports"), ("Interface", "Port", "interfaces")):
            referred = {key for row in self.tables[parent].values() for key in row[column]}
            self.tables[table] = {key: row for key, row in self.tables[table].items() if key in referred}
        for row in self.tables["Port"].values():
            if not any(key in self.tables["Interface"] for key in row["interfaces"]):
                raise CommandFailed(_refused("Attempted to store 0 elements in set of 1 or more uuids."))
        for table in ("Bridge", "Port", "Interface"):
            names = [row["name"] for row in self.tables[table].values()]
            if len(set(names)) != len(names):
                raise CommandFailed(_refused(f'Transaction causes multiple rows in "{table}" table to have one name'))


def _refused(details: str) -> str:
    return f'transaction error: {{"details":"{details}","error":"constraint violation"}}'


class Database:
    """The tables, and who is told when they change."""

    def __init__(self) -> None:
        self.tables: Tables = {name: {} for name in COLUMNS}
        self.changed: list[Callable[[], None]] = []
        self._printed: dict[tuple[str, tuple[str, ...]], bytes] = {}

    def begin(self) -> Transaction:
        """A transaction on what is there now."""
        return Transaction(self.tables)

    def commit(self, transaction: Transaction) -> bool:
        """Take a transaction over; whether anything is different. Raises :class:`CommandFailed`."""
        transaction.settle()
        if transaction.tables == self.tables:
            return False
        self.tables = transaction.tables
        self._printed.clear()
        for tell in self.changed:
            tell()
        return True

    def rows(self, table: str) -> Iterator[Row]:
        """All rows of a table."""
        yield from self.tables[table].values()

    def json(self, table: str, columns: tuple[str, ...]) -> bytes:
        """A table as ``ovs-vsctl -f json list`` prints it."""
        found = self._printed.get((table, columns))
        if found is None:
            found = self._printed[table, columns] = _json(self.tables[table], table, columns)
        return found


def _json(rows: dict[str, Row], table: str, columns: tuple[str, ...]) -> bytes:
    data = [[_cell(key, row, table, column) for column in columns] for key, row in rows.items()]
    return orjson.dumps({"data": data, "headings": columns}) + b"\n"


def _cell(key: str, row: Row, table: str, column: str) -> Any:
    return ["uuid", key] if column == _UUID else cell(row[column], COLUMNS[table][column])
