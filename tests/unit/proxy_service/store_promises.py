"""What the store promises on every database; called by the tests of each."""

import asyncio

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from proxy_service.store import Cause, Rows, Store, Unit, open_store
from proxy_service.store import tables as t

WRITERS = 50
WRITES = 10
CAUSE = Cause(action="test")


def put_counter(unit: Unit) -> None:
    values = {"name": "count", "spec": "0", "owner": "x", "revision": unit.declare()}
    unit.execute(sa.insert(t.locations), values)


def read_then_add(unit: Unit) -> None:
    """Read, then write what was read plus one: the update that gets lost where units are not kept apart."""
    c = t.locations.c
    row = unit.first(sa.select(c.spec).where(c.name == "count").with_for_update())
    assert row is not None
    unit.execute(sa.update(t.locations).where(c.name == "count").values(spec=str(int(row.spec) + 1)))
    unit.event("counted", node="sw1")


def counter(rows: Rows) -> int:
    return int(rows.value(sa.select(t.locations.c.spec).where(t.locations.c.name == "count")))


def event_ids(rows: Rows) -> list[int]:
    return [row.id for row in rows.all(sa.select(t.events.c.id).order_by(t.events.c.id))]


async def no_update_is_lost(url: str) -> None:
    async with open_store(url) as store, open_store(url) as replica:
        await store.unit(CAUSE, put_counter)
        async with asyncio.TaskGroup() as group:
            for number in range(WRITERS):
                group.create_task(write_often(replica if number % 5 == 0 else store))
        assert await store.view(counter) == WRITERS * WRITES
        assert len(await store.view(event_ids)) == WRITERS * WRITES


async def write_often(store: Store) -> None:
    for _ in range(WRITES):
        await store.unit(CAUSE, read_then_add)


async def a_watcher_misses_no_event(url: str) -> None:
    """Whoever reads "all after the last id that I saw" while others commit sees every id, in order, once."""
    async with open_store(url) as store, open_store(url) as replica:
        await store.unit(CAUSE, put_counter)
        seen: list[int] = []
        done = asyncio.Event()

        async def watch() -> None:
            while True:
                ended = done.is_set()
                seen.extend(await store.view(after, seen[-1] if seen else 0))
                if ended:
                    return

        def after(rows: Rows, last: int) -> list[int]:
            return [
                row.id for row in rows.all(sa.select(t.events.c.id).where(t.events.c.id > last).order_by(t.events.c.id))
            ]

        async with asyncio.TaskGroup() as group:
            group.create_task(watch())
            async with asyncio.TaskGroup() as writers:
                for number in range(20):
                    writers.create_task(write_often(replica if number % 2 else store))
            done.set()
        assert seen == await store.view(event_ids)
        assert len(seen) == 20 * WRITES


async def an_exception_undoes_everything(url: str) -> None:
    async with open_store(url) as store:

        def fail(unit: Unit) -> None:
            put_counter(unit)
            unit.event("counted")
            raise LookupError

        try:
            await store.unit(CAUSE, fail)
        except LookupError:
            pass
        else:
            raise AssertionError("the exception did not come out")
        assert await store.view(event_ids) == []
        assert await store.view(lambda rows: rows.all(sa.select(t.locations))) == []
        await store.unit(CAUSE, put_counter)
        assert await store.view(counter) == 0


async def a_commit_of_another_process_wakes(url: str) -> None:
    async with open_store(url) as store, open_store(url) as replica:
        follower = asyncio.create_task(store.follow_replicas(0.01))
        with store.changed.watching("node:sw1") as watch:
            await replica.unit(CAUSE, put_counter)
            await replica.unit(CAUSE, read_then_add)
            assert await watch.wait(5)
        follower.cancel()
        await asyncio.gather(follower, return_exceptions=True)


async def the_schema_is_what_the_tables_say(url: str) -> None:
    def differences(rows: Rows) -> list[object]:
        context = MigrationContext.configure(rows.connection, opts={"compare_type": True})
        return list(compare_metadata(context, t.metadata))

    async with open_store(url) as store:
        assert await store.view(differences) == []


PROMISES = (
    no_update_is_lost,
    a_watcher_misses_no_event,
    an_exception_undoes_everything,
    a_commit_of_another_process_wakes,
    the_schema_is_what_the_tables_say,
)
