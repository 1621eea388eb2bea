"""Search: whatever holds a text in its name, its declaration or what was found of it, and where it stands there.

The database narrows down by the text of whole documents; those that are left are taken apart to tell the places. A MAC
is found in whichever way it is written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, Final

import orjson
import sqlalchemy as sa

from device_profiles.paths import render_path
from proxy_service.store import Rows
from proxy_service.store import graph_tables as g
from proxy_service.store import tables as t

Json = dict[str, Any]
PLACES: Final = 5
"""The most places that are told of one object."""
_DECLARED: Final = {"node": t.nodes, "role": t.roles, "location": t.locations, "server": g.servers}
_FOUND: Final = ("facts", "operation")
_MAC: Final = re.compile(r"[0-9a-f]{4}(\.[0-9a-f]{4}){2}|[0-9a-f]{2}(-[0-9a-f]{2}){5}|[0-9a-f]{12}", re.IGNORECASE)


def search(rows: Rows, text: str, limit: int) -> Json:
    """At most ``limit`` places that hold ``text``, capitals or not; ``more`` says that there were others."""
    needles = _needles(text)
    found = list(islice(_places(rows, needles), limit + 1))
    return {"items": found[:limit], "more": len(found) > limit, "event": rows.last_event()}


def holding(column: sa.ColumnElement[str], text: str) -> sa.ColumnElement[bool]:
    """The condition that a column of JSON text may hold ``text`` as part of a string in it."""
    written = orjson.dumps(text).decode()[1:-1]
    return column.icontains(written, autoescape=True)


def _needles(text: str) -> tuple[str, ...]:
    """``text``, and a MAC also as we write it."""
    plain = text.strip().lower()
    if _MAC.fullmatch(plain) is None:
        return (plain,)
    digits = re.sub(r"[.-]", "", plain)
    return tuple(dict.fromkeys((plain, ":".join(digits[i : i + 2] for i in range(0, 12, 2)))))


def _places(rows: Rows, needles: tuple[str, ...]) -> Iterator[Json]:
    for kind, table in _DECLARED.items():
        any_of = [holding(column, needle) for needle in needles for column in (table.c.name, table.c.spec)]
        for row in rows.all(sa.select(table.c.name, table.c.spec).where(sa.or_(*any_of)).order_by(table.c.name)):
            document = {"name": row.name, "spec": orjson.loads(row.spec)}
            yield from _told(document, needles, kind=kind, name=row.name)
    c = t.documents.c
    any_of = [holding(c.body, needle) for needle in needles]
    which = sa.select(c.node, c.part).where(c.part.in_(_FOUND), sa.or_(*any_of)).order_by(c.node, c.part)
    for hit in rows.all(which):
        body = rows.value(sa.select(c.body).where(c.node == hit.node, c.part == hit.part))
        yield from _told({hit.part: orjson.loads(body)}, needles, kind="node", name=hit.node)
    yield from _links(rows, needles)


def _links(rows: Rows, needles: tuple[str, ...]) -> Iterator[Json]:
    """What ports see at the other end of their cables, or saw last."""
    c = g.evidence.c
    any_of = [holding(c.body, needle) for needle in needles]
    seen = sa.select(c.a, c.a_port, c.body).where(c.superseded_at.is_(None), c.source == c.a, sa.or_(*any_of))
    for row in rows.all(seen.order_by(c.place, c.id)):
        kind, _, name = row.a.partition("/")
        yield from _told({"links": {row.a_port: orjson.loads(row.body)}}, needles, kind=kind, name=name)


def _told(document: Json, needles: tuple[str, ...], *, kind: str, name: str) -> Iterator[Json]:
    hits = ((path, value) for path, value in _leaves(document, ()) if _holds(path[-1], value, needles))
    for path, value in islice(hits, PLACES):
        yield {"kind": kind, "name": name, "at": render_path(path), "value": value}


def _holds(key: str, value: Any, needles: tuple[str, ...]) -> bool:
    """A MAC may be the key, as the addresses of an interface are."""
    texts = (key.lower(), str(value).lower())
    return any(needle in text for needle in needles for text in texts)


def _leaves(value: Any, at: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every plain value with its path; an object that is found by its own key comes as its path alone."""
    items = value.items() if isinstance(value, Mapping) else ((str(n), item) for n, item in enumerate(value))
    for key, item in items:
        path = (*at, str(key))
        if isinstance(item, Mapping | list):
            yield path, None
            yield from _leaves(item, path)
        else:
            yield path, item
