"""Two databases behind one seam: a function is run in a transaction, off the event loop.

**SQLite**: one thread writes on one connection and a few read on theirs. The driver's own transaction handling is off
and every write begins with ``BEGIN IMMEDIATE``; with a plain ``BEGIN`` two writers read the same row and one of them
overwrites the other's work without an error. WAL, so that readers never wait for the writer. ``synchronous=FULL``:
what was answered is on disk even when the power fails, since an agent forgets a report once it was answered.

**PostgreSQL** (:mod:`proxy_service.store.postgres`): asyncpg on an event loop of its own in a thread.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import threading
from collections.abc import Callable, Iterator
from queue import SimpleQueue
from typing import Any, Protocol, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url

from proxy_service.store.handover import Handover
from proxy_service.store.postgres import Postgres
from proxy_service.store.session import Session, SqliteDriver

T = TypeVar("T")
Work = Callable[[Session], T]

READERS = 3
BUSY_TIMEOUT_MS = 15_000
PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    f"busy_timeout={BUSY_TIMEOUT_MS}",
)


class Database(Protocol):
    """Where units and views run."""

    def write(self, work: Work[T]) -> asyncio.Future[T]:
        """Run ``work`` in a transaction that may write, and commit; it goes on when the future is cancelled."""

    def read(self, work: Work[T]) -> asyncio.Future[T]:
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


class _Lane:
    """Threads of one purpose, each with one connection that stays open."""

    def __init__(self, engine: sa.Engine, *, begin: str, threads: int) -> None:
        self._engine = engine
        self._begin = begin
        self._here = threading.local()
        self._open: list[sa.Connection] = []
        self._queue: SimpleQueue[tuple[Work[Any], Handover[Any]] | None] = SimpleQueue()
        name = f"store-{begin.lower().replace(' ', '-')}"
        self._threads = [threading.Thread(target=self._serve, name=name, daemon=True) for _ in range(threads)]
        for thread in self._threads:
            thread.start()

    def run(self, work: Work[T]) -> asyncio.Future[T]:
        handover: Handover[T] = Handover()
        self._queue.put((work, handover))
        return handover.future

    def _serve(self) -> None:
        while (item := self._queue.get()) is not None:
            work, handover = item
            try:
                handover.give(self._run(work))
            except BaseException as error:  # noqa: BLE001 -- it is raised where the answer is waited for
                handover.fail(error)
            del item, work, handover  # what was asked last is not kept until something else is asked

    def _run(self, work: Work[T]) -> T:
        try:
            session, raw = self._connected()
            with self._transaction(session, raw):
                return work(session)
        except sqlite3.Error as error:
            raise sa.exc.DBAPIError(None, None, error, hide_parameters=True) from error

    def _connected(self) -> tuple[Session, sqlite3.Connection]:
        """This thread's connection."""
        found: tuple[Session, sqlite3.Connection] | None = getattr(self._here, "connected", None)
        if found is None:
            connection = self._engine.connect()
            self._open.append(connection)
            raw: Any = connection.connection.driver_connection
            found = self._here.connected = Session(connection, SqliteDriver(raw)), raw
        return found

    @contextlib.contextmanager
    def _transaction(self, session: Session, raw: sqlite3.Connection) -> Iterator[None]:
        raw.execute(self._begin)
        try:
            yield
            raw.execute("COMMIT")
        except BaseException:
            raw.rollback()
            raise
        finally:
            session.forget_transaction()

    def close(self) -> None:
        for _ in self._threads:
            self._queue.put(None)
        for thread in self._threads:
            thread.join()
        for connection in self._open:
            connection.close()


class Sqlite:
    """SQLite in threads."""

    def __init__(self, url: URL) -> None:
        self._engine = sqlite_engine(url)
        self._writer = _Lane(self._engine, begin="BEGIN IMMEDIATE", threads=1)
        self._readers = _Lane(self._engine, begin="BEGIN", threads=READERS)

    def write(self, work: Work[T]) -> asyncio.Future[T]:
        return self._writer.run(work)

    def read(self, work: Work[T]) -> asyncio.Future[T]:
        return self._readers.run(work)

    async def close(self) -> None:
        for lane in (self._readers, self._writer):
            await asyncio.to_thread(lane.close)
        self._engine.dispose()
