"""Routes that only show what is stored: to whoever may read, out of one view."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec

from fastapi import Request
from starlette.responses import Response

from proxy_service.answers import answer
from proxy_service.callers import Scope
from proxy_service.entering import enter
from proxy_service.store import Rows

P = ParamSpec("P")


async def viewed(
    request: Request, work: Callable[Concatenate[Rows, P], Any], *args: P.args, **kwargs: P.kwargs
) -> Response:
    """What ``work(rows, ...)`` finds. Raises :class:`~proxy_service.problems.Refused`."""
    hub, _ = await enter(request, Scope.READ)
    return answer(await hub.store.view(work, *args, **kwargs))
