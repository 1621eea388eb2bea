"""The service on PostgreSQL, with replicas: the whole way of a change, whichever of them is asked."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from tests.unit.proxy_service.site import NODE, Site, access_port
from tests.unit.proxy_service.streams import a_served_site, assignments

pytestmark = pytest.mark.postgres


@pytest.fixture
async def replicas(postgres: Callable[[], str], tmp_path: Path) -> AsyncIterator[tuple[Site, Site]]:
    """Two services on one database; the second has the first one's token."""
    url = postgres()
    (tmp_path / "b").mkdir()
    async with (
        a_served_site(tmp_path, database_url=url, poll_s=0.02) as first,
        a_served_site_of(first, tmp_path / "b", url) as second,
    ):
        await first.rack("sw1", "sw2")
        yield first, second


def a_served_site_of(first: Site, folder: Path, url: str) -> AbstractAsyncContextManager[Site]:
    (folder / "admin.token").write_text(first.admin.token)
    return a_served_site(folder, database_url=url, poll_s=0.02)


async def test_a_write_at_one_replica_reaches_the_stream_and_the_waiter_at_the_other(
    replicas: tuple[Site, Site],
) -> None:
    here, there = replicas
    agent = await here.agent()
    async with assignments(agent) as stream:
        await stream.next()
        written = await there.admin.put("roles/blue", access_port(10))
        event = await stream.until("assignment")
        assert event.data["desired"]["generation"] == written["nodes"]["sw1"]
        waiting = asyncio.create_task(there.admin.get("nodes/sw1", wait=20))
        await agent.send(agent.report(converged_generation=2))
        assert (await waiting)["status"]["converged_generation"] == 2


async def test_a_request_at_one_replica_is_answered_through_the_other(replicas: tuple[Site, Site]) -> None:
    here, there = replicas
    agent = await here.agent()
    async with assignments(agent) as stream:
        await stream.next()
        caller = asyncio.create_task(there.admin.post("nodes/sw1/preview"))
        number = (await stream.until("request")).data["id"]
        await agent.post(f"agents/agent-a/requests/{number}/answer", {"ok": True, "body": {"steps": []}})
        assert await caller == {"steps": []}


async def test_replicas_that_declare_at_once_lose_no_generation(replicas: tuple[Site, Site]) -> None:
    async def write(site: Site, number: int) -> None:
        spec = {"attach": {"labels": {"tier": "leaf"}}, "state": {"vlans": {str(number + 2): {}}}}
        await site.admin.put(f"roles/r{number}", spec)

    async def relabel(site: Site, node: str) -> None:
        await site.admin.put(f"nodes/{node}", {**NODE, "labels": {"tier": "leaf"}})

    async with asyncio.TaskGroup() as group:
        for number in range(40):
            group.create_task(write(replicas[number % 2], number))
            if number == 20:
                group.create_task(relabel(replicas[0], "sw1"))
                group.create_task(relabel(replicas[1], "sw2"))
    for node in ("sw1", "sw2"):
        found = await replicas[0].admin.get(f"nodes/{node}/desired")
        assert len(found["state"]["vlans"]) == 40, "a role that came at the same time as the label was missed"


async def test_reports_and_declarations_at_once_do_not_block_each_other(replicas: tuple[Site, Site]) -> None:
    here, there = replicas
    agent = await here.agent()

    async def report() -> None:
        for _ in range(20):
            await agent.send(
                agent.report("sw1", facts={"n": agent.seq}, facts_hash=str(agent.seq)),
                agent.report("sw2", converged_generation=1),
            )

    async def declare(site: Site, name: str) -> None:
        for vlan in range(20):
            spec = {"attach": {"nodes": ["sw2", "sw1"]}, "state": {"vlans": {str(vlan + 2): {}}}}
            await site.admin.put(f"roles/{name}", spec)

    async with asyncio.TaskGroup() as group:
        group.create_task(report())
        group.create_task(declare(here, "a"))
        group.create_task(declare(there, "b"))
    assert (await here.admin.get("nodes/sw1/facts"))["facts"] == {"n": agent.seq - 2}
    assert (await there.admin.get("nodes/sw2"))["status"]["converged_generation"] == 1


async def test_a_document_is_applied_pruned_and_deleted(replicas: tuple[Site, Site]) -> None:
    here, there = replicas
    document = {
        "set": "s",
        "nodes": {"sw3": NODE},
        "roles": {"blue": access_port(10), "red": access_port(9, port="p2")},
    }
    await here.admin.post("apply", document)
    less = {**document, "roles": {"blue": access_port(10)}}
    problem = await there.admin.refused("POST", "apply", json=less, params={"prune": "s"})
    await there.admin.post("apply", less, params={"prune": "s", "confirm": problem["confirm"]})
    assert list((await here.admin.get("nodes/sw1/desired"))["state"]["ports"]) == ["p1"]
    await here.admin.delete("nodes/sw3")
    assert (await there.admin.refused("GET", "nodes/sw3"))["status"] == 404
    for path in ("nodes", "roles", "locations", "events?follow=0", "agents", "tokens", "links"):
        assert "items" in await there.admin.get(path)


async def test_a_key_sent_to_both_replicas_is_done_once(replicas: tuple[Site, Site]) -> None:
    body = {"name": "once", "scopes": ["read"]}
    headers = {"idempotency-key": "k"}
    await asyncio.gather(*(site.admin.ask("POST", "tokens", json=body, headers=headers) for site in replicas * 3))
    listed = (await replicas[0].admin.get("tokens"))["items"]
    assert len([item for item in listed if item["name"] == "once"]) == 1
