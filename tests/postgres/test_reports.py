"""Reports on PostgreSQL: two batches of one agent at once."""

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import orjson
import pytest
import sqlalchemy as sa

from proxy_service.agents import reports
from proxy_service.agents.reading import Batch, read_batch
from proxy_service.store import Rows, Store, Unit, open_store
from proxy_service.store import tables as t
from tests.unit.proxy_service.site import AT
from tests.unit.proxy_service.store_promises import CAUSE

pytestmark = pytest.mark.postgres

WAITING = sa.text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")


def put_agent(unit: Unit) -> None:
    texts = dict.fromkeys(("kind", "profile", "spec", "owner", "generation_at", "desired", "desired_hash", "held"), "x")
    node = {**texts, "name": "sw1", "location": "row-a", "revision": 1, "generation": 1}
    unit.execute(sa.insert(t.nodes), node)
    texts = dict.fromkeys(("version", "drivers", "token", "enrolled_at", "last_seen"), "x")
    unit.execute(sa.insert(t.agents), {**texts, "name": "a", "location": "row-a", "fence": 1, "last_seq": 0})


def batch(seq: int, **parts: Any) -> Batch:
    report = {"seq": seq, "fence": 1, "node": "sw1", "at": AT, **parts}
    return read_batch(orjson.dumps({"schema": 1, "reports": [report]}))


def take(unit: Unit, given: Batch) -> None:
    reports.take(unit, agent="a", location="row-a", batch=given)


async def until_one_waits(store: Store) -> None:
    def waiting(rows: Rows) -> int:
        return int(rows.connection.execute(WAITING).scalar_one())

    async with asyncio.timeout(10):
        while not await store.view(waiting):  # noqa: ASYNC110 -- the server tells nobody who waits for a lock
            await asyncio.sleep(0.01)


async def test_the_second_batch_builds_on_what_the_first_stored(postgres: Callable[[], str]) -> None:
    url = postgres()
    async with open_store(url) as here, open_store(url) as there:
        await here.unit(CAUSE, put_agent)
        stored, go_on = asyncio.Event(), threading.Event()
        loop = asyncio.get_running_loop()

        def take_slowly(unit: Unit) -> None:
            take(unit, batch(1, converged_generation=7))
            loop.call_soon_threadsafe(stored.set)
            go_on.wait(10)

        async with asyncio.TaskGroup() as group:
            group.create_task(here.unit(CAUSE, take_slowly))
            await stored.wait()
            group.create_task(there.unit(CAUSE, take, batch(2, facts={"n": 1}, facts_hash="f")))
            await until_one_waits(there)
            go_on.set()
        c = t.statuses.c
        status = await there.view(Rows.first, sa.select(c.converged_generation, c.facts_hash))
        assert status is not None
        assert tuple(status) == (7, "f")
