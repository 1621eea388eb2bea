"""``/nodes/{node}/console/...``: tickets for browsers, and what was said: transcripts as asciicast."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response, StreamingResponse

from device_profiles.names import DEVICE_OBJECT_NAME
from proxy_service.answers import answer
from proxy_service.callers import Scope
from proxy_service.consoles import asciicast, tickets, transcripts
from proxy_service.entering import cause_of, enter
from proxy_service.hub import Hub
from proxy_service.idempotency import once
from proxy_service.looking import parts
from proxy_service.problems import Slug
from proxy_service.routes.documented import IDEMPOTENCY_KEY, NodePath, headers, replies
from proxy_service.store import Rows

router = APIRouter(prefix="/v1", tags=["consoles"], default_response_class=Response)

_Transcript = Annotated[str, Path(pattern="^([a-f0-9]{1,32}|latest)$", description="The transcript's id, or `latest`.")]
_Slot = Annotated[str, Query(pattern=DEVICE_OBJECT_NAME, description="Only the console of the machine in this slot.")]
_TRANSCRIPT: Final = {
    "id": "9f86d081884c7d659a2feaa0c55ad015",
    "node": "con1",
    "slot": "",
    "agent": "row-a-agent",
    "line": "line",
    "began_at": "2026-11-20T10:00:00.000000Z",
    "last_at": "2026-11-20T10:05:00.000000Z",
    "ended_at": "2026-11-20T10:05:15.000000Z",
    "reason": "unwatched",
    "bytes": 5120,
}
_TICKET: Final = {
    "node": "con1",
    "token": "pt_a1b2c3d4e5f6_...",
    "expires_at": "2026-11-20T10:01:00.000000Z",
}


@router.post(
    "/nodes/{node}/console/tickets",
    operation_id="make_console_ticket",
    summary="A ticket for a browser: good once, for a minute",
    responses=replies(_TICKET, Slug.NOT_FOUND, Slug.INVALID_DOCUMENT, Slug.IDEMPOTENCY_MISMATCH),
    openapi_extra=headers(IDEMPOTENCY_KEY),
)
async def make_ticket(request: Request, node: NodePath) -> Response:
    hub, caller = await enter(request, Scope.CONSOLE_READ)
    cause = await cause_of(request, caller)
    await hub.store.view(parts.need_node, node)

    async def work() -> Response:
        return answer(await hub.store.unit(cause, tickets.make_ticket, node=node, token=caller.token))

    return await once(hub.store, request, caller, work)


@router.get(
    "/nodes/{node}/console/transcripts",
    operation_id="list_transcripts",
    summary="What was said on the node's console, newest first",
    responses=replies({"items": [_TRANSCRIPT]}, Slug.NOT_FOUND, Slug.INVALID_DOCUMENT),
)
async def list_transcripts(request: Request, node: NodePath, slot: _Slot | None = None) -> Response:
    hub, _ = await enter(request, Scope.CONSOLE_READ)

    def look(rows: Rows) -> dict[str, Any]:
        parts.need_node(rows, node)
        return {"items": transcripts.of_node(rows, node, slot=slot)}

    return answer(await hub.store.view(look))


@router.get(
    "/nodes/{node}/console/transcripts/{number}",
    operation_id="get_transcript",
    summary="One session as asciicast v2",
    responses=replies(
        '{"version": 2, "width": 80, "height": 24, "timestamp": 1795255200, "title": "con1"}\n[0.25, "o", "vde$ "]\n',
        Slug.NOT_FOUND,
        Slug.INVALID_DOCUMENT,
        media=asciicast.MEDIA_TYPE,
    ),
)
async def get_transcript(request: Request, node: NodePath, number: _Transcript, slot: _Slot | None = None) -> Response:
    hub, _ = await enter(request, Scope.CONSOLE_READ)
    row = await hub.store.view(transcripts.find, node, number, slot=slot or "")
    return StreamingResponse(_cast(hub, row), media_type=asciicast.MEDIA_TYPE)


async def _cast(hub: Hub, row: Any) -> AsyncIterator[bytes]:
    yield asciicast.header(row)
    player, seq = asciicast.Player(), 0
    while records := await hub.store.view(transcripts.records_after, row.id, seq):
        seq = records[-1].seq
        yield b"".join(player.lines(records))
