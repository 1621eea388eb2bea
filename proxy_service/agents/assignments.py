"""What an agent is given: assignments put together from stored texts, none of which is parsed on the way out.

For an agent that asked for it every message is signed, and so is each assignment within a snapshot, which the agent
keeps as it came (:mod:`device_profiles.signing`).
"""

from __future__ import annotations

import functools
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import orjson
import sqlalchemy as sa
from pydantic import TypeAdapter

from device_profiles.documents import Identity, Management
from device_profiles.signing import Kind
from device_profiles.wire import WIRE_SCHEMA
from proxy_service.declare import approving
from proxy_service.declare.specs import PROFILE, profiles, read_node
from proxy_service.store import Rows
from proxy_service.store import tables as t
from proxy_service.trust.site import Seal

_IDENTITY: Final = TypeAdapter(Identity)
_MANAGEMENT: Final = TypeAdapter(Management)

_NODES: Final = (
    sa.select(
        t.nodes.c.name,
        t.nodes.c.profile,
        t.nodes.c.spec,
        t.nodes.c.desired,
        t.nodes.c.generation,
        t.nodes.c.born,
        approving.BODY.label("approved"),
        t.documents.c.body.label("ledger"),
        t.statuses.c.identity,
        t.leases.c.fence,
    )
    .outerjoin(t.documents, sa.and_(t.documents.c.node == t.nodes.c.name, t.documents.c.part == "ledger"))
    .outerjoin(t.statuses, t.statuses.c.node == t.nodes.c.name)
    .outerjoin(t.leases, t.leases.c.node == t.nodes.c.name)
    .where(
        t.nodes.c.location == sa.bindparam("location"),
        sa.or_(
            t.leases.c.agent == sa.bindparam("agent"),
            sa.and_(t.leases.c.node.is_(None), sa.bindparam("shares", type_=sa.Integer) == 0),
        ),
    )
    .order_by(t.nodes.c.name)
)
_OPEN: Final = sa.select(t.requests).where(
    t.requests.c.agent == sa.bindparam("agent"),
    t.requests.c.state == "open",
    t.requests.c.deadline > sa.bindparam("at"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Whose assignments: an agent, where it is, its own fence, how often it renews. None: what it holds is its own."""

    agent: str
    location: str
    fence: int
    renew_s: float | None = None
    seal: Seal | None = field(default=None, compare=False)
    """What signs; None: the agent did not ask for it."""

    @property
    def wanted(self) -> dict[str, Any]:
        """What :data:`_NODES` asks for."""
        return {"location": self.location, "agent": self.agent, "shares": int(self.renew_s is not None)}

    def data(self, kind: Kind, body: Mapping[str, Any], event: int) -> bytes:
        """What a message says."""
        return orjson.dumps(body) if self.seal is None else self.seal.message(kind, body, event)


@dataclass(frozen=True, slots=True)
class Message:
    """One message of the assignment stream."""

    id: int
    name: str
    data: bytes

    def encoded(self) -> bytes:
        """As a server-sent event."""
        return b"id: %d\nevent: %b\ndata: %b\n\n" % (self.id, self.name.encode(), self.data)


@functools.cache
def _profile(name: str) -> bytes:
    return PROFILE.dump_json(profiles()[name], exclude_none=True)


def assignment(row: Any, place: Place, event: int) -> bytes:
    """The :class:`~device_profiles.wire.Assignment` of one row of nodes, as of ``event``."""
    spec = read_node(row.spec)
    pinned = orjson.loads(row.identity) if row.identity else {}
    body = {
        "schema": WIRE_SCHEMA,
        "node": row.name,
        "fence": row.fence or place.fence,
        "born": row.born,
        "profile": orjson.Fragment(_profile(row.profile)),
        "access": spec.access,
        "credentials": spec.credentials,
        "identity": orjson.Fragment(_IDENTITY.dump_json(spec.identity, exclude_none=True)),
        "pinned": pinned,
        "management": orjson.Fragment(_MANAGEMENT.dump_json(spec.management)),
        "desired": orjson.Fragment(row.desired),
        "ledger": orjson.Fragment(row.ledger or "[]"),
        "approved": [item["plan"] for item in approving.approvals(row.approved, row.generation)],
    }
    if row.fence is not None and place.renew_s is not None:
        body["lease"] = {"renew_s": place.renew_s}
    if place.seal is not None:
        body |= place.seal.for_node(row.name)
    return place.data("assignment", body, event)


def request(row: Any) -> dict[str, Any]:
    """The :class:`~device_profiles.wire.AgentRequest` of one row of requests."""
    return {
        "id": row.id,
        "node": row.node,
        "kind": row.kind,
        "body": orjson.Fragment(row.body),
        "deadline": row.deadline,
    }


def snapshot(rows: Rows, place: Place, *, at: str) -> Message:
    """All that the agent is assigned and asked."""
    event = rows.last_event()
    body = {
        "assignments": [orjson.Fragment(assignment(row, place, event)) for row in rows.all(_NODES, place.wanted)],
        "requests": [request(row) for row in rows.all(_OPEN, {"agent": place.agent, "at": at})],
        "renew_s": place.renew_s,
    }
    if place.seal is not None:
        body["overrules"] = place.seal.overrules
    return Message(event, "snapshot", place.data("snapshot", body, event))


def forgotten(rows: Rows, after: int) -> bool:
    """Whether a stream cannot be resumed after this id: it is not kept any more, or of another database."""
    row = rows.first(sa.select(t.counters.c.value, t.counters.c.pruned).where(t.counters.c.name == "events"))
    return row is None or after < row.pruned or after > row.value


def changes(rows: Rows, place: Place, *, after: int, at: str) -> list[Message]:
    """What the agent has to hear after the event ``after``: each node as it is now, by its last change."""
    c = t.feed.c
    heard = rows.all(
        sa.select(c.id, c.node, c.request).where(c.location == place.location, c.id > after).order_by(c.id)
    )
    touched = {row.node: row.id for row in heard if row.request is None}
    found = list(_nodes(rows, place, touched))
    asked = {row.request: row.id for row in heard if row.request is not None}
    if asked:
        for row in rows.all(_OPEN, {"agent": place.agent, "at": at}):
            if row.id in asked:
                event = asked[row.id]
                found.append(Message(event, "request", place.data("request", request(row), event)))
    return sorted(found, key=lambda message: message.id)


def _nodes(rows: Rows, place: Place, touched: dict[str, int]) -> Iterable[Message]:
    there: Collection[Any] = rows.among(_NODES.params(**place.wanted), t.nodes.c.name, touched) if touched else ()
    for row in there:
        event = touched[row.name]
        yield Message(event, "assignment", assignment(row, place, event))
    for name in touched.keys() - {row.name for row in there}:
        event = touched[name]
        more = place.seal.for_node(name) if place.seal is not None else {}
        yield Message(event, "unassigned", place.data("unassigned", {"node": name, **more}, event))
