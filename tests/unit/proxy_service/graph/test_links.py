"""Links: evidence over time, each cable once, and nothing written where nothing changed."""

import pytest
import sqlalchemy as sa

from proxy_service.store import Rows
from proxy_service.store import graph_tables as g
from tests.unit.proxy_service.graph.sights import HOST, OTHER, World, ends, facts, lldp

pytestmark = pytest.mark.unit


async def rows(world: World) -> int:
    query = sa.select(sa.func.count()).select_from(g.evidence)
    return await world.site.hub.store.view(Rows.value, query)


async def test_a_neighbour_is_a_link_of_one_side(world: World) -> None:
    first = await world.see("sw1", lldp("p1", "h1", HOST))
    last = await world.quiet("sw1")
    link = await world.link()
    assert (ends(link), link["medium"], link["state"]) == (("sw1/p1", "?h1/eth0"), "data", "one_sided")
    assert (link["first_seen"], link["last_seen"]) == (first, last)
    (piece,) = link["evidence"]
    assert (piece["kind"], piece["source"], piece["last_seen"]) == ("lldp", "sw1", last)


async def test_an_unchanged_link_costs_no_row(world: World) -> None:
    await world.see("sw1", lldp("p1", "h1", HOST))
    before, events = await rows(world), len(await world.events())
    await world.see("sw1", lldp("p1", "h1", HOST, port_description="said otherwise"))
    await world.quiet("sw1")
    assert (await rows(world), len(await world.events())) == (before, events)


async def test_two_ends_of_one_cable_are_one_confirmed_link(world: World) -> None:
    await world.tell("sw1", facts=facts("sw1", "p23"))
    await world.tell("sw2", facts=facts("sw2", "p24"))
    await world.see("sw1", lldp("p23", "sw2", remote="p24"))
    assert (await world.link())["state"] == "one_sided"
    await world.see("sw2", lldp("p24", "sw1", remote="p23"))
    link = await world.link()
    assert (ends(link), link["state"]) == (("sw1/p23", "sw2/p24"), "confirmed")
    assert {piece["source"] for piece in link["evidence"]} == {"sw1", "sw2"}
    assert await world.links("sw1") == [link]
    assert ends(await world.link("sw2")) == ("sw2/p24", "sw1/p23")


async def test_a_reading_that_lacks_a_neighbour_makes_its_link_stale_and_history_keeps_it(world: World) -> None:
    there = await world.see("sw1", lldp("p1", "h1", HOST))
    gone = await world.see("sw1")
    link = await world.link()
    assert (link["state"], link["last_seen"], link["evidence"][0]["closed_at"]) == ("stale", gone, gone)
    assert (await world.link(at=there))["state"] == "one_sided"
    assert await world.links(at="2026-01-01T00:00:00Z") == []
    assert [event["type"] for event in await world.events()] == ["link.appeared", "link.gone"]


async def test_who_is_not_read_any_more_ends_nothing(world: World) -> None:
    await world.see("sw1", lldp("p1", "h1", HOST))
    unreachable = {
        "type": "Reachable",
        "status": False,
        "reason": "Unreachable",
        "message": "x",
        "since": world.moment(),
    }
    await world.tell("sw1", conditions=[unreachable])
    assert (await world.link())["state"] == "one_sided"


async def test_a_source_that_was_not_heard_for_long_says_nothing_about_now(world: World) -> None:
    await world.see("sw1", lldp("p1", "h1", HOST), after_s=-300)
    assert (await world.link())["state"] == "stale"


async def test_a_moved_cable_is_one_link_that_moved(world: World) -> None:
    before = await world.see("sw1", lldp("p1", "h1", HOST))
    after = await world.see("sw2", lldp("p5", "h1", HOST))
    closed = await world.see("sw1")
    link = await world.link()
    assert (ends(link), link["state"], link["first_seen"]) == (("sw2/p5", "?h1/eth0"), "one_sided", after)
    assert link["moved_from"] == {"node": "sw1", "port": "p1", "first_seen": before, "closed_at": closed}
    assert ends(await world.link(at=before)) == ("sw1/p1", "?h1/eth0")
    types = [event["type"] for event in await world.events()]
    assert types == ["link.appeared", "link.moved"]


async def test_a_cable_that_moved_is_one_link_whichever_switch_told_first(world: World) -> None:
    await world.see("sw1", lldp("p1", "h1", HOST))
    gone = await world.see("sw1")
    await world.see("sw2", lldp("p5", "h1", HOST))
    link = await world.link()
    assert (ends(link)[0], link["moved_from"]["port"], link["moved_from"]["closed_at"]) == ("sw2/p5", "p1", gone)


async def test_a_machine_whose_address_is_learned_before_it_is_heard_has_moved_all_the_same(world: World) -> None:
    before = await world.see("sw1", lldp("p1", "h1", HOST))
    gone = await world.see("sw1")
    await world.learn("sw2", p5=[HOST])
    await world.see("sw2", lldp("p5", "h1", HOST))
    link = await world.link()
    assert {piece["kind"] for piece in link["evidence"]} == {"lldp", "fdb"}
    assert link["moved_from"] == {"node": "sw1", "port": "p1", "first_seen": before, "closed_at": gone}
    assert len(await world.events("link.moved")) == 1


