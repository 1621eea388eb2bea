"""Facts are looked at beside the reports that carry them, also those that an earlier service left."""

import asyncio
import contextlib

import pytest
import sqlalchemy as sa

from proxy_service.graph.acquainting import get_acquainted
from proxy_service.graph.people import take_news
from proxy_service.store import Cause, Rows
from proxy_service.store import graph_tables as g
from tests.unit.proxy_service.graph.sights import World, ends, facts, lldp

pytestmark = pytest.mark.unit
TOLD = sa.select(g.known.c.told).where(g.known.c.who == "node/sw1")


async def test_who_starts_looks_at_what_was_left(world: World) -> None:
    store, agent = world.site.hub.store, world.agent
    await world.see("sw2", lldp("p1", "other-name", remote="p1"))
    await agent.send(agent.report("sw1", facts=facts("other-name", "p1"), facts_hash="f"))
    looking = asyncio.create_task(get_acquainted(store))
    async with asyncio.timeout(5):
        while await store.view(Rows.value, TOLD) != "f":  # noqa: ASYNC110 -- nothing is told of who is known
            await asyncio.sleep(0)
    looking.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await looking
    assert ends(await world.link("sw2")) == ("sw2/p1", "sw1/p1")


async def test_facts_that_cannot_be_read_are_looked_at_once(world: World) -> None:
    await world.agent.send(world.agent.report("sw1", facts={"network": "nonsense"}, facts_hash="f"))
    store = world.site.hub.store
    await store.unit(Cause(action="test"), take_news)
    assert await store.unit(Cause(action="test"), take_news) == 0
    assert await store.view(Rows.value, TOLD) == "f"
