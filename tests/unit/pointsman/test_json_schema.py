"""The generated JSON Schema is one, by a validator of others; every example in the pages and of the API keeps to it.

What an editor or a form makes of the schema is thereby what the service takes: pydantic, which made it, is not asked.
"""

import copy
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pydantic import TypeAdapter
from referencing import Registry
from referencing.jsonschema import DRAFT202012
from ruamel.yaml import YAML

from device_profiles.documents import Document
from pointsman.demo.rack import rack_document
from pointsman.origin import HOME
from proxy_service.app import create_app
from proxy_service.settings import Settings
from tests.unit.pointsman.pages import blocks

pytestmark = pytest.mark.unit

SCHEMA = TypeAdapter(Document).json_schema()
PAGES = [HOME / "README.md", HOME / "CONTRIBUTING.md", *(HOME / "docs").rglob("*.md"), *(HOME / "deploy").rglob("*.md")]
EXAMPLES = {f"{page.name} {number}": text for page in PAGES for number, text in enumerate(blocks(page, "yaml"))}
EXAMPLES["rack.yaml"] = rack_document().read_text(encoding="utf-8")


def read(text: str) -> Any:
    return YAML(typ="safe", pure=True).load(text)


def wrong(schema: dict[str, Any], value: Any, registry: Registry = Registry()) -> list[tuple[str, str]]:  # noqa: B008
    """What the validator says: where, and what."""
    found = Draft202012Validator(schema, registry=registry).iter_errors(value)
    return [(error.json_path, error.message) for error in found]


def test_the_schema_of_documents_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_document_in_the_pages_keeps_to_it(name: str) -> None:
    assert wrong(SCHEMA, read(EXAMPLES[name])) == []


@pytest.mark.parametrize(
    ("port", "where"),
    [
        ({"access_vlan": 4095}, "access_vlan"),
        ({"mode": "trunk", "trunk_vlans": [0]}, "trunk_vlans"),
        ({"description": 'a"; reboot'}, "description"),
        ({"colour": "red"}, "p5"),
    ],
)
def test_what_is_wrong_is_found_where_it_stands(port: dict[str, Any], where: str) -> None:
    document = read(EXAMPLES["rack.yaml"])
    assert wrong(SCHEMA, document) == []
    document["roles"]["wrong"] = {"attach": {"nodes": ["sw1"]}, "state": {"ports": {"p5": port}}}
    (place,) = {place for place, _ in wrong(SCHEMA, document)}
    assert where in place


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the service says of itself: OpenAPI 3.1, whose schemas are JSON Schema 2020-12."""
    return create_app(Settings(data_dir=tmp_path_factory.mktemp("data"))).openapi()


def rooted(value: Any) -> Any:
    """The same with references into the whole document, so that a part of it can be looked at."""
    if isinstance(value, dict):
        return {key: f"urn:api{item}" if key == "$ref" else rooted(item) for key, item in value.items()}
    return [rooted(item) for item in value] if isinstance(value, list) else value


def test_every_schema_of_the_api_is_one(api: dict[str, Any]) -> None:
    assert api["openapi"].startswith("3.1.")
    for schema in api["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_every_example_of_the_api_keeps_to_its_schema(api: dict[str, Any]) -> None:
    whole = copy.deepcopy(api)
    registry = Registry().with_resource("urn:api", DRAFT202012.create_resource(whole))
    seen = 0
    for path, methods in whole["paths"].items():
        for method, operation in methods.items():
            for answer in (operation.get("requestBody", {}), *operation["responses"].values()):
                for kind, content in answer.get("content", {}).items():
                    if "schema" in content and "example" in content:
                        seen += 1
                        assert wrong(rooted(content["schema"]), content["example"], registry) == [], (
                            method,
                            path,
                            kind,
                        )
    assert seen > 40


def test_the_problem_in_the_pages_is_one(api: dict[str, Any]) -> None:
    (text,) = blocks(Path(HOME / "docs" / "problems.md"), "json")
    assert wrong(api["components"]["schemas"]["Problem"], read(text)) == []
