"""The directory of who is who, as far as some marks or machines ask for it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import orjson
import sqlalchemy as sa

from proxy_service.declare.specs import profiles
from proxy_service.graph.resolving import NODE, Canonical, Directory, Owner
from proxy_service.store import Rows
from proxy_service.store import graph_tables as g
from proxy_service.store import tables as t
from proxy_service.store.prepared import Prepared, texts_in


def name_in(end: Any, kind: str) -> Any:
    """The name in an end of a link (``node/sw1``), as SQL that lets an index of names be used."""
    return sa.func.substr(end, len(kind) + 1, type_=sa.Text)


_OWNERS: Final = Prepared(
    lambda dialect: sa.select(g.marks.c.mark, g.marks.c.who, g.marks.c.kind).where(
        g.marks.c.mark.in_(texts_in(dialect, "given"))
    )
)
_KNOWN: Final = Prepared(
    lambda dialect: (
        sa.select(*g.known.columns, t.nodes.c.profile)
        .outerjoin(t.nodes, sa.and_(t.nodes.c.name == name_in(g.known.c.who, NODE), g.known.c.who.startswith(NODE)))
        .where(g.known.c.who.in_(texts_in(dialect, "given")))
    )
)


def fetch_among(rows: Rows, query: Prepared, texts: Iterable[str]) -> list[Any]:
    """The rows of a query whose parameter ``given`` is a JSON list of texts."""
    wanted = sorted(set(texts))
    return rows.fetch(query, {"given": orjson.dumps(wanted).decode()}) if wanted else []


def owners_of(rows: Rows, marks: Iterable[str]) -> dict[str, tuple[Owner, ...]]:
    """Who has each of these marks."""
    found: dict[str, tuple[Owner, ...]] = {}
    for row in fetch_among(rows, _OWNERS, marks):
        found[row.mark] = (*found.get(row.mark, ()), Owner(row.who, row.kind))
    return found


def known_of(rows: Rows, whom: Iterable[str]) -> list[Any]:
    """The rows of ``known`` of these machines, with a node's profile."""
    return fetch_among(rows, _KNOWN, whom)


def directory_of(rows: Rows, marks: Iterable[str]) -> Directory:
    """All that is known of whoever has one of these marks."""
    owners = owners_of(rows, marks)
    known = known_of(rows, (owner.who for each in owners.values() for owner in each))
    return Directory(
        owners=owners,
        marks={row.who: frozenset(orjson.loads(row.marks)) for row in known},
        ports={row.who: orjson.loads(row.ports) for row in known},
        canonical={row.who: _canonical(row.profile) for row in known if row.profile},
    )


def _canonical(profile: str) -> Canonical:
    found = profiles().get(profile)
    return found.port_names.canonical if found is not None else str
