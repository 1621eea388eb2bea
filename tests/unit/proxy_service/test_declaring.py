"""Declaring nodes, roles and locations: generations, revisions, who is reached, what is refused."""

import asyncio
from datetime import timedelta

import pytest

from proxy_service import clock
from tests.unit.proxy_service.site import NODE, Site, access_port, trunk

pytestmark = pytest.mark.unit


async def desired(site: Site, node: str = "sw1") -> dict:
    return await site.admin.get(f"nodes/{node}/desired", explain=1)


async def generation(site: Site, node: str = "sw1") -> int:
    return (await site.admin.get(f"nodes/{node}"))["status"]["generation"]


async def test_a_write_answers_revision_and_generations(site: Site) -> None:
    await site.rack()
    answer = await site.admin.put("roles/blue", access_port(10))
    assert answer == {"revision": 3, "nodes": {"sw1": 2}, "unbound": []}


async def test_desired_says_each_leaf_and_whose_it_is(site: Site) -> None:
    await site.rack()
    await site.admin.put("roles/blue", access_port(10))
    found = await desired(site)
    assert found["state"]["ports"] == {"p1": {"mode": "access", "access_vlan": 10}}
    assert {"path": "ports.p1.access_vlan", "value": 10, "roles": ["blue"]} in found["leaves"]
    assert found["held"] == []


async def test_the_same_again_changes_nothing(site: Site) -> None:
    await site.rack()
    first = await site.admin.put("roles/blue", access_port(10))
    last = (await site.admin.get("events", follow=0))["last"]
    assert await site.admin.put("roles/blue", access_port(10)) == first
    await site.admin.put("nodes/sw1", NODE)
    events = await site.admin.get("events", follow=0, since=last)
    assert events["items"] == []


async def test_another_spelling_of_the_same_is_the_same(site: Site) -> None:
    await site.rack()
    first = await site.admin.put("roles/r", trunk(10, 11, 12))
    body = b"attach: {nodes: [sw1]}\npriority: 50\nstate: {ports: {p24: {trunk_vlans: [12, 10-11], mode: trunk}}}"
    assert await site.admin.call("PUT", "roles/r", content=body) == first


async def test_a_generation_grows_only_when_what_was_compiled_changes(site: Site) -> None:
    await site.rack()
    await site.admin.put("roles/blue", access_port(10))
    before = await generation(site)
    await site.admin.put("nodes/sw1", {**NODE, "annotations": {"netbox": "17"}})
    assert await generation(site) == before
    await site.admin.put("roles/blue", access_port(11))
    assert await generation(site) == before + 1


async def test_a_role_reaches_nodes_by_label_whichever_came_first(site: Site) -> None:
    role = {"attach": {"labels": {"tier": "leaf"}}, "state": {"vlans": {"5": {}}}}
    await site.admin.put("roles/early", role)
    await site.rack("sw1", "sw2", labels={"tier": "leaf", "row": "a"})
    await site.rack("sw3", labels={"tier": "spine"})
    answer = await site.admin.put("roles/late", {**role, "state": {"vlans": {"6": {}}}})
    assert set(answer["nodes"]) == {"sw1", "sw2"}
    assert set((await desired(site))["state"]["vlans"]) == {"5", "6"}
    assert (await desired(site, "sw3"))["state"]["vlans"] == {}


async def test_a_node_that_loses_the_label_loses_the_role(site: Site) -> None:
    await site.rack(labels={"tier": "leaf"})
    await site.admin.put("roles/r", {"attach": {"labels": {"tier": "leaf"}}, "state": {"vlans": {"5": {}}}})
    await site.admin.put("nodes/sw1", NODE)
    assert (await desired(site))["state"]["vlans"] == {}
    assert (await site.admin.get("roles/r"))["status"]["nodes"] == {}


async def test_a_role_needs_all_of_its_labels(site: Site) -> None:
    await site.rack(labels={"tier": "leaf"})
    answer = await site.admin.put("roles/r", {"attach": {"labels": {"tier": "leaf", "row": "b"}}})
    assert answer["nodes"] == {}


