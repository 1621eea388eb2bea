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
from proxy_service.store.session import Session
from proxy_service.store.unit import Cause, Outcome, Rows, Unit
from proxy_service.store.usage import in_use

P = ParamSpec("P")
T = TypeVar("T")

log = structlog.get_logger(__name__)


class Store:
    """The database of one service process. ``changed`` wakes who waits for a commit."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._under_way: set[asyncio.Future[Any]] = set()
        self.changed = Broadcast()

    async def unit(self, cause: Cause, work: Callable[Concatenate[Unit, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run ``work(unit, ...)`` as one unit of work, and wake who waits for it once it is on disk.

        The only way to write. An exception of ``work`` rolls everything back and is raised here. On PostgreSQL it
        may run more than once, so it must not change anything beside the unit.
        """

        def run(session: Session) -> tuple[T, Outcome]:
            unit = Unit(session, cause)
            answer = work(unit, *args, **kwargs)
            return answer, unit.finish()

        writing = self._database.write(run)
        self._under_way.add(writing)
        writing.add_done_callback(self._written)
        # Shielded: what is on disk is told, even when the caller was cancelled meanwhile.
        answer, _ = await asyncio.shield(writing)
        return answer

    def _written(self, writing: asyncio.Future[tuple[Any, Outcome]]) -> None:
        """Wake who waits for what a unit did."""
        self._under_way.discard(writing)
        if not writing.cancelled() and writing.exception() is None:
            _, outcome = writing.result()
            if outcome.last:
                self.changed.committed(outcome.topics, first=outcome.first, last=outcome.last)

    async def view(self, work: Callable[Concatenate[Rows, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run ``work(rows, ...)`` in one consistent, read-only view."""
        return await self._database.read(lambda session: work(Rows(session), *args, **kwargs))

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
    with in_use(url):
        await migrate(url)
        store = Store(open_database(url))
        try:
            store.changed.seen(await store.view(Rows.last_event))
            yield store
        finally:
            await store.close()
