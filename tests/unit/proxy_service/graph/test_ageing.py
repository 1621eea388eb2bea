"""What is over is kept for its time, and forgotten."""

import pytest

from proxy_service.graph.ageing import age
from proxy_service.store import Cause
from tests.unit.proxy_service.graph.sights import HOST, OTHER, World, ends, lldp

pytestmark = pytest.mark.unit


async def grow_old(world: World, kept_s: float) -> None:
    await world.site.hub.store.unit(Cause(action="test"), age, kept_s=kept_s)


async def test_evidence_that_is_over_is_kept_for_its_time(world: World) -> None:
    there = await world.see("sw1", lldp("p1", "h1", HOST), lldp("p2", "h2", OTHER))
    await world.see("sw1", lldp("p2", "h2", OTHER))
    await grow_old(world, 3600)
    assert len(await world.links(at=there)) == 2
    await grow_old(world, 0)
    assert ends(await world.link())[0] == "sw1/p2"
    assert ends(await world.link(at=there))[0] == "sw1/p2"


async def test_a_mac_whose_grace_is_over_ends_where_its_switch_is_read(world: World) -> None:
    await world.learn("sw1", after_s=-300, p1=[HOST])
    gone = await world.learn("sw1", p1=[])
    await grow_old(world, 3600)
    (piece,) = (await world.link())["evidence"]
    assert "closed_at" not in piece
    await world.quiet("sw1", after_s=540)
    await grow_old(world, 3600)
    (piece,) = (await world.link())["evidence"]
    assert piece["closed_at"] == gone
