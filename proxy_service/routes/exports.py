"""``/export/{format}``: the site in the words of other tools."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from device_profiles.names import OBJECT_NAME
from device_profiles.problems import Problem
from proxy_service.callers import Scope
from proxy_service.entering import enter
from proxy_service.exports import FORMATS
from proxy_service.exports.gathered import gather
from proxy_service.problems import Slug, invalid
from proxy_service.routes.documented import replies
from proxy_service.store import Rows

router = APIRouter(prefix="/v1", tags=["export"], default_response_class=Response)

_GRAPH: Final = {
    "type": "NetworkGraph",
    "protocol": "pointsman",
    "version": "1",
    "metric": None,
    "nodes": [{"id": "sw1", "label": "sw1", "properties": {"kind": "switch"}}],
    "links": [],
}


@router.get(
    "/export/{form}",
    operation_id="export",
    summary="Nodes and links as other tools read them: " + ", ".join(FORMATS),
    responses=replies(_GRAPH, Slug.INVALID_DOCUMENT),
)
async def get_export(
    request: Request,
    form: Annotated[str, Path(pattern=OBJECT_NAME, description="The format.", examples=["prometheus"])],
) -> Response:
    hub, _ = await enter(request, Scope.READ)
    wanted = FORMATS.get(form)
    if wanted is None:
        raise invalid([Problem("form", f"is one of {', '.join(FORMATS)}")])

    def written(rows: Rows) -> str:
        return wanted.write(gather(rows, with_facts=wanted.facts))

    return Response(await hub.store.view(written), media_type=wanted.media)
