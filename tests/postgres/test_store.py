"""The store on PostgreSQL: the same promises as on SQLite."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
import sqlalchemy as sa

from proxy_service.store import Rows, open_store
from tests.unit.proxy_service import store_promises as promises

pytestmark = pytest.mark.postgres


@pytest.fixture
def url(postgres: Callable[[], str]) -> str:
    return postgres()


@pytest.mark.parametrize("promise", promises.PROMISES, ids=lambda promise: promise.__name__)
async def test_promise(url: str, promise: Callable[[str], Awaitable[None]]) -> None:
    await promise(url)


async def test_connections_that_the_server_ended_are_replaced(url: str) -> None:
    me = sa.func.pg_backend_pid()
    others = sa.text(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid != :me"
    )
    async with open_store(url) as store, open_store(url) as other:
        await store.unit(promises.CAUSE, promises.put_counter)
        await other.view(lambda rows: rows.connection.execute(others, {"me": rows.value(sa.select(me))}).all())
        assert await store.view(Rows.last_event) == 0
        await store.unit(promises.CAUSE, promises.read_then_add)
        assert await store.view(promises.counter) == 1


async def test_a_view_whose_caller_left_ends_before_the_store_does(url: str) -> None:
    begun = asyncio.Event()
    loop = asyncio.get_running_loop()

    def look_long(rows: Rows) -> None:
        loop.call_soon_threadsafe(begun.set)
        rows.connection.execute(sa.text("SELECT pg_sleep(0.1)"))

    async with open_store(url) as store:
        caller = asyncio.create_task(store.view(look_long))
        await begun.wait()
        caller.cancel()
        await asyncio.gather(caller, return_exceptions=True)
