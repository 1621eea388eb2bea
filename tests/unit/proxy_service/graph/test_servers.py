"""Servers: declared, recognised by any mark, merged into one, and telling their own side."""

import pytest

from tests.unit.proxy_service.graph.sights import HOST, OTHER, World, ends, facts, lldp
from tests.unit.proxy_service.site import NODE

pytestmark = pytest.mark.unit

WEB = {
    "identity": {"macs": {"eth0": HOST, "eth1": OTHER}, "hostname": "web-07", "serial": "CZ07", "iqn": "iqn.x:web-07"}
}


def lldpctl(nic: str, switch: str, port: str) -> dict:
    chassis = {switch: {"id": {"type": "mac", "value": "02:00:00:00:00:01"}, "descr": "x"}}
    return {"lldp": {"interface": {nic: {"via": "LLDP", "chassis": chassis, "port": {"id": {"value": port}}}}}}


async def test_all_that_shows_a_mark_of_a_server_is_that_server(world: World) -> None:
    await world.site.rack("sw1", "sw2", "san1", "bmc1", "pdu1")
    await world.see("sw1", lldp("p1", "whatever", HOST))
    await world.learn("sw2", p5=[OTHER])
    await world.see("bmc1", {"port": "3", "kind": "slot", "medium": "slot", "serial": "cz07"})
    await world.see("san1", {"port": "web", "kind": "masking", "medium": "storage", "initiator": "iqn.x:web-07"})
    await world.see("pdu1", {"port": "7", "kind": "label", "medium": "power", "name": "web-07/psu0"})
    assert all("server" not in link["b"] for link in await world.links())
    await world.site.admin.put("servers/web-07", WEB)
    assert {ends(link) for link in await world.links("web-07")} == {
        ("web-07/eth0", "sw1/p1"),
        ("web-07/eth1", "sw2/p5"),
        ("web-07/", "bmc1/3"),
        ("web-07/", "san1/web"),
        ("web-07/psu0", "pdu1/7"),
    }


async def test_a_lone_controller_is_not_the_machine_in_its_slot(world: World) -> None:
    """It tells the serial number and the addresses of its machine as its own."""
    await world.site.admin.put("nodes/bmc1", {**NODE, "profile": "ipmi", "access": ["ipmi://192.0.2.1"]})
    await world.tell("bmc1", facts={**facts("bmc1", "eth0", mac=HOST), "dmi": {"system": {"serial_number": "CZ07"}}})
    await world.see("bmc1", {"port": "1", "kind": "slot", "medium": "slot", "serial": "CZ07"})
    assert ends(await world.link()) == ("bmc1/1", "?CZ07/")
    await world.site.admin.put("servers/web-07", WEB)
    await world.see("sw1", lldp("p1", "web-07", HOST))
    assert {ends(link): link["state"] for link in await world.links("web-07")} == {
        ("web-07/", "bmc1/1"): "one_sided",
        ("web-07/eth0", "sw1/p1"): "one_sided",
    }


async def test_a_label_that_is_nobodys_name_is_no_link(world: World) -> None:
    await world.see("sw1", {"port": "7", "kind": "label", "medium": "power", "name": "Outlet 7"})
    assert await world.links() == await world.events() == []


async def test_what_was_seen_before_a_server_was_declared_is_its_own(world: World) -> None:
    then = await world.see("sw1", lldp("p1", "web-07", HOST))
    await world.site.admin.put("servers/web-07", WEB)
    assert ends(await world.link(at=then))[1] == "web-07/eth0"
    await world.site.admin.delete("servers/web-07")
    assert ends(await world.link())[1] == "?web-07/eth0"
    assert (await world.site.admin.refused("GET", "servers/web-07"))["status"] == 404


async def test_a_server_that_tells_its_own_side_confirms_its_link(world: World) -> None:
    await world.tell("sw1", facts=facts("sw1", "p1", mac="02:00:00:00:00:01"))
    await world.see("sw1", lldp("p1", "web-07", HOST))
    await world.site.admin.put("servers/web-07", WEB)
    told = await world.site.admin.post("servers/web-07/facts", lldpctl("eth0", "sw1", "p1"))
    assert told["neighbours"] == 1
    link = await world.link()
    assert (ends(link), link["state"]) == (("sw1/p1", "web-07/eth0"), "confirmed")
    assert (await world.site.admin.get("servers/web-07"))["status"]["reported_at"] == told["at"]
    await world.site.admin.post("servers/web-07/facts", {"lldp": {}})
    assert (await world.link())["state"] == "one_sided"


