"""One open connection to a database, seen in two ways: SQLAlchemy's, and the driver's own for prepared statements.

Transactions are begun and ended at the driver, so that both are always in the same one; SQLAlchemy is told that it
is in autocommit mode.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import sqlalchemy as sa

from proxy_service.store.prepared import Prepared, Values


class Driver(Protocol):
    """What a driver does with a text and its arguments."""

    def fetch(self, text: str, arguments: Sequence[Any]) -> Sequence[Sequence[Any]]:
        """Run a statement; its rows."""

    def run_many(self, text: str, many: Sequence[Sequence[Any]]) -> None:
        """Run a statement once for each arguments."""


class SqliteDriver:
    """``sqlite3`` of the standard library."""

    def __init__(self, raw: Any) -> None:
        self._raw = raw

    def fetch(self, text: str, arguments: Sequence[Any]) -> Sequence[Sequence[Any]]:
        rows: list[Any] = self._raw.execute(text, arguments).fetchall()
        return rows

    def run_many(self, text: str, many: Sequence[Sequence[Any]]) -> None:
        self._raw.executemany(text, many)


class AsyncpgDriver:
    """asyncpg, from within a greenlet of SQLAlchemy's."""

    def __init__(self, adapted: Any) -> None:
        self._adapted = adapted

    def fetch(self, text: str, arguments: Sequence[Any]) -> Sequence[Sequence[Any]]:
        rows: list[Any] = self._adapted.run_async(lambda raw: raw.fetch(text, *arguments))
        return rows

    def run_many(self, text: str, many: Sequence[Sequence[Any]]) -> None:
        self._adapted.run_async(lambda raw: raw.executemany(text, many))


class Session:
    """A connection that stays open. ``connection`` runs any statement, :meth:`fetch` and :meth:`run` prepared ones."""

    def __init__(self, connection: sa.Connection, driver: Driver) -> None:
        self.connection = connection
        self._driver = driver

    def fetch(self, statement: Prepared, values: Values) -> list[Any]:
        """The rows of a prepared statement, with its columns as attributes."""
        compiled = statement.compiled(self.connection.dialect)
        return list(map(compiled.row, self._driver.fetch(compiled.text, compiled.arguments(values))))

    def run(self, statement: Prepared, rows: Sequence[Values]) -> None:
        """Run a prepared statement that writes, once for each row of values."""
        compiled = statement.compiled(self.connection.dialect)
        if len(rows) == 1:
            self._driver.fetch(compiled.text, compiled.arguments(rows[0]))
        else:
            self._driver.run_many(compiled.text, [compiled.arguments(row) for row in rows])

    def forget_transaction(self) -> None:
        """Let SQLAlchemy know that a transaction has ended at the driver."""
        if self.connection.in_transaction():
            self.connection.rollback()
