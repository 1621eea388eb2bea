"""``/locations``: where agents run."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from fastapi import APIRouter, Request
from starlette.responses import Response

from proxy_service.answers import answer
from proxy_service.callers import Scope
from proxy_service.declare import writes
from proxy_service.declare.specs import location_spec
from proxy_service.entering import cause_of, document_of, enter
from proxy_service.looking import lists
from proxy_service.problems import Slug, not_found
from proxy_service.routes.documented import IF_MATCH, WRITTEN, Fields, Limit, NamePath, body, headers, replies
from proxy_service.routes.viewing import viewed
from proxy_service.store import Rows
from proxy_service.store import tables as t

router = APIRouter(prefix="/v1", tags=["locations"], default_response_class=Response)

_SPEC = {"agents": "alone", "bind_on": "lldp+fdb", "protect": ["vlans.1"]}
_LOCATION = {"name": "row-a", "spec": _SPEC, "owner": "admin", "set": None, "revision": 3}


@router.get(
    "/locations",
    operation_id="list_locations",
    summary="List locations",
    responses=replies({"items": [_LOCATION], "cursor": None, "event": 1042}, Slug.INVALID_DOCUMENT),
)
async def list_locations(
    request: Request, limit: Limit = 100, cursor: str | None = None, fields: Fields = None
) -> Response:
    return await viewed(request, lists.locations, lists.wanted(limit=limit, cursor=cursor, fields=fields))


@router.put(
    "/locations/{location}",
    operation_id="put_location",
    summary="Declare a location",
    responses=replies(
        WRITTEN, Slug.INVALID_DOCUMENT, Slug.NOT_IN_THIS_VERSION, Slug.PRECONDITION_FAILED, Slug.TOO_LARGE
    ),
    openapi_extra=body("LocationSpec", _SPEC, IF_MATCH),
)
async def put_location(request: Request, location: NamePath) -> Response:
    hub, caller = await enter(request, Scope.ADMIN)
    spec = location_spec(await document_of(request))
    cause = await cause_of(request, caller)
    done = await hub.store.unit(cause, writes.put_location, caller, location, spec, request.headers.get("if-match"))
    return answer(done.body(), etag=done.revision)


@router.get(
    "/locations/{location}",
    operation_id="get_location",
    summary="Show a location",
    responses=replies(_LOCATION, Slug.NOT_FOUND, Slug.INVALID_DOCUMENT),
)
async def get_location(request: Request, location: NamePath) -> Response:
    hub, _ = await enter(request, Scope.READ)
    view = await hub.store.view(_find, location)
    return answer(view, etag=view["revision"])


def _find(rows: Rows, location: str) -> dict[str, Any]:
    row = rows.first(sa.select(t.locations).where(t.locations.c.name == location))
    if row is None:
        raise not_found("location", location)
    return lists.location_view(row)


@router.delete(
    "/locations/{location}",
    operation_id="delete_location",
    summary="Forget a location that nothing uses",
    responses=replies(WRITTEN, Slug.NOT_FOUND, Slug.CONFLICT, Slug.PRECONDITION_FAILED, Slug.INVALID_DOCUMENT),
    openapi_extra=headers(IF_MATCH),
)
async def delete_location(request: Request, location: NamePath) -> Response:
    hub, caller = await enter(request, Scope.ADMIN)
    cause = await cause_of(request, caller)
    done = await hub.store.unit(cause, writes.delete_location, caller, location, request.headers.get("if-match"))
    return answer(done.body())
