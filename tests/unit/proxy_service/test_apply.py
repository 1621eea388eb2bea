"""Whole documents: all or nothing, idempotent, pruned with care, tried without being stored."""

import asyncio
from typing import Any

import pytest

from tests.unit.proxy_service.site import NODE, Site, access_port

pytestmark = pytest.mark.unit

NO_MACHINES = {"servers": [], "cabling": []}

DOCUMENT: dict[str, Any] = {
    "set": "rack",
    "locations": {"row-a": {}},
    "nodes": {"sw1": {**NODE, "labels": {"tier": "leaf"}}, "sw2": NODE},
    "roles": {"blue": access_port(10), "all": {"attach": {"labels": {"tier": "leaf"}}, "state": {"vlans": {"5": {}}}}},
}
YAML = b"""
set: rack
locations: {row-a: {}}
nodes:
  sw1: &node {profile: openvswitch, location: row-a, access: ["ssh://root@192.0.2.1"], credentials: "file:lab.key"}
  sw2: *node
roles:
  blue:
    attach: {nodes: [sw1]}
    state:
      vlans: {100: {name: blue}}
      ports: {p1: {mode: access, access_vlan: 100}}
"""


async def test_a_document_is_declared_as_a_whole(site: Site) -> None:
    answer = await site.admin.post("apply", DOCUMENT)
    assert answer["changed"] == {
        "locations": ["row-a"],
        "nodes": ["sw1", "sw2"],
        "roles": ["blue", "all"],
        **NO_MACHINES,
    }
    assert answer["nodes"] == {"sw1": 1, "sw2": 1}
    assert (answer["unchanged"], answer["deleted"], answer["unbound"]) == (
        0,
        {"nodes": [], "roles": [], **NO_MACHINES},
        [],
    )
    found = await site.admin.get("nodes/sw1/desired")
    assert found["state"]["ports"]["p1"]["access_vlan"] == 10
    assert "5" in found["state"]["vlans"]


async def test_yaml_is_read_as_well(site: Site) -> None:
    answer = await site.admin.call("POST", "apply", content=YAML, headers={"content-type": "application/yaml"})
    assert answer["nodes"] == {"sw1": 1, "sw2": 1}
    assert (await site.admin.get("nodes/sw1/desired"))["state"]["vlans"] == {"100": {"name": "blue"}}


async def test_a_second_time_changes_nothing(site: Site) -> None:
    first = await site.admin.post("apply", DOCUMENT)
    last = (await site.admin.get("events", follow=0))["last"]
    answer = await site.admin.post("apply", DOCUMENT)
    assert answer == {**first, "changed": {"locations": [], "nodes": [], "roles": [], **NO_MACHINES}, "unchanged": 5}
    assert (await site.admin.get("events", follow=0, since=last))["items"] == []


async def test_one_conflict_and_nothing_is_stored(site: Site) -> None:
    document = {**DOCUMENT, "roles": {"a": access_port(10), "b": access_port(20)}}
    problem = await site.admin.refused("POST", "apply", json=document)
    assert problem["status"] == 409
    assert (await site.admin.get("nodes"))["items"] == []
    assert (await site.admin.get("locations"))["items"] == []


async def test_what_a_document_lacks_stays_unless_it_is_pruned(site: Site) -> None:
    await site.admin.post("apply", DOCUMENT)
    less = {**DOCUMENT, "roles": {"blue": access_port(10)}}
    await site.admin.post("apply", less)
    assert len((await site.admin.get("roles"))["items"]) == 2
    problem = await site.admin.refused("POST", "apply", json=less, params={"prune": "rack"})
    assert (problem["type"], problem["deleted"]) == (
        "/problems/budget-exceeded",
        {"nodes": [], "roles": ["all"], **NO_MACHINES},
    )
    query = {"prune": "rack", "confirm": problem["confirm"]}
    answer = await site.admin.post("apply", less, params=query)
    assert answer["deleted"] == {"nodes": [], "roles": ["all"], **NO_MACHINES}
    assert (await site.admin.get("nodes/sw1/desired"))["state"]["vlans"] == {}


