"""One envelope for everything that is refused, on every route; no value and no secret in it."""

import re
from pathlib import Path
from typing import Any

import pytest

from proxy_service.problems import STATUS, TITLES, Slug
from tests.unit.proxy_service.site import Site

pytestmark = pytest.mark.unit

OPEN = {"/healthz", "/readyz", "/v1/openapi.json"}
DOCS = Path(__file__).parents[3] / "docs" / "problems.md"
SECRET = "hunter2secret"


def paths(site: Site) -> list[tuple[str, str]]:
    """Every method and path that OpenAPI knows, parameters filled in."""
    document = site.app.openapi()
    return [
        (method.upper(), re.sub(r"\{[a-z]+\}", "ab12", path))
        for path, methods in document["paths"].items()
        for method in methods
    ]


def check(problem: Any, status: int) -> None:
    assert {"type", "title", "status", "detail", "problems"} <= set(problem)
    slug = Slug(problem["type"].removeprefix("/problems/"))
    assert (problem["status"], STATUS[slug], problem["title"]) == (status, status, TITLES[slug])
    assert problem["detail"]
    assert all(set(item) == {"path", "message"} for item in problem["problems"])
    assert SECRET not in str(problem)


async def test_every_route_refuses_a_stranger_in_the_envelope(site: Site) -> None:
    asked = [item for item in paths(site) if item[1] not in OPEN]
    assert len(asked) > 40
    for method, path in asked:
        answer = await site.http.request(method, path, headers={"authorization": f"Bearer pm_ab_{SECRET}"})
        assert answer.status_code == 401, (method, path)
        assert answer.headers["www-authenticate"] == "Bearer"
        check(answer.json(), 401)


async def test_every_route_refuses_a_foreign_method_in_the_envelope(site: Site) -> None:
    for path in {path for _, path in paths(site)}:
        check(await site.admin.refused("OPTIONS", path), 405)


@pytest.mark.parametrize(
    "path", ["/", "/v1", "/v1/nope", "/v1/nodes/", "/v1/nodes/a/nope", "/v2/nodes", "/docs", f"/{SECRET}"]
)
async def test_an_unknown_page_is_a_problem(site: Site, path: str) -> None:
    check(await site.admin.refused("GET", path), 404)


@pytest.mark.parametrize(
    "path",
    [
        f"/v1/nodes?limit={SECRET}",
        "/v1/nodes?limit=0",
        f"/v1/nodes?label={SECRET}",
        f"/v1/nodes?condition=Converged:{SECRET}",
        f"/v1/nodes/sw1?wait={SECRET}",
        f"/v1/events?since={SECRET}",
        f"/v1/nodes/sw1/desired?explain={SECRET}",
        "/v1/nodes/sw1/passes?limit=-1",
    ],
)
async def test_a_wrong_parameter_is_named_and_not_repeated(site: Site, path: str) -> None:
    problem = await site.admin.refused("GET", path)
    check(problem, 422)
    assert problem["problems"][0]["path"]


async def test_no_refused_body_is_repeated(site: Site) -> None:
    bodies = [f'{{"a": "{SECRET}"}}', f"credentials: {SECRET}", f"{SECRET}: [", SECRET, f'["{SECRET}"]']
    for method, path in paths(site):
        if method in ("PUT", "POST") and path not in OPEN:
            for body in bodies:
                answer = await site.admin.ask(method, path, content=body.encode())
                if answer.status_code >= 400:
                    problem = answer.json()
                    problem["problems"] = []
                    assert SECRET not in str(problem) or f"{SECRET}:" in body


async def test_a_failure_of_the_service_says_nothing_of_its_cause(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(*_: object, **__: object) -> None:
        raise LookupError(SECRET)

    monkeypatch.setattr(site.hub.store, "view", fail)
    answer = await site.http.get("/readyz")
    check(answer.json(), 500)


async def test_a_failure_is_logged_without_its_message(
    site: Site, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object) -> None:
        raise LookupError(SECRET)

    monkeypatch.setattr("proxy_service.looking.lists.nodes", fail)
    check(await site.admin.refused("GET", "nodes"), 500)
    logged = capsys.readouterr()
    assert "call failed" in logged.out + logged.err
    assert SECRET not in logged.out + logged.err


def test_every_kind_has_a_status_a_title_and_a_section() -> None:
    sections = set(re.findall(r"^## `([a-z-]+)`", DOCS.read_text(encoding="utf-8"), re.MULTILINE))
    assert sections == {str(slug) for slug in Slug}
    assert set(STATUS) == set(TITLES) == set(Slug)
