"""Agents: taken in once with a join token, one a location, let go by people only."""

import asyncio

import httpx
import pytest

from tests.unit.proxy_service.site import Caller, Site

pytestmark = pytest.mark.unit

ENROLMENT = {"schema": 1, "name": "agent-a", "location": "row-a", "version": "1.2", "drivers": ["openvswitch"]}


async def joiner(site: Site, **more: object) -> Caller:
    return await site.caller("join", location="row-a", **more)


async def test_an_agent_enrols_and_is_shown(site: Site) -> None:
    await site.rack()
    answer = await (await joiner(site)).post("agents/enrol", ENROLMENT)
    assert (answer["agent"], answer["fence"], answer["schema"]) == ("agent-a", 1, 1)
    shown = await site.admin.get("agents/agent-a")
    assert (shown["location"], shown["version"], shown["drivers"]) == ("row-a", "1.2", ["openvswitch"])
    assert shown["connected"] is False
    assert [item["name"] for item in (await site.admin.get("agents"))["items"]] == ["agent-a"]


async def test_a_join_token_is_used_once_however_many_try(site: Site) -> None:
    await site.rack()
    token = await joiner(site)
    answers = await asyncio.gather(*(token.ask("POST", "agents/enrol", json=ENROLMENT) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [200, *[403] * 7]


async def test_a_join_token_of_several_uses(site: Site) -> None:
    await site.rack()
    token = await joiner(site, uses=2)
    await token.post("agents/enrol", ENROLMENT)
    await token.post("agents/enrol", ENROLMENT)
    assert (await token.refused("POST", "agents/enrol", json=ENROLMENT))["status"] == 403


async def test_a_join_token_is_bound_to_its_location(site: Site) -> None:
    await site.rack()
    await site.admin.put("locations/row-b", {})
    problem = await (await joiner(site)).refused("POST", "agents/enrol", json={**ENROLMENT, "location": "row-b"})
    assert (problem["status"], problem["problems"][0]["path"]) == (403, "location")


async def test_a_join_token_opens_nothing_else_and_others_do_not_enrol(site: Site) -> None:
    await site.rack()
    token = await joiner(site)
    for path in ("nodes", "events", "agents", "tokens"):
        assert (await token.refused("GET", path))["status"] == 403
    assert (await site.admin.refused("POST", "agents/enrol", json=ENROLMENT))["scope"] == "join"


async def test_a_location_has_one_agent_until_that_is_retired(site: Site) -> None:
    await site.rack()
    agent = await site.agent()
    problem = await (await joiner(site)).refused("POST", "agents/enrol", json={**ENROLMENT, "name": "other"})
    assert (problem["status"], "agent-a" in problem["detail"]) == (409, True)
    await site.admin.delete("agents/agent-a")
    assert (await agent.refused("POST", "agents/agent-a/reports", json={"schema": 1}))["status"] == 401
    assert (await site.agent("other")).name == "other"


async def test_an_agent_that_lost_its_data_enrols_again_under_a_new_fence(site: Site) -> None:
    await site.rack()
    old = await site.agent()
    new = await site.agent()
    assert (old.fence, new.fence) == (1, 2)
    assert (await old.refused("POST", "agents/agent-a/reports", json={"schema": 1}))["status"] == 401
    await new.send(new.report(converged_generation=1))


@pytest.mark.parametrize(
    ("change", "status", "path"),
    [
        ({"schema": 99}, 422, "schema"),
        ({"name": "a;b"}, 422, "name"),
        ({"location": "moon"}, 403, "location"),
    ],
)
async def test_a_bad_enrolment_is_refused(site: Site, change: dict, status: int, path: str) -> None:
    await site.rack()
    problem = await (await joiner(site)).refused("POST", "agents/enrol", json={**ENROLMENT, **change})
    assert (problem["status"], problem["problems"][0]["path"]) == (status, path)


async def test_an_agent_calls_only_its_own_routes(site: Site) -> None:
    await site.rack()
    agent = await site.agent()
    for method, path in (
        ("GET", "nodes"),
        ("PUT", "roles/r"),
        ("GET", "agents/other/assignments"),
        ("POST", "agents/other/reports"),
        ("POST", "agents/other/requests/ab/answer"),
    ):
        assert (await agent.refused(method, path, json={}))["status"] == 403
    for path in ("agents/agent-a/assignments", "agents/agent-a/reports"):
        method = "GET" if path.endswith("assignments") else "POST"
        assert (await site.admin.refused(method, path))["status"] == 403


async def test_no_answer_repeats_a_token(site: Site) -> None:
    await site.rack()
    agent = await site.agent()
    answers: list[httpx.Response] = [
        await site.admin.ask("GET", path) for path in ("agents", "agents/agent-a", "tokens", "events?follow=0")
    ]
    for answer in answers:
        assert agent.token.split("_", 2)[2] not in answer.text
        assert site.admin.token.split("_", 2)[2] not in answer.text
