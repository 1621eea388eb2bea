"""``/healthz``, ``/readyz``, ``/metrics``: outside ``/v1``, for those who watch the service itself."""

from __future__ import annotations

import asyncio
from typing import Any

import sqlalchemy as sa
from fastapi import APIRouter, Request
from starlette.responses import Response

from proxy_service import clock
from proxy_service.agents.presence import Presence
from proxy_service.answers import answer
from proxy_service.callers import Scope
from proxy_service.entering import enter, hub_of
from proxy_service.metrics import MEDIA_TYPE
from proxy_service.problems import Refused, Slug
from proxy_service.routes.documented import replies
from proxy_service.store import Rows
from proxy_service.store import tables as t

router = APIRouter(tags=["health"], default_response_class=Response)

READY_TIMEOUT_S = 2.0


@router.get(
    "/healthz",
    operation_id="healthz",
    summary="The process answers",
    responses=replies({"ok": True}, open_to_all=True),
)
async def healthz() -> Response:
    return answer({"ok": True})


@router.get(
    "/readyz",
    operation_id="readyz",
    summary="The database answers, too",
    responses=replies(
        {"ok": True, "event": 1042, "at": "2026-11-20T10:00:00.000000Z"}, Slug.STOPPING, open_to_all=True
    ),
)
async def readyz(request: Request) -> Response:
    store = hub_of(request).store
    try:
        async with asyncio.timeout(READY_TIMEOUT_S):
            return answer({"ok": True, "event": await store.view(Rows.last_event), "at": clock.now_text()})
    except (TimeoutError, sa.exc.SQLAlchemyError):
        raise Refused(Slug.STOPPING, "the database does not answer; look at it, or at its address") from None


@router.get(
    "/metrics",
    operation_id="metrics",
    summary="Figures for Prometheus",
    responses=replies("pointsman_nodes 2\n", media="text/plain"),
)
async def metrics(request: Request) -> Response:
    hub = hub_of(request)
    if not hub.settings.open_metrics:
        await enter(request, Scope.READ)
    figures = await hub.store.view(_figures, hub.presence)
    for state, number in figures["nodes"].items():
        hub.metrics.nodes.labels(state).set(number)
    for state, number in figures["agents"].items():
        hub.metrics.agents.labels(state).set(number)
    hub.metrics.last_event.set(figures["event"])
    return Response(hub.metrics.text(), media_type=MEDIA_TYPE)


def _figures(rows: Rows, presence: Presence) -> dict[str, Any]:
    count = sa.func.count()
    proved = sa.select(count).select_from(t.nodes.join(t.statuses, t.statuses.c.node == t.nodes.c.name))
    total = rows.value(sa.select(count).select_from(t.nodes))
    converged = rows.value(proved.where(t.statuses.c.converged_generation >= t.nodes.c.generation))
    agents = rows.all(sa.select(t.agents.c.stream, t.agents.c.last_seen))
    there = sum(presence.is_connected(row.stream, row.last_seen) for row in agents)
    return {
        "nodes": {"converged": converged, "pending": total - converged},
        "agents": {"connected": there, "away": len(agents) - there},
        "event": rows.last_event(),
    }
