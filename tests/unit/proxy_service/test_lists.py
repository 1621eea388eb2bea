"""Lists: filtered, page by page, consistent with an event, and never a query for each row."""

import pytest
import sqlalchemy as sa

from proxy_service.looking import lists
from proxy_service.store import Rows
from tests.unit.proxy_service.site import NODE, Site, access_port

pytestmark = pytest.mark.unit


async def names(site: Site, path: str, **query: object) -> list[str]:
    return [item["name"] for item in (await site.admin.get(path, **query))["items"]]


async def test_pages_follow_each_other_to_the_end(site: Site) -> None:
    await site.rack(*(f"sw{n}" for n in range(7)))
    seen: list[str] = []
    cursor = None
    while True:
        page = await site.admin.get("nodes", limit=3, **({"cursor": cursor} if cursor else {}))
        seen += [item["name"] for item in page["items"]]
        cursor = page["cursor"]
        if cursor is None:
            break
    assert seen == [f"sw{n}" for n in range(7)]
    assert await names(site, "nodes", limit=7) == seen


async def test_nodes_are_found_by_kind_label_and_condition(site: Site) -> None:
    await site.rack("sw1", labels={"tier": "leaf", "row": "a"})
    await site.rack("sw2", labels={"tier": "spine"})
    agent = await site.agent()
    conditions = [{"type": "Converged", "status": True, "reason": "AsDeclared", "message": "", "since": NOW}]
    await agent.send(agent.report(converged_generation=1, conditions=conditions))
    assert await names(site, "nodes", label="tier=leaf") == ["sw1"]
    assert await names(site, "nodes", label=["tier=leaf", "row=b"]) == []
    assert await names(site, "nodes", kind="switch") == ["sw1", "sw2"]
    assert await names(site, "nodes", kind="pdu") == []
    assert await names(site, "nodes", condition="Converged:true") == ["sw1"]
    assert await names(site, "nodes", condition="Converged:unknown") == ["sw2"]
    assert await names(site, "nodes", condition=["Converged:true", "Reachable:false"]) == ["sw1"]
    assert await names(site, "nodes", condition="Converged:unknown", limit=1) == ["sw2"]


NOW = "2026-11-20T10:00:00Z"


async def test_only_the_wanted_fields_are_shown(site: Site) -> None:
    await site.rack()
    assert (await site.admin.get("nodes", fields="kind"))["items"] == [{"name": "sw1", "kind": "switch"}]


async def test_a_list_names_the_event_that_it_is_consistent_with(site: Site) -> None:
    await site.rack()
    event = (await site.admin.get("nodes"))["event"]
    await site.admin.put("roles/blue", access_port(10))
    found = await site.admin.get("events", follow=0, since=event)
    assert [item["type"] for item in found["items"]] == ["role.declared", "desired.changed"]


async def test_roles_and_locations_are_listed_with_status_and_revision(site: Site) -> None:
    await site.rack()
    await site.admin.put("roles/blue", access_port(10))
    (role,) = (await site.admin.get("roles"))["items"]
    assert role["status"]["nodes"]["sw1"]["reason"] == "Pending"
    (location,) = (await site.admin.get("locations"))["items"]
    assert (location["name"], location["revision"]) == ("row-a", 1)
    assert (await site.admin.get("locations/row-a"))["spec"]["bind_on"] == "lldp+fdb"


async def test_five_hundred_nodes_and_roles_take_a_handful_of_queries(site: Site) -> None:
    nodes = {f"sw{n}": {**NODE, "labels": {"tier": "leaf"}} for n in range(500)}
    roles = {f"r{n}": {**access_port(n + 1), "attach": {"nodes": [f"sw{n}"]}} for n in range(500)}
    await site.admin.post("apply", {"locations": {"row-a": {}}, "nodes": nodes, "roles": roles})
    query = lists.wanted(limit=500, cursor=None, fields=None, kind=None, label=["tier=leaf"], condition=[])

    def counted(rows: Rows) -> tuple[int, int]:
        statements: list[str] = []

        def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
            statements.append(statement)

        sa.event.listen(rows.connection.engine, "before_cursor_execute", note)
        try:
            found = lists.nodes(rows, query, site.hub.presence)["items"] + lists.roles(rows, query)["items"]
        finally:
            sa.event.remove(rows.connection.engine, "before_cursor_execute", note)
        return len(found), len(statements)

    found, statements = await site.hub.store.view(counted)
    assert found == 1000
    assert statements < 10


async def test_profiles_are_data(site: Site) -> None:
    assert "openvswitch" in await names(site, "profiles")
    assert (await site.admin.get("profiles/openvswitch"))["driver"] == "openvswitch"
    assert (await site.admin.refused("GET", "profiles/nothing"))["status"] == 404


async def test_figures_are_for_those_who_may_read(site: Site) -> None:
    await site.rack("sw1", "sw2")
    agent = await site.agent()
    await agent.send(agent.report(converged_generation=1))
    assert (await site.http.get("/metrics")).status_code == 401
    text = (await site.admin.ask("GET", "/metrics")).text
    assert 'pointsman_nodes{state="converged"} 1.0' in text
    assert 'pointsman_agents{state="away"} 1.0' in text
    for route in ("/v1/nodes/{node}", "/v1/agents/{agent}/reports"):
        assert f'route="{route}"' in text
    assert "sw1" not in text
