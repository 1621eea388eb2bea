"""``/search``: what holds a text, and where."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from device_profiles.problems import Problem
from proxy_service.answers import answer
from proxy_service.callers import Scope
from proxy_service.entering import enter
from proxy_service.looking.search import search
from proxy_service.problems import Slug, invalid
from proxy_service.routes.documented import replies

router = APIRouter(prefix="/v1", tags=["search"], default_response_class=Response)

_SHORTEST = 2
_HIT = {"kind": "node", "name": "sw1", "at": "facts.dmi.system.serial_number", "value": "OVS-1"}


@router.get(
    "/search",
    operation_id="search",
    summary="What holds a text in its name, its declaration or what was found of it",
    responses=replies({"items": [_HIT], "more": False, "event": 1042}, Slug.INVALID_DOCUMENT),
)
async def get_search(
    request: Request,
    q: Annotated[str, Query(max_length=200, description="A text, or a MAC in any way of writing it")] = "",
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> Response:
    hub, _ = await enter(request, Scope.READ)
    if len(q.strip()) < _SHORTEST:
        raise invalid([Problem("q", f"is a text of {_SHORTEST} characters or more")])
    return answer(await hub.store.view(search, q, limit))
