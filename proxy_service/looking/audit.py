"""The audit: who wrote what and when, what became of it, and the passes that it caused.

A row is made in the unit of the write itself; a write that was refused leaves one of its own. Passes are found by the
generations that the write made. Newest first; ``cursor`` is the event of the last row shown.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
import sqlalchemy as sa

from proxy_service.store import Rows
from proxy_service.store import tables as t

Json = dict[str, Any]

MOST_NODES: Final = 100
"""Nodes of one write whose passes are looked up."""
MOST_PASSES: Final = 20
"""Passes shown of one generation of a node: a device that fails again and again makes no end of them."""
_CHUNK: Final = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which writes to show. ``since`` is a time as the service writes it."""

    since: str | None = None
    owner: str | None = None
    node: str | None = None
    cursor: int | None = None
    limit: int = 100


def page(rows: Rows, wanted: Wanted) -> Json:
    """The newest writes that are wanted, and where the next page begins (``cursor``; absent: nowhere)."""
    found = rows.all(_query(wanted))
    generations = {row.id: orjson.loads(row.generations) for row in found}
    passes = _passes(rows, generations.values())
    items = [_item(row, generations[row.id], passes) for row in found]
    return {"items": items, "cursor": str(found[-1].event) if len(found) == wanted.limit else None}


def _query(wanted: Wanted) -> sa.Select[Any]:
    c = t.audit.c
    query = sa.select(t.audit).order_by(c.event.desc(), c.id).limit(wanted.limit)
    if wanted.since is not None:
        query = query.where(c.at >= wanted.since)
    if wanted.owner is not None:
        query = query.where(c.owner == wanted.owner)
    if wanted.cursor is not None:
        query = query.where(c.event < wanted.cursor)
    if wanted.node is not None:
        path = f" /v1/nodes/{wanted.node}"
        about = (
            c.generations.contains(f'"{wanted.node}":', autoescape=True),
            c.action.endswith(path, autoescape=True),
            *(c.action.contains(path + mark, autoescape=True) for mark in "/?"),
        )
        query = query.where(sa.or_(*about))
    return query


def _item(row: sa.Row[Any], generations: dict[str, int], passes: dict[tuple[str, int], list[Json]]) -> Json:
    method, _, path = row.action.partition(" ")
    names = ("at", "token", "owner", "document_hash", "outcome", "revision", "event")
    caused = [item for pair in _first(generations) for item in passes.get(pair, ())]
    kept = {name: getattr(row, name) for name in names}
    return {**kept, "method": method, "path": path, "generations": generations, "passes": caused}


def _first(generations: dict[str, int]) -> list[tuple[str, int]]:
    return sorted(generations.items())[:MOST_NODES]


def _passes(rows: Rows, generations: Iterable[dict[str, int]]) -> dict[tuple[str, int], list[Json]]:
    """The passes of these generations of nodes, the oldest first."""
    pairs = sorted({pair for made in generations for pair in _first(made)})
    found: defaultdict[tuple[str, int], list[Json]] = defaultdict(list)
    for start in range(0, len(pairs), _CHUNK):
        for row in rows.all(_of(pairs[start : start + _CHUNK])):
            shown = found[row.node, row.generation]
            if len(shown) < MOST_PASSES:
                shown.append({"node": row.node, "id": row.id, "outcome": row.outcome, "ended_at": row.ended_at})
    return found


def _of(pairs: Sequence[tuple[str, int]]) -> sa.Select[Any]:
    c = t.passes.c
    query = sa.select(c.node, c.id, c.generation, c.outcome, c.ended_at).order_by(c.ended_at, c.id)
    return query.where(sa.tuple_(c.node, c.generation).in_(pairs))
