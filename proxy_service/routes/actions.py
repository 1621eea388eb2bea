"""What is done to one node: ``preview``, ``approve``, ``converge``, ``rollback``, ``replace``, ``pause``, ``resume``.

All but an approval and a pause are asked of the node's agent, which has to be there.
"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from pydantic import TypeAdapter
from starlette.responses import Response

from device_profiles.documents import Pause, PlanApproval, Replacement, Rollback
from proxy_service.agents import requests
from proxy_service.answers import answer
from proxy_service.callers import Scope
from proxy_service.declare import approving, writes
from proxy_service.entering import body_of, cause_of, document_of, enter
from proxy_service.forms import filled_mapping
from proxy_service.idempotency import once
from proxy_service.problems import Slug
from proxy_service.routes.documented import (
    IDEMPOTENCY_KEY,
    WRITTEN,
    NodePath,
    RequestPath,
    Timeout,
    body,
    headers,
    replies,
)

router = APIRouter(prefix="/v1", tags=["actions"], default_response_class=Response)

_PAUSE = TypeAdapter(Pause)
_ROLLBACK = TypeAdapter(Rollback)
_APPROVAL = TypeAdapter(PlanApproval)
_REPLACEMENT = TypeAdapter(Replacement)
_ASKED = (Slug.NOT_FOUND, Slug.AGENT_AWAY, Slug.REQUEST_TIMEOUT, Slug.REQUEST_FAILED, Slug.IDEMPOTENCY_MISMATCH)
_PREVIEW = {
    "generation": 12,
    "observed_hash": "5f2b",
    "steps": [],
    "plan": "",
    "waits": [],
    "notes": [],
    "problems": [],
}
_APPROVED = {
    "node": "sw1",
    "generation": 12,
    "plan": "9d1f0c2ab44e7a6c5b1e8f03",
    "by": "alice",
    "at": "2026-11-20T10:00:00.000000Z",
}
_REQUEST = {
    "id": "9f86d081884c7d659a2feaa0c55ad015",
    "agent": "row-a-agent",
    "node": "sw1",
    "kind": "preview",
    "made_at": "2026-11-20T10:00:00.000000Z",
    "deadline": "2026-11-20T10:00:30.000000Z",
    "state": "answered",
    "answer": {"ok": True, "body": _PREVIEW, "reason": "", "message": ""},
}
_STRANGER = {
    "known": {"serial": "FOC1001", "ssh_host_key": "SHA256:x3s9"},
    "shown": {"serial": "FOC2002", "ssh_host_key": "SHA256:m1k2"},
    "access": "ssh://admin@192.0.2.11",
    "approve": "5f2b9c0e51a0c7e2b7a40d11",
    "plan": _PREVIEW,
    "notes": [],
}
_PASS = {"id": "p-17", "cause": "request", "generation": 12, "outcome": "unchanged", "steps": [], "drift": []}


@router.post(
    "/nodes/{node}/preview",
    operation_id="preview_node",
    summary="Have the agent read the device and plan; nothing is written",
    responses=replies(_PREVIEW, *_ASKED, Slug.INVALID_DOCUMENT),
    openapi_extra=headers(IDEMPOTENCY_KEY),
)
async def preview(request: Request, node: NodePath, timeout: Timeout = 30) -> Response:  # noqa: ASYNC109 -- the agent's
    return await _ask(request, node, "preview", timeout)


@router.post(
    "/nodes/{node}/converge",
    operation_id="converge_node",
    summary="Have the agent run a pass now",
    responses=replies(_PASS, *_ASKED, Slug.INVALID_DOCUMENT),
    openapi_extra=headers(IDEMPOTENCY_KEY),
)
async def converge(request: Request, node: NodePath, timeout: Timeout = 30) -> Response:  # noqa: ASYNC109 -- the agent's
    return await _ask(request, node, "converge", timeout)


@router.post(
    "/nodes/{node}/rollback",
    operation_id="rollback_node",
    summary="Take passes back: the last one, or all from a pass on; what is declared then waits until it changes",
    responses=replies(_PASS | {"outcome": "changed"}, *_ASKED, Slug.INVALID_DOCUMENT),
    openapi_extra=body("Rollback", {"pass": "01a1fc47e40a-0d0592d2-0"}, IDEMPOTENCY_KEY),
)
async def rollback(request: Request, node: NodePath, timeout: Timeout = 30) -> Response:  # noqa: ASYNC109 -- the agent's
    await enter(request, Scope.OPERATE)
    wanted = filled_mapping(_ROLLBACK, await document_of(request) if await body_of(request) else {})
    named = {"pass": wanted.pass_id} if wanted.pass_id is not None else {}
    return await _ask(request, node, "rollback", timeout, named)


@router.post(
    "/nodes/{node}/replace",
    operation_id="replace_node",
    summary="Show the device that answers in a node's place; with its approval, take it",
    responses=replies(_STRANGER, *_ASKED, Slug.INVALID_DOCUMENT),
    openapi_extra=body("Replacement", {"approve": "5f2b9c0e51a0c7e2b7a40d11"}, IDEMPOTENCY_KEY),
)
async def replace(request: Request, node: NodePath, timeout: Timeout = 30) -> Response:  # noqa: ASYNC109 -- the agent's
    await enter(request, Scope.OPERATE)
    wanted = filled_mapping(_REPLACEMENT, await document_of(request) if await body_of(request) else {})
    named = {"approve": wanted.approve} if wanted.approve is not None else {}
    return await _ask(request, node, "replace", timeout, named)


@router.post(
    "/nodes/{node}/approve",
    operation_id="approve_plan",
    summary="Approve a plan that waits, by its hash; it holds for this generation, also while the agent is away",
    responses=replies(
        _APPROVED,
        Slug.NOT_FOUND,
        Slug.FORBIDDEN,
        Slug.INVALID_DOCUMENT,
        Slug.IDEMPOTENCY_MISMATCH,
        Slug.TOO_LARGE,
    ),
    openapi_extra=body("PlanApproval", {"plan": _APPROVED["plan"]}, IDEMPOTENCY_KEY),
)
async def approve(request: Request, node: NodePath) -> Response:
    hub, caller = await enter(request, Scope.OPERATE)
    wanted = filled_mapping(_APPROVAL, await document_of(request))
    cause = await cause_of(request, caller)

    async def work() -> Response:
        return answer(await hub.store.unit(cause, approving.approve, caller, node, wanted.plan))

    return await once(hub.store, request, caller, work)


async def _ask(
    request: Request, node: str, kind: str, timeout_s: float, asked: dict[str, Any] | None = None
) -> Response:
    hub, caller = await enter(request, Scope.OPERATE)
    await body_of(request)
    if caller.limits.labels:
        await hub.store.view(writes.may_operate, caller, node)
    cause = await cause_of(request, caller)

    async def work() -> Response:
        return answer(await requests.ask(hub, cause, node=node, kind=kind, body=asked or {}, timeout_s=timeout_s))

    return await once(hub.store, request, caller, work)


@router.post(
    "/nodes/{node}/pause",
    operation_id="pause_node",
    summary="Write nothing to the device until a time",
    responses=replies(WRITTEN, Slug.NOT_FOUND, Slug.INVALID_DOCUMENT, Slug.IDEMPOTENCY_MISMATCH, Slug.TOO_LARGE),
    openapi_extra=body("Pause", {"until": "2026-11-20T18:00:00Z", "reason": "swapping the line card"}, IDEMPOTENCY_KEY),
)
async def pause(request: Request, node: NodePath) -> Response:
    await enter(request, Scope.OPERATE)
    wanted = filled_mapping(_PAUSE, await document_of(request))
    return await _set_pause(request, node, wanted)


@router.post(
    "/nodes/{node}/resume",
    operation_id="resume_node",
    summary="End a pause",
    responses=replies(WRITTEN, Slug.NOT_FOUND, Slug.INVALID_DOCUMENT, Slug.IDEMPOTENCY_MISMATCH),
    openapi_extra=headers(IDEMPOTENCY_KEY),
)
async def resume(request: Request, node: NodePath) -> Response:
    await body_of(request)
    return await _set_pause(request, node, None)


async def _set_pause(request: Request, node: str, wanted: Pause | None) -> Response:
    hub, caller = await enter(request, Scope.OPERATE)
    cause = await cause_of(request, caller)

    async def work() -> Response:
        return answer((await hub.store.unit(cause, writes.pause, caller, node, wanted)).body())

    return await once(hub.store, request, caller, work)


@router.get(
    "/requests/{number}",
    operation_id="get_request",
    summary="What an agent was asked, and what it answered",
    responses=replies(_REQUEST, Slug.NOT_FOUND, Slug.INVALID_DOCUMENT),
)
async def get_request(request: Request, number: RequestPath) -> Response:
    hub, _ = await enter(request, Scope.READ)
    return answer(requests.shown(await hub.store.view(requests.find, number)))
