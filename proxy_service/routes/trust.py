"""What agents do not accept, how they are overruled, and the service's keys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from annotated_types import MaxLen
from fastapi import APIRouter, Request
from pydantic import ConfigDict, TypeAdapter
from starlette.responses import Response

from device_profiles.names import NodeName
from device_profiles.problems import Problem
from device_profiles.signing import key_id
from device_profiles.state import STRICT
from proxy_service.answers import answer
from proxy_service.callers import Scope
from proxy_service.entering import body_of, cause_of, document_of, enter, enter_as_agent
from proxy_service.forms import filled, told
from proxy_service.idempotency import once
from proxy_service.problems import Slug, invalid
from proxy_service.routes.documented import IDEMPOTENCY_KEY, NamePath, body, headers, replies
from proxy_service.routes.viewing import viewed
from proxy_service.store import Cause, Rows
from proxy_service.trust import site, standing

router = APIRouter(prefix="/v1", tags=["trust"], default_response_class=Response)


@dataclass(frozen=True, slots=True, kw_only=True)
class Overruling:
    """Nodes of which agents shall accept what is declared now, or ``all`` that any agent refuses."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    nodes: Annotated[tuple[NodeName, ...], MaxLen(10_000)] = ()
    all: bool = False


OVERRULING = TypeAdapter(Overruling)
_REFUSED = {
    "node": "sw1",
    "message": "the service offers generation 9, and generation 12 was accepted before: it is older than this agent",
    "holds": "5f0c2a90c3b14f0e8a7d6b5c:12:9f86d081884c7d659a2feaa0",
    "epoch": "5f0c2a90c3b14f0e8a7d6b5c",
    "generation": 12,
    "offered": 9,
}


@router.post(
    "/agents/{agent}/standing",
    operation_id="post_standing",
    summary="Of which nodes the agent does not accept what it is assigned; an empty list ends it",
    responses=replies(
        {"agent": "row-a-agent", "refused": 1},
        Slug.INVALID_DOCUMENT,
        Slug.NOT_FOUND,
        Slug.NOT_IN_THIS_VERSION,
        Slug.IDEMPOTENCY_MISMATCH,
        Slug.TOO_LARGE,
    ),
    openapi_extra=body("Standing", {"schema": 1, "refused": [_REFUSED]}, IDEMPOTENCY_KEY, yaml=False),
)
async def post_standing(request: Request, agent: NamePath) -> Response:
    hub, caller = await enter_as_agent(request, agent)
    given = told(standing.STANDING, await body_of(request))

    async def work() -> Response:
        await hub.store.unit(Cause(action="standing"), standing.take, agent, given)
        return answer({"agent": agent, "refused": len(given.refused)})

    return await once(hub.store, request, caller, work)


@router.post(
    "/overrule",
    operation_id="overrule_agents",
    summary="Have agents accept what is declared now, though they have accepted something newer before",
    responses=replies(
        {"nodes": ["sw1"], "epoch": "8a7d6b5c5f0c2a90c3b14f0e"},
        Slug.CONFLICT,
        Slug.INVALID_DOCUMENT,
        Slug.IDEMPOTENCY_MISMATCH,
        Slug.TOO_LARGE,
    ),
    openapi_extra=body("Overruling", {"nodes": ["sw1"]}, IDEMPOTENCY_KEY),
)
async def overrule(request: Request) -> Response:
    hub, caller = await enter(request, Scope.ADMIN)
    wanted = filled(OVERRULING, await document_of(request))
    if bool(wanted.nodes) == wanted.all:
        raise invalid([Problem("nodes", "name the nodes, or say all: true; not both")])
    cause = await cause_of(request, caller)
    nodes = None if wanted.all else wanted.nodes

    async def work() -> Response:
        return answer(await hub.store.unit(cause, standing.overrule, nodes))

    return await once(hub.store, request, caller, work)


@router.get(
    "/keys",
    operation_id="list_keys",
    summary="The service's epoch, and the public keys by which agents know it, the newest last",
    responses=replies({"epoch": "8a7d6b5c5f0c2a90c3b14f0e", "items": [{"id": "0c3b14f0e8a7d6b5", "key": "..."}]}),
)
async def list_keys(request: Request) -> Response:
    return await viewed(request, _keys)


def _keys(rows: Rows) -> dict[str, object]:
    items = [{"id": key_id(link.public), "key": link.key} for link in site.keys(rows)]
    return {"epoch": site.words(rows)["epoch"], "items": items}


@router.post(
    "/keys",
    operation_id="rotate_key",
    summary="Sign with a new key from now on; the one before vouches for it",
    responses=replies({"id": "0c3b14f0e8a7d6b5"}, Slug.INVALID_DOCUMENT, Slug.IDEMPOTENCY_MISMATCH),
    openapi_extra=headers(IDEMPOTENCY_KEY),
)
async def rotate_key(request: Request) -> Response:
    hub, caller = await enter(request, Scope.ADMIN)
    cause = await cause_of(request, caller)

    async def work() -> Response:
        return answer({"id": await hub.store.unit(cause, site.rotate)})

    return await once(hub.store, request, caller, work)
