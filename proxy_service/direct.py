"""A way past the framework for the calls that come most.

An agent's report is a small piece of work, and FastAPI takes longer to find the route, to solve its dependencies and
to go through its own layers than the service does to store it. A direct route is declared like every other, is in the
OpenAPI document and is refused in the same envelope, but it is called straight from here, under the same
:class:`~proxy_service.edge.Edge`. It takes nothing but its request and the parameters of its path.
"""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute, APIRouter
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from proxy_service.edge import Edge


class DirectApp(FastAPI):
    """FastAPI with some routes that bypass it."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self._direct: list[APIRoute] = []
        self._edge = Edge(self._call_endpoint)

    def include_direct(self, router: APIRouter, *operations: str) -> None:
        """Call these operations of ``router``, which is included, without FastAPI."""
        found = (route for route in router.routes if isinstance(route, APIRoute))
        self._direct += [route for route in found if route.operation_id in operations]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            for route in self._direct:
                match = route.path_regex.match(scope["path"])
                if match is not None and scope["method"] in (route.methods or ()):
                    scope.update(app=self, route=route, path_params=match.groupdict())
                    await self._edge(scope, receive, send)
                    return
        await super().__call__(scope, receive, send)

    async def _call_endpoint(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive, send)
        try:
            response = await scope["route"].endpoint(request, **scope["path_params"])
        except Exception as error:
            handler: Any = self.exception_handlers.get(type(error))
            if handler is None:
                raise
            response = await handler(request, error)
        await response(scope, receive, send)
