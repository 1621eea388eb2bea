"""``/events``: what happened, in order, as a page or as a stream that goes on."""

from __future__ import annotations

from typing import Annotated

import orjson
from fastapi import APIRouter, Query, Request
from starlette.responses import Response, StreamingResponse

from proxy_service.answers import SSE_HEADERS, answer
from proxy_service.callers import Scope
from proxy_service.entering import enter
from proxy_service.looking import events
from proxy_service.problems import Slug
from proxy_service.routes.documented import replies
from proxy_service.store import Rows

router = APIRouter(prefix="/v1", tags=["events"], default_response_class=Response)

_EVENT = {
    "id": 1042,
    "at": "2026-11-20T10:00:00.000000Z",
    "type": "desired.changed",
    "node": "sw1",
    "role": None,
    "data": {"generation": 12, "cause": "write"},
}


@router.get(
    "/events",
    operation_id="watch_events",
    summary="Events as they are committed: server-sent events, or one page of JSON",
    responses={
        **replies({"items": [_EVENT], "last": 1042}, Slug.GONE, Slug.INVALID_DOCUMENT),
    },
)
async def watch_events(
    request: Request,
    since: Annotated[int | None, Query(ge=0, description="Events after this id; absent: from now on")] = None,
    follow: Annotated[
        bool, Query(description="false: one page as JSON, from the oldest on where since is absent")
    ] = True,
) -> Response:
    hub, _ = await enter(request, Scope.READ)
    resumed = request.headers.get("last-event-id", "")
    if resumed.isdecimal() and len(resumed) < 19:
        since = int(resumed)
    if not follow:
        page = await hub.store.view(events.page, await hub.store.view(events.oldest) if since is None else since)
        return answer({"items": [orjson.Fragment(data) for _, _, data in page.events], "last": page.last})
    start = await hub.store.view(Rows.last_event) if since is None else since
    await hub.store.view(events.page, start)
    pages = request.app.state.event_pages
    found = events.stream(hub, pages, start, authorization=request.headers.get("authorization"))
    return StreamingResponse(found, media_type="text/event-stream", headers=SSE_HEADERS)
