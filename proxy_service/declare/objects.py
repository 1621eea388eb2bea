"""Reading and writing the rows of declared objects within a unit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import orjson
import sqlalchemy as sa

from proxy_service.problems import Refused, Slug
from proxy_service.store import Rows, Unit
from proxy_service.store import tables as t


def existing(rows: Rows, table: sa.Table, names: Iterable[str]) -> dict[str, sa.Row[Any]]:
    """The rows of ``table`` by name."""
    return {row.name: row for row in rows.among(sa.select(table), table.c.name, names)}


def put(unit: Unit, table: sa.Table, name: str, values: Mapping[str, Any], *, new: bool) -> None:
    """Insert or replace one named object."""
    if new:
        unit.execute(sa.insert(table), {"name": name, **values})
    else:
        unit.execute(sa.update(table).where(table.c.name == name).values(**values))


def matching_nodes(rows: Rows, labels: Mapping[str, str]) -> set[str]:
    """The nodes that bear all of ``labels``; none where there are no labels."""
    if not labels:
        return set()
    c = t.node_labels.c
    wanted = sa.or_(*(sa.and_(c.key == key, c.value == value) for key, value in labels.items()))
    query = sa.select(c.node).where(wanted).group_by(c.node).having(sa.func.count() == len(labels))
    return {row.node for row in rows.all(query)}


def selecting_roles(rows: Rows) -> list[tuple[str, Mapping[str, str]]]:
    """All roles that select nodes by labels, with their labels."""
    query = sa.select(t.roles.c.name, t.roles.c.labels).where(t.roles.c.labels.is_not(None))
    return [(row.name, orjson.loads(row.labels)) for row in rows.all(query)]


def set_reach(unit: Unit, pairs: Iterable[tuple[str, str, bool]]) -> None:
    """Note that roles reach nodes: (role, node, whether by name)."""
    rows = [{"role": role, "node": node, "named": named} for role, node, named in pairs]
    if rows:
        unit.execute(sa.insert(t.reach), rows)


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
