"""Declared cables: stored as what they say, and in the graph as evidence of the kind ``declared``.

An end names a node or a server, and its port. A name that nobody bears (yet) is kept: a patch panel, or a switch that
is declared tomorrow.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from typing import Any, Final

import orjson
import sqlalchemy as sa

from device_profiles.documents import Cable
from proxy_service.graph.looking_up import fetch_among, known_of
from proxy_service.graph.resolving import NODE, SERVER, UNKNOWN
from proxy_service.store import Unit
from proxy_service.store import graph_tables as g
from proxy_service.store.prepared import Prepared, texts_in

DECLARED: Final = "declared"
_e = g.evidence.c
_CABLES: Final = Prepared(lambda dialect: sa.select(g.cabling).where(g.cabling.c.cable.in_(texts_in(dialect, "given"))))


def name_of(cable: Cable) -> str:
    """What a cable is stored under: its ends, in one order."""
    first, second = sorted((cable.a, cable.b))
    return f"{first} {second}"


def stored_cables(unit: Unit, cables: Iterable[Cable]) -> dict[str, Any]:
    """The rows of those of these cables that are declared already."""
    return {row.cable: row for row in fetch_among(unit, _CABLES, map(name_of, cables))}


def cables_declared(unit: Unit, cables: Mapping[str, Cable]) -> None:
    """Cables were declared: they are evidence from now on."""
    ended(unit, cables)
    rows, claims = [], []
    for name, cable in cables.items():
        body = {"a": cable.a, "b": cable.b, "medium": cable.medium}
        row = {
            **dict.fromkeys(column.name for column in g.evidence.columns),
            **resolve_cable(unit, body),
            "id": uuid.uuid4().hex,
            "source": DECLARED,
            "kind": DECLARED,
            "medium": cable.medium,
            "seen": _mark(name),
            "body": orjson.dumps(body).decode(),
            "first_seen": unit.at,
        }
        rows.append(row)
        claims += [{"mark": mark, "evidence": row["id"]} for mark in sorted({_named(cable.a), _named(cable.b)})]
    if rows:
        unit.execute(sa.insert(g.evidence), rows)
        unit.execute(sa.insert(g.claims), claims)


def ended(unit: Unit, names: Iterable[str]) -> None:
    """Cables are declared no longer; as evidence they end, and are not shown as stale."""
    for name in names:
        statement = sa.update(g.evidence).where(
            _e.source == DECLARED, _e.seen == _mark(name), _e.closed_at.is_(None), _e.superseded_at.is_(None)
        )
        unit.execute(statement.values(closed_at=unit.at, superseded_at=unit.at))


def resolve_cable(unit: Unit, body: Mapping[str, str]) -> dict[str, Any]:
    """The columns of both ends of a cable."""
    a, a_port = _end(unit, body["a"])
    b, b_port = _end(unit, body["b"])
    ends = {"a": a, "a_port": a_port, "b": b, "b_port": b_port}
    return {**ends, "place": f"{a}#{a_port}", "far": f"{b}#{b_port}", "known_by": DECLARED, "doubt": ""}


def _end(unit: Unit, written: str) -> tuple[str, str]:
    name, _, port = written.partition("/")
    for row in sorted(known_of(unit, (NODE + name, SERVER + name)), key=lambda row: str(row.who)):
        return row.who, orjson.loads(row.ports).get(port.lower(), port)
    return f"{UNKNOWN}name:{name.lower()}", port


def _named(end: str) -> str:
    return f"name:{end.partition('/')[0].lower()}"


def _mark(name: str) -> str:
    return uuid.uuid5(uuid.NAMESPACE_OID, name).hex
