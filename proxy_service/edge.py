"""The outermost layer of the service: counts and times every call, and turns what nobody expected into a problem.

It answers in the one envelope, says nothing of the cause to the caller, and logs it with the kind of the error.
"""

from __future__ import annotations

import time
import traceback
from typing import Any

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from proxy_service.answers import problem
from proxy_service.metrics import Metrics
from proxy_service.problems import Refused, Slug

log = structlog.get_logger(__name__)


class Edge:
    """ASGI middleware. ``app.state.hub`` is there as soon as the service has started."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started_s = time.perf_counter()
        status = 0

        async def note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                _count(scope, status, time.perf_counter() - started_s)
            await send(message)

        try:
            await self._app(scope, receive, note)
        except Exception as error:  # noqa: BLE001 -- the seam at which nothing unexpected may pass
            # Where, not what: a message, and a renderer that shows local variables, would put secrets into the log.
            where = traceback.format_tb(error.__traceback__)
            kind = type(error).__name__
            log.error("call failed", method=scope["method"], route=_route(scope), error=kind, where=where)  # noqa: TRY400
            if not status:
                detail = "something failed that should not; the service's log says what, at this time"
                await problem(Refused(Slug.INTERNAL, detail))(scope, receive, note)


def _route(scope: Scope) -> str:
    """The route's pattern, so that names of objects do not become names of figures."""
    return getattr(scope.get("route"), "path", "none")


def _count(scope: Scope, status: int, seconds: float) -> None:
    hub: Any = getattr(scope["app"].state, "hub", None)
    if hub is not None:
        metrics: Metrics = hub.metrics
        metrics.count_call(scope["method"], _route(scope), status, seconds)
