"""``/nodes``: managed nodes, with their status beside what was declared."""

from __future__ import annotations

import time
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from proxy_service.answers import answer
from proxy_service.callers import Scope
from proxy_service.declare import writes
from proxy_service.declare.specs import node_spec
from proxy_service.entering import cause_of, document_of, enter
from proxy_service.hub import Hub
from proxy_service.looking import lists
from proxy_service.looking.status import NODE_ROWS, node_view
from proxy_service.problems import Slug, not_found
from proxy_service.routes.documented import IF_MATCH, WRITTEN, Fields, Limit, NodePath, Wait, body, headers, replies
from proxy_service.store import Rows
from proxy_service.store import tables as t

router = APIRouter(prefix="/v1", tags=["nodes"], default_response_class=Response)

_SPEC = {
    "profile": "openvswitch",
    "location": "row-a",
    "access": ["ssh://root@192.0.2.11"],
    "credentials": "file:lab.key",
    "labels": {"tier": "leaf"},
}
_NODE = {
    "name": "sw1",
    "kind": "switch",
    "spec": _SPEC,
    "owner": "net-team",
    "set": None,
    "revision": 7,
    "status": {
        "generation": 12,
        "converged_generation": 12,
        "conditions": [
            {
                "type": "Converged",
                "status": True,
                "reason": "AsDeclared",
                "message": "a reading has shown it",
                "since": "2026-11-20T10:00:00Z",
            }
        ],
        "agent": "row-a-agent",
        "last_seen": "2026-11-20T10:05:00.000000Z",
        "last_pass": "p-17",
        "drift": 0,
        "identity": {},
        "observed_at": "2026-11-20T10:05:00.000000Z",
    },
}


@router.get(
    "/nodes",
    operation_id="list_nodes",
    summary="List nodes",
    responses=replies({"items": [_NODE], "cursor": None, "event": 1042}, Slug.INVALID_DOCUMENT),
)
async def list_nodes(
    request: Request,
    *,
    kind: str | None = None,
    label: Annotated[list[str], Query(description="`key=value`; all of them")] = [],  # noqa: B006 -- FastAPI copies it
    condition: Annotated[list[str], Query(description="`Type:true`, `false` or `unknown`; all of them")] = [],  # noqa: B006
    limit: Limit = 100,
    cursor: str | None = None,
    fields: Fields = None,
) -> Response:
    hub, _ = await enter(request, Scope.READ)
    query = lists.wanted(limit=limit, cursor=cursor, fields=fields, kind=kind, label=label, condition=condition)
    return answer(await hub.store.view(lists.nodes, query, hub.presence))


@router.put(
    "/nodes/{node}",
    operation_id="put_node",
    summary="Declare a node",
    responses=replies(
        WRITTEN,
        Slug.INVALID_DOCUMENT,
        Slug.UNKNOWN_PROFILE,
        Slug.UNKNOWN_LOCATION,
        Slug.CONFLICT,
        Slug.PRECONDITION_FAILED,
        Slug.TOO_LARGE,
    ),
    openapi_extra=body("NodeSpec", _SPEC, IF_MATCH),
)
async def put_node(request: Request, node: NodePath) -> Response:
    hub, caller = await enter(request, Scope.DECLARE)
    spec = node_spec(await document_of(request))
    cause = await cause_of(request, caller)
    done = await hub.store.unit(cause, writes.put_node, caller, node, spec, request.headers.get("if-match"))
    return answer(done.body(), etag=done.revision)


@router.get(
    "/nodes/{node}",
    operation_id="get_node",
    summary="Show a node, or wait until it has converged",
    responses=replies(_NODE, Slug.NOT_FOUND, Slug.INVALID_DOCUMENT),
)
async def get_node(request: Request, node: NodePath, wait: Wait = 0, generation: int | None = None) -> Response:
    hub, _ = await enter(request, Scope.READ)
    ends_at_s = time.monotonic() + wait
    with hub.store.changed.watching(f"node:{node}") as watch:
        while True:
            view = await hub.store.view(_find, hub, node)
            status = view["status"]
            goal = status["generation"] if generation is None else generation
            left_s = ends_at_s - time.monotonic()
            if status["converged_generation"] >= goal or left_s <= 0:
                return answer(view, etag=view["revision"])
            await watch.wait(left_s)


def _find(rows: Rows, hub: Hub, node: str) -> dict[str, Any]:
    row = rows.first(NODE_ROWS.where(t.nodes.c.name == node))
    if row is None:
        raise not_found("node", node)
    return node_view(row, hub.presence)


@router.delete(
    "/nodes/{node}",
    operation_id="delete_node",
    summary="Forget a node; its device keeps what it has",
    responses=replies(WRITTEN, Slug.NOT_FOUND, Slug.PRECONDITION_FAILED, Slug.INVALID_DOCUMENT),
    openapi_extra=headers(IF_MATCH),
)
async def delete_node(request: Request, node: NodePath) -> Response:
    hub, caller = await enter(request, Scope.DECLARE)
    cause = await cause_of(request, caller)
    done = await hub.store.unit(cause, writes.delete_node, caller, node, request.headers.get("if-match"))
    return answer(done.body())
