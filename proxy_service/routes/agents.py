"""``/agents``: enrolment, the assignment stream, reports and answers; and agents as people see them."""

from __future__ import annotations

from typing import Annotated, Any

import orjson
import sqlalchemy as sa
import structlog
from fastapi import APIRouter, Query, Request
from pydantic import TypeAdapter
from starlette.responses import Response, StreamingResponse

from device_profiles.wire import WIRE_SCHEMA, Answer, Enrolment
from proxy_service.agents import attaching, enrol, reports, requests
from proxy_service.agents.leases import held_by, state_of
from proxy_service.agents.presence import Presence
from proxy_service.agents.reading import read_batch
from proxy_service.agents.stream import AssignmentStream
from proxy_service.answers import SSE_HEADERS, answer
from proxy_service.callers import Scope
from proxy_service.entering import body_of, cause_of, document_of, enter, enter_as_agent
from proxy_service.forms import filled, told
from proxy_service.idempotency import once
from proxy_service.problems import Slug, not_found
from proxy_service.routes.documented import (
    IDEMPOTENCY_KEY,
    IF_MATCH,
    WRITTEN,
    NamePath,
    NodePath,
    RequestPath,
    body,
    replies,
)
from proxy_service.store import Cause, Rows
from proxy_service.store import tables as t
from proxy_service.trust import standing

router = APIRouter(prefix="/v1", tags=["agents"], default_response_class=Response)
log = structlog.get_logger(__name__)

_ENROLMENT = TypeAdapter(Enrolment)
_ANSWER = TypeAdapter(Answer)
_AGENT = {
    "name": "row-a-agent",
    "location": "row-a",
    "version": "0.1.0",
    "drivers": ["openvswitch"],
    "connected": True,
    "last_seen": "2026-11-20T10:05:00.000000Z",
    "enrolled_at": "2026-11-20T09:00:00.000000Z",
    "fence": 1,
    "lease": {"state": "for ever", "ends_at": None, "nodes": 2},
    "standing": [],
}
_AGENTS = sa.select(t.agents, held_by().label("holds")).order_by(t.agents.c.name)
_ATTACHED = {"profile": "vde_switch", "location": "row-a", "access": ["rfc2217://192.0.2.254:2001"]}
_REPORTS: dict[str, Any] = {
    "schema": WIRE_SCHEMA,
    "reports": [{"seq": 1, "fence": 1, "node": "sw1", "at": "2026-11-20T10:00:00Z", "converged_generation": 12}],
    "seen": {"sw2": "2026-11-20T10:00:00Z"},
    "leases": {"sw1": 1},
    "needs_s": 20.0,
}


@router.get("/agents", operation_id="list_agents", summary="List agents", responses=replies({"items": [_AGENT]}))
async def list_agents(request: Request) -> Response:
    hub, _ = await enter(request, Scope.READ)
    found = await hub.store.view(Rows.all, _AGENTS)
    return answer({"items": [_view(row, hub.presence) for row in found]})


@router.get(
    "/agents/{agent}",
    operation_id="get_agent",
    summary="Show an agent",
    responses=replies(_AGENT, Slug.NOT_FOUND, Slug.INVALID_DOCUMENT),
)
async def get_agent(request: Request, agent: NamePath) -> Response:
    hub, _ = await enter(request, Scope.READ)
    row = await hub.store.view(Rows.first, _AGENTS.where(t.agents.c.name == agent))
    if row is None:
        raise not_found("agent", agent)
    return answer(_view(row, hub.presence))


def _view(row: Any, presence: Presence) -> dict[str, Any]:
    names = ("name", "location", "version", "last_seen", "enrolled_at", "fence")
    connected = presence.is_connected(row.stream, row.last_seen)
    return {
        **{name: getattr(row, name) for name in names},
        "drivers": orjson.loads(row.drivers),
        "connected": connected,
        "lease": {"state": state_of(row.shares, row.lease_ends_at), "ends_at": row.lease_ends_at, "nodes": row.holds},
        "standing": standing.shown(row.standing),
    }


@router.delete(
    "/agents/{agent}",
    operation_id="retire_agent",
    summary="Let an agent go: its token ends, its location is free for another",
    responses=replies({"name": "row-a-agent"}, Slug.NOT_FOUND, Slug.INVALID_DOCUMENT),
)
async def retire_agent(request: Request, agent: NamePath) -> Response:
    hub, caller = await enter(request, Scope.ADMIN)
    row = await hub.store.view(Rows.first, sa.select(t.agents.c.token).where(t.agents.c.name == agent))
    await hub.store.unit(await cause_of(request, caller), enrol.retire, agent)
    hub.doorkeeper.forget(row.token if row is not None else "")
    return answer({"name": agent})


