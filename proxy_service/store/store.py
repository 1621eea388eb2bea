"""The store: where units and views are asked for, and who waits is woken."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any, Concatenate, ParamSpec, TypeVar

import sqlalchemy as sa
import structlog

from proxy_service.store.broadcast import Broadcast
from proxy_service.store.engine import Database, open_database
from proxy_service.store.migrate import migrate
from proxy_service.store.unit import Cause, Outcome, Rows, Unit

P = ParamSpec("P")
T = TypeVar("T")

log = structlog.get_logger(__name__)


class Store:
    """The database of one service process. ``changed`` wakes who waits for a commit."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._under_way: set[asyncio.Task[Any]] = set()
        self.changed = Broadcast()

    async def unit(self, cause: Cause, work: Callable[Concatenate[Unit, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run ``work(unit, ...)`` as one unit of work, and wake who waits for it once it is on disk.

        The only way to write. An exception of ``work`` rolls everything back and is raised here. On PostgreSQL it
        may run more than once, so it must not change anything beside the unit.
        """

        def run(connection: sa.Connection) -> tuple[T, Outcome]:
            unit = Unit(connection, cause)
            answer = work(unit, *args, **kwargs)
            return answer, unit.finish()

        async def write_and_wake() -> T:
            answer, outcome = await self._database.write(run)
            if outcome.last:
                self.changed.committed(outcome.topics, first=outcome.first, last=outcome.last)
            return answer

        # A task of its own: what is on disk is told, even when the caller was cancelled meanwhile.
        task = asyncio.get_running_loop().create_task(write_and_wake())
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return await asyncio.shield(task)

    async def view(self, work: Callable[Concatenate[Rows, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run ``work(rows, ...)`` in one consistent, read-only view."""
        return await self._database.read(lambda connection: work(Rows(connection), *args, **kwargs))

    async def follow_replicas(self, every_s: float) -> None:
        """Notice, for ever, what other processes commit to the same database."""
        while True:
            await asyncio.sleep(every_s)
            if self.changed.waited_for:
                try:
                    self.changed.seen(await self.view(Rows.last_event))
                except sa.exc.DBAPIError as error:
                    log.warning("database cannot be read", error=type(error).__name__)

    async def close(self) -> None:
        """Finish what runs and let go of the database."""
        await asyncio.gather(*self._under_way, return_exceptions=True)
        await self._database.close()


@contextlib.asynccontextmanager
async def open_store(url: str) -> AsyncIterator[Store]:
    """The store at ``url``, brought to this version's schema."""
    await migrate(url)
    store = Store(open_database(url))
    try:
        store.changed.seen(await store.view(Rows.last_event))
        yield store
    finally:
        await store.close()
