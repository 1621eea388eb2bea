"""Shared locations on PostgreSQL: the same promises, and replicas that settle one location at once."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import sqlalchemy as sa

from proxy_service.agents import leases
from proxy_service.store import Cause, Rows
from proxy_service.store import tables as t
from tests.unit.proxy_service import lease_promises as promises
from tests.unit.proxy_service.lease_promises import Time, joined, renew, shared
from tests.unit.proxy_service.site import Site
from tests.unit.proxy_service.streams import a_served_site

pytestmark = pytest.mark.postgres


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    return Time(monkeypatch)


@pytest.fixture
async def served(postgres: Callable[[], str], tmp_path: Path, time: Time) -> AsyncIterator[Site]:
    async with AsyncExitStack() as stack:
        yield await stack.enter_async_context(a_served_site(tmp_path, database_url=postgres(), poll_s=0.02))


async def test_nodes_move_when_their_agent_is_gone(served: Site, time: Time) -> None:
    await promises.nodes_move_when_their_agent_is_gone_and_it_finds_them_gone_when_it_is_back(served, time)


async def test_many_that_settle_a_location_at_once_give_each_node_once(served: Site, time: Time) -> None:
    nodes = [f"sw{number}" for number in range(6)]
    await shared(served, *nodes)
    time.steady(served)
    agents = [await joined(served, name) for name in "abc"]
    how = {"steady_s": 1e6, "margin_s": 5.0}
    store = served.hub.store
    await asyncio.gather(
        *(renew(agent) for agent in agents),
        *(store.unit(Cause(action="test"), leases.settle, "row-a", **how) for _ in range(12)),
        *(renew(agent) for agent in agents),
    )
    await store.unit(Cause(action="test"), leases.settle, "row-a", **how)
    rows = await store.view(Rows.all, sa.select(t.leases.c.node, t.leases.c.agent, t.leases.c.left_by))
    assert sorted(row.node for row in rows) == nodes
    given = await store.view(Rows.all, sa.select(t.events.c.node).where(t.events.c.type == "lease.given"))
    holders = {row.node: row.agent for row in rows if row.agent is not None}
    assert set(holders.values()) <= {"a", "b", "c"}
    # Given once each: whoever was told of a node is the one that holds it, or the one that is to let it go.
    assert len(given) == len({row.node for row in given}) == len(nodes)
