"""Lists of nodes, roles and locations: filtered, page by page, consistent with the event that they name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
import sqlalchemy as sa

from device_profiles.problems import Problem
from proxy_service.agents.presence import Presence
from proxy_service.declare.specs import LOCATION, read_location
from proxy_service.looking.roles import role_views
from proxy_service.looking.status import NODE_ROWS, node_view
from proxy_service.problems import invalid
from proxy_service.store import Rows
from proxy_service.store import tables as t

Json = dict[str, Any]
MOST: Final = 1_000
_WORDS: Final = {"true": True, "false": False, "unknown": None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a list shall show."""

    limit: int = 100
    cursor: str | None = None
    fields: tuple[str, ...] = ()
    kind: str | None = None
    labels: tuple[tuple[str, str], ...] = ()
    conditions: tuple[tuple[str, bool | None], ...] = ()


def wanted(
    *,
    limit: int,
    cursor: str | None,
    fields: str | None,
    kind: str | None = None,
    label: Sequence[str] = (),
    condition: Sequence[str] = (),
) -> Wanted:
    """The query of a list, taken apart. Raises :class:`Refused`."""
    return Wanted(
        limit=min(limit, MOST),
        cursor=cursor,
        fields=tuple(name.strip() for name in fields.split(",") if name.strip()) if fields else (),
        kind=kind,
        labels=tuple(_pair(text, "=", "label", "tier=leaf") for text in label),
        conditions=tuple(_condition(text) for text in condition),
    )


def _pair(text: str, mark: str, name: str, example: str) -> tuple[str, str]:
    key, found, value = text.partition(mark)
    if not found:
        raise invalid([Problem(name, f"is written like {example}")])
    return key, value


def _condition(text: str) -> tuple[str, bool | None]:
    kind, word = _pair(text, ":", "condition", "Converged:false")
    if word not in _WORDS:
        raise invalid([Problem("condition", "is true, false or unknown, like Converged:false")])
    return kind, _WORDS[word]


def nodes(rows: Rows, query: Wanted, presence: Presence) -> Json:
    """A page of nodes."""
    c = t.nodes.c
    select = NODE_ROWS
    if query.kind is not None:
        select = select.where(c.kind == query.kind)
    for key, value in query.labels:
        labels = t.node_labels.c
        select = select.where(c.name.in_(sa.select(labels.node).where(labels.key == key, labels.value == value)))
    return _pages(rows, select, c.name, query, lambda found: (node_view(row, presence) for row in found))


def roles(rows: Rows, query: Wanted) -> Json:
    """A page of roles."""
    select = sa.select(t.roles).order_by(t.roles.c.name)
    return _pages(rows, select, t.roles.c.name, query, lambda found: role_views(rows, list(found)))


def locations(rows: Rows, query: Wanted) -> Json:
    """A page of locations."""
    select = sa.select(t.locations).order_by(t.locations.c.name)
    return _pages(rows, select, t.locations.c.name, query, lambda found: map(location_view, found))


def location_view(row: Any) -> Json:
    """A location as ``GET /locations/{location}`` shows it."""
    spec = orjson.loads(LOCATION.dump_json(read_location(row.spec), exclude_none=True))
    return {"name": row.name, "spec": spec, "owner": row.owner, "set": row.set_name, "revision": row.revision}


def _pages(
    rows: Rows,
    select: sa.Select[Any],
    name: sa.Column[Any],
    query: Wanted,
    views: Callable[[Sequence[Any]], Iterable[Json]],
) -> Json:
    """Rows are read in chunks until enough of them have the conditions asked for."""
    items: list[Json] = []
    after = query.cursor
    more = True
    while more and len(items) <= query.limit:
        chunk = rows.all((select.where(name > after) if after else select).limit(query.limit + 1))
        more = len(chunk) > query.limit
        after = chunk[-1].name if chunk else after
        items += [item for item in views(chunk) if _has(item, query.conditions)]
    page = items[: query.limit]
    cursor = page[-1]["name"] if len(items) > query.limit else None
    return {"items": [_only(item, query.fields) for item in page], "cursor": cursor, "event": rows.last_event()}


def _has(item: Json, conditions: tuple[tuple[str, bool | None], ...]) -> bool:
    shown = {condition["type"]: condition["status"] for condition in item.get("status", {}).get("conditions", ())}
    return all(shown.get(kind) is status for kind, status in conditions)


def _only(item: Json, fields: tuple[str, ...]) -> Json:
    return {key: value for key, value in item.items() if key in fields or key == "name"} if fields else item
