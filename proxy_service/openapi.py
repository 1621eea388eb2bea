"""The OpenAPI document: FastAPI's, with the real schemas of bodies and one security scheme."""

from __future__ import annotations

from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import TypeAdapter

from device_profiles.documents import Pause, PlanApproval, Replacement, Rollback
from device_profiles.wire import Answer, Enrolment, Reports
from proxy_service.declare.specs import DOCUMENT, LOCATION, NODE, ROLE, SERVER
from proxy_service.problems import Slug
from proxy_service.routes.tokens import TOKEN_REQUEST
from proxy_service.routes.trust import OVERRULING
from proxy_service.trust.standing import STANDING

_OPEN: Final = frozenset({"/healthz", "/readyz"})
_MODELS: Final[dict[str, TypeAdapter[Any]]] = {
    "NodeSpec": NODE,
    "RoleSpec": ROLE,
    "LocationSpec": LOCATION,
    "ServerSpec": SERVER,
    "ServerFacts": TypeAdapter(dict[str, Any]),
    "Document": DOCUMENT,
    "Pause": TypeAdapter(Pause),
    "Rollback": TypeAdapter(Rollback),
    "Replacement": TypeAdapter(Replacement),
    "PlanApproval": TypeAdapter(PlanApproval),
    "Enrolment": TypeAdapter(Enrolment),
    "Reports": TypeAdapter(Reports),
    "Answer": TypeAdapter(Answer),
    "TokenRequest": TOKEN_REQUEST,
    "Standing": STANDING,
    "Overruling": OVERRULING,
}
_PROBLEM: Final[dict[str, Any]] = {
    "type": "object",
    "description": "RFC 9457. `type` ends in one slug of a fixed set; docs/problems.md has a section for each.",
    "required": ["type", "title", "status", "detail", "problems"],
    "properties": {
        "type": {"type": "string", "enum": [f"/problems/{slug}" for slug in Slug]},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What, where, why, and what to do next."},
        "problems": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["path", "message"],
                "properties": {"path": {"type": "string"}, "message": {"type": "string"}},
            },
        },
    },
    "example": {
        "type": "/problems/invalid-document",
        "title": "The document is not valid",
        "status": 422,
        "detail": "state.ports.p1.access_vlan: input should be less than or equal to 4094",
        "problems": [{"path": "state.ports.p1.access_vlan", "message": "input should be less than or equal to 4094"}],
    },
}


def describe(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document of the application."""
    document = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
    components = document.setdefault("components", {})
    components["schemas"] = _schemas()
    components["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    document["security"] = [{"token": []}]
    for path, methods in document["paths"].items():
        for operation in methods.values():
            # FastAPI documents its own envelope for wrong parameters; ours says so in the slugs of 422.
            _drop_foreign_refusal(operation)
            if path in _OPEN:
                operation["security"] = []
    return document


def _schemas() -> dict[str, Any]:
    wanted: list[Any] = [(name, "validation", adapter) for name, adapter in _MODELS.items()]
    tops, shared = TypeAdapter.json_schemas(wanted, ref_template="#/components/schemas/{model}")
    found = {**shared.get("$defs", {}), "Problem": _PROBLEM}
    for (name, _), schema in tops.items():
        found.setdefault(str(name), schema)
    return dict(sorted(found.items()))


def _drop_foreign_refusal(operation: dict[str, Any]) -> None:
    refusal = operation["responses"].get("422")
    if refusal is not None and "HTTPValidationError" in str(refusal):
        del operation["responses"]["422"]