async def test_a_node_that_a_role_names_and_labels_is_reached_once(site: Site) -> None:
    await site.rack(labels={"tier": "leaf"})
    spec = {"attach": {"nodes": ["sw1"], "labels": {"tier": "leaf"}}, "state": {"vlans": {"5": {}}}}
    assert (await site.admin.put("roles/r", spec))["nodes"] == {"sw1": 2}
    await site.admin.put("nodes/sw1", {**NODE, "labels": {"tier": "leaf", "new": "1"}})
    assert set((await desired(site))["state"]["vlans"]) == {"5"}


async def test_a_named_node_that_is_not_there_is_unbound_until_it_comes(site: Site) -> None:
    assert (await site.admin.put("roles/r", access_port(10)))["unbound"] == ["sw1"]
    await site.rack()
    assert (await desired(site))["state"]["ports"]["p1"]["access_vlan"] == 10


async def test_a_deleted_role_takes_its_leaves_with_it(site: Site) -> None:
    await site.rack()
    await site.admin.put("roles/a", trunk(10, 20, 30))
    await site.admin.put("roles/b", trunk(40))
    answer = await site.admin.delete("roles/b")
    assert answer["nodes"] == {"sw1": 4}
    assert (await desired(site))["state"]["ports"]["p24"]["trunk_vlans"] == [10, 20, 30]
    assert (await site.admin.refused("GET", "roles/b"))["status"] == 404


async def test_a_role_that_moves_leaves_the_node_that_it_had(site: Site) -> None:
    await site.rack("sw1", "sw2")
    await site.admin.put("roles/r", access_port(10))
    await site.admin.put("roles/r", {**access_port(10), "attach": {"nodes": ["sw2"]}})
    assert (await desired(site))["state"]["ports"] == {}
    assert "p1" in (await desired(site, "sw2"))["state"]["ports"]


async def test_a_conflict_is_refused_and_names_both_roles_and_the_leaf(site: Site) -> None:
    await site.rack()
    await site.admin.put("roles/a", access_port(10))
    before = await generation(site)
    problem = await site.admin.refused("PUT", "roles/b", json=access_port(20))
    assert (problem["status"], problem["type"]) == (409, "/problems/conflict")
    assert problem["problems"][0]["path"] == "ports.p1.access_vlan"
    for word in ("a", "b", "ports.p1.access_vlan", "sw1"):
        assert word in problem["detail"]
    assert (problem["roles"], problem["node"]) == (["a", "b"], "sw1")
    assert await generation(site) == before
    assert (await site.admin.refused("GET", "roles/b"))["status"] == 404


async def test_another_priority_is_no_conflict(site: Site) -> None:
    await site.rack()
    await site.admin.put("roles/a", access_port(10))
    await site.admin.put("roles/b", access_port(20, priority=60))
    assert (await desired(site))["state"]["ports"]["p1"]["access_vlan"] == 20


async def test_a_conflict_that_a_deletion_uncovers_is_held_and_shown(site: Site) -> None:
    await site.rack()
    await site.admin.put("roles/top", access_port(30, priority=90))
    await site.admin.put("roles/a", access_port(10))
    await site.admin.put("roles/b", access_port(20))
    await site.admin.put("roles/other", access_port(7, port="p2"))
    await site.admin.delete("roles/top")
    found = await desired(site)
    assert found["held"][0]["path"] == "ports.p1.access_vlan"
    assert found["held"][0]["roles"] == ["a", "b"]
    assert list(found["state"]["ports"]) == ["p2"]
    conditions = {item["type"]: item for item in (await site.admin.get("nodes/sw1"))["status"]["conditions"]}
    assert conditions["Conflicted"]["status"] is True
    assert "ports.p1.access_vlan" in conditions["Conflicted"]["message"]
    assert (await site.admin.get("roles/a"))["status"]["nodes"]["sw1"]["reason"] == "Conflicted"
    assert (await site.admin.get("roles/other"))["status"]["nodes"]["sw1"]["reason"] != "Conflicted"
    # Others go on writing: an old conflict is not theirs.
    await site.admin.put("roles/other", access_port(8, port="p2"))
    await site.admin.put("roles/b", access_port(10))
    assert (await desired(site))["held"] == []


