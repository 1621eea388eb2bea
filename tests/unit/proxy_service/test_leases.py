"""Shared locations: several agents, each node with one of them, by a lease; and locations of one agent as before."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.unit.proxy_service import lease_promises as promises
from tests.unit.proxy_service.lease_promises import Time, assigned, joined, renew, shared
from tests.unit.proxy_service.site import NODE, Site
from tests.unit.proxy_service.streams import a_served_site, assignments

pytestmark = pytest.mark.unit


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    return Time(monkeypatch)


@pytest.fixture
async def served(tmp_path: Path, empty_database: Path, time: Time) -> AsyncIterator[Site]:
    shutil.copy(empty_database, tmp_path / "pointsman.db")
    async with a_served_site(tmp_path) as found:
        yield found


async def test_nodes_move_when_their_agent_is_gone(served: Site, time: Time) -> None:
    await promises.nodes_move_when_their_agent_is_gone_and_it_finds_them_gone_when_it_is_back(served, time)


async def test_a_clock_that_was_set_takes_no_node_from_anybody(served: Site, time: Time) -> None:
    await shared(served, "sw1")
    time.steady(served)
    first, second = await joined(served, "a"), await joined(served, "b")
    async with assignments(first) as ours:
        await renew(first)
        held = await assigned(ours, "sw1")
        await renew(first, *held)
        async with assignments(second) as theirs:
            time.jump(3600)
            await renew(second)
            await served.admin.put("nodes/sw9", NODE)
            await assigned(theirs, "sw9")  # it was looked at: the new one is given, the other is not taken
            assert await renew(first, *held) == {"sw1"}


async def test_a_location_that_becomes_shared_leaves_its_nodes_with_its_agent(served: Site, time: Time) -> None:
    await served.rack("sw1")
    time.steady(served)
    first = await served.agent("a")
    async with assignments(first) as ours:
        (before,) = await assigned(ours, "sw1")
        assert "lease" not in before
        await shared(served)
        snapshot = await ours.until("snapshot")
        (leased,) = snapshot.data["assignments"]
        assert leased["fence"] > before["fence"]
    second = await joined(served, "b")
    async with assignments(second) as theirs:
        await renew(second)
        time.pass_(3600)
        await renew(second)
        await served.admin.put("nodes/sw9", NODE)
        await assigned(theirs, "sw9")
        # The first has not said that it has heard of leases: until somebody retires it the node is its own.
        assert (await served.admin.get("nodes/sw1"))["status"]["agent"] == "a"
        await served.admin.delete("agents/a")
        await assigned(theirs, "sw1")


async def test_in_a_shared_location_a_retired_agent_holds_its_nodes_to_the_end_of_its_lease(
    served: Site, time: Time
) -> None:
    await shared(served, "sw1")
    time.steady(served)
    first, second = await joined(served, "a"), await joined(served, "b")
    async with assignments(first) as ours:
        await renew(first)
        await renew(first, *(await assigned(ours, "sw1")))
    await served.admin.delete("agents/a")
    async with assignments(second) as theirs:
        await renew(second)
        await served.admin.put("nodes/sw9", NODE)
        await assigned(theirs, "sw9")
        assert (await served.admin.get("nodes/sw1"))["status"]["agent"] is None
        time.pass_(36)
        await renew(second)
        await assigned(theirs, "sw1")


async def test_a_location_of_one_agent_has_one_agent(site: Site) -> None:
    await site.rack()
    await joined(site, "a")
    joiner = await site.caller("join", location="row-a")
    body = {"schema": 1, "name": "b", "location": "row-a", "version": "1", "leases": True}
    assert "retire" in (await joiner.refused("POST", "agents/enrol", json=body))["detail"]


async def test_an_agent_that_knows_no_leases_does_not_share(site: Site) -> None:
    await shared(site)
    joiner = await site.caller("join", location="row-a")
    body = {"schema": 1, "name": "b", "location": "row-a", "version": "1"}
    problem = await joiner.refused("POST", "agents/enrol", json=body)
    assert (problem["type"], problem["problems"][0]["path"]) == ("/problems/not-in-this-version", "leases")


async def test_agents_are_shown_with_their_leases(served: Site, time: Time) -> None:
    await shared(served, "sw1", "sw2")
    time.steady(served)
    first = await joined(served, "a")
    async with assignments(first) as ours:
        await renew(first)
        await renew(first, *(await assigned(ours, "sw1", "sw2")))
        shown = await served.admin.get("agents/a")
        assert (shown["lease"]["state"], shown["lease"]["nodes"]) == ("held", 2)
        time.pass_(31)
        (shown,) = (await served.admin.get("agents"))["items"]
        assert shown["lease"]["state"] == "ended"


async def test_an_agent_of_its_own_location_holds_for_ever(site: Site) -> None:
    await site.rack("sw1")
    await site.agent("a")
    assert (await site.admin.get("agents/a"))["lease"] == {"state": "for ever", "ends_at": None, "nodes": 1}


@pytest.mark.parametrize("bad", [{"leases": 5}, {"leases": {"sw1": "x"}}, {"leases": {}, "released": []}])
async def test_what_is_no_renewal_is_refused(site: Site, bad: dict) -> None:
    await site.rack()
    agent = await site.agent()
    assert (await agent.refused("POST", "agents/agent-a/reports", json={"schema": 1, **bad}))["status"] == 422
