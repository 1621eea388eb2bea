"""Approving plans: stored for a generation, handed to the agent, audited, within the token's limits."""

import shutil

import pytest

from tests.unit.proxy_service import streams
from tests.unit.proxy_service.site import AT, access_port

pytestmark = pytest.mark.unit

PLAN = "9d1f0c2ab44e7a6c5b1e8f03"
OTHER = "0" * 24


async def given(site, agent):
    """What the agent is given of sw1 now."""
    async with streams.assignments(agent) as stream:
        snapshot = await stream.next()
    (found,) = snapshot.data["assignments"]
    return found


@pytest.fixture
async def served(tmp_path, empty_database):
    shutil.copy(empty_database, tmp_path / "pointsman.db")
    async with streams.a_served_site(tmp_path, keep_s=0.2) as site:
        yield site


async def test_an_approval_goes_to_the_agent_whether_it_is_there_or_not(served):
    await served.rack("sw1", approval="required")
    agent = await served.agent()
    answer = await served.admin.post("nodes/sw1/approve", {"plan": PLAN})
    generation = (await served.admin.get("nodes/sw1/desired"))["generation"]
    assert (answer["node"], answer["plan"], answer["generation"]) == ("sw1", PLAN, generation)
    assert (await given(served, agent))["approved"] == [PLAN]


async def test_several_plans_may_be_approved_and_each_is_kept_once(served):
    await served.rack()
    agent = await served.agent()
    for plan in (PLAN, OTHER, PLAN):
        await served.admin.post("nodes/sw1/approve", {"plan": plan})
    assert (await given(served, agent))["approved"] == [OTHER, PLAN]


async def test_a_new_generation_ends_approvals(served):
    await served.rack()
    agent = await served.agent()
    await served.admin.post("nodes/sw1/approve", {"plan": PLAN})
    await served.admin.put("roles/r", access_port(100))
    assert (await given(served, agent))["approved"] == []
    await served.admin.post("nodes/sw1/approve", {"plan": OTHER})
    assert (await given(served, agent))["approved"] == [OTHER]


async def test_who_approved_is_in_the_audit_and_in_an_event(site):
    await site.rack()
    alice = await site.caller("operate", owner="alice")
    assert (await alice.post("nodes/sw1/approve", {"plan": PLAN}))["by"] == "alice"
    events = [event for event in (await site.admin.get("events?follow=0"))["items"] if event["type"] == "plan.approved"]
    assert [(event["node"], event["data"]["plan"], event["data"]["by"]) for event in events] == [("sw1", PLAN, "alice")]


async def test_the_plan_shows_what_it_waits_for_and_who_approved(site):
    await site.rack()
    agent = await site.agent()
    step = {"capability": "c", "text": "t", "commands": ["x"], "undo": [], "impact": "none", "status": "pending"}
    waits = [{"reason": "WaitingForApproval", "message": "one step waits for approval", "steps": [1]}]
    record = {"id": "p1", "cause": "assignment", "generation": 1, "outcome": "reported", "started_at": AT}
    record |= {"ended_at": AT, "steps": [step], "plan": PLAN, "waits": waits}
    await agent.send(agent.report(record=record))
    found = await site.admin.get("nodes/sw1/plan")
    assert (found["plan"], found["waits"], found["approved"]) == (PLAN, waits, [])
    await site.admin.post("nodes/sw1/approve", {"plan": PLAN})
    assert [item["by"] for item in (await site.admin.get("nodes/sw1/plan"))["approved"]] == ["admin"]


async def test_the_policy_of_a_node_reaches_its_desired_state(served):
    await served.rack("sw1")
    before = (await served.admin.get("nodes/sw1/desired"))["generation"]
    window = {"cron": "0 2 * * *", "duration": "2h", "timezone": "Europe/Berlin"}
    await served.rack("sw1", window=window, budget={"steps": 20, "ports": 10}, approval="first")
    assert (await served.admin.get("nodes/sw1/desired"))["generation"] == before + 1
    agent = await served.agent()
    desired = (await given(served, agent))["desired"]
    assert desired["window"]["duration"] == 7200
    assert desired["budget"] == {"steps": 20, "ports": 10}
    assert desired["approval"] == "first"


@pytest.mark.parametrize("body", [{}, {"plan": ""}, {"plan": "no hash"}, {"plan": PLAN, "more": 1}])
async def test_what_is_no_hash_is_refused_with_its_path(site, body):
    await site.rack()
    problem = await site.admin.refused("POST", "nodes/sw1/approve", json=body)
    assert problem["status"] == 422
    assert problem["problems"][0]["path"] in {"plan", "more"}


async def test_a_node_that_is_not_there_is_404(site):
    assert (await site.admin.refused("POST", "nodes/sw9/approve", json={"plan": PLAN}))["status"] == 404


@pytest.mark.parametrize("limits", [{"labels": {"row": "b"}}, {"vlans": [100]}])
async def test_a_token_approves_nothing_beyond_its_limits(site, limits):
    await site.rack("sw1", labels={"row": "a"})
    caller = await site.caller("operate", limits=limits)
    assert (await caller.refused("POST", "nodes/sw1/approve", json={"plan": PLAN}))["status"] == 403


async def test_a_token_that_only_reads_approves_nothing(site):
    await site.rack()
    caller = await site.caller("read", "declare")
    assert (await caller.refused("POST", "nodes/sw1/approve", json={"plan": PLAN}))["status"] == 403


async def test_a_window_that_never_opens_is_refused_at_the_write(site):
    await site.rack()
    node = (await site.admin.get("nodes/sw1"))["spec"] | {"window": {"cron": "0 0 30 2 *", "duration": "2h"}}
    problem = await site.admin.refused("PUT", "nodes/sw1", json=node)
    assert problem["status"] == 422
    assert (problem["problems"][0]["path"], "never opens" in problem["problems"][0]["message"]) == ("window.cron", True)
