"""Two databases behind one seam: a function is run in a transaction, off the event loop.

**SQLite**: one thread writes on one connection and a few read on theirs. The driver's own transaction handling is off
and every write begins with ``BEGIN IMMEDIATE``; with a plain ``BEGIN`` two writers read the same row and one of them
overwrites the other's work without an error. WAL, so that readers never wait for the writer. ``synchronous=FULL``:
what was answered is on disk even when the power fails, since an agent forgets a report once it was answered.

**PostgreSQL**: asyncpg on an event loop of its own in a thread, so that merging thousands of roles inside a unit
does not hold up the service's loop. Units run at READ COMMITTED with row locks, views at REPEATABLE READ.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

T = TypeVar("T")
Work = Callable[[sa.Connection], T]

READERS = 3
BUSY_TIMEOUT_MS = 15_000
PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    f"busy_timeout={BUSY_TIMEOUT_MS}",
)
ATTEMPTS = 4
_AGAIN = frozenset({"40001", "40P01"})
"""SQLSTATE of a serialization failure and of a deadlock: the transaction was rolled back and may be run again."""


class Database(Protocol):
    """Where units and views run."""

    async def write(self, work: Work[T]) -> T:
        """Run ``work`` in a transaction that may write, and commit. Not to be cancelled: a thread would go on."""

    async def read(self, work: Work[T]) -> T:
        """Run ``work`` in a read-only, consistent view."""

    async def close(self) -> None:
        """Finish what runs and let go of all connections."""


def open_database(url: str) -> Database:
    """The database at ``url``."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return Sqlite(parsed.set(drivername="sqlite+pysqlite"))
    return Postgres(parsed.set(drivername="postgresql+asyncpg"))


def sqlite_engine(url: URL) -> sa.Engine:
    """An engine whose connections leave transactions to us."""
    engine = sa.create_engine(
        url,
        poolclass=sa.pool.NullPool,
        hide_parameters=True,
        connect_args={"timeout": BUSY_TIMEOUT_MS / 1000, "check_same_thread": False},
    )

    @sa.event.listens_for(engine, "connect")
    def _prepare(raw: Any, _record: Any) -> None:
        raw.isolation_level = None
        for pragma in PRAGMAS:
            raw.execute(f"PRAGMA {pragma}").close()

    return engine


@contextlib.contextmanager
def transaction(connection: sa.Connection, begin: str = "BEGIN IMMEDIATE") -> Iterator[None]:
    """A transaction of SQLite, begun as it has to be. (An engine's "begin" event would slow down every statement.)"""
    with connection.begin():
        connection.exec_driver_sql(begin)
        yield


class _Lane:
    """Threads of one purpose, each with one connection that stays open."""

    def __init__(self, engine: sa.Engine, *, begin: str, threads: int) -> None:
        self._engine = engine
        self._begin = begin
        self._here = threading.local()
        self._open: list[sa.Connection] = []
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=f"store-{begin.lower().replace(' ', '-')}")

    async def run(self, work: Work[T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._run, work)

    def _run(self, work: Work[T]) -> T:
        connection: sa.Connection | None = getattr(self._here, "connection", None)
        if connection is None:
            connection = self._here.connection = self._engine.connect()
            self._open.append(connection)
        with transaction(connection, self._begin):
            return work(connection)

    def close(self) -> None:
        self._pool.shutdown(wait=True)
        for connection in self._open:
            connection.close()


class Sqlite:
    """SQLite in threads."""

    def __init__(self, url: URL) -> None:
        self._engine = sqlite_engine(url)
        self._writer = _Lane(self._engine, begin="BEGIN IMMEDIATE", threads=1)
        self._readers = _Lane(self._engine, begin="BEGIN", threads=READERS)

    async def write(self, work: Work[T]) -> T:
        return await self._writer.run(work)

    async def read(self, work: Work[T]) -> T:
        return await self._readers.run(work)

    async def close(self) -> None:
        for lane in (self._readers, self._writer):
            await asyncio.to_thread(lane.close)
        self._engine.dispose()


class Postgres:
    """PostgreSQL on an event loop of its own."""

    def __init__(self, url: URL) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="store-postgresql", daemon=True)
        self._thread.start()
        self._engine = create_async_engine(url, pool_size=8, max_overflow=8, pool_pre_ping=True, hide_parameters=True)
        self._views = self._engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)

    async def write(self, work: Work[T]) -> T:
        return await self._elsewhere(_write(self._engine, work))

    async def read(self, work: Work[T]) -> T:
        return await self._elsewhere(_read(self._views, work))

    async def close(self) -> None:
        await self._elsewhere(self._engine.dispose())
        self._loop.call_soon_threadsafe(self._loop.stop)
        await asyncio.to_thread(self._thread.join)
        self._loop.close()

    async def _elsewhere(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(coroutine, self._loop))


async def _write(engine: AsyncEngine, work: Work[T]) -> T:
    for attempt in range(1, ATTEMPTS + 1):
        try:
            async with engine.begin() as connection:
                return await connection.run_sync(work)
        except DBAPIError as error:
            if attempt == ATTEMPTS or getattr(error.orig, "sqlstate", None) not in _AGAIN:
                raise
    raise AssertionError("the last attempt either returns or raises")


async def _read(engine: AsyncEngine, work: Work[T]) -> T:
    async with engine.connect() as connection, _rolled_back(connection):
        return await connection.run_sync(work)


@contextlib.asynccontextmanager
async def _rolled_back(connection: AsyncConnection) -> AsyncIterator[None]:
    transaction = await connection.begin()
    try:
        yield
    finally:
        await transaction.rollback()
