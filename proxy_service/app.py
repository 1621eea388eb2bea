"""The application: routes, one envelope for everything that is refused, and what lives as long as it runs."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import os
from collections.abc import AsyncIterator
from importlib.metadata import PackageNotFoundError, version

import structlog
from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DBAPIError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from device_profiles.problems import Problem, written
from proxy_service.agents.presence import Presence
from proxy_service.answers import problem
from proxy_service.auth import Doorkeeper, make_first_token
from proxy_service.consoles.rooms import Rooms
from proxy_service.direct import DirectApp
from proxy_service.edge import Edge
from proxy_service.entering import hub_of, refused_cause
from proxy_service.graph.acquainting import get_acquainted
from proxy_service.housekeeping import keep_house, watch_pauses
from proxy_service.hub import Hub
from proxy_service.looking.events import Pages
from proxy_service.metrics import Metrics
from proxy_service.openapi import describe
from proxy_service.problems import Refused, Slug, invalid
from proxy_service.routes import (
    actions,
    agents,
    apply,
    audit,
    console_streams,
    consoles,
    events,
    exports,
    graph,
    health,
    locations,
    nodes,
    parts,
    profiles,
    roles,
    search,
    servers,
    tokens,
    trust,
)
from proxy_service.settings import Settings
from proxy_service.store import Cause, Store, open_store
from proxy_service.store.broadcast import Stopping
from proxy_service.trust import site

log = structlog.get_logger(__name__)


def create_app(settings: Settings) -> FastAPI:
    """The service as an ASGI application. Its lifespan opens the store and makes the first admin token."""

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with open_store(settings.database) as store:
            await _first_token(store, settings)
            await store.unit(Cause(action="first epoch"), site.ensure)
            app.state.hub = Hub(settings, store, Doorkeeper(store), Presence(settings.agent_silence_s), Metrics())
            app.state.event_pages = Pages(store)
            app.state.rooms = Rooms(app.state.hub)
            async with _in_background(store, settings), contextlib.aclosing(app.state.rooms):
                yield

    app = DirectApp(
        title="Pointsman",
        version=_version(),
        description="Managed nodes for devices that cannot run an agent.",
        lifespan=lifespan,
        openapi_url="/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.router.routes.extend(_routes())
    _answer_problems(app)
    app.add_middleware(Edge)
    app.include_direct(agents.router, "post_reports")
    app.openapi = lambda: _described(app)  # type: ignore[method-assign]
    return app


@functools.cache
def _routes() -> list[BaseRoute]:
    """Put together once for a process: FastAPI works a route out anew, which takes long, for each router it is in."""
    every = APIRouter()
    # Routes are tried in this order for every call, and reports are the calls that come most.
    declared = nodes, parts, graph, actions, roles, locations, servers, apply
    for module in (
        agents,
        *declared,
        tokens,
        audit,
        events,
        profiles,
        search,
        exports,
        trust,
        consoles,
        console_streams,
        health,
    ):
        every.include_router(module.router)
    return every.routes


def stop_waiting(app: FastAPI) -> None:
    """End every stream and every wait, so that the server can stop at once."""
    hub: Hub | None = getattr(app.state, "hub", None)
    if hub is not None:
        hub.store.changed.stop()


def _version() -> str:
    try:
        return version("pointsman")
    except PackageNotFoundError:  # a checkout that was never installed
        return "0"


def _described(app: FastAPI) -> dict[str, object]:
    if app.openapi_schema is None:
        app.openapi_schema = describe(app)
    return app.openapi_schema


@contextlib.asynccontextmanager
async def _in_background(store: Store, settings: Settings) -> AsyncIterator[None]:
    """What runs beside the calls; ended when the service stops."""
    work = [
        store.follow_replicas(settings.poll_s),
        keep_house(store, settings),
        watch_pauses(store),
        get_acquainted(store),
    ]
    tasks = [asyncio.create_task(each) for each in work]
    for task in tasks:
        task.add_done_callback(_note_end)
    try:
        yield
    finally:
        store.changed.stop()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _note_end(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None and not isinstance(error, Stopping):
        log.error("background work ended", error=type(error).__name__, exc_info=error)


async def _first_token(store: Store, settings: Settings) -> None:
    """Make the first token and write it where only its owner reads; the file comes first, so that it is never lost."""
    token = await store.unit(Cause(action="first token"), make_first_token)
    if token is None:
        return
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    await asyncio.to_thread(_write_secret, settings, token)
    log.info("first admin token made", file=str(settings.admin_token_file))


def _write_secret(settings: Settings, token: str) -> None:
    file = settings.admin_token_file
    file.unlink(missing_ok=True)
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as stream:
        stream.write(token + "\n")


def _answer_problems(app: FastAPI) -> None:
    @app.exception_handler(Refused)
    async def _refused(request: Request, error: Refused) -> Response:
        await _audit_refusal(request, error)
        return problem(error)

    @app.exception_handler(Stopping)
    async def _stopping(_request: Request, _error: Stopping) -> Response:
        return problem(Refused(Slug.STOPPING, "the service is stopping; ask again in a moment"))

    @app.exception_handler(RequestValidationError)
    async def _parameters(_request: Request, error: RequestValidationError) -> Response:
        # Only where and what: never the value.
        return problem(invalid([Problem(_place(item["loc"]), str(item["msg"]).lower()) for item in error.errors()]))

    @app.exception_handler(HTTPException)
    async def _of_the_framework(request: Request, error: HTTPException) -> Response:
        return problem(_as_refusal(request, error))


async def _audit_refusal(request: Request, error: Refused) -> None:
    """Keep in the audit that somebody known tried to write and was refused."""
    cause = refused_cause(request, error.slug)
    if cause is not None:
        try:
            await hub_of(request).store.unit(cause, lambda _unit: None)
        except DBAPIError as failure:
            log.warning("refusal cannot be audited", error=type(failure).__name__)


def _place(parts: tuple[str | int, ...]) -> str:
    return written(str(part) for part in parts[1:])


def _as_refusal(request: Request, error: HTTPException) -> Refused:
    if error.status_code == 404:
        return Refused(Slug.NOT_FOUND, "there is no such page; the API stands under /v1, see /v1/openapi.json")
    if error.status_code == 405:
        return Refused(Slug.METHOD_NOT_ALLOWED, f"this page does not know {request.method}; see /v1/openapi.json")
    return Refused(Slug.INVALID_DOCUMENT, "the call cannot be read; see /v1/openapi.json")
