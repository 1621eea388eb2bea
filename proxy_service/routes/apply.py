"""``/apply``: a whole document, all or nothing; ``/schema/document``: what a document may hold."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from device_profiles.documents import Document
from device_profiles.names import OBJECT_NAME
from proxy_service.answers import answer
from proxy_service.callers import Caller, Scope
from proxy_service.declare.apply import DryRun, apply
from proxy_service.declare.specs import DOCUMENT, document
from proxy_service.declare.trial import plans
from proxy_service.entering import cause_of, document_of, enter
from proxy_service.hub import Hub
from proxy_service.idempotency import once
from proxy_service.problems import Slug
from proxy_service.routes.documented import IDEMPOTENCY_KEY, Timeout, body, replies
from proxy_service.store import Cause

router = APIRouter(prefix="/v1", tags=["documents"], default_response_class=Response)

_DOCUMENT = {
    "set": "rack-a",
    "locations": {"row-a": {}},
    "nodes": {"sw1": {"profile": "openvswitch", "location": "row-a", "access": ["ssh://root@192.0.2.11"]}},
    "roles": {
        "web-07": {"attach": {"nodes": ["sw1"]}, "state": {"ports": {"p1": {"mode": "access", "access_vlan": 100}}}}
    },
}
_APPLIED = {
    "revision": 12,
    "changed": {"locations": [], "nodes": [], "roles": ["web-07"]},
    "unchanged": 2,
    "deleted": {"nodes": [], "roles": []},
    "nodes": {"sw1": 4},
    "unbound": [],
}
_SetName = Annotated[str | None, Query(pattern=OBJECT_NAME, description="Delete what else this owner has in that set.")]


@router.post(
    "/apply",
    operation_id="apply_document",
    summary="Declare a whole document",
    responses=replies(
        _APPLIED,
        Slug.INVALID_DOCUMENT,
        Slug.UNKNOWN_PROFILE,
        Slug.UNKNOWN_LOCATION,
        Slug.NOT_IN_THIS_VERSION,
        Slug.CONFLICT,
        Slug.BUDGET_EXCEEDED,
        Slug.IDEMPOTENCY_MISMATCH,
        Slug.TOO_LARGE,
    ),
    openapi_extra=body("Document", _DOCUMENT, IDEMPOTENCY_KEY),
)
async def apply_document(
    request: Request,
    dry_run: Annotated[bool, Query(description="Store nothing; say what would change, and plan it.")] = False,
    prune: _SetName = None,
    confirm: Annotated[str | None, Query(description="The hash of a deletion that was refused as too large.")] = None,
    timeout: Timeout = 30,  # noqa: ASYNC109 -- the agents'
) -> Response:
    hub, caller = await enter(request, Scope.DECLARE)
    found = document(await document_of(request))
    cause = await cause_of(request, caller)

    async def work() -> Response:
        if dry_run:
            return await _try(hub, caller, cause, found=found, prune=prune, timeout_s=timeout)
        done = await hub.store.unit(cause, apply, caller, found, prune=prune, confirm=confirm, dry_run=False)
        return answer(done.body())

    return await once(hub.store, request, caller, work)


async def _try(
    hub: Hub, caller: Caller, cause: Cause, *, found: Document, prune: str | None, timeout_s: float
) -> Response:
    unaudited = replace(cause, token="")
    try:
        await hub.store.unit(unaudited, apply, caller, found, prune=prune, confirm=None, dry_run=True)
    except DryRun as ended:
        applied = ended.applied
        shown = await plans(hub, cause, applied.answer.recompiled, timeout_s=timeout_s)
        return answer({**applied.body(), "plans": shown})
    raise AssertionError("a dry run ends its unit")


@router.get(
    "/schema/document",
    operation_id="get_document_schema",
    summary="The JSON Schema of a document",
    responses=replies({"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object"}),
)
async def get_document_schema(request: Request) -> Response:
    await enter(request, Scope.READ)
    schema = DOCUMENT.json_schema(mode="validation")
    return answer({"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Document", **schema})
