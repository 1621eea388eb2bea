"""``/roles``: owned pieces of desired state, each with a status over its own leaves."""

from __future__ import annotations

import time
from typing import Any

import sqlalchemy as sa
from fastapi import APIRouter, Request
from starlette.responses import Response

from proxy_service.answers import answer
from proxy_service.callers import Scope
from proxy_service.declare import writes
from proxy_service.declare.specs import role_spec
from proxy_service.entering import cause_of, document_of, enter
from proxy_service.looking import lists
from proxy_service.looking.roles import role_views
from proxy_service.problems import Slug, not_found
from proxy_service.routes.documented import IF_MATCH, WRITTEN, Fields, Limit, NamePath, Wait, body, headers, replies
from proxy_service.routes.viewing import viewed
from proxy_service.store import Rows
from proxy_service.store import tables as t

router = APIRouter(prefix="/v1", tags=["roles"], default_response_class=Response)

_SPEC = {
    "attach": {"labels": {"tier": "leaf"}},
    "priority": 50,
    "state": {"ports": {"p1": {"mode": "access", "access_vlan": 100}}},
}
_ROLE = {
    "name": "web-07",
    "spec": {**_SPEC, "owner": "net-team"},
    "owner": "net-team",
    "set": None,
    "revision": 9,
    "status": {
        "converged": True,
        "nodes": {
            "sw1": {"generation": 12, "converged": True, "reason": "Converged", "message": "a reading has shown it"}
        },
    },
}


@router.get(
    "/roles",
    operation_id="list_roles",
    summary="List roles",
    responses=replies({"items": [_ROLE], "cursor": None, "event": 1042}, Slug.INVALID_DOCUMENT),
)
async def list_roles(
    request: Request, limit: Limit = 100, cursor: str | None = None, fields: Fields = None
) -> Response:
    return await viewed(request, lists.roles, lists.wanted(limit=limit, cursor=cursor, fields=fields))


@router.put(
    "/roles/{role}",
    operation_id="put_role",
    summary="Declare a role",
    responses=replies(
        WRITTEN,
        Slug.INVALID_DOCUMENT,
        Slug.NOT_IN_THIS_VERSION,
        Slug.CONFLICT,
        Slug.PRECONDITION_FAILED,
        Slug.TOO_LARGE,
    ),
    openapi_extra=body("RoleSpec", _SPEC, IF_MATCH),
)
async def put_role(request: Request, role: NamePath) -> Response:
    hub, caller = await enter(request, Scope.DECLARE)
    spec = role_spec(await document_of(request))
    cause = await cause_of(request, caller)
    done = await hub.store.unit(cause, writes.put_role, caller, role, spec, request.headers.get("if-match"))
    return answer(done.body(), etag=done.revision)


@router.get(
    "/roles/{role}",
    operation_id="get_role",
    summary="Show a role, or wait until it has converged on all of its nodes",
    responses=replies(_ROLE, Slug.NOT_FOUND, Slug.INVALID_DOCUMENT),
)
async def get_role(request: Request, role: NamePath, wait: Wait = 0) -> Response:
    hub, _ = await enter(request, Scope.READ)
    ends_at_s = time.monotonic() + wait
    view = await hub.store.view(_find, role)
    while not view["status"]["converged"] and (left_s := ends_at_s - time.monotonic()) > 0:
        topics = (f"node:{name}" for name in view["status"]["nodes"])
        with hub.store.changed.watching(f"role:{role}", *topics) as watch:
            view = await hub.store.view(_find, role)
            if not view["status"]["converged"]:
                await watch.wait(left_s)
                view = await hub.store.view(_find, role)
    return answer(view, etag=view["revision"])


def _find(rows: Rows, role: str) -> dict[str, Any]:
    row = rows.first(sa.select(t.roles).where(t.roles.c.name == role))
    if row is None:
        raise not_found("role", role)
    return role_views(rows, [row])[0]


@router.delete(
    "/roles/{role}",
    operation_id="delete_role",
    summary="Forget a role; what only it declared is no longer declared",
    responses=replies(WRITTEN, Slug.NOT_FOUND, Slug.PRECONDITION_FAILED, Slug.INVALID_DOCUMENT),
    openapi_extra=headers(IF_MATCH),
)
async def delete_role(request: Request, role: NamePath) -> Response:
    hub, caller = await enter(request, Scope.DECLARE)
    cause = await cause_of(request, caller)
    done = await hub.store.unit(cause, writes.delete_role, caller, role, request.headers.get("if-match"))
    return answer(done.body())
