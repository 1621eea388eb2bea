"""The graph around a machine, the way from a server to the core, and why a port shows nobody."""

import pytest

from tests.unit.proxy_service.graph.sights import HOST, OTHER, World, ends, facts, lldp
from tests.unit.proxy_service.site import NODE, Json

pytestmark = pytest.mark.unit


async def fabric(world: World) -> None:
    """web-07 - sw1 - sw2 - core, all of it seen from both sides, and the array, the PDU and the chassis of web-07."""
    admin = world.site.admin
    await world.site.rack("sw1", "sw2", "san1", "pdu1", "bmc1")
    await admin.put("nodes/core", {**NODE, "labels": {"tier": "core"}})
    identity = {"macs": {"eth0": HOST}, "hostname": "web-07", "serial": "CZ07", "iqn": "iqn.x:web-07"}
    await admin.put("servers/web-07", {"identity": identity})
    for node, *ports in (("sw1", "p1", "p23"), ("sw2", "p23", "p24"), ("core", "p1")):
        await world.tell(node, facts=facts(node, *ports))
    await world.see("sw1", lldp("p1", "web-07", HOST), lldp("p23", "sw2", remote="p23"))
    await world.see("sw2", lldp("p23", "sw1", remote="p23"), lldp("p24", "core", remote="p1"))
    await world.see("core", lldp("p1", "sw2", remote="p24"))
    await world.learn("sw2", p23=[HOST])
    await world.see("san1", {"port": "web", "kind": "session", "medium": "storage", "initiator": "iqn.x:web-07"})
    await world.see("pdu1", {"port": "7", "kind": "label", "medium": "power", "name": "web-07/psu0"})
    await world.see("bmc1", {"port": "3", "kind": "slot", "medium": "slot", "serial": "CZ07"})


async def test_depth_counts_links_from_the_root(world: World) -> None:
    await fabric(world)
    for depth, names in ((0, {"sw1"}), (1, {"sw1", "sw2", "web-07"})):
        found = await world.site.admin.get("topology", root="sw1", depth=depth)
        assert {corner["name"] for corner in found["nodes"]} == names
    found = await world.site.admin.get("topology", root="sw1", depth=2)
    assert {corner["name"]: corner["depth"] for corner in found["nodes"]} == {
        "sw1": 0,
        **dict.fromkeys(("sw2", "web-07"), 1),
        **dict.fromkeys(("core", "san1", "pdu1", "bmc1"), 2),
    }
    assert {corner["kind"] for corner in found["nodes"]} == {"switch", "server"}
    assert len(found["links"]) == 6


async def test_a_topology_may_be_of_one_medium_of_all_and_of_another_time(world: World) -> None:
    start = world.moment()
    await fabric(world)
    found = await world.site.admin.get("topology", root="web-07", depth=1, medium="power")
    assert {corner["name"] for corner in found["nodes"]} == {"web-07", "pdu1"}
    assert len((await world.site.admin.get("topology"))["links"]) == 6
    assert (await world.site.admin.get("topology", root="web-07", at=start))["links"] == []
    assert (await world.site.admin.refused("GET", "topology?root=nobody"))["status"] == 404
    assert (await world.site.admin.refused("GET", "topology?depth=99"))["status"] == 422


@pytest.mark.parametrize("query", [{"server": "web-07"}, {"mac": "5254.0000.0007"}])
async def test_a_trace_names_every_hop_and_all_that_a_server_hangs_on(world: World, query: Json) -> None:
    await fabric(world)
    observed = {"exports": {"web": {"initiators": ["iqn.x:web-07"], "luns": {"1": "web-07-root"}}}}
    await world.tell("san1", observed=observed)
    await world.tell("pdu1", operation={"at": world.moment(), "source": "x", "outlets": {"7": {"on": True}}})
    found = await world.site.admin.get("trace", **query)
    (path,) = found["paths"]
    assert (path["nic"], path["core"]) == ("eth0", "core")
    hops = [(hop["node"], hop["in"], hop["out"], hop["state"]) for hop in path["hops"]]
    assert hops == [
        ("sw1", "p1", "p23", "one_sided"),
        ("sw2", "p23", "p24", "confirmed"),
        ("core", "p1", "", "confirmed"),
    ]
    assert path["hops"][1]["learned"] == [{"mac": HOST, "vlan": 1, "port": "p23"}]
    (outlet,), (slot,), (storage,) = found["outlets"], found["slots"], found["storage"]
    assert (ends(outlet), outlet["on"]) == (("pdu1/7", "web-07/psu0"), True)
    assert ends(slot) == ("bmc1/3", "web-07/")
    assert (ends(storage), storage["luns"]) == (("san1/web", "web-07/"), {"1": "web-07-root"})


