"""Statements that run at every report: built with SQLAlchemy, compiled once, then handed to the driver as text.

SQLAlchemy's own way to run a statement costs ten times what SQLite needs to do it (cache key, execution context,
cursor result), and more on PostgreSQL. A prepared statement pays that once for each database. It takes plain values
and gives plain rows, so nothing in it may need converting; one that does is refused when it is compiled.
"""

from __future__ import annotations

import operator
from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Compiled:
    """A statement as one driver wants it. ``arguments`` puts values in its order, ``row`` gives columns names."""

    text: str
    arguments: Callable[[Values], Sequence[Any]]
    row: Callable[[Iterable[Any]], Any]


class Prepared:
    """One statement. ``build`` makes it for a database, by the name of its dialect."""

    def __init__(self, build: Callable[[str], Any], *, columns: Sequence[str] | None = None) -> None:
        self._build = build
        self._columns = columns
        self._compiled: dict[str, Compiled] = {}

    def compiled(self, dialect: sa.Dialect) -> Compiled:
        """The statement for a database. Raises TypeError where a value of it would need converting."""
        found = self._compiled.get(dialect.name)
        if found is None:
            found = self._compiled[dialect.name] = _compile(self._build(dialect.name), dialect, self._columns)
        return found


def prepared(statement: Any) -> Prepared:
    """A statement that is the same on every database."""
    return Prepared(lambda _dialect: statement)


def texts_in(dialect: str, name: str) -> sa.Select[Any]:
    """The texts in the JSON list that is the parameter ``name``, as a subquery: one statement for any number."""
    given = sa.bindparam(name, type_=sa.Text)
    if dialect == "sqlite":
        return sa.select(sa.column("value")).select_from(sa.func.json_each(given))
    return sa.select(sa.func.json_array_elements_text(sa.cast(given, sa.JSON)))


def _compile(statement: Any, dialect: sa.Dialect, columns: Sequence[str] | None) -> Compiled:
    compiled = statement.compile(dialect=dialect, column_keys=columns)
    names = compiled.positiontup or []
    _refuse_conversions(compiled, names, statement.exported_columns, dialect)
    given = {name: bind.value for name, bind in compiled.binds.items() if not bind.required}
    return Compiled(compiled.string, _in_order(names, given), _row(statement.exported_columns.keys()))


def _row(columns: Sequence[str]) -> Callable[[Iterable[Any]], Any]:
    if not columns:
        return tuple
    row: Any = namedtuple("Row", columns)  # type: ignore[misc]  # noqa: PYI024 -- known only when it runs
    made: Callable[[Iterable[Any]], Any] = row._make
    return made


def _in_order(names: Sequence[str], given: Values) -> Callable[[Values], Sequence[Any]]:
    if len(names) < 2 or given:
        return lambda values: [values[name] if name in values else given[name] for name in names]
    return operator.itemgetter(*names)


def _refuse_conversions(compiled: Any, names: Iterable[str], columns: Any, dialect: sa.Dialect) -> None:
    into = [compiled.binds[name].type.dialect_impl(dialect).bind_processor(dialect) for name in names]
    out = [column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns]
    if any(into + out):
        raise TypeError(f"a value of this statement needs converting: {compiled}")
