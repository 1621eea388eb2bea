"""What every route does first: find out who calls, read the body within its limit, say why something is written."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any, Final

from starlette.requests import Request

from proxy_service.callers import Caller, Scope
from proxy_service.declare.parsing import LARGEST_BYTES, parse
from proxy_service.hub import Hub
from proxy_service.problems import Refused, Slug
from proxy_service.store import Cause

_WRITES: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})


def hub_of(request: Request) -> Hub:
    """What the routes of this process share."""
    hub: Hub = request.app.state.hub
    return hub


async def enter(request: Request, scope: Scope) -> tuple[Hub, Caller]:
    """The hub and the caller, who has ``scope``. Raises :class:`Refused`."""
    hub = hub_of(request)
    caller = await hub.doorkeeper.caller(request.headers.get("authorization"))
    request.state.caller = caller
    caller.need(scope)
    return hub, caller


async def enter_as_agent(request: Request, agent: str) -> tuple[Hub, Caller]:
    """The hub and the caller, who is this agent itself. Raises :class:`Refused`."""
    hub, caller = await enter(request, Scope.AGENT)
    if caller.agent != agent:
        raise Refused(Slug.FORBIDDEN, "an agent calls only its own routes, with the token of its enrolment")
    return hub, caller


async def body_of(request: Request) -> bytes:
    """The body, read no further than its limit. Raises :class:`Refused`."""
    declared = request.headers.get("content-length", "0")
    chunks: list[bytes] = []
    size = int(declared) if declared.isdecimal() else 0
    if size <= LARGEST_BYTES:
        size = 0
        async for chunk in request.stream():
            size += len(chunk)
            if size > LARGEST_BYTES:
                break
            chunks.append(chunk)
    if size > LARGEST_BYTES:
        raise Refused(Slug.TOO_LARGE, f"a body has at most {LARGEST_BYTES} bytes; split the document")
    body = b"".join(chunks)
    # Starlette keeps a body that was read here, where a later reader of the same request looks for it.
    request._body = body
    return body


async def document_of(request: Request) -> Any:
    """The values in the body, JSON or YAML. Raises :class:`Refused`."""
    return await parse(await body_of(request))


async def cause_of(request: Request, caller: Caller) -> Cause:
    """Why something is written, for the audit."""
    await request.body()
    return _cause(request, caller)


def refused_cause(request: Request, slug: Slug) -> Cause | None:
    """Why a write was refused, for the audit; None where nobody known called, or it was no write of a person's."""
    caller: Caller | None = getattr(request.state, "caller", None)
    if caller is None or caller.agent is not None or request.method not in _WRITES:
        return None
    return replace(_cause(request, caller), outcome=str(slug))


def _cause(request: Request, caller: Caller) -> Cause:
    # As far as it was read: a call that was refused before has no document.
    body: bytes = getattr(request, "_body", b"")
    query = f"?{request.url.query}" if request.url.query else ""
    return Cause(
        action=f"{request.method} {request.url.path}{query}"[:200],
        token=caller.token,
        owner=caller.owner,
        document_hash=hashlib.sha256(body).hexdigest() if body else None,
    )
