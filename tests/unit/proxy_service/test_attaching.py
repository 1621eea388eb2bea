"""Nodes that an agent declares: at its own location, without labels, and never another device under a known name."""

import pytest

from tests.unit.proxy_service.site import Site

pytestmark = pytest.mark.unit

CON1 = {"profile": "vde_switch", "location": "row-a", "access": ["rfc2217://10.8.0.254:2001"]}


async def test_an_agent_declares_the_device_that_it_was_plugged_into(site: Site) -> None:
    await site.rack()
    agent = await site.agent()
    done = await agent.put("agents/agent-a/nodes/con1", CON1)
    assert "con1" in done["nodes"]
    shown = await site.admin.get("nodes/con1")
    assert (shown["spec"]["access"], shown["spec"]["location"]) == (CON1["access"], "row-a")
    again = await agent.put("agents/agent-a/nodes/con1", CON1)
    assert again["nodes"].get("con1", shown["status"]["generation"]) == shown["status"]["generation"]


async def test_of_a_node_that_is_declared_it_adds_its_access_last(site: Site) -> None:
    await site.rack()
    spec = {**CON1, "access": ["ssh://root@10.8.0.9"], "labels": {"tier": "leaf"}}
    await site.admin.put("nodes/con1", spec)
    agent = await site.agent()
    await agent.put("agents/agent-a/nodes/con1", CON1)
    shown = await site.admin.get("nodes/con1")
    assert shown["spec"]["access"] == ["ssh://root@10.8.0.9", *CON1["access"]]
    assert shown["spec"]["labels"] == {"tier": "leaf"}


@pytest.mark.parametrize(
    ("change", "status", "said"),
    [
        ({"labels": {"tier": "leaf"}}, 422, "does not say this"),
        ({"protect": ["vlans.1"]}, 422, "does not say this"),
        ({"location": "row-b"}, 403, "this agent is at the location row-a"),
        ({"profile": "nobody_knows"}, 422, "profile"),
        ({"access": ["telnet://admin:secret@10.8.0.9"]}, 422, "password"),
    ],
)
async def test_what_an_agent_may_not_say(site: Site, change: dict, status: int, said: str) -> None:
    await site.rack()
    agent = await site.agent()
    problem = await agent.refused("PUT", "agents/agent-a/nodes/con1", json={**CON1, **change})
    assert (problem["status"], said in str(problem)) == (status, True)


async def test_another_device_or_place_under_a_known_name_is_refused(site: Site) -> None:
    await site.rack()
    await site.admin.put("locations/row-b", {})
    await site.admin.put("nodes/con1", {**CON1, "location": "row-b"})
    await site.admin.put("nodes/con2", {**CON1, "profile": "openvswitch"})
    agent = await site.agent()
    for name, said in (("con1", "at the location row-b"), ("con2", "is seen as vde_switch")):
        problem = await agent.refused("PUT", f"agents/agent-a/nodes/{name}", json=CON1)
        assert (problem["status"], said in problem["detail"]) == (409, True)


async def test_only_the_agent_itself_may(site: Site) -> None:
    await site.rack()
    await site.agent()
    assert (await site.admin.refused("PUT", "agents/agent-a/nodes/con1", json=CON1))["status"] == 403
