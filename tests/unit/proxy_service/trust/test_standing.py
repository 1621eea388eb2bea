"""What agents say that they do not accept: who may say it, what it does, and what is left of it."""

from typing import Any

import pytest

from tests.unit.proxy_service.site import Agent, Site

pytestmark = pytest.mark.unit


def refused(node: str = "sw1", **more: Any) -> dict[str, Any]:
    return {"node": node, "message": "newer", "holds": "e0:9:x", "epoch": "e0", "generation": 9, "offered": 1, **more}


async def stand(agent: Agent, *items: dict[str, Any]) -> None:
    await agent.post(f"agents/{agent.name}/standing", {"schema": 1, "refused": list(items)})


async def test_a_node_that_is_refused_counts_as_not_converged_until_it_is_accepted(site: Site) -> None:
    await site.rack("sw1", "sw2")
    agent = await site.agent()
    await agent.send(agent.report("sw1", converged_generation=1), agent.report("sw2", converged_generation=1))
    await stand(agent, refused(message="ne\x1b[31mwer"))
    status = (await site.admin.get("nodes/sw1"))["status"]
    behind = next(item for item in status["conditions"] if item["type"] == "Converged")
    assert (status["converged_generation"], behind["status"], behind["reason"]) == (0, False, "ServiceBehind")
    assert "\x1b" not in behind["message"]
    assert (await site.admin.get("nodes/sw2"))["status"]["converged_generation"] == 1
    listed = await site.admin.get("nodes", condition="Converged:false")
    assert [item["name"] for item in listed["items"]] == ["sw1"]
    await stand(agent)
    assert (await site.admin.get("agents/agent-a"))["standing"] == []


async def test_events_tell_of_it_once_each_way(site: Site) -> None:
    await site.rack()
    agent = await site.agent()
    for items in ((refused(),), (refused(),), (refused(message="other words"),), ()):
        await stand(agent, *items)
    events = (await site.admin.get("events", follow=0))["items"]
    assert [item["data"]["refused"] for item in events if item["type"] == "agent.standing"] == [["sw1"], []]


async def test_only_the_agent_itself_says_so_and_only_an_admin_overrules(site: Site) -> None:
    await site.rack()
    agent = await site.agent()
    other = Agent(site.http, agent.token, "agent-b")
    body = {"schema": 1, "refused": [refused()]}
    assert (await other.refused("POST", "agents/agent-b/standing", json=body))["status"] == 403
    assert (await site.admin.refused("POST", "agents/agent-a/standing", json=body))["status"] == 403
    assert (await agent.refused("POST", "agents/agent-a/standing", json={**body, "schema": 9}))["status"] == 422
    assert (await agent.refused("POST", "agents/agent-a/standing", json={"schema": 1, "refused": [{}]}))[
        "status"
    ] == 422
    await stand(agent, refused())
    for scope in ("read", "declare", "operate"):
        caller = await site.caller(scope)
        assert (await caller.refused("POST", "overrule", json={"all": True}))["status"] == 403
        assert (await caller.refused("POST", "keys"))["status"] == 403


async def test_what_is_overruled_is_forgotten_with_what_was_held(site: Site) -> None:
    await site.rack("sw1", "sw2")
    agent = await site.agent()
    await stand(agent, refused("sw1"), refused("sw2"))
    done = await site.admin.post("overrule", {"nodes": ["sw1"]})
    # Another epoch than ours is held there: none begins for it.
    assert done == {"nodes": ["sw1"], "epoch": (await site.admin.get("keys"))["epoch"]}
    again = await site.admin.post("overrule", {"all": True})
    assert again["nodes"] == ["sw1", "sw2"]
    await stand(agent, refused("sw2", holds="e0:10:y"))
    assert (await site.admin.refused("POST", "overrule", json={"nodes": ["sw1"]}))["status"] == 409
    epoch = (await site.admin.get("keys"))["epoch"]
    await stand(agent, refused("sw2", epoch=epoch))
    assert (await site.admin.post("overrule", {"nodes": ["sw2"]}))["epoch"] != epoch


async def test_an_agent_that_enrols_again_begins_with_a_clean_slate(site: Site) -> None:
    await site.rack()
    await stand(await site.agent(), refused())
    again = await site.agent()
    assert (await site.admin.get("agents/agent-a"))["standing"] == []
    await site.admin.delete("agents/agent-a")
    # Fences go on from where a retired agent's ended.
    assert (await site.agent()).fence > again.fence
