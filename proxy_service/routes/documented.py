"""What OpenAPI says about routes: bodies by the real schemas, an example of the answer, and every way to be refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final

from fastapi import Path, Query

from device_profiles.names import NODE_NAME, OBJECT_NAME
from proxy_service.looking.lists import MOST
from proxy_service.problems import PROBLEM_TYPE, STATUS, TITLES, Slug

NodePath = Annotated[str, Path(pattern=NODE_NAME, description="The node's name.", examples=["sw1"])]
NamePath = Annotated[str, Path(pattern=OBJECT_NAME, description="The object's name.")]
TokenPath = Annotated[str, Path(pattern="^[a-f0-9]{1,32}$", description="The token's id.")]
RequestPath = Annotated[str, Path(pattern="^[a-f0-9]{1,32}$", description="The request's id.")]
Wait = Annotated[float, Query(ge=0, le=60, description="Answer when it has converged, or after so many seconds.")]
Timeout = Annotated[float, Query(gt=0, le=300, description="Seconds that the agent has for its answer.")]
Limit = Annotated[int, Query(ge=1, le=MOST)]
Fields = Annotated[str | None, Query(description="Keys to show, with commas between")]

ALWAYS: Final = (Slug.UNAUTHENTICATED, Slug.FORBIDDEN, Slug.INTERNAL)
WRITTEN: Final = {"revision": 7, "nodes": {"sw1": 12}, "unbound": []}
IF_MATCH: Final = {
    "name": "If-Match",
    "in": "header",
    "required": False,
    "schema": {"type": "string"},
    "description": "The ETag of the revision that shall be replaced; another one is refused with 412.",
}
IDEMPOTENCY_KEY: Final = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "maxLength": 200},
    "description": "The same key and body within 24 h is answered as the first time, and does nothing again.",
}


def replies(
    example: Any, *slugs: Slug, media: str = "application/json", open_to_all: bool = False
) -> dict[int | str, Any]:
    """The answers of a route: 200 with an example, and the refusals."""
    wanted = [*slugs, *((Slug.INTERNAL,) if open_to_all else ALWAYS)]
    by_status: dict[int, list[Slug]] = {}
    for slug in dict.fromkeys(wanted):
        by_status.setdefault(STATUS[slug], []).append(slug)
    schema = {"type": "string"} if media != "application/json" else {"type": "object"}
    found: dict[int | str, Any] = {
        200: {"description": "Done.", "content": {media: {"schema": schema, "example": example}}}
    }
    for status, kinds in sorted(by_status.items()):
        found[status] = {
            "description": "; ".join(f"{TITLES[slug]} (`{slug}`)" for slug in kinds) + ".",
            "content": {PROBLEM_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
    return found


def body(model: str, example: Any, *parameters: Mapping[str, Any], yaml: bool = True) -> dict[str, Any]:
    """The body of a route, by the name of its schema, and header parameters."""
    content = {"schema": {"$ref": f"#/components/schemas/{model}"}, "example": example}
    kinds = {"application/json": content, **({"application/yaml": content} if yaml else {})}
    return {"requestBody": {"required": True, "content": kinds}, "parameters": list(parameters)}


def headers(*parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Header parameters of a route without a body."""
    return {"parameters": list(parameters)}
