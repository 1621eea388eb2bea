"""``/audit``: who wrote what, what became of it, and the passes that it caused."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from device_profiles.names import NODE_NAME, OBJECT_NAME
from proxy_service import clock
from proxy_service.answers import answer
from proxy_service.callers import Scope
from proxy_service.entering import enter
from proxy_service.looking import audit
from proxy_service.problems import Slug
from proxy_service.routes.documented import replies

router = APIRouter(prefix="/v1", tags=["audit"], default_response_class=Response)

_WRITE = {
    "at": "2026-11-20T10:00:00.000000Z",
    "token": "a1b2c3d4e5f6",
    "owner": "net-team",
    "method": "PUT",
    "path": "/v1/roles/web-07",
    "document_hash": "6f1ed002ab5595859014ebf0951522d9",
    "outcome": "done",
    "revision": 7,
    "event": 1042,
    "generations": {"sw1": 12},
    "passes": [{"node": "sw1", "id": "p-17", "outcome": "changed", "ended_at": "2026-11-20T10:00:01.000000Z"}],
}


@router.get(
    "/audit",
    operation_id="read_audit",
    summary="Who wrote what, newest first, with the passes that each write caused",
    responses=replies({"items": [_WRITE], "cursor": None}, Slug.INVALID_DOCUMENT),
)
async def read_audit(
    request: Request,
    *,
    since: Annotated[datetime | None, Query(description="Writes from this time on.")] = None,
    owner: Annotated[str | None, Query(pattern=OBJECT_NAME, description="Writes with tokens of this owner.")] = None,
    node: Annotated[
        str | None, Query(pattern=NODE_NAME, description="Writes to this node, or that gave it a generation.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    cursor: Annotated[int | None, Query(ge=0, description="Where the last page ended.")] = None,
) -> Response:
    hub, _ = await enter(request, Scope.ADMIN)
    start = None
    if since is not None:
        start = clock.text(since if since.tzinfo is not None else since.replace(tzinfo=UTC))
    wanted = audit.Wanted(since=start, owner=owner, node=node, cursor=cursor, limit=limit)
    return answer(await hub.store.view(audit.page, wanted))
