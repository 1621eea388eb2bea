"""Reading and writing the rows of declared objects within a unit."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from proxy_service.problems import Refused, Slug
from proxy_service.store import Rows, Unit


def existing(rows: Rows, table: sa.Table, names: Iterable[str]) -> dict[str, sa.Row[Any]]:
    """The rows of ``table`` by name."""
    return {row.name: row for row in rows.among(sa.select(table), table.c.name, names)}


def put(unit: Unit, table: sa.Table, new: list[dict[str, Any]], changed: list[dict[str, Any]]) -> None:
    """Insert new objects and replace changed ones; all rows of a list have the same columns."""
    if new:
        unit.execute(sa.insert(table), new)
    if changed:
        # A bound name must not be a column's: SQLAlchemy keeps those for the values.
        columns: dict[str, Any] = {name: sa.bindparam(f"new_{name}") for name in changed[0] if name != "name"}
        statement = sa.update(table).where(table.c.name == sa.bindparam("new_name")).values(columns)
        unit.execute(statement, [{f"new_{name}": value for name, value in row.items()} for row in changed])


def match(row: sa.Row[Any] | None, if_match: str | None, what: str, name: str) -> None:
    """Raise where ``If-Match`` names another revision than the object has."""
    if if_match is None or (if_match.strip() == "*" and row is not None):
        return
    wanted = {part.strip().removeprefix("W/").strip('"') for part in if_match.split(",")}
    if row is None:
        raise Refused(
            Slug.PRECONDITION_FAILED, f"there is no {what} {name}; leave If-Match out to create it", owner=None
        )
    if str(row.revision) not in wanted:
        detail = (
            f"the {what} {name} is at revision {row.revision}, written by {row.owner}; read it again and decide anew"
        )
        raise Refused(Slug.PRECONDITION_FAILED, detail, owner=row.owner, revision=row.revision)
