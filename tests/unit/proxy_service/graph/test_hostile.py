"""What is plugged in says what it likes: it is shown as what it is, and moves nothing."""

import json

import pytest
import sqlalchemy as sa

from proxy_service.graph import sights
from proxy_service.store import Rows
from proxy_service.store import graph_tables as g
from tests.unit.proxy_service.graph.sights import HOST, OTHER, World, ends, facts, lldp
from tests.unit.proxy_service.site import AT

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "[red]x[/red]",
        "\x1b]0;owned\x07",
        "a\x00b",
        "\u202eabc",
        "x" * 10_000,
        "'; DROP TABLE evidence",
    ],
)
async def test_any_text_is_kept_printable_and_short(world: World, text: str) -> None:
    await world.see("sw1", lldp(text, text, text, text, port_description=text))
    link = await world.link()
    assert link["state"] == "one_sided"
    shown = json.dumps(link, ensure_ascii=False)
    assert shown.isprintable()
    assert len(shown) < 4_000


async def test_text_that_is_no_unicode_harms_no_other_report(world: World) -> None:
    good = json.dumps({**world.agent.report(links=[lldp("p1", "h1", HOST)], links_hash="l"), "at": world.moment()})
    seen = b'[{"port":"p1","kind":"lldp","name":"\xff"}]'
    bad = b'{"seq":2,"fence":1,"node":"sw2","at":"%b","links_hash":"x","links":' + seen + b"}"
    body = b'{"schema":1,"reports":[' + good.encode() + b"," + bad % AT.encode() + b"]}"
    await world.agent.call("POST", "agents/agent-a/reports", content=body)
    assert ends(await world.link())[0] == "sw1/p1"


async def test_a_claim_to_be_a_node_that_hears_somebody_else_is_contradicted(world: World) -> None:
    await world.tell("sw1", facts=facts("sw1", "p23", "p5"))
    await world.tell("sw2", facts=facts("sw2", "p24", mac="02:00:00:00:00:02"))
    forged = lldp("p5", "sw2", "02:00:00:00:00:02", "p24")
    await world.see("sw1", lldp("p23", "sw2", "02:00:00:00:00:02", "p24"), forged)
    await world.see("sw2", lldp("p24", "sw1", remote="p23"))
    found = {ends(link): link for link in await world.links("sw1")}
    assert found["sw1/p23", "sw2/p24"]["state"] == "confirmed"
    assert found["sw1/p5", "sw2/p24"]["state"] == "contradicted"
    assert found["sw1/p5", "sw2/p24"]["contradictions"] == ["sw2/p24 is seen at sw1/p23 as well"]


async def test_an_id_of_a_node_under_another_name_is_contradicted(world: World) -> None:
    await world.tell("sw2", facts=facts("sw2", "p24", mac="02:00:00:00:00:02"))
    await world.see("sw1", lldp("p5", "laptop", "02:00:00:00:00:02", "eth0"))
    link = await world.link("sw1")
    assert (link["state"], link["contradictions"]) == ("contradicted", ["it shows an id of sw2 under another name"])


async def test_two_nodes_with_one_chassis_id_are_told_apart_by_name_and_flagged(world: World) -> None:
    for node in ("sw1", "sw2"):
        await world.tell(node, facts=facts(node, "p1", mac="02:00:00:00:00:99"))
    await world.site.rack("sw3")
    await world.see("sw3", lldp("p1", "sw2", "02:00:00:00:00:99", "p1"), lldp("p2", "", "02:00:00:00:00:99", "p1"))
    found = {link["a"]["port"]: link for link in await world.links("sw3")}
    assert (found["p1"]["b"]["node"], found["p1"]["state"]) == ("sw2", "contradicted")
    assert ("unknown" in found["p2"]["b"], found["p2"]["state"]) == (True, "contradicted")


async def test_one_machine_at_two_ports_is_contradicted_and_both_are_shown(world: World) -> None:
    await world.see("sw1", lldp("p1", "h1", HOST))
    await world.see("sw2", lldp("p5", "h1", HOST))
    states = {ends(link)[0]: link["state"] for link in await world.links()}
    assert states == {"sw1/p1": "contradicted", "sw2/p5": "contradicted"}


async def test_a_hub_is_no_contradiction(world: World) -> None:
    """Both switches hear each other, and both hear the host, at the same ports."""
    await world.see("sw1", lldp("p1", "sw2", remote="p1"), lldp("p1", "h1", HOST))
    await world.see("sw2", lldp("p1", "sw1", remote="p1"), lldp("p1", "h1", HOST))
    assert sorted(link["state"] for link in await world.links()) == ["confirmed", "one_sided", "one_sided"]


async def test_a_node_linked_to_itself_and_a_loop_are_shown(world: World) -> None:
    await world.see(
        "sw1", lldp("p3", "sw1", remote="p4"), lldp("p4", "sw1", remote="p3"), lldp("p9", "sw1", remote="p9")
    )
    assert {ends(link) for link in await world.links("sw1")} == {("sw1/p3", "sw1/p4"), ("sw1/p9", "sw1/p9")}
    found = await world.site.admin.get("topology", root="sw1", depth=16)
    assert [corner["name"] for corner in found["nodes"]] == ["sw1"]


async def test_a_mac_that_flaps_between_ports_is_two_rows_and_no_storm(world: World) -> None:
    for turn in range(20):
        await world.learn("sw1", **{f"p{turn % 2 + 1}": [HOST], "p3": [OTHER]})
    query = sa.select(sa.func.count()).select_from(g.evidence)
    assert await world.site.hub.store.view(Rows.value, query) == 3
    assert len(await world.events()) <= 3


async def test_a_mac_is_missing_first_and_gone_when_its_grace_is_over(world: World) -> None:
    await world.learn("sw1", p1=[HOST])
    await world.learn("sw1", p1=[])
    (piece,) = (await world.link())["evidence"]
    assert "missing_since" in piece
    assert (await world.link())["state"] == "one_sided"
    await world.quiet("sw1", after_s=130)
    assert (await world.link())["state"] == "stale"
    await world.learn("sw1", p1=[OTHER])
    assert ends(await world.link())[1].startswith(f"?{OTHER}")


async def test_a_switch_behind_a_port_makes_it_an_uplink_from_then_on(world: World) -> None:
    await world.learn("sw1", p1=[HOST])
    await world.tell("sw2", facts=facts("sw2", "p24"))
    await world.see("sw1", lldp("p1", "sw2", remote="p24"))
    await world.learn("sw1", p1=[HOST, OTHER])
    assert [ends(link) for link in await world.links() if link["state"] != "stale"] == [("sw1/p1", "sw2/p24")]


async def test_a_mac_at_two_switches_is_at_the_port_that_learned_fewer(world: World) -> None:
    await world.learn("sw1", p24=[HOST, OTHER])
    await world.learn("sw2", p1=[HOST], p2=[OTHER])
    assert {ends(link)[0] for link in await world.links()} == {"sw2/p1", "sw2/p2"}


async def test_more_neighbours_than_a_device_can_have_are_cut_off(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sights, "MOST_NEIGHBOURS", 5)
    await world.see("sw1", *(lldp(f"p{number}", f"h{number}") for number in range(9)))
    assert len(await world.links()) == 5
