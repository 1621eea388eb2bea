"""Taking agents in and letting them go. A location has one agent, or several that share it by leases.

An agent's fence grows with every enrolment."""

from __future__ import annotations

from typing import Any

import orjson
import sqlalchemy as sa

from device_profiles.wire import WIRE_SCHEMA, Enrolled, Enrolment
from proxy_service.agents import leases
from proxy_service.auth import make_token, revoke
from proxy_service.callers import Caller, Scope
from proxy_service.declare.objects import existing
from proxy_service.problems import Refused, Slug, not_found, refused_at
from proxy_service.store import Unit
from proxy_service.store import tables as t
from proxy_service.trust import site


def enrol(unit: Unit, caller: Caller, wanted: Enrolment) -> Enrolled:
    """Take an agent in, or the same agent again after it lost its data; its old token ends."""
    if wanted.schema not in (WIRE_SCHEMA, WIRE_SCHEMA - 1):
        message = f"this service speaks schema {WIRE_SCHEMA}; bring the older side up to date"
        raise refused_at(Slug.NOT_IN_THIS_VERSION, "schema", message)
    caller.need(Scope.JOIN)
    if caller.location is not None and caller.location != wanted.location:
        raise refused_at(Slug.FORBIDDEN, "location", f"the join token is for the location {caller.location}")
    unit.declare()
    if wanted.location not in existing(unit, t.locations, [wanted.location]):
        raise refused_at(Slug.UNKNOWN_LOCATION, "location", "there is no such location; declare it first")
    shared = leases.is_shared(unit, wanted.location)
    before = _place_of(unit, wanted, shared=shared)
    if shared and not wanted.leases:
        message = f"the location {wanted.location} is shared, and this agent knows no leases: bring it up to date"
        raise refused_at(Slug.NOT_IN_THIS_VERSION, "leases", message)
    _use(unit, caller)
    if before is not None:
        revoke(unit, before.token)
        leases.abandon(unit, wanted.name, ends_at=before.lease_ends_at)
    fence = max(before.fence if before is not None else 0, site.highest_fence(unit)) + 1
    name = f"agent-{wanted.name}"[:63]
    number, token = make_token(
        unit, name=name, owner=name, scopes=[Scope.AGENT], agent=wanted.name, location=wanted.location
    )
    row = {
        "name": wanted.name,
        "location": wanted.location,
        "version": wanted.version[:200],
        "drivers": orjson.dumps(wanted.drivers).decode(),
        "fence": fence,
        "token": number,
        "last_seq": 0,
        "standing": None,
        "overrules": None,
        "enrolled_at": unit.at,
        "last_seen": unit.at,
        "stream": None,
        "shares": int(shared or (before is not None and before.shares)),
        "lease_ends_at": None,
        "lease_ms": before.lease_ms if before is not None else 0,
    }
    unit.upsert(t.agents, [row])
    unit.event("agent.enrolled", {"agent": wanted.name, "location": wanted.location})
    unit.touch(f"agent:{wanted.name}")
    return Enrolled(schema=WIRE_SCHEMA, agent=wanted.name, token=token, fence=fence, keys=site.keys(unit))


def _place_of(unit: Unit, wanted: Enrolment, *, shared: bool) -> Any:
    """The agent's earlier row, if it has one. Raises where its name is taken, or its location, which is not shared."""
    c = t.agents.c
    query = sa.select(t.agents).where(sa.or_(c.name == wanted.name, c.location == wanted.location)).with_for_update()
    found = unit.all(query.order_by(c.name))
    for row in found:
        if row.name != wanted.name and not shared:
            detail = f"the location {wanted.location} has the agent {row.name}; retire that one first"
            raise Refused(Slug.CONFLICT, detail)
        if row.name == wanted.name and row.location != wanted.location:
            raise Refused(Slug.CONFLICT, f"an agent {row.name} is enrolled at {row.location}; choose another name")
    return next((row for row in found if row.name == wanted.name), None)


def _use(unit: Unit, caller: Caller) -> None:
    """Take one use of a join token. Raises where none is left, however many agents try at once."""
    c = t.tokens.c
    used = sa.update(t.tokens).where(c.id == caller.token, sa.or_(c.uses_left.is_(None), c.uses_left > 0))
    if not unit.execute(used.values(uses_left=c.uses_left - 1)).rowcount:
        raise Refused(Slug.FORBIDDEN, "the join token was used as often as it may be; make a new one")


def retire(unit: Unit, name: str) -> None:
    """Let an agent go: its token ends. A location of its own is free for another at once; what it held in a shared
    one when its lease is over."""
    row = unit.first(sa.select(t.agents).where(t.agents.c.name == name).with_for_update())
    if row is None:
        raise not_found("agent", name)
    revoke(unit, row.token)
    site.raise_fence(unit, row.fence)
    leases.abandon(unit, name, ends_at=row.lease_ends_at)
    unit.execute(sa.delete(t.agents).where(t.agents.c.name == name))
    unit.event("agent.retired", {"agent": name, "location": row.location})
    unit.touch(f"agent:{name}")
