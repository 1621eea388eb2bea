"""Approvals of plans: by their hash, for the generation that a node is at, whether its agent is there or not.

An agent gets them with its assignment. One for an earlier generation is nothing any more, and is forgotten when the
next is written.
"""

from __future__ import annotations

from typing import Any, Final

import orjson
import sqlalchemy as sa

from proxy_service.callers import Caller
from proxy_service.declare import objects
from proxy_service.declare.limits import check_labels
from proxy_service.declare.specs import read_node
from proxy_service.problems import Refused, Slug, not_found
from proxy_service.store import Rows, Unit
from proxy_service.store import tables as t

PART: Final = "approved"
_MOST_KEPT: Final = 16

BODY: Final = (
    sa.select(t.documents.c.body)
    .where(t.documents.c.node == t.nodes.c.name, t.documents.c.part == PART)
    .correlate(t.nodes)
    .scalar_subquery()
)
"""The approvals of a row of nodes, as JSON; NULL where there are none."""


def approve(unit: Unit, caller: Caller, name: str, plan: str) -> dict[str, Any]:
    """Approve a plan of a node for its generation. Raises :class:`~proxy_service.problems.Refused`."""
    unit.lock_nodes([name])
    row = objects.existing(unit, t.nodes, [name]).get(name)
    if row is None:
        raise not_found("node", name)
    check_labels(caller.limits, read_node(row.spec).labels, "labels")
    if caller.limits.vlans not in (None, "all"):
        message = "a token with VLANs of its own approves no plan: there may be steps for others in it"
        raise Refused(Slug.FORBIDDEN, message)
    held = unit.value(sa.select(BODY).select_from(t.nodes).where(t.nodes.c.name == name))
    known = [item for item in approvals(held, row.generation) if item["plan"] != plan]
    new = {"plan": plan, "by": caller.owner, "at": unit.at}
    body = orjson.dumps({"generation": row.generation, "plans": [*known, new][-_MOST_KEPT:]}).decode()
    unit.upsert(t.documents, [{"node": name, "part": PART, "at": unit.at, "hash": "", "body": body}])
    unit.generations[name] = row.generation
    unit.tell(row.location, name)
    unit.event("plan.approved", {"plan": plan, "generation": row.generation, "by": caller.owner}, node=name)
    return {"node": name, "generation": row.generation, **new}


def approvals(body: str | None, generation: int) -> list[dict[str, Any]]:
    """The approvals in a stored body that hold for a generation."""
    found = orjson.loads(body) if body else {}
    return list(found["plans"]) if found.get("generation") == generation else []


def approvals_of(rows: Rows, name: str) -> list[dict[str, Any]]:
    """The approvals that hold for a node now."""
    query = sa.select(t.nodes.c.generation, BODY.label("approved")).where(t.nodes.c.name == name)
    row = rows.first(query)
    return approvals(row.approved, row.generation) if row is not None else []
