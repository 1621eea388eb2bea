"""``/nodes/{node}/...``: the parts of a node."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from proxy_service.looking import parts
from proxy_service.problems import Slug
from proxy_service.routes.documented import NodePath, replies
from proxy_service.routes.viewing import viewed

router = APIRouter(prefix="/v1", tags=["nodes"], default_response_class=Response)

_AT = {"at": "2026-11-20T10:00:00.000000Z", "hash": "5f2b"}
_STATE = {"ports": {"p1": {"mode": "access", "access_vlan": 100}}}
_STEP = {
    "capability": "ports.access_vlan",
    "text": "put p1 into VLAN 100",
    "commands": ["ovs-vsctl set port p1 tag=100"],
    "undo": ["ovs-vsctl set port p1 tag=1"],
    "impact": "flap",
    "status": "done",
}
_DRIFT = {"path": "ports.p1.access_vlan", "expected": 100, "found": 1, "roles": ["web-07"], "since": _AT["at"]}
_PASS = {
    "id": "p-17",
    "cause": "assignment",
    "generation": 12,
    "outcome": "changed",
    "started_at": "2026-11-20T10:00:00Z",
    "ended_at": "2026-11-20T10:00:01Z",
    "steps": [_STEP],
    "drift": [],
    "reason": "",
    "message": "",
    "device_ms": 41.5,
}
_PLAN = {
    "generation": 12,
    "at": _AT["at"],
    "pass": "p-17",
    "steps": [_STEP | {"status": "pending"}],
    "plan": "9d1f0c2ab44e7a6c5b1e8f03",
    "waits": [{"reason": "WaitingForApproval", "message": "one step waits for approval", "steps": [1]}],
    "approved": [],
}
_OPERATION = {
    "at": "2026-11-20T10:00:00Z",
    "source": "ovsdb",
    "ports": {"p1": {"oper_up": True}},
    "macs": [],
    "vlans_carried": [100],
}
_REFUSALS = (Slug.NOT_FOUND, Slug.INVALID_DOCUMENT)
_EXPLAINED = {
    "generation": 12,
    "state": _STATE,
    "leaves": [{"path": "ports.p1.access_vlan", "value": 100, "roles": ["web-07"]}],
    "held": [],
}


@router.get(
    "/nodes/{node}/desired",
    operation_id="get_desired",
    summary="What a node shall be",
    responses=replies(_EXPLAINED, *_REFUSALS),
)
async def get_desired(
    request: Request, node: NodePath, explain: Annotated[bool, Query(description="Each leaf with its roles")] = False
) -> Response:
    return await viewed(request, parts.desired, node, explain=explain)


@router.get(
    "/nodes/{node}/observed",
    operation_id="get_observed",
    summary="The configuration that was last read from the device",
    responses=replies({**_AT, "state": _STATE}, *_REFUSALS),
)
async def get_observed(request: Request, node: NodePath) -> Response:
    return await viewed(request, parts.observed, node)


@router.get(
    "/nodes/{node}/operation",
    operation_id="get_operation",
    summary="What the device is doing",
    responses=replies(_OPERATION, *_REFUSALS),
)
async def get_operation(request: Request, node: NodePath) -> Response:
    return await viewed(request, parts.body, node, "operation")


@router.get(
    "/nodes/{node}/facts",
    operation_id="get_facts",
    summary="What the device is and holds",
    responses=replies({**_AT, "facts": {"platform": "openvswitch", "hostname": "sw1"}}, *_REFUSALS),
)
async def get_facts(
    request: Request,
    node: NodePath,
    path: Annotated[str | None, Query(description="One fact, like network.interfaces.p1.mtu", max_length=500)] = None,
) -> Response:
    return await viewed(request, parts.facts, node, path)


@router.get(
    "/nodes/{node}/plan",
    operation_id="get_plan",
    summary="The plan that was last reported; a fresh one is a preview",
    responses=replies(_PLAN, *_REFUSALS),
)
async def get_plan(request: Request, node: NodePath) -> Response:
    return await viewed(request, parts.plan, node)


@router.get(
    "/nodes/{node}/drift",
    operation_id="get_drift",
    summary="What is not as declared, and was before",
    responses=replies({"items": [_DRIFT]}, *_REFUSALS),
)
async def get_drift(request: Request, node: NodePath) -> Response:
    return await viewed(request, parts.drift, node)


@router.get(
    "/nodes/{node}/passes",
    operation_id="list_passes",
    summary="Passes that did or found something, newest first",
    responses=replies({"items": [_PASS]}, *_REFUSALS),
)
async def list_passes(request: Request, node: NodePath, limit: Annotated[int, Query(ge=1, le=1000)] = 50) -> Response:
    return await viewed(request, parts.passes, node, limit)


@router.get(
    "/nodes/{node}/passes/{number}",
    operation_id="get_pass",
    summary="One pass",
    responses=replies(_PASS, *_REFUSALS),
)
async def get_pass(
    request: Request, node: NodePath, number: Annotated[str, Path(pattern="^[A-Za-z0-9._:-]{1,64}$")]
) -> Response:
    return await viewed(request, parts.one_pass, node, number)