async def test_addresses_that_a_server_tells_are_its_marks_and_names_are_not(world: World) -> None:
    await world.site.admin.put("servers/web-07", {"identity": {"hostname": "web-07"}})
    interfaces = {"ens1": {"addresses": {OTHER: {"family": "lladdr"}}}}
    await world.site.admin.post("servers/web-07/facts", {"hostname": "sw1", "network": {"interfaces": interfaces}})
    await world.learn("sw2", p5=[OTHER])
    await world.see("sw2", lldp("p23", "sw1", remote="p23"))
    assert {ends(link) for link in await world.links("sw2")} == {("sw2/p5", "web-07/ens1"), ("sw2/p23", "sw1/p23")}


@pytest.mark.parametrize(
    "body", [[], {}, {"x": 1}, {"lldp": 5}, {"lldp": {"interface": [5]}}, {"lldp": {"interface": {"eth0": 5}}}]
)
async def test_a_report_of_another_shape_is_refused(world: World, body: object) -> None:
    await world.site.admin.put("servers/web-07", WEB)
    assert (await world.site.admin.refused("POST", "servers/web-07/facts", json=body))["status"] == 422
    assert (await world.site.admin.refused("POST", "servers/nobody/facts", json={"lldp": {}}))["status"] == 404


async def test_a_server_is_declared_strictly_and_belongs_to_its_owner(world: World) -> None:
    admin = world.site.admin
    assert (await admin.put("servers/web-07", WEB))["revision"] == (await admin.put("servers/web-07", WEB))["revision"]
    problem = await admin.refused("PUT", "servers/web-07", json={"needs": {"power": "on"}})
    assert (problem["type"], problem["problems"][0]["path"]) == ("/problems/not-in-this-version", "needs")
    for wrong in (
        {"identity": {"macs": {"eth0": "x"}}},
        {"identity": {"colour": 1}},
        {"identity": {"macs": {"a b": HOST}}},
    ):
        assert (await admin.refused("PUT", "servers/web-07", json=wrong))["status"] == 422
    other = await world.site.caller("declare", "read", owner="other")
    assert (await other.refused("PUT", "servers/web-07", json={}))["status"] == 403
    assert (await other.refused("DELETE", "servers/web-07"))["status"] == 403
    assert (await other.refused("POST", "servers/web-07/facts", json={"lldp": {}}))["status"] == 403
    assert (await admin.refused("PUT", "servers/web-07", json={}, headers={"if-match": '"99"'}))["status"] == 412
    (item,) = (await admin.get("servers"))["items"]
    assert (item["name"], item["spec"]["identity"]["hostname"]) == ("web-07", "web-07")


async def test_servers_and_cables_stand_in_documents_and_are_pruned_with_their_set(world: World) -> None:
    admin = world.site.admin
    document = {"set": "rack", "servers": {"web-07": WEB}, "cabling": [{"a": "sw1/p1", "b": "web-07/eth0"}]}
    answer = await admin.post("apply", document)
    assert answer["changed"]["servers"] == ["web-07"]
    assert answer["changed"]["cabling"] == ["sw1/p1 web-07/eth0"]
    assert (await admin.post("apply", document))["unchanged"] == 2
    assert (await world.link())["evidence"][0]["kind"] == "declared"
    problem = await admin.refused("POST", "apply", params={"prune": "rack"}, json={"set": "rack"})
    confirm = problem["confirm"]
    answer = await admin.call("POST", "apply", params={"prune": "rack", "confirm": confirm}, json={"set": "rack"})
    assert answer["deleted"] == {"nodes": [], "roles": [], "servers": ["web-07"], "cabling": ["sw1/p1 web-07/eth0"]}
    assert await world.links() == []


async def test_what_a_port_sees_is_found_by_search(world: World) -> None:
    await world.site.admin.put("servers/web-07", WEB)
    await world.see("sw1", lldp("p1", "nobody-else", OTHER))
    found = (await world.site.admin.get("search", q="nobody-else"))["items"]
    assert [(item["kind"], item["name"], item["at"]) for item in found] == [("node", "sw1", "links.p1.name")]
    found = (await world.site.admin.get("search", q="5254.0000.0008"))["items"]
    assert {(item["kind"], item["name"]) for item in found} == {("node", "sw1"), ("server", "web-07")}
