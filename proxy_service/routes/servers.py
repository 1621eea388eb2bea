"""``/servers``: machines that use devices, and what they tell of themselves."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from fastapi import APIRouter, Request
from starlette.responses import Response

from proxy_service.answers import answer
from proxy_service.callers import Scope
from proxy_service.declare import writes
from proxy_service.declare.specs import server_spec
from proxy_service.entering import cause_of, document_of, enter
from proxy_service.graph import reported
from proxy_service.idempotency import once
from proxy_service.problems import Slug, not_found
from proxy_service.routes.documented import IDEMPOTENCY_KEY, IF_MATCH, WRITTEN, Limit, NamePath, body, headers, replies
from proxy_service.routes.viewing import viewed
from proxy_service.store import Rows
from proxy_service.store import graph_tables as g

router = APIRouter(prefix="/v1", tags=["servers"], default_response_class=Response)

_SPEC = {"identity": {"macs": {"eth0": "52:54:00:00:00:07"}, "hostname": "web-07", "iqn": "iqn.2024-01.example:web-07"}}
_SERVER = {
    "name": "web-07",
    "spec": _SPEC,
    "owner": "dc-team",
    "set": None,
    "revision": 7,
    "status": {"reported_at": None},
}
_WRITTEN: dict[str, Any] = {**WRITTEN, "nodes": {}}
_FACTS = {
    "hostname": "web-07",
    "network": {"interfaces": {"eth0": {"addresses": {"52:54:00:00:00:07": {"family": "lladdr"}}}}},
    "lldp": {
        "interface": {
            "eth0": {
                "chassis": {"sw1": {"id": {"type": "mac", "value": "52:54:00:00:01:00"}}},
                "port": {"id": {"type": "ifname", "value": "Ethernet17"}},
            }
        }
    },
}


@router.get(
    "/servers",
    operation_id="list_servers",
    summary="List servers",
    responses=replies({"items": [_SERVER], "cursor": None, "event": 1042}, Slug.INVALID_DOCUMENT),
)
async def list_servers(request: Request, limit: Limit = 100, cursor: str | None = None) -> Response:
    return await viewed(request, reported.servers, limit=limit, cursor=cursor)


@router.put(
    "/servers/{server}",
    operation_id="put_server",
    summary="Declare a server: what it is recognised by",
    responses=replies(
        _WRITTEN, Slug.INVALID_DOCUMENT, Slug.NOT_IN_THIS_VERSION, Slug.PRECONDITION_FAILED, Slug.TOO_LARGE
    ),
    openapi_extra=body("ServerSpec", _SPEC, IF_MATCH),
)
async def put_server(request: Request, server: NamePath) -> Response:
    hub, caller = await enter(request, Scope.DECLARE)
    spec = server_spec(await document_of(request))
    cause = await cause_of(request, caller)
    done = await hub.store.unit(cause, writes.put_server, caller, server, spec, request.headers.get("if-match"))
    return answer(done.body(), etag=done.revision)


@router.get(
    "/servers/{server}",
    operation_id="get_server",
    summary="Show a server",
    responses=replies(_SERVER, Slug.NOT_FOUND, Slug.INVALID_DOCUMENT),
)
async def get_server(request: Request, server: NamePath) -> Response:
    hub, _ = await enter(request, Scope.READ)
    row = await hub.store.view(Rows.first, sa.select(g.servers).where(g.servers.c.name == server))
    if row is None:
        raise not_found("server", server)
    return answer(reported.server_view(row), etag=row.revision)


@router.delete(
    "/servers/{server}",
    operation_id="delete_server",
    summary="Forget a server",
    responses=replies(_WRITTEN, Slug.NOT_FOUND, Slug.PRECONDITION_FAILED, Slug.INVALID_DOCUMENT),
    openapi_extra=headers(IF_MATCH),
)
async def delete_server(request: Request, server: NamePath) -> Response:
    hub, caller = await enter(request, Scope.DECLARE)
    cause = await cause_of(request, caller)
    done = await hub.store.unit(cause, writes.delete_server, caller, server, request.headers.get("if-match"))
    return answer(done.body())


@router.post(
    "/servers/{server}/facts",
    operation_id="post_server_facts",
    summary="A server tells its own side: a document of ohai, of lldpctl, or both",
    responses=replies(
        {"server": "web-07", "at": "2026-11-20T10:00:00.000000Z", "neighbours": 1},
        Slug.NOT_FOUND,
        Slug.INVALID_DOCUMENT,
        Slug.IDEMPOTENCY_MISMATCH,
        Slug.TOO_LARGE,
    ),
    openapi_extra=body("ServerFacts", _FACTS, IDEMPOTENCY_KEY, yaml=False),
)
async def post_server_facts(request: Request, server: NamePath) -> Response:
    hub, caller = await enter(request, Scope.DECLARE)
    document = await document_of(request)
    cause = await cause_of(request, caller)

    async def work() -> Response:
        return answer(await hub.store.unit(cause, reported.take, caller, server, document))

    return await once(hub.store, request, caller, work)
