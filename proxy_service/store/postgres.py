"""PostgreSQL: asyncpg on an event loop of its own in a thread, so that merging thousands of roles inside a unit does
not hold up the service's loop. Units run at READ COMMITTED with row locks, views at REPEATABLE READ.

Connections stay open and begin their transactions themselves: one that lay idle shows by its ``BEGIN`` whether the
server still knows it, so no call is spent on asking.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

import asyncpg  # type: ignore[import-untyped]
import sqlalchemy as sa
import uvloop
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from proxy_service.store.handover import Handover
from proxy_service.store.session import AsyncpgDriver, Session

T = TypeVar("T")

CONNECTIONS = 16
ATTEMPTS = 4
_WRITE = "BEGIN ISOLATION LEVEL READ COMMITTED"
_READ = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_AGAIN = frozenset({"40001", "40P01"})
"""SQLSTATE of a serialization failure and of a deadlock: the transaction was rolled back and may be run again."""
_OF_THE_DRIVER = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError)


@dataclass(frozen=True, slots=True)
class _Connected:
    """A connection: as SQLAlchemy, the driver and a unit see it."""

    outer: AsyncConnection
    raw: Any
    session: Session


class Postgres:
    """Units and views on as many connections as are needed at once, up to ``CONNECTIONS``."""

    def __init__(self, url: URL) -> None:
        self._loop = uvloop.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="store-postgresql", daemon=True)
        self._thread.start()
        self._engine = create_async_engine(
            url, poolclass=sa.pool.NullPool, isolation_level="AUTOCOMMIT", hide_parameters=True
        )
        self._room = asyncio.Semaphore(CONNECTIONS)
        self._idle: list[_Connected] = []
        self._running: set[asyncio.Task[None]] = set()

    def write(self, work: Callable[[Session], T]) -> asyncio.Future[T]:
        return self._elsewhere(self._write(work))

    def read(self, work: Callable[[Session], T]) -> asyncio.Future[T]:
        return self._elsewhere(self._once(_READ, work))

    async def close(self) -> None:
        await self._elsewhere(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        await asyncio.to_thread(self._thread.join)
        self._loop.close()

    def _elsewhere(self, coroutine: Coroutine[Any, Any, T]) -> asyncio.Future[T]:
        """Have a coroutine run on our own loop."""
        handover: Handover[T] = Handover()
        self._loop.call_soon_threadsafe(self._start, coroutine, handover)
        return handover.future

    def _start(self, coroutine: Coroutine[Any, Any, T], handover: Handover[T]) -> None:
        task = self._loop.create_task(_handed_over(coroutine, handover))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _close(self) -> None:
        # A view whose caller left still has its connection.
        await asyncio.gather(*(task for task in self._running if task is not asyncio.current_task()))
        for each in self._idle:
            await each.outer.close()
        await self._engine.dispose()

    async def _write(self, work: Callable[[Session], T]) -> T:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return await self._once(_WRITE, work)
            except DBAPIError as error:
                if attempt == ATTEMPTS or getattr(error.orig, "sqlstate", None) not in _AGAIN:
                    raise
        raise AssertionError("the last attempt either returns or raises")

    async def _once(self, begin: str, work: Callable[[Session], T]) -> T:
        async with self._room:
            try:
                connected = await self._begun(begin)
                try:
                    answer = await connected.outer.run_sync(lambda _: work(connected.session))
                    await connected.raw.execute("COMMIT")
                    return answer
                finally:
                    await self._let_go(connected)
            except _OF_THE_DRIVER as error:
                raise DBAPIError(None, None, error, hide_parameters=True) from error

    async def _begun(self, begin: str) -> _Connected:
        """A connection in a transaction: one that lies idle and still works, or a new one."""
        while self._idle:
            connected = self._idle.pop()
            try:
                await connected.raw.execute(begin)
            except _OF_THE_DRIVER:
                await self._drop(connected)
            else:
                return connected
        connected = await self._connect()
        await connected.raw.execute(begin)
        return connected

    async def _connect(self) -> _Connected:
        outer = await self._engine.connect()
        fairy = await outer.get_raw_connection()
        adapted: Any = fairy.dbapi_connection
        inner = await outer.run_sync(lambda connection: connection)
        return _Connected(outer, fairy.driver_connection, Session(inner, AsyncpgDriver(adapted)))

    async def _let_go(self, connected: _Connected) -> None:
        """Keep a connection for the next, whatever happened to its transaction; or drop it where it is broken."""
        try:
            if connected.raw.is_in_transaction():
                await connected.raw.execute("ROLLBACK")
            if connected.outer.in_transaction():
                await connected.outer.rollback()
        except (*_OF_THE_DRIVER, DBAPIError):
            await self._drop(connected)
        else:
            self._idle.append(connected)

    async def _drop(self, connected: _Connected) -> None:
        connected.raw.terminate()  # a broken one cannot be closed in good order
        with contextlib.suppress(*_OF_THE_DRIVER, DBAPIError):
            await connected.outer.close()


async def _handed_over(coroutine: Coroutine[Any, Any, T], handover: Handover[T]) -> None:
    try:
        handover.give(await coroutine)
    except BaseException as error:  # noqa: BLE001 -- it is raised where the answer is waited for
        handover.fail(error)
