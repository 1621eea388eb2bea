"""Who is who: what nodes and servers are known by, by mark; and ends of links worked out anew when that changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson
import sqlalchemy as sa

from device_profiles.documents import Identity, ServerSpec
from proxy_service.declare.specs import read_node
from proxy_service.graph.cables import resolve_cable
from proxy_service.graph.intervals import NEIGHBOUR, far_columns, place_of
from proxy_service.graph.looking_up import directory_of, fetch_among, known_of
from proxy_service.graph.marks import Known, claims_of, facts_known, node_known, server_known
from proxy_service.graph.resolving import NODE, SERVER, resolve
from proxy_service.store import Unit
from proxy_service.store import graph_tables as g
from proxy_service.store import tables as t
from proxy_service.store.prepared import Prepared, prepared, texts_in

_e = g.evidence.c
_FACTS: Final = Prepared(
    lambda dialect: sa.select(t.documents.c.node, t.documents.c.hash, t.documents.c.body).where(
        t.documents.c.part == "facts", t.documents.c.node.in_(texts_in(dialect, "given"))
    )
)
_NEWS: Final = prepared(
    sa.select(t.documents.c.node, t.documents.c.hash, t.documents.c.body, t.nodes.c.kind, t.nodes.c.spec)
    .join(t.nodes, t.nodes.c.name == t.documents.c.node)
    .outerjoin(g.known, g.known.c.who == sa.literal(NODE, sa.Text) + t.documents.c.node)
    .where(t.documents.c.part == "facts", sa.func.coalesce(g.known.c.told, "") != t.documents.c.hash)
    .limit(sa.bindparam("most", type_=sa.Integer))
)
_DROP_MARK: Final = prepared(
    sa.delete(g.marks).where(g.marks.c.mark == sa.bindparam("mark_"), g.marks.c.who == sa.bindparam("who_"))
)
_FIELDS: Final = (_e.id, _e.kind, _e.body, _e.a, _e.a_port, _e.b, _e.b_port, _e.doubt)
_SPEAKING: Final = Prepared(
    lambda dialect: sa.select(*_FIELDS).where(
        _e.superseded_at.is_(None),
        _e.id.in_(sa.select(g.claims.c.evidence).where(g.claims.c.mark.in_(texts_in(dialect, "given")))),
    )
)
_LEADING: Final = Prepared(
    lambda dialect: sa.select(*_FIELDS).where(_e.superseded_at.is_(None), _e.b.in_(texts_in(dialect, "given")))
)
_COLUMNS: Final = ("a", "a_port", "place", "b", "b_port", "far", "known_by", "doubt")
_REWRITE: Final = prepared(
    sa.update(g.evidence)
    .where(_e.id == sa.bindparam("wanted"))
    .values({name: sa.bindparam(f"new_{name}") for name in _COLUMNS})
)


@dataclass(frozen=True, slots=True)
class Acquaintance:
    """Who somebody is: a node's kind or ``server``, what it is known by, and the facts that told (their hash)."""

    kind: str
    known: Known
    told: str = ""


def nodes_declared(unit: Unit, specs: Mapping[str, tuple[str, Identity]]) -> None:
    """Nodes were declared: kind and identity by name. What their facts told stays."""
    facts = {row.node: row for row in fetch_among(unit, _FACTS, specs)}
    found = {}
    for name, (kind, identity) in specs.items():
        row = facts.get(name)
        known = node_known(name, identity, facts_known(row.body) if row is not None else None)
        found[NODE + name] = Acquaintance(kind, known, row.hash if row is not None else "")
    _put(unit, found)


def take_news(unit: Unit, most: int = 100) -> int:
    """Look at facts that were not looked at yet, so many at once; how many there were."""
    rows = unit.fetch(_NEWS, {"most": most})
    _put(
        unit,
        {
            NODE + row.node: Acquaintance(
                row.kind, node_known(row.node, read_node(row.spec).identity, facts_known(row.body)), row.hash
            )
            for row in rows
        },
    )
    return len(rows)


