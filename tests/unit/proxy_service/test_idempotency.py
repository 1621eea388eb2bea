"""``Idempotency-Key``: sent again, answered again, done once."""

import asyncio

import pytest
import sqlalchemy as sa

from proxy_service.store import tables as t
from tests.unit.proxy_service.site import NODE, Site, access_port

pytestmark = pytest.mark.unit

KEY = {"idempotency-key": "k-1"}
DOCUMENT = {"locations": {"row-a": {}}, "nodes": {"sw1": NODE}, "roles": {"blue": access_port(10)}}


async def test_the_same_call_is_answered_as_the_first_time_and_done_once(site: Site) -> None:
    first = await site.admin.ask("POST", "apply", json=DOCUMENT, headers=KEY)
    await site.admin.delete("roles/blue")
    again = await site.admin.ask("POST", "apply", json=DOCUMENT, headers=KEY)
    assert (again.status_code, again.content) == (200, first.content)
    assert again.headers["idempotent-replayed"] == "true"
    assert (await site.admin.get("roles"))["items"] == []


async def test_another_body_or_page_with_the_same_key_is_refused(site: Site) -> None:
    await site.admin.post("apply", DOCUMENT, headers=KEY)
    for path, body in (("apply", {}), ("nodes/sw1/resume", DOCUMENT)):
        problem = await site.admin.refused("POST", path, json=body, headers=KEY)
        assert (problem["status"], problem["type"]) == (409, "/problems/idempotency-mismatch")


async def test_a_key_belongs_to_its_token(site: Site) -> None:
    await site.admin.post("apply", DOCUMENT, headers=KEY)
    other = await site.caller("declare")
    answer = await other.ask("POST", "apply", json={}, headers=KEY)
    assert "idempotent-replayed" not in answer.headers


async def test_a_call_that_failed_can_be_repeated(site: Site) -> None:
    document = {"nodes": {"sw1": NODE}}
    await site.admin.refused("POST", "apply", json=document, headers=KEY)
    await site.admin.put("locations/row-a", {})
    await site.admin.post("apply", document, headers=KEY)


async def test_at_once_it_is_done_once(site: Site) -> None:
    answers = await asyncio.gather(
        *(site.admin.ask("POST", "tokens", json={"name": "x", "scopes": ["read"]}, headers=KEY) for _ in range(8))
    )
    assert {answer.status_code for answer in answers} <= {200, 409}
    listed = (await site.admin.get("tokens"))["items"]
    assert len([item for item in listed if item["name"] == "x"]) == 1


async def test_a_token_is_shown_once_even_so(site: Site) -> None:
    body = {"name": "x", "scopes": ["read"]}
    first = await site.admin.post("tokens", body, headers=KEY)
    again = await site.admin.post("tokens", body, headers=KEY)
    assert again == {**first, "token": None}
    rows = await site.hub.store.view(lambda rows: rows.all(sa.select(t.idempotency)))
    assert first["token"] not in str(rows)


async def test_a_call_whose_service_was_killed_is_taken_over(site: Site) -> None:
    await site.admin.post("apply", DOCUMENT, headers=KEY)
    await site.alter(sa.update(t.idempotency).values(status=None))
    problem = await site.admin.refused("POST", "apply", json=DOCUMENT, headers=KEY)
    assert "under way" in problem["detail"]
    await site.alter(sa.update(t.idempotency).values(at="2020-01-01T00:00:00.000000Z"))
    await site.admin.post("apply", DOCUMENT, headers=KEY)


@pytest.mark.parametrize("key", ["", "x" * 201])
async def test_a_key_that_is_none_is_refused(site: Site, key: str) -> None:
    problem = await site.admin.refused("POST", "apply", json=DOCUMENT, headers={"idempotency-key": key})
    assert problem["status"] == 422