async def test_without_a_core_the_way_ends_at_the_switch_with_most_cables(world: World) -> None:
    await world.site.rack("sw1", "sw2", "sw3")
    await world.see("sw1", lldp("p1", "h1", HOST), lldp("p23", "sw2", remote="p1"))
    await world.see("sw2", lldp("p3", "sw3", remote="p1"))
    (path,) = (await world.site.admin.get("trace", mac=HOST))["paths"]
    assert ([hop["node"] for hop in path["hops"]], path["core"]) == (["sw1", "sw2"], "")


async def test_a_trace_of_nobody_is_refused_with_a_reason(world: World) -> None:
    for query, status in (("", 422), ("?mac=x", 422), (f"?mac={OTHER}", 404), ("?server=nobody", 404)):
        assert (await world.site.admin.refused("GET", f"trace{query}"))["status"] == status


async def why(world: World, port: str = "p1") -> Json:
    return await world.site.admin.get(f"nodes/sw1/ports/{port}/why")


async def test_why_says_that_a_neighbour_was_there_until_when(world: World) -> None:
    await world.see("sw1", lldp("p1", "web-07", HOST), lldp("p2", "h2", OTHER))
    assert "web-07 (eth0) is its neighbour by lldp (one_sided)" in (await why(world))["sentences"]
    gone = await world.see("sw1", lldp("p2", "h2", OTHER))
    macs = [f"52:54:00:00:01:{number:02x}" for number in range(14)]
    await world.learn("sw1", p1=macs)
    found = await why(world)
    assert found["sentences"] == [
        "LLDP is off on this port, or at its other end: nothing is heard, while 1 other port of sw1 hear",
        "14 MACs were learned on it, so it is an uplink or a hub",
        f"the last neighbour was web-07 until {gone[:10]} {gone[11:19]} UTC",
    ]
    assert found["answer"].startswith("LLDP is off on this port")
    assert (found["macs"], found["history"][0]["who"]) == (14, "web-07")


async def test_why_says_what_was_never_seen_and_what_cannot_be(world: World) -> None:
    assert (await why(world))["sentences"][0] == "nothing was read from sw1 yet"
    await world.tell(
        "sw1",
        observed={"ports": {"p1": {"enabled": False}, "p2": {}}, "lags": {"lag1": {"members": ["p2"]}}},
        operation={"at": world.moment(), "source": "x", "ports": {"p1": {"oper_up": False, "down_reason": "no cable"}}},
    )
    assert (await why(world))["sentences"] == [
        "the port is shut",
        "the port is down (no cable)",
        "sw1 hears no neighbour on any port: LLDP may be off on all of it",
        "no MAC was learned on it",
        "no neighbour was ever seen on it",
    ]
    assert "it is a member of lag1, where MACs are learned" in (await why(world, "p2"))["sentences"]
    assert "sw1 has no port p77" in (await why(world, "p77"))["sentences"]
    assert (await world.site.admin.refused("GET", "nodes/nobody/ports/p1/why"))["status"] == 404


async def test_why_tells_of_a_declared_cable_that_is_not_seen_and_of_contradictions(world: World) -> None:
    await world.site.admin.post("apply", {"cabling": [{"a": "sw1/p1", "b": "web-07/eth0"}]})
    assert "a cable to web-07 (eth0) is declared, and was not seen" in (await why(world))["sentences"]
    await world.see("sw1", lldp("p1", "h1", HOST))
    await world.see("sw2", lldp("p5", "h1", HOST))
    assert any(sentence.startswith("but h1/eth0 is seen at") for sentence in (await why(world))["sentences"])


async def test_a_port_with_a_slash_in_its_name_can_be_asked_about(world: World) -> None:
    await world.see("sw1", lldp("Gi1/0/1", "h1", HOST))
    assert (await why(world, "Gi1/0/1"))["links"][0]["state"] == "one_sided"
