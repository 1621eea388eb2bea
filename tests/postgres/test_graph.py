"""The graph on PostgreSQL: every statement of it runs there and says the same as on SQLite."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from proxy_service import clock
from proxy_service.graph.ageing import age
from proxy_service.store import Cause
from tests.unit.proxy_service.graph.sights import HOST, OTHER, World, ends, facts, lldp
from tests.unit.proxy_service.site import a_site

pytestmark = pytest.mark.postgres
CAUSE = Cause(action="test")


async def test_links_move_are_resolved_asked_of_any_time_and_forgotten(
    postgres: Callable[[], str], tmp_path: Path
) -> None:
    async with a_site(tmp_path, database_url=postgres()) as site:
        await site.rack("sw1", "sw2", "pdu1")
        world = World(site, await site.agent())
        await world.tell("sw1", facts=facts("sw1", "p1", "p23"))
        await world.tell("sw2", facts=facts("sw2", "p5", "p23"))
        before = await world.see("sw1", lldp("p1", "web-07", HOST), lldp("p23", "sw2", remote="p23"))
        await world.see("sw2", lldp("p23", "sw1", remote="p23"))
        await world.learn("sw1", p1=[HOST], p7=[OTHER])
        await world.learn("sw1", p1=[HOST])
        identity = {"macs": {"eth0": HOST}, "hostname": "web-07"}
        document = {
            "set": "rack",
            "servers": {"web-07": {"identity": identity}},
            "cabling": [{"a": "sw1/p1", "b": "web-07/eth0"}, {"a": "sw1/p9", "b": "sw2/p9"}],
        }
        await site.admin.post("apply", document)
        await world.see("pdu1", {"port": "7", "kind": "label", "medium": "power", "name": "web-07/psu0"})
        await site.admin.post("servers/web-07/facts", {"lldp": {}, "hostname": "web-07"})
        report = await site.admin.get("cabling/report")
        assert (report["as_declared"], report["missing"]) == (1, 1)
        await world.see("sw2", lldp("p5", "web-07", HOST), lldp("p23", "sw1", remote="p23"))
        await world.see("sw1", lldp("p23", "sw2", remote="p23"))
        found = {ends(link): link for link in await world.links()}
        assert found["sw1/p23", "sw2/p23"]["state"] == "confirmed"
        assert found["sw2/p5", "web-07/eth0"]["moved_from"]["port"] == "p1"
        assert ("sw1/p1", "web-07/eth0") in {ends(link) for link in await world.links(at=before)}
        topology = await site.admin.get("topology", root="web-07", depth=2)
        assert {corner["name"] for corner in topology["nodes"]} >= {"web-07", "sw1", "sw2", "pdu1"}
        trace = await site.admin.get("trace", mac=HOST)
        assert trace["outlets"]
        assert "was" in (await site.admin.get("nodes/sw1/ports/p1/why"))["answer"]
        await site.hub.store.unit(CAUSE, age, kept_s=3600)
        await site.hub.store.unit(CAUSE, age, kept_s=0)
        await site.admin.delete("servers/web-07")
        await site.admin.delete("nodes/sw2")


async def test_reports_of_two_ends_of_a_move_at_once_are_both_stored(
    postgres: Callable[[], str], tmp_path: Path
) -> None:
    async with a_site(tmp_path, database_url=postgres()) as site:
        await site.rack("sw1", "sw2")
        await site.admin.put("locations/row-b", {})
        node: dict[str, Any] = {"profile": "openvswitch", "location": "row-b", "access": ["ssh://h"]}
        await site.admin.put("nodes/sw3", node)
        one = World(site, await site.agent())
        other = World(site, await site.agent("agent-b", "row-b"))
        for turn in range(8):
            here, there = ((one, "sw1"), (other, "sw3")) if turn % 2 else ((other, "sw3"), (one, "sw1"))
            one.at = other.at = clock.now() - timedelta(seconds=60 - turn)
            await asyncio.gather(here[0].see(here[1], lldp("p1", "h1", HOST)), there[0].see(there[1]))
            assert [ends(link)[0] for link in await one.links() if link["state"] != "stale"] == [f"{here[1]}/p1"]


async def test_who_tells_another_name_in_its_facts_is_known_by_it(postgres: Callable[[], str], tmp_path: Path) -> None:
    async with a_site(tmp_path, database_url=postgres()) as site:
        await site.rack("sw1", "sw2")
        world = World(site, await site.agent())
        await world.see("sw2", lldp("p1", "other-name", remote="p1"))
        assert ends(await world.link()) == ("sw2/p1", "?other-name/p1")
        await world.tell("sw1", facts=facts("other-name", "p1"))
        assert ends(await world.link("sw2")) == ("sw2/p1", "sw1/p1")
