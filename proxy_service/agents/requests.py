"""Asking an agent: a row that the agent sees on its stream and answers, and on which the caller waits.

Any replica serves either side. An agent that is away is said to be away at once; one that goes away while somebody
waits ends the waiting, too.
"""

from __future__ import annotations

import time
import uuid
from typing import Any

import orjson
import sqlalchemy as sa

from device_profiles.wire import Answer
from proxy_service import clock
from proxy_service.agents.leases import HOLDER
from proxy_service.agents.presence import Presence
from proxy_service.hub import Hub
from proxy_service.problems import Refused, Slug, not_found
from proxy_service.store import Cause, Rows, Unit
from proxy_service.store import tables as t

_PASSES = frozenset({"converge", "rollback"})
_LOOK_EVERY_S = 5.0
"""How often a waiter looks whether the agent fell silent without a word."""
_CLOSE = Cause(action="close request")


def open_request(
    unit: Unit, presence: Presence, *, number: str, node: str, kind: str, body: dict[str, Any], timeout_s: float
) -> str:
    """Store a request for the agent of ``node``; the agent's name. Raises :class:`Refused` where it is away."""
    row = unit.first(agent_of(node))
    if row is None:
        raise not_found("node", node)
    if row.agent is None or not presence.is_connected(row.stream, row.heard):
        raise away(row)
    values = {
        "id": number,
        "agent": row.agent,
        "node": node,
        "kind": kind,
        "body": orjson.dumps(body).decode(),
        "fence": row.fence,
        "made_at": unit.at,
        "deadline": clock.now_text(plus_s=timeout_s),
        "state": "open",
        "answer": None,
        "token": unit.cause.token,
    }
    unit.execute(sa.insert(t.requests), values)
    unit.tell(row.location, node, request=number)
    return str(row.agent)


def agent_of(node: str) -> sa.Select[Any]:
    a = t.agents.c
    return (
        sa.select(
            t.nodes.c.name,
            t.nodes.c.location,
            a.name.label("agent"),
            a.fence,
            a.stream,
            a.last_seen.label("heard"),
            t.statuses.c.last_seen,
            t.leases.c.node.label("leased"),
        )
        .outerjoin(t.leases, t.leases.c.node == t.nodes.c.name)
        .outerjoin(t.agents, HOLDER)
        .outerjoin(t.statuses, t.statuses.c.node == t.nodes.c.name)
        .where(t.nodes.c.name == node)
    )


def away(row: Any) -> Refused:
    """What a caller hears of an agent that is not there."""
    if row.agent is None and row.leased is not None:
        detail = f"the agent of {row.name} is gone; another one of {row.location} gets it when that one's lease is over"
    elif row.agent is None:
        detail = f"no agent is enrolled at the location {row.location} of {row.name}; start one there with a join token"
    else:
        detail = f"the agent {row.agent} of {row.name} is away; look at it, or at its way to the service"
    return Refused(Slug.AGENT_AWAY, detail, node=row.name, agent=row.agent, last_observed_at=row.last_seen)


async def ask(
    hub: Hub, cause: Cause, *, node: str, kind: str, body: dict[str, Any], timeout_s: float
) -> dict[str, Any]:
    """Have the agent of ``node`` do something; its answer. Raises :class:`Refused`."""
    number = uuid.uuid4().hex
    ends_at_s = time.monotonic() + timeout_s
    agent = await hub.store.unit(
        cause, open_request, hub.presence, number=number, node=node, kind=kind, body=body, timeout_s=timeout_s
    )
    with hub.store.changed.watching(f"request:{number}", f"agent:{agent}") as watch:
        while True:
            row = await hub.store.view(find, number)
            if row.state == "answered":
                return _body_of(row)
            left_s = ends_at_s - time.monotonic()
            place = await hub.store.view(Rows.first, agent_of(node))
            if place is None or place.agent is None or not hub.presence.is_connected(place.stream, place.heard):
                await hub.store.unit(_CLOSE, close, number, "away")
                raise away(place) if place is not None else not_found("node", node)
            if left_s <= 0:
                await hub.store.unit(_CLOSE, close, number, "expired")
                detail = (
                    f"the agent {agent} did not answer for {node} within {timeout_s:g} s; see GET /v1/requests/{number}"
                )
                raise Refused(Slug.REQUEST_TIMEOUT, detail, request=number)
            await watch.wait(min(left_s, _LOOK_EVERY_S))


def _body_of(row: Any) -> dict[str, Any]:
    answer = orjson.loads(row.answer)
    # A pass that failed has a record all the same, which says more than a refusal could.
    if not answer["ok"] and not (row.kind in _PASSES and answer["body"]):
        detail = answer["message"] or "the agent said only that it could not"
        raise Refused(Slug.REQUEST_FAILED, detail, reason=answer["reason"], request=row.id)
    body: dict[str, Any] = answer["body"]
    return body


def find(rows: Rows, number: str) -> Any:
    """The row of a request. Raises :class:`Refused`."""
    row = rows.first(sa.select(t.requests).where(t.requests.c.id == number))
    if row is None:
        raise not_found("request", number)
    return row


def close(unit: Unit, number: str, state: str) -> None:
    """End a request that nobody waits for any more."""
    c = t.requests.c
    unit.execute(sa.update(t.requests).where(c.id == number, c.state == "open").values(state=state))


def answer(unit: Unit, agent: str, number: str, given: Answer) -> None:
    """Store an agent's answer. A second one to the same request changes nothing."""
    row = find(unit, number)
    if row.agent != agent:
        raise not_found("request", number)
    if row.state == "answered":
        return
    text = orjson.dumps({"ok": given.ok, "body": given.body, "reason": given.reason, "message": given.message}).decode()
    unit.execute(sa.update(t.requests).where(t.requests.c.id == number).values(state="answered", answer=text))
    unit.touch(f"request:{number}", f"node:{row.node}")


def shown(row: Any) -> dict[str, Any]:
    """A request for people."""
    return {
        "id": row.id,
        "agent": row.agent,
        "node": row.node,
        "kind": row.kind,
        "made_at": row.made_at,
        "deadline": row.deadline,
        "state": row.state,
        "answer": orjson.loads(row.answer) if row.answer else None,
    }
