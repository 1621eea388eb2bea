"""``/tokens``: made, shown once, listed without what could be used, revoked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

import sqlalchemy as sa
from annotated_types import Ge, Gt, Le, MaxLen, MinLen
from fastapi import APIRouter, Request
from pydantic import ConfigDict, TypeAdapter
from starlette.responses import Response

from device_profiles.names import ObjectName
from device_profiles.problems import Problem
from device_profiles.state import STRICT
from proxy_service.answers import answer
from proxy_service.auth import make_token, revoke, shown
from proxy_service.callers import NO_LIMITS, Caller, Limits, Scope
from proxy_service.entering import cause_of, document_of, enter, hub_of
from proxy_service.forms import filled
from proxy_service.idempotency import once
from proxy_service.problems import Slug, invalid, not_found, refused_at
from proxy_service.routes.documented import IDEMPOTENCY_KEY, TokenPath, body, replies
from proxy_service.store import Rows, Unit
from proxy_service.store import tables as t

router = APIRouter(prefix="/v1", tags=["tokens"], default_response_class=Response)

JOIN_EXPIRES_S = 7 * 86400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRequest:
    """A token that is wanted. ``location`` and ``uses`` are for join tokens."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    name: ObjectName
    scopes: Annotated[tuple[Scope, ...], MinLen(1), MaxLen(10)]
    owner: ObjectName | None = None
    expires_in_s: Annotated[float, Gt(0), Le(10 * 366 * 86400)] | None = None
    limits: Limits = NO_LIMITS
    location: ObjectName | None = None
    uses: Annotated[int, Ge(1), Le(1000)] | None = None


TOKEN_REQUEST = TypeAdapter(TokenRequest)
_TOKEN = {
    "id": "a1b2c3d4e5f6",
    "name": "deploy",
    "owner": "net-team",
    "scopes": ["declare", "read"],
    "limits": {"max_priority": 60, "labels": {"tier": "leaf"}, "vlans": [100, 101]},
    "location": None,
    "agent": None,
    "uses_left": None,
    "made_at": "2026-11-20T10:00:00.000000Z",
    "expires_at": "2027-02-18T10:00:00.000000Z",
    "revoked_at": None,
}


@router.post(
    "/tokens",
    operation_id="make_token",
    summary="Make a token; its text is shown this once",
    responses=replies({**_TOKEN, "token": "pm_..."}, Slug.INVALID_DOCUMENT, Slug.IDEMPOTENCY_MISMATCH, Slug.TOO_LARGE),
    openapi_extra=body(
        "TokenRequest",
        {"name": "deploy", "scopes": ["read", "declare"], "expires_in_s": 7776000, "limits": {"max_priority": 60}},
        IDEMPOTENCY_KEY,
    ),
)
async def post_token(request: Request) -> Response:
    hub, caller = await enter(request, Scope.ADMIN)
    wanted = filled(TOKEN_REQUEST, await document_of(request))
    _check(wanted, caller)
    cause = await cause_of(request, caller)

    async def work() -> Response:
        return answer(await hub.store.unit(cause, _make, caller, wanted))

    return await once(hub.store, request, caller, work)


def _check(wanted: TokenRequest, caller: Caller) -> None:
    """A token gives away no more than its maker has."""
    joins = Scope.JOIN in wanted.scopes
    if joins and (len(wanted.scopes) > 1 or wanted.location is None):
        raise invalid([Problem("location", "a join token has that one scope, and names its location")])
    if not joins and (wanted.location is not None or wanted.uses is not None):
        raise invalid([Problem("location", "location and uses are for join tokens")])
    if Scope.AGENT in wanted.scopes:
        raise refused_at(Slug.FORBIDDEN, "scopes", "an agent gets its token by enrolling")
    if not joins and not set(wanted.scopes) <= caller.scopes:
        raise refused_at(Slug.FORBIDDEN, "scopes", "a token gives away no scope that it does not have")
    if caller.limits != NO_LIMITS:
        raise refused_at(Slug.FORBIDDEN, "limits", "a token with limits makes no others")
    if wanted.owner not in (None, caller.owner) and Scope.FORCE not in caller.scopes:
        raise refused_at(Slug.FORBIDDEN, "owner", "a token for another owner needs the scope force")


def _make(unit: Unit, caller: Caller, wanted: TokenRequest) -> dict[str, Any]:
    joins = Scope.JOIN in wanted.scopes
    number, text = make_token(
        unit,
        name=wanted.name,
        owner=wanted.owner or caller.owner,
        scopes=wanted.scopes,
        limits=wanted.limits,
        location=wanted.location,
        uses=(wanted.uses or 1) if joins else None,
        expires_in_s=wanted.expires_in_s or (JOIN_EXPIRES_S if joins else None),
    )
    row = unit.first(sa.select(t.tokens).where(t.tokens.c.id == number))
    return {**shown(row), "token": text}


@router.get("/tokens", operation_id="list_tokens", summary="List tokens", responses=replies({"items": [_TOKEN]}))
async def list_tokens(request: Request) -> Response:
    hub, _ = await enter(request, Scope.ADMIN)
    found = await hub.store.view(Rows.all, sa.select(t.tokens).order_by(t.tokens.c.made_at, t.tokens.c.id))
    return answer({"items": [shown(row) for row in found]})


@router.get(
    "/tokens/self",
    operation_id="get_own_token",
    summary="The token that calls: what it may do, and until when",
    responses=replies(_TOKEN),
)
async def get_own_token(request: Request) -> Response:
    hub = hub_of(request)
    caller = await hub.doorkeeper.caller(request.headers.get("authorization"))
    row = await hub.store.view(Rows.first, sa.select(t.tokens).where(t.tokens.c.id == caller.token))
    return answer(shown(row))


@router.delete(
    "/tokens/{number}",
    operation_id="revoke_token",
    summary="Revoke a token",
    responses=replies({"id": "a1b2c3d4e5f6"}, Slug.NOT_FOUND, Slug.INVALID_DOCUMENT),
)
async def revoke_token(request: Request, number: TokenPath) -> Response:
    hub, caller = await enter(request, Scope.ADMIN)
    if not await hub.store.unit(await cause_of(request, caller), revoke, number):
        raise not_found("valid token", number)
    hub.doorkeeper.forget(number)
    return answer({"id": number})
