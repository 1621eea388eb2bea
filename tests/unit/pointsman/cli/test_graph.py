"""The command line on the graph: links, why, topology, trace, cabling."""

import json
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from pointsman.client import Client
from pointsman.endpoint import Endpoint, read_token

pytestmark = pytest.mark.unit

HOST = "52:54:00:00:00:07"
RACK = {
    "locations": {"row-a": {}},
    "nodes": {
        name: {"profile": "openvswitch", "location": "row-a", "access": ["ssh://root@192.0.2.1"]}
        for name in ("sw1", "sw2", "pdu1")
    },
    "servers": {"web-07": {"identity": {"macs": {"eth0": HOST}}}},
    "cabling": [{"a": "sw1/p1", "b": "web-07/eth0"}, {"a": "sw1/p9", "b": "sw2/p9"}],
}
SEEN = {
    "sw1": [
        {"port": "p1", "kind": "lldp", "name": "web-07", "chassis_id": HOST, "remote_port": "eth0"},
        {"port": "p23", "kind": "lldp", "name": "sw2", "remote_port": "p23"},
        {"port": "p7", "kind": "lldp", "name": "\x1b[31mevil", "chassis_id": "x"},
    ],
    "sw2": [{"port": "p23", "kind": "lldp", "name": "sw1", "remote_port": "p23"}],
    "pdu1": [{"port": "7", "kind": "label", "medium": "power", "name": "web-07/psu0"}],
}


@pytest.fixture
async def rack(service: Any, call: Any) -> None:
    """Two switches, a PDU and a server, as an agent has seen them just now."""
    admin = Client(Endpoint(f"unix:{service.socket_path}", read_token(service.settings.admin_token_file)))
    async with admin:
        await admin.apply(orjson.dumps(RACK))
        token = await admin.call("POST", "/tokens", json={"name": "a", "scopes": ["join"], "location": "row-a"})
    enrolment = {"schema": 1, "name": "a", "location": "row-a", "version": "1", "drivers": []}
    async with Client(Endpoint(f"unix:{service.socket_path}", token["token"])) as joiner:
        agent = await joiner.call("POST", "/agents/enrol", json=enrolment)
    at = datetime.now(UTC).isoformat()
    reports = [
        {"seq": number, "fence": agent["fence"], "node": node, "at": at, "links": seen, "links_hash": "x"}
        for number, (node, seen) in enumerate(SEEN.items(), start=1)
    ]
    async with Client(Endpoint(f"unix:{service.socket_path}", agent["token"])) as told:
        await told.call("POST", "/agents/a/reports", json={"schema": 1, "reports": reports})


async def test_links_are_a_table_with_what_they_rest_on(call: Any, rack: None) -> None:
    shown = await call("links", "sw1")
    lines = [line.split() for line in shown.out.splitlines()]
    assert ["sw1", "p1", "web-07", "eth0", "declared,lldp", "confirmed"] in lines
    assert "\x1b" not in shown.out
    assert (await call("links", "sw1", "--state", "stale")).err == "no links were seen yet\n"
    items = json.loads((await call("links", "web-07", "--json")).out)
    assert {item["b"]["node"] for item in items} == {"sw1", "pdu1"}
    assert (await call("links", "--at", "2026-01-01T00:00:00Z")).out == ""
    assert (await call("links", "--at", "then")).code == 1


async def test_why_is_told_in_sentences(call: Any, rack: None) -> None:
    shown = await call("links", "--why", "sw1/p9")
    assert shown.out.splitlines()[-2:] == [
        "A cable to sw2 (p9) is declared, and was not seen.",
        "No neighbour was ever seen on it.",
    ]
    assert json.loads((await call("links", "--why", "sw1/p9", "--json")).out)["port"] == "p9"
    for wrong in (("--why", "sw1"), ("sw1", "--why", "sw1/p1")):
        assert (await call("links", *wrong)).code == 2


async def test_a_topology_is_a_tree_from_its_root(call: Any, rack: None) -> None:
    lines = (await call("topology", "sw2", "--depth", "2")).out.splitlines()
    assert lines[0] == "sw2"
    assert "  p23 - sw1/p23 (lldp)" in lines
    assert "    p1 - web-07/eth0 (declared,lldp)" in lines
    assert (await call("topology", "nobody")).code == 1
    assert "sw2" in (await call("topology")).out
    assert json.loads((await call("topology", "sw1", "--json")).out)["root"] == "sw1"


async def test_a_trace_names_the_way_and_the_outlet(call: Any, rack: None) -> None:
    shown = (await call("trace", "--server", "web-07")).out
    assert "sw1: p1" in shown
    assert "outlet: pdu1/7 (psu0)" in shown
    assert json.loads((await call("trace", "--mac", HOST, "--json")).out)["of"] == ["server/web-07"]
    assert (await call("trace")).code == 2


async def test_cabling_that_deviates_has_its_own_exit_code(call: Any, rack: None) -> None:
    shown = await call("cabling")
    assert shown.code == 3
    assert shown.out.splitlines()[1].split()[:4] == ["missing", "sw1/p9", "-", "sw2/p9"]
    assert "1 as declared, 1 missing" in shown.err
    assert json.loads((await call("cabling", "--all", "--json")).out)["as_declared"] == 1
    assert (await call("cabling", "--at", "2026-01-01T00:00:00Z")).code == 0


async def test_servers_are_listed(call: Any, rack: None) -> None:
    shown = await call("get", "servers")
    assert shown.out.splitlines()[1].split() == ["web-07", "admin", "-", "eth0", HOST, "-"]
    assert json.loads((await call("get", "server", "web-07", "--json")).out)["name"] == "web-07"
