"""The store on SQLite, and its wake-ups."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from proxy_service.store import Cause, DatabaseUnusable, Unit, open_store
from proxy_service.store import tables as t
from proxy_service.store.broadcast import Broadcast, Stopping
from proxy_service.store.migrate import migrate
from tests.unit.proxy_service import store_promises as promises

pytestmark = pytest.mark.unit


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'pointsman.db'}"


@pytest.mark.parametrize("promise", promises.PROMISES, ids=lambda promise: promise.__name__)
async def test_promise(url: str, promise: Callable[[str], Awaitable[None]]) -> None:
    await promise(url)


async def test_migrating_twice_changes_nothing(url: str) -> None:
    await migrate(url)
    await migrate(url)


async def test_a_unit_whose_caller_left_is_stored_and_told(url: str) -> None:
    async with open_store(url) as store:
        with store.changed.watching("events") as watch:
            caller = asyncio.create_task(store.unit(promises.CAUSE, promises.put_counter))
            await asyncio.sleep(0)
            caller.cancel()
            await asyncio.gather(caller, return_exceptions=True)
            await store.unit(promises.CAUSE, promises.read_then_add)
            assert await watch.wait(5)
        assert await store.view(promises.counter) == 1


async def test_a_unit_that_touches_nothing_wakes_nobody(url: str) -> None:
    async with open_store(url) as store:
        with store.changed.watching("events") as watch:
            await store.unit(Cause(action="test"), lambda unit: unit.declare())
            assert not await watch.wait(0)


async def test_every_audited_write_leaves_a_row(url: str) -> None:
    async with open_store(url) as store:

        def write(unit: Unit) -> None:
            unit.generations["sw1"] = 3

        await store.unit(Cause(action="PUT /v1/x", token="ab12", owner="me", document_hash="h"), write)
        row = await store.view(lambda rows: rows.first(sa.select(t.audit)))
        assert (row.token, row.owner, row.document_hash, row.generations) == ("ab12", "me", "h", '{"sw1":3}')


@pytest.mark.parametrize("url", ["sqlite:////nowhere/at/all.db", "postgresql://127.0.0.1:1/x", "what"])
async def test_a_database_that_cannot_be_used_is_one_kind_of_error(url: str) -> None:
    with pytest.raises(DatabaseUnusable):
        await migrate(url)


async def test_a_topic_wakes_only_who_waits_for_it() -> None:
    changed = Broadcast()
    with changed.watching("node:a") as first, changed.watching("node:b", "events") as second:
        changed.committed({"node:b"}, first=1, last=1)
        assert not await first.wait(0)
        assert await second.wait(1)
        assert not await second.wait(0)


async def test_a_gap_in_the_ids_wakes_everybody() -> None:
    changed = Broadcast()
    with changed.watching("node:a") as watch:
        changed.committed({"node:b"}, first=5, last=6)
        assert await watch.wait(1)


async def test_what_was_heard_already_wakes_nobody() -> None:
    changed = Broadcast()
    with changed.watching("node:a") as watch:
        changed.committed({"node:b"}, first=1, last=2)
        changed.seen(2)
        assert not await watch.wait(0)
        changed.seen(3)
        assert await watch.wait(1)


async def test_stopping_ends_every_wait() -> None:
    changed = Broadcast()
    with changed.watching("node:a") as watch:
        waiting = asyncio.create_task(watch.wait(60))
        await asyncio.sleep(0)
        changed.stop()
        with pytest.raises(Stopping):
            await waiting
    assert not changed.waited_for
