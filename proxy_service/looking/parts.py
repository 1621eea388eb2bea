"""The parts of a node: what it shall be, what was seen, what was done."""

from __future__ import annotations

from typing import Any

import orjson
import sqlalchemy as sa

from device_profiles.facts import pick
from proxy_service.declare import approving, compiling
from proxy_service.problems import Refused, Slug, not_found
from proxy_service.store import Rows
from proxy_service.store import tables as t

Json = dict[str, Any]


def need_node(rows: Rows, node: str) -> None:
    """Raise :class:`Refused` where there is no such node."""
    if rows.value(sa.select(t.nodes.c.name).where(t.nodes.c.name == node)) is None:
        raise not_found("node", node)


def desired(rows: Rows, node: str, *, explain: bool) -> Json:
    """What a node shall be; explained, leaf by leaf with the roles behind it."""
    row = rows.first(sa.select(t.nodes.c.desired).where(t.nodes.c.name == node))
    if row is None:
        raise not_found("node", node)
    whole = orjson.loads(row.desired)
    found = {key: whole[key] for key in ("generation", "state")}
    if explain:
        found["leaves"] = compiling.explained(compiling.read(row.desired))
        found |= {key: whole[key] for key in ("held", "exclusive", "drift", "allow", "protect")}
    return found


def document(rows: Rows, node: str, part: str) -> Any:
    """The row of a reported document. Raises :class:`Refused` where nothing was reported yet."""
    row = rows.first(sa.select(t.documents).where(t.documents.c.node == node, t.documents.c.part == part))
    if row is None:
        need_node(rows, node)
        detail = f"the agent of {node} has not reported any {part} yet; GET /v1/nodes/{node} says how it is"
        raise Refused(Slug.NOT_FOUND, detail)
    return row


def body(rows: Rows, node: str, part: str) -> orjson.Fragment:
    """A reported document as it is."""
    return orjson.Fragment(document(rows, node, part).body)


def plan(rows: Rows, node: str) -> Json:
    """The plan last reported, what it waits for, and which plans were approved for this generation."""
    found: Json = {"plan": "", "waits": [], **orjson.loads(document(rows, node, "plan").body)}
    return found | {"approved": approving.approvals_of(rows, node)}


def observed(rows: Rows, node: str) -> Json:
    """The configuration last read."""
    row = document(rows, node, "observed")
    return {"at": row.at, "hash": row.hash, "state": orjson.Fragment(row.body)}


def facts(rows: Rows, node: str, path: str | None) -> Json:
    """Facts, or the one at ``path``."""
    row = document(rows, node, "facts")
    if not path:
        return {"at": row.at, "hash": row.hash, "facts": orjson.Fragment(row.body)}
    try:
        found = pick(orjson.loads(row.body), path)
    except KeyError:
        raise Refused(Slug.NOT_FOUND, f"{node} has no such fact; GET /v1/nodes/{node}/facts shows all") from None
    return {"at": row.at, "hash": row.hash, "facts": found}


def drift(rows: Rows, node: str) -> Json:
    """Drift that stands now."""
    need_node(rows, node)
    text = rows.value(sa.select(t.statuses.c.drift).where(t.statuses.c.node == node))
    return {"items": orjson.Fragment(text or "[]")}


def passes(rows: Rows, node: str, limit: int) -> Json:
    """Passes, newest first."""
    need_node(rows, node)
    c = t.passes.c
    query = sa.select(c.body).where(c.node == node).order_by(c.started_at.desc(), c.id.desc()).limit(limit)
    return {"items": [orjson.Fragment(row.body) for row in rows.all(query)]}


def one_pass(rows: Rows, node: str, number: str) -> Any:
    """One pass, with who caused its generation where that is known."""
    c = t.passes.c
    row = rows.first(sa.select(c.body).where(c.node == node, c.id == number))
    if row is None:
        raise not_found("pass", number)
    return orjson.Fragment(row.body)
