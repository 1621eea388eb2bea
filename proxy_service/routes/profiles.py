"""``/profiles``: device models and operating systems, as data."""

from __future__ import annotations

from typing import Any

import orjson
from fastapi import APIRouter, Request
from starlette.responses import Response

from proxy_service.answers import answer
from proxy_service.callers import Scope
from proxy_service.declare.specs import PROFILE, profiles
from proxy_service.entering import enter
from proxy_service.problems import Slug, not_found
from proxy_service.routes.documented import NamePath, replies

router = APIRouter(prefix="/v1", tags=["profiles"], default_response_class=Response)

_PROFILE = {"name": "openvswitch", "title": "Open vSwitch on Linux", "kind": "switch", "driver": "openvswitch"}


@router.get(
    "/profiles", operation_id="list_profiles", summary="List profiles", responses=replies({"items": [_PROFILE]})
)
async def list_profiles(request: Request) -> Response:
    await enter(request, Scope.READ)
    return answer({"items": [_view(name) for name in sorted(profiles())]})


@router.get(
    "/profiles/{profile}",
    operation_id="get_profile",
    summary="Show a profile",
    responses=replies(_PROFILE, Slug.NOT_FOUND, Slug.INVALID_DOCUMENT),
)
async def get_profile(request: Request, profile: NamePath) -> Response:
    await enter(request, Scope.READ)
    if profile not in profiles():
        raise not_found("profile", profile)
    return answer(_view(profile))


def _view(name: str) -> Any:
    return orjson.Fragment(PROFILE.dump_json(profiles()[name], exclude_none=True))