async def test_pruning_needs_a_document_of_that_set(site: Site) -> None:
    problem = await site.admin.refused("POST", "apply", json={"roles": {}}, params={"prune": "rack"})
    assert problem["problems"][0]["path"] == "set"


async def test_pruning_leaves_the_objects_of_others(site: Site) -> None:
    await site.admin.post("apply", DOCUMENT)
    other = await site.caller("declare", "read", owner="somebody")
    answer = await other.post("apply", {"set": "rack", "roles": {"mine": {}}}, params={"prune": "rack"})
    assert answer["deleted"] == {"nodes": [], "roles": [], **NO_MACHINES}


async def test_a_dry_run_says_what_would_change_and_stores_nothing(site: Site) -> None:
    await site.admin.post("apply", DOCUMENT)
    last = (await site.admin.get("events", follow=0))["last"]
    document = {**DOCUMENT, "roles": {"blue": access_port(11)}}
    answer = await site.admin.post("apply", document, params={"dry_run": 1})
    assert answer["changed"]["roles"] == ["blue"]
    plan = answer["plans"]["sw1"]
    assert plan["compiled_diff"] == [{"path": "ports.p1.access_vlan", "before": 10, "after": 11, "roles": ["blue"]}]
    assert plan["unavailable"]["reason"] == "AgentAway"
    assert (await site.admin.get("nodes/sw1/desired"))["state"]["ports"]["p1"]["access_vlan"] == 10
    assert (await site.admin.get("events", follow=0, since=last))["items"] == []


async def test_a_dry_run_of_a_new_node_is_unavailable_and_shows_its_leaves(site: Site) -> None:
    answer = await site.admin.post("apply", DOCUMENT, params={"dry_run": 1})
    plan = answer["plans"]["sw1"]
    assert plan["unavailable"]["reason"] == "NotAssigned"
    assert {"path": "ports.p1.access_vlan", "before": None, "after": 10, "roles": ["blue"]} in plan["compiled_diff"]
    assert (await site.admin.get("nodes"))["items"] == []


async def test_a_dry_run_lists_what_pruning_would_delete(site: Site) -> None:
    await site.admin.post("apply", DOCUMENT)
    query = {"dry_run": 1, "prune": "rack"}
    answer = await site.admin.post("apply", {**DOCUMENT, "nodes": {"sw1": NODE}}, params=query)
    assert answer["deleted"] == {"nodes": ["sw2"], "roles": [], **NO_MACHINES}
    assert len((await site.admin.get("nodes"))["items"]) == 2


async def test_many_objects_do_not_hold_up_the_others(site: Site) -> None:
    nodes = {f"sw{n}": {**NODE, "labels": {"tier": "leaf"}} for n in range(300)}
    roles = {f"r{n}": {**access_port(n + 1), "attach": {"nodes": [f"sw{n}"]}} for n in range(300)}
    document = {"locations": {"row-a": {}}, "nodes": nodes, "roles": roles}
    applying = asyncio.create_task(site.admin.post("apply", document))
    turns = 0
    while not applying.done():
        assert (await site.admin.ask("GET", "/healthz")).status_code == 200
        turns += 1
        await asyncio.wait({applying}, timeout=0.01)
    assert len((await applying)["nodes"]) == 300
    assert turns > 3


async def test_locations_of_a_document_need_the_scope_admin_only_when_they_change(site: Site) -> None:
    await site.admin.post("apply", {"locations": {"row-a": {}}})
    caller = await site.caller("declare", "read")
    await caller.post("apply", {**DOCUMENT, "locations": {}})
    problem = await caller.refused("POST", "apply", json={"locations": {"row-b": {}}})
    assert (problem["status"], "locations.row-b" in problem["detail"]) == (403, True)
    await caller.post("apply", {"locations": {"row-a": {}}})


async def test_the_schema_of_documents_is_served_and_fits(site: Site) -> None:
    schema = await site.admin.get("schema/document")
    assert {"locations", "nodes", "roles", "set"} <= set(schema["properties"])
