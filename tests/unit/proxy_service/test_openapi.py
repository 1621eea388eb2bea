"""The OpenAPI document is whole: every route is named, summed up, shown by example and says how it refuses."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from proxy_service.declare.specs import document, location_spec, node_spec, role_spec
from tests.unit.proxy_service.site import Site

pytestmark = pytest.mark.unit

DOCS = Path(__file__).parents[3] / "docs" / "api.md"


@pytest.fixture
async def described(site: Site) -> dict[str, Any]:
    return (await site.http.get("/v1/openapi.json")).json()


def operations(described: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            if key == "$ref" and isinstance(item, str):
                yield item
            yield from references(item)
    elif isinstance(value, list):
        for item in value:
            yield from references(item)


async def test_every_operation_has_a_name_of_its_own_a_summary_and_an_example(described: dict[str, Any]) -> None:
    names = [operation["operationId"] for _, _, operation in operations(described)]
    assert len(names) == len(set(names)) > 40
    for method, path, operation in operations(described):
        assert operation["summary"], (method, path)
        assert operation["tags"], (method, path)
        (content,) = operation["responses"]["200"]["content"].values()
        assert content["example"], (method, path)


async def test_every_operation_says_how_it_refuses(described: dict[str, Any]) -> None:
    for method, path, operation in operations(described):
        refusals = {status: answer for status, answer in operation["responses"].items() if status != "200"}
        assert "500" in refusals, (method, path)
        if path not in ("/healthz", "/readyz"):
            assert {"401", "403"} <= set(refusals), (method, path)
        if operation.get("parameters") or "requestBody" in operation:
            assert "422" in refusals or path in ("/healthz", "/readyz"), (method, path)
        for answer in refusals.values():
            assert list(answer["content"]) == ["application/problem+json"], (method, path)
            assert re.search(r"`[a-z-]+`", answer["description"])


async def test_every_body_has_a_real_schema_and_an_example(described: dict[str, Any]) -> None:
    for method, path, operation in operations(described):
        if method == "put" or path == "/v1/apply":
            assert set(operation["requestBody"]["content"]) == {"application/json", "application/yaml"}
        for content in operation.get("requestBody", {}).get("content", {}).values():
            assert content["example"]
            assert content["schema"]["$ref"].rsplit("/", 1)[1] in described["components"]["schemas"]


async def test_no_reference_leads_nowhere(described: dict[str, Any]) -> None:
    schemas = described["components"]["schemas"]
    for reference in references(described):
        assert reference.removeprefix("#/components/schemas/") in schemas, reference


async def test_every_post_takes_an_idempotency_key_and_every_put_an_if_match(described: dict[str, Any]) -> None:
    for method, path, operation in operations(described):
        names = {item["name"] for item in operation.get("parameters", [])}
        assert (method == "post") == ("Idempotency-Key" in names), (method, path)
        assert method != "put" or "If-Match" in names, (method, path)


async def test_the_examples_of_bodies_are_valid(described: dict[str, Any]) -> None:
    readers = {"NodeSpec": node_spec, "RoleSpec": role_spec, "LocationSpec": location_spec, "Document": document}
    for _, _, operation in operations(described):
        for content in operation.get("requestBody", {}).get("content", {}).values():
            read = readers.get(content["schema"]["$ref"].rsplit("/", 1)[1])
            if read is not None:
                read(content["example"])


async def test_only_health_needs_no_token(described: dict[str, Any]) -> None:
    assert described["security"] == [{"token": []}]
    open_to_all = {path for _, path, operation in operations(described) if operation.get("security") == []}
    assert open_to_all == {"/healthz", "/readyz"}


async def test_every_route_is_in_the_documentation(described: dict[str, Any]) -> None:
    text = DOCS.read_text(encoding="utf-8")
    for method, path, _ in operations(described):
        assert f"`{method.upper()} {path}`" in text, "docs/api.md has a line for every route"
