"""Intended against seen."""

from typing import Any

import pytest

from tests.unit.proxy_service.graph.sights import HOST, OTHER, World, ends, facts, lldp

pytestmark = pytest.mark.unit


async def plan(world: World, *cables: tuple[str, str], **more: Any) -> None:
    await world.site.admin.post("apply", {"cabling": [{"a": a, "b": b} for a, b in cables], **more})


async def results(world: World, **query: Any) -> dict[str, str]:
    found = await world.site.admin.get("cabling/report", **query)
    assert found["deviations"] == sum(item["result"] != "as_declared" for item in found["items"])
    return {
        "-".join(ends(item["seen"][0])) if item["cable"] is None else item["cable"]["a"]: item["result"]
        for item in found["items"]
    }


async def switches(world: World) -> None:
    await world.tell("sw1", facts=facts("sw1", "p1", "p2", "p23"))
    await world.tell("sw2", facts=facts("sw2", "p1", "p2", "p24"))


async def test_a_cable_that_is_seen_is_confirmed_by_one_sight(world: World) -> None:
    await switches(world)
    await plan(world, ("sw2/p24", "sw1/p23"))
    assert await results(world) == {"sw2/p24": "missing"}
    assert (await world.link())["state"] == "one_sided"
    await world.see("sw1", lldp("p23", "sw2", remote="p24"))
    assert await results(world) == {"sw2/p24": "as_declared"}
    assert (await world.link())["state"] == "confirmed"
    assert (await world.site.admin.get("cabling/report", result="deviations"))["items"] == []


async def test_missing_swapped_and_unexpected_are_told_apart(world: World) -> None:
    await switches(world)
    servers = {"web-07": {"identity": {"macs": {"eth0": HOST}}}, "web-08": {"identity": {"macs": {"eth0": OTHER}}}}
    await plan(world, ("sw1/p1", "web-07/eth0"), ("sw1/p2", "web-08/eth0"), ("sw1/p23", "sw2/p24"), servers=servers)
    await world.see("sw1", lldp("p1", "x", OTHER), lldp("p2", "y", HOST), lldp("p7", "stranger", "Base-1"))
    report = await world.site.admin.get("cabling/report")
    assert await results(world) == {
        "sw1/p1": "swapped",
        "sw1/p2": "swapped",
        "sw1/p23": "missing",
        "sw1/p7-?stranger/eth0": "unexpected",
    }
    assert report["items"][0]["with"]["a"] == "sw1/p2"
    assert (report["swapped"], report["missing"], report["unexpected"], report["as_declared"]) == (2, 1, 1, 0)
    await world.see("sw1", lldp("p1", "x", HOST), lldp("p2", "y", OTHER), lldp("p23", "sw2", remote="p24"))
    assert set((await results(world)).values()) == {"as_declared"}


async def test_a_cable_elsewhere_is_missing_and_told_where_it_is(world: World) -> None:
    await switches(world)
    await plan(world, ("sw1/p1", "web-07/eth0"), servers={"web-07": {"identity": {"macs": {"eth0": HOST}}}})
    await world.learn("sw2", p5=[HOST])
    (item,) = (await world.site.admin.get("cabling/report"))["items"]
    assert (item["result"], [ends(link) for link in item["seen"]]) == ("missing", [("sw2/p5", "web-07/eth0")])


async def test_machines_that_nobody_declared_are_found_by_name_and_by_mac(world: World) -> None:
    await plan(world, ("sw1/p1", "h1/eth0"), (f"h2/{OTHER}", "sw1/p2"), ("panel/7", "sw1/p9"))
    await world.see("sw1", lldp("p1", "h1.example.net", HOST))
    await world.learn("sw1", p2=[OTHER])
    assert await results(world) == {"sw1/p1": "as_declared", f"h2/{OTHER}": "as_declared", "panel/7": "missing"}


async def test_a_plan_for_machines_that_come_later_holds_for_them(world: World) -> None:
    await plan(world, ("sw9/p1", "web-07/eth0"))
    await world.site.rack("sw9")
    await world.site.admin.put("servers/web-07", {"identity": {"macs": {"eth0": HOST}}})
    await world.see("sw9", lldp("p1", "x", HOST))
    link = await world.link("sw9")
    assert (ends(link), link["state"]) == (("sw9/p1", "web-07/eth0"), "confirmed")


async def test_the_plan_of_another_time_is_held_against_that_time(world: World) -> None:
    seen = await world.see("sw1", lldp("p1", "h1", HOST))
    await plan(world, ("sw1/p1", "h1/eth0"))
    assert await results(world) == {"sw1/p1": "as_declared"}
    assert await results(world, at=seen) == {}


@pytest.mark.parametrize("end", ["sw1", "sw1/", "/p1", "sw1/p 1", "sw;1/p1", "x" * 200 + "/p1"])
async def test_an_end_is_a_name_and_a_port(world: World, end: str) -> None:
    problem = await world.site.admin.refused("POST", "apply", json={"cabling": [{"a": end, "b": "sw2/p1"}]})
    assert problem["problems"][0]["path"] == "cabling.0.a"