def servers_declared(unit: Unit, specs: Mapping[str, tuple[ServerSpec, str | None]]) -> None:
    """Servers were declared or told their facts: specs and facts by name."""
    _put(
        unit,
        {
            SERVER + name: Acquaintance("server", server_known(name, spec, facts_known(told) if told else None))
            for name, (spec, told) in specs.items()
        },
    )


def gone(unit: Unit, whom: Iterable[str]) -> None:
    """Nodes or servers are forgotten: what they saw ends, and nobody is recognised as one of them."""
    names = sorted(set(whom))
    lost: list[str] = []
    for row in known_of(unit, names):
        lost += orjson.loads(row.marks)
    for statement, column in (
        (sa.delete(g.marks), g.marks.c.who),
        (sa.delete(g.known), g.known.c.who),
        (sa.update(g.evidence).where(_e.closed_at.is_(None)).values(closed_at=unit.at), _e.source),
        (sa.update(g.evidence).where(_e.superseded_at.is_(None)).values(superseded_at=unit.at), _e.source),
    ):
        for name in names:
            unit.execute(statement.where(column == name))
    _resolve_again(unit, marks=lost, whom=names)


def _put(unit: Unit, found: Mapping[str, Acquaintance]) -> None:
    before = {row.who: row for row in known_of(unit, found)}
    rows, touched, whom = [], set[str](), []
    added: list[dict[str, Any]] = []
    dropped: list[dict[str, Any]] = []
    for who, new in found.items():
        kind, known = new.kind, new.known
        marks, ports = (orjson.dumps(value).decode() for value in (known.marks, known.ports))
        old = before.get(who)
        if old is not None and (old.kind, old.marks, old.ports, old.told) == (kind, marks, ports, new.told):
            continue
        rows.append({"who": who, "kind": kind, "marks": marks, "ports": ports, "told": new.told})
        had = frozenset(orjson.loads(old.marks)) if old is not None else frozenset()
        if old is not None and (old.ports != ports or old.kind != kind):
            whom.append(who)
        added += [{"mark": mark, "who": who, "kind": kind} for mark in known.marks if mark not in had]
        dropped += [{"mark_": mark, "who_": who} for mark in had.difference(known.marks)]
        touched |= had.symmetric_difference(known.marks)
    unit.upsert(g.known, rows)
    if dropped:
        unit.run(_DROP_MARK, dropped)
    unit.upsert(g.marks, added)
    if touched or whom:
        _resolve_again(unit, marks=touched, whom=whom)


def _resolve_again(unit: Unit, *, marks: Iterable[str], whom: Iterable[str]) -> None:
    """Work out anew who is at the other end of what speaks of these marks, or led to these machines."""
    found = [*fetch_among(unit, _SPEAKING, marks), *fetch_among(unit, _LEADING, whom)]
    rows = list({row.id: row for row in found}.values())
    if not rows:
        return
    bodies = {row.id: NEIGHBOUR.validate_json(row.body) for row in rows if row.kind != "declared"}
    directory = directory_of(unit, {mark for body in bodies.values() for mark in claims_of(body).all})
    changed = []
    for row in sorted(rows, key=lambda row: str(row.id)):
        if row.kind == "declared":
            ends = resolve_cable(unit, orjson.loads(row.body))
        else:
            ends = far_columns(resolve(bodies[row.id], directory, near=row.a))
        ends = {"a": row.a, "a_port": row.a_port, "place": place_of(row.a, row.a_port), **ends}
        if any(ends[name] != getattr(row, name) for name in ("a", "b", "b_port", "doubt")):
            changed.append({"wanted": row.id, **{f"new_{name}": ends[name] for name in _COLUMNS}})
    if changed:
        unit.run(_REWRITE, changed)
