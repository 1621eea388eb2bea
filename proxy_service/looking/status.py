"""A node's status: what its agent reported, and what only the service knows, put together when it is read.

Whether an agent is away, whether what it proved is still what is declared, which groups are held: these change without
a report, so they are computed here and never stored.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import orjson
import sqlalchemy as sa

from proxy_service.agents.leases import HOLDER
from proxy_service.agents.presence import Presence
from proxy_service.declare.specs import NODE, read_node
from proxy_service.store import tables as t
from proxy_service.trust.standing import refusals

Json = dict[str, Any]

NODE_ROWS: Final = (
    sa.select(
        *(t.nodes.c[name] for name in ("name", "kind", "location", "spec", "revision", "generation", "generation_at")),
        *(t.nodes.c[name] for name in ("held", "paused_until", "pause_reason", "owner", "set_name")),
        *(t.statuses.c[name] for name in ("converged_generation", "conditions", "drifting", "last_pass", "identity")),
        t.statuses.c.last_seen.label("observed_at"),
        t.agents.c.name.label("agent"),
        t.agents.c.stream,
        t.agents.c.standing,
        t.agents.c.last_seen.label("heard"),
        t.leases.c.node.label("leased"),
    )
    .outerjoin(t.statuses, t.statuses.c.node == t.nodes.c.name)
    .outerjoin(t.leases, t.leases.c.node == t.nodes.c.name)
    .outerjoin(t.agents, HOLDER)
    .order_by(t.nodes.c.name)
)


def node_view(row: Any, presence: Presence) -> Json:
    """A node as ``GET /nodes/{node}`` shows it."""
    spec = orjson.loads(NODE.dump_json(read_node(row.spec), exclude_none=True))
    declared = spec.get("identity", {})
    return {
        "name": row.name,
        "kind": row.kind,
        "spec": spec,
        "owner": row.owner,
        "set": row.set_name,
        "revision": row.revision,
        "status": {
            "generation": row.generation,
            "converged_generation": row.converged_generation or 0,
            "conditions": conditions(row, presence),
            "agent": row.agent,
            "last_seen": row.heard,
            "last_pass": row.last_pass,
            "drift": row.drifting or 0,
            "identity": (orjson.loads(row.identity) if row.identity else {}) | declared,
            "observed_at": row.observed_at,
        },
    }


def conditions(row: Any, presence: Presence) -> list[Json]:
    """The conditions of a node: the agent's, set right by what the service knows."""
    found: dict[str, Json] = {item["type"]: item for item in orjson.loads(row.conditions)} if row.conditions else {}
    own = (*_reachable(row, presence), *_converged(row, found), *_conflicted(row), *_paused(row), *_behind(row))
    for item in own:
        before = found.get(item["type"])
        if before is not None and (before["status"], before["reason"]) == (item["status"], item["reason"]):
            item["since"] = before["since"]
        found[item["type"]] = item
    return [found[name] for name in sorted(found)]


def _condition(kind: str, status: bool | None, reason: str, message: str, since: str) -> Json:
    return {"type": kind, "status": status, "reason": reason, "message": message, "since": since}


def _reachable(row: Any, presence: Presence) -> Iterable[Json]:
    if row.agent is None and row.leased is not None:
        message = f"its agent is gone: another one of {row.location} gets it when that one's lease is over"
        yield _condition("Reachable", False, "AgentAway", message, row.generation_at)
    elif row.agent is None:
        message = f"no agent is enrolled at the location {row.location}: start one there with a join token"
        yield _condition("Reachable", False, "AgentAway", message, row.generation_at)
    elif not presence.is_connected(row.stream, row.heard):
        message = f"the agent {row.agent} is away: look at it, or at its way to the service"
        yield _condition("Reachable", False, "AgentAway", message, row.heard)
    elif row.conditions is None:
        message = f"the agent {row.agent} has not reported about it yet"
        yield _condition("Reachable", None, "NotYetRead", message, row.generation_at)


def _converged(row: Any, found: dict[str, Json]) -> Iterable[Json]:
    proved = row.converged_generation or 0
    known = found.get("Converged")
    if proved < row.generation and (known is None or known["status"] is True):
        message = f"generation {row.generation} is declared, generation {proved} was the last that a reading proved"
        yield _condition("Converged", None, "Pending", message, row.generation_at)


def _behind(row: Any) -> Iterable[Json]:
    refused = refusals(row.standing).get(row.name) if row.standing else None
    if refused is not None:
        yield _condition("Converged", False, "ServiceBehind", refused.message, row.generation_at)


def _conflicted(row: Any) -> Iterable[Json]:
    held = orjson.loads(row.held)
    if held:
        paths = ", ".join(item["path"] for item in held[:5])
        message = f"held as it is on the device: {paths}; change one of the roles that disagree there"
        yield _condition("Conflicted", True, "RolesDisagree", message, row.generation_at)
    else:
        yield _condition("Conflicted", False, "RolesAgree", "no roles contradict each other here", row.generation_at)


def _paused(row: Any) -> Iterable[Json]:
    if row.paused_until is not None:
        message = f"nothing is written until {row.paused_until}: {row.pause_reason}"
        yield _condition("Paused", True, "PausedByPerson", message, row.generation_at)