async def test_a_node_whose_labels_bring_conflicting_roles_together_is_refused(site: Site) -> None:
    await site.rack()
    await site.admin.put("roles/a", access_port(10))
    await site.admin.put("roles/b", {**access_port(20), "attach": {"labels": {"tier": "leaf"}}})
    problem = await site.admin.refused("PUT", "nodes/sw1", json={**NODE, "labels": {"tier": "leaf"}})
    assert problem["type"] == "/problems/conflict"


async def test_what_a_location_protects_reaches_its_nodes(site: Site) -> None:
    await site.rack(protect=["ports.p48"])
    await site.admin.put("locations/row-a", {"protect": ["vlans.1"]})
    assert (await desired(site))["protect"] == ["ports.p48", "vlans.1"]


async def test_a_revision_is_an_etag_and_another_is_refused(site: Site) -> None:
    await site.rack()
    first = await site.admin.ask("PUT", "roles/r", json=access_port(10))
    etag = first.headers["etag"]
    assert (await site.admin.ask("GET", "roles/r")).headers["etag"] == etag
    await site.admin.put("roles/r", access_port(11), headers={"if-match": etag})
    problem = await site.admin.refused("PUT", "roles/r", json=access_port(12), headers={"if-match": etag})
    assert (problem["status"], problem["owner"]) == (412, "admin")
    assert (await site.admin.refused("DELETE", "roles/r", headers={"if-match": etag}))["status"] == 412
    assert (await site.admin.refused("PUT", "roles/new", json={}, headers={"if-match": "*"}))["status"] == 412
    await site.admin.delete("roles/r", headers={"if-match": "*"})


async def test_a_deleted_node_is_gone_with_all_that_was_known_of_it(site: Site) -> None:
    await site.rack("sw1", "sw2", labels={"tier": "leaf"})
    await site.admin.put("roles/r", {"attach": {"labels": {"tier": "leaf"}}})
    await site.admin.delete("nodes/sw1")
    assert (await site.admin.refused("GET", "nodes/sw1"))["status"] == 404
    assert list((await site.admin.get("roles/r"))["status"]["nodes"]) == ["sw2"]


async def test_a_location_that_is_used_stays(site: Site) -> None:
    await site.rack()
    problem = await site.admin.refused("DELETE", "locations/row-a")
    assert (problem["status"], "sw1" in problem["detail"]) == (409, True)
    await site.admin.delete("nodes/sw1")
    await site.admin.delete("locations/row-a")


async def test_concurrent_writers_lose_no_generation(site: Site) -> None:
    await site.rack("sw1", "sw2")
    before = await generation(site)

    async def write(number: int) -> None:
        spec = {"attach": {"nodes": ["sw1", "sw2"]}, "state": {"vlans": {str(number + 2): {}}}}
        await site.admin.put(f"roles/r{number}", spec)

    async with asyncio.TaskGroup() as group:
        for number in range(50):
            group.create_task(write(number))
    for node in ("sw1", "sw2"):
        assert await generation(site, node) == before + 50
        assert len((await desired(site, node))["state"]["vlans"]) == 50


async def test_a_pause_is_a_new_generation_and_ends_by_itself(site: Site) -> None:
    await site.rack()
    before = await generation(site)
    answer = await site.admin.post("nodes/sw1/pause", {"until": "2999-01-01T00:00:00Z", "reason": "swap"})
    assert answer["nodes"] == {"sw1": before + 1}
    assert (await desired(site))["drift"] == "pause"
    conditions = {item["type"]: item for item in (await site.admin.get("nodes/sw1"))["status"]["conditions"]}
    assert conditions["Paused"]["status"] is True
    await site.admin.post("nodes/sw1/resume")
    assert (await desired(site))["drift"] == "enforce"
    past = await site.admin.refused("POST", "nodes/sw1/pause", json={"until": "2020-01-01T00:00:00Z", "reason": "x"})
    assert past["problems"][0]["path"] == "until"


async def test_a_pause_that_is_over_is_lifted_without_anybody_asking(site: Site) -> None:
    await site.rack()
    until = clock.text(clock.now() + timedelta(seconds=0.3))
    with site.hub.store.changed.watching("node:sw1") as watch:
        await site.admin.post("nodes/sw1/pause", {"until": until, "reason": "swap"})
        async with asyncio.timeout(10):
            while (await desired(site))["drift"] == "pause":
                await watch.wait(5)
    assert clock.now_text() >= until