async def test_a_move_is_dated_by_what_was_heard_though_an_address_still_ages_at_the_old_place(world: World) -> None:
    before = await world.see("sw1", lldp("p1", "h1", HOST))
    await world.learn("sw1", p1=[HOST])
    await world.learn("sw2", p5=[HOST])
    await world.see("sw2", lldp("p5", "h1", HOST))
    gone = await world.see("sw1")
    link = next(link for link in await world.links() if link["a"].get("node") == "sw2")
    assert link["moved_from"] == {"node": "sw1", "port": "p1", "first_seen": before, "closed_at": gone}


async def test_a_machine_that_is_restarted_at_its_new_place_has_moved_all_the_same(world: World) -> None:
    await world.see("sw1", lldp("p1", "h1", HOST))
    await world.see("sw2", lldp("p5", "h1", HOST))
    closed = await world.see("sw1")
    await world.see("sw2")
    await world.see("sw2", lldp("p5", "h1", HOST))
    link = await world.link()
    assert (link["moved_from"]["port"], link["moved_from"]["closed_at"]) == ("p1", closed)
    await world.learn("sw2", p5=[HOST])
    assert (await world.link())["moved_from"]["port"] == "p1"
    assert len(await world.events("link.moved")) == 1


async def test_a_machine_that_comes_back_is_the_same_link(world: World) -> None:
    await world.see("sw1", lldp("p1", "h1", HOST))
    await world.see("sw1")
    back = await world.see("sw1", lldp("p1", "h1", HOST))
    link = await world.link()
    assert (link["state"], link["first_seen"]) == ("one_sided", back)
    assert "moved_from" not in link


async def test_another_machine_at_a_port_takes_the_place_of_the_one_before(world: World) -> None:
    await world.see("sw1", lldp("p1", "h1", HOST))
    await world.see("sw1")
    await world.see("sw1", lldp("p1", "h2", OTHER))
    assert ends(await world.link()) == ("sw1/p1", "?h2/eth0")


async def test_what_a_mac_table_says_joins_what_was_heard_at_the_port(world: World) -> None:
    await world.see("sw1", lldp("p1", "h1", HOST))
    await world.learn("sw1", p1=[OTHER])
    link = await world.link()
    assert {piece["kind"] for piece in link["evidence"]} == {"lldp", "fdb"}
    assert (ends(link), link["state"]) == (("sw1/p1", "?h1/eth0"), "one_sided")


async def test_links_are_chosen_by_state(world: World) -> None:
    await world.see("sw1", lldp("p1", "h1", HOST), lldp("p2", "h2", OTHER))
    await world.see("sw1", lldp("p2", "h2", OTHER))
    assert ends(await world.link(state="stale"))[0] == "sw1/p1"
    assert (await world.site.admin.refused("GET", "links?state=odd"))["status"] == 422
    for time in ("yesterday", "2026-11-20T10:00:00", "9999999"):
        problem = await world.site.admin.refused("GET", f"links?at={time}")
        assert (problem["status"], problem["problems"][0]["path"]) == (422, "at")


async def test_pages_of_links_hold_each_link_once(world: World) -> None:
    await world.see("sw2", *(lldp(f"p{number}", "sw1", remote=f"p{number}") for number in range(9)))
    await world.see("sw1", lldp("p3", "sw2", remote="p3"), lldp("p20", "h1", HOST))
    whole = {ends(link) for link in await world.links()}
    assert len(whole) == 10
    for limit in (1, 2, 3, 7):
        found, cursor = [], ""
        while cursor is not None:
            page = await world.site.admin.get("links", limit=limit, cursor=cursor)
            found += [ends(link) for link in page["items"]]
            cursor = page["cursor"]
        assert sorted(found) == sorted(whole)


async def test_a_node_that_is_forgotten_is_a_stranger_to_the_others(world: World) -> None:
    await world.see("sw1", lldp("p23", "sw2", remote="p24"))
    await world.see("sw2", lldp("p24", "sw1", remote="p23"), lldp("p1", "h1", HOST))
    await world.site.admin.delete("nodes/sw2")
    assert [ends(link) for link in await world.links()] == [("sw1/p23", "?sw2/p24")]


async def test_macs_at_a_port_that_is_down_are_of_before(world: World) -> None:
    await world.see("sw1", lldp("p1", "h1", HOST))
    await world.learn("sw1", p1=[HOST])
    await world.see("sw1")
    assert (await world.link())["state"] == "one_sided"
    macs = [{"mac": HOST, "vlan": 1, "port": "p1"}]
    operation = {"at": world.moment(), "source": "x", "macs": macs, "ports": {"p1": {"oper_up": False}}}
    await world.tell("sw1", operation=operation)
    assert (await world.link())["state"] == "stale"


async def test_a_few_strangers_at_a_port_may_be_neighbours_and_a_crowd_of_them_is_not(world: World) -> None:
    strangers = [f"02:00:00:00:77:{number:02x}" for number in range(4)]
    await world.learn("sw1", p1=strangers[:3])
    assert len(await world.links()) == 3
    await world.learn("sw1", p1=strangers)
    assert await world.links() == []
    await world.see("sw1", lldp("p2", "h1", HOST))
    await world.learn("sw1", p1=strangers, p2=[HOST])
    assert [ends(link) for link in await world.links()] == [("sw1/p2", "?h1/eth0")]


async def test_a_switchs_own_mac_at_its_own_port_is_no_neighbour(world: World) -> None:
    await world.tell("sw1", facts=facts("sw1", "br0", mac=HOST))
    await world.learn("sw1", br0=[HOST])
    assert await world.links() == []