@router.post(
    "/agents/enrol",
    operation_id="enrol_agent",
    summary="An agent introduces itself, with a join token",
    responses=replies(
        {"schema": WIRE_SCHEMA, "agent": "row-a-agent", "token": "pm_...", "fence": 1},
        Slug.INVALID_DOCUMENT,
        Slug.UNKNOWN_LOCATION,
        Slug.CONFLICT,
        Slug.NOT_IN_THIS_VERSION,
        Slug.IDEMPOTENCY_MISMATCH,
        Slug.TOO_LARGE,
    ),
    openapi_extra=body(
        "Enrolment",
        {
            "schema": WIRE_SCHEMA,
            "name": "row-a-agent",
            "location": "row-a",
            "version": "0.1.0",
            "drivers": ["openvswitch"],
        },
        IDEMPOTENCY_KEY,
    ),
)
async def enrol_agent(request: Request) -> Response:
    hub, caller = await enter(request, Scope.JOIN)
    wanted = filled(_ENROLMENT, await document_of(request))
    cause = await cause_of(request, caller)

    async def work() -> Response:
        return answer(await hub.store.unit(cause, enrol.enrol, caller, wanted))

    return await once(hub.store, request, caller, work)


@router.get(
    "/agents/{agent}/assignments",
    operation_id="stream_assignments",
    summary="What the agent is assigned and asked, as server-sent events",
    responses=replies(
        'id: 1042\nevent: assignment\ndata: {"schema": 1, "node": "sw1"}\n\n',
        Slug.NOT_FOUND,
        Slug.INVALID_DOCUMENT,
        media="text/event-stream",
    ),
)
async def stream_assignments(
    request: Request,
    agent: NamePath,
    signed: Annotated[
        bool, Query(description="Whether every message shall be signed; the first is then `service`, with the keys.")
    ] = False,
) -> Response:
    hub, _ = await enter_as_agent(request, agent)
    after = request.headers.get("last-event-id", "")
    stream = AssignmentStream(
        hub,
        agent=agent,
        authorization=request.headers.get("authorization"),
        after=int(after) if after.isdecimal() and len(after) < 19 else None,
        signed=signed,
    )
    await stream.open()
    return StreamingResponse(stream.messages(), media_type="text/event-stream", headers=SSE_HEADERS)


@router.post(
    "/agents/{agent}/reports",
    operation_id="post_reports",
    summary="What is new about the agent's nodes; each report counts once",
    responses=replies(
        {"last_seq": 1, "wanted": [{"node": "sw1", "part": "facts"}], "leases": ["sw1"], "lease_s": 50.0},
        Slug.INVALID_DOCUMENT,
        Slug.NOT_FOUND,
        Slug.NOT_IN_THIS_VERSION,
        Slug.IDEMPOTENCY_MISMATCH,
        Slug.TOO_LARGE,
    ),
    openapi_extra=body("Reports", _REPORTS, IDEMPOTENCY_KEY, yaml=False),
)
async def post_reports(request: Request, agent: NamePath) -> Response:
    hub, caller = await enter_as_agent(request, agent)
    batch = read_batch(await body_of(request))
    for problem in batch.unreadable:
        log.warning("a report cannot be read", agent=agent, path=problem.path, problem=problem.message)

    async def work() -> Response:
        cause = Cause(action="reports")
        location, lease_s = caller.location or "", hub.settings.lease_s
        stored = await hub.store.unit(cause, reports.take, agent=agent, location=location, batch=batch, lease_s=lease_s)
        hub.presence.noted(agent)
        return answer(stored)

    response = await once(hub.store, request, caller, work)
    hub.metrics.count_reports(stored=len(batch.reports), unreadable=len(batch.unreadable))
    return response


@router.put(
    "/agents/{agent}/nodes/{node}",
    operation_id="attach_node",
    summary="An agent declares the device at the far end of a line that was plugged into it",
    responses=replies(
        WRITTEN,
        Slug.INVALID_DOCUMENT,
        Slug.UNKNOWN_PROFILE,
        Slug.UNKNOWN_LOCATION,
        Slug.CONFLICT,
        Slug.PRECONDITION_FAILED,
        Slug.TOO_LARGE,
    ),
    openapi_extra=body("NodeSpec", _ATTACHED, IF_MATCH),
)
async def attach_node(request: Request, agent: NamePath, node: NodePath) -> Response:
    hub, caller = await enter_as_agent(request, agent)
    spec = attaching.read(await document_of(request), location=caller.location or "")
    cause = await cause_of(request, caller)
    done = await hub.store.unit(cause, attaching.attach, caller, node, spec, request.headers.get("if-match"))
    return answer(done.body(), etag=done.revision)


@router.post(
    "/agents/{agent}/requests/{number}/answer",
    operation_id="answer_request",
    summary="An agent's answer to a request",
    responses=replies(
        {"id": "9f86d081884c7d659a2feaa0c55ad015"},
        Slug.NOT_FOUND,
        Slug.INVALID_DOCUMENT,
        Slug.IDEMPOTENCY_MISMATCH,
        Slug.TOO_LARGE,
    ),
    openapi_extra=body("Answer", {"ok": True, "body": {"steps": []}}, IDEMPOTENCY_KEY, yaml=False),
)
async def answer_request(request: Request, agent: NamePath, number: RequestPath) -> Response:
    hub, caller = await enter_as_agent(request, agent)
    given = told(_ANSWER, await body_of(request))

    async def work() -> Response:
        await hub.store.unit(Cause(action="answer"), requests.answer, agent, number, given)
        return answer({"id": number})

    return await once(hub.store, request, caller, work)
