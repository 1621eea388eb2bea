"""One thread that owns the store: everybody's changes go through it, and a commit carries all that wait for it.

``await store.write(change)`` runs ``change(connection)`` on that thread and returns its result when the change is on
disk. While one commit syncs, further changes gather and share the next one, so two hundred nodes that finish together
pay for one sync, not for two hundred; after a commit that more than a few shared, the thread waits a moment, so that
more of them share the next. A change that raises is taken back alone: the others of its commit are then made again,
each with a commit of its own.
WAL with ``synchronous=FULL`` makes every commit durable before anything is done because of it.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import queue
import sqlite3
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path as File
from typing import Any, Final, Self, TypeVar

from agents.store.schema import StoreError, migrate

T = TypeVar("T")
Change = Callable[[sqlite3.Connection], T]
_Result = tuple[asyncio.Future[Any], Any, BaseException | None]
_MOST_PER_COMMIT: Final = 500
_FEW: Final = 2
"""How many changes a single pass hands in one after the other."""
_MOMENT_S: Final = 0.002
"""Each commit costs the CPU time of several changes. Much longer, and nodes wait for the disk in turns."""


@dataclass(slots=True)
class _Job:
    change: Change[Any]
    future: asyncio.Future[Any]
    result: Any = None
    error: BaseException | None = None


class Store:
    """The agent's memory on disk: ``async with Store(file) as store``. One process at a time."""

    def __init__(self, file: File) -> None:
        self._file = file
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    async def __aenter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        opened = self._loop.create_future()
        self._thread = threading.Thread(target=self._run, args=(opened,), name="agent-store", daemon=True)
        self._thread.start()
        try:
            await opened
        except StoreError:
            self.close()
            raise
        return self

    async def __aexit__(self, *failure: object) -> None:
        self.close()

    def close(self) -> None:
        """Commit what was handed in, and end. Waits for the thread, which at most has one commit to make."""
        if self._thread is not None:
            self._jobs.put(None)
            self._thread.join()
            self._thread = None

    def submit(self, change: Change[T]) -> asyncio.Future[T]:
        """Hand a change in; the future is done when it is on disk. Changes are made in the order of this call.

        One may be made twice, where the first time was taken back: it does nothing but to the connection.
        """
        if self._loop is None or self._thread is None:
            raise StoreError("the store is not open")
        future: asyncio.Future[T] = self._loop.create_future()
        self._jobs.put(_Job(change, future))
        return future

    async def write(self, change: Change[T]) -> T:
        """Make a change, and return its result when it is on disk."""
        return await self.submit(change)

    def _run(self, opened: asyncio.Future[None]) -> None:
        loop = self._loop
        assert loop is not None  # noqa: S101 -- set before the thread starts
        try:
            db = _open(self._file)
        except (sqlite3.Error, OSError, StoreError) as error:
            failed: list[_Result] = [(opened, None, _readable(error, self._file))]
            loop.call_soon_threadsafe(_settle, failed)
            return
        done: list[_Result] = [(opened, None, None)]
        loop.call_soon_threadsafe(_settle, done)
        with contextlib.closing(db):
            moment_s = 0.0
            while jobs := _gather(self._jobs, moment_s=moment_s):
                moment_s = _MOMENT_S if len(jobs) > _FEW else 0.0
                _commit(db, jobs)
                # The loop is gone when the agent was killed in a test: nobody waits for the answers then.
                with contextlib.suppress(RuntimeError):
                    loop.call_soon_threadsafe(_settle, [(job.future, job.result, job.error) for job in jobs])


def _open(file: File) -> sqlite3.Connection:
    # Made before SQLite does, so that tokens and journal are never readable by others; its WAL takes over the mode.
    os.close(os.open(file, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
    with contextlib.ExitStack() as stack:
        db = stack.enter_context(contextlib.closing(sqlite3.connect(file, isolation_level=None, timeout=5.0)))
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        db.execute("PRAGMA foreign_keys = ON")
        migrate(db)
        stack.pop_all()
    return db


def _readable(error: Exception, file: File) -> StoreError:
    return StoreError(f"the store {file} cannot be opened: {error}; give the agent a data folder of its own")


def _gather(jobs: queue.SimpleQueue[_Job | None], *, moment_s: float) -> list[_Job]:
    """Wait for a change, and a moment, and take all that wait with it; empty when the store is being closed."""
    found: list[_Job] = []
    job = jobs.get()
    if moment_s and job is not None:
        time.sleep(moment_s)
    while job is not None:
        found.append(job)
        if len(found) == _MOST_PER_COMMIT:
            break
        try:
            job = jobs.get_nowait()
        except queue.Empty:
            break
    else:
        if found:
            jobs.put(None)
    return found


def _commit(db: sqlite3.Connection, jobs: list[_Job]) -> None:
    try:
        db.execute("BEGIN IMMEDIATE")
        for job in jobs:
            job.result = job.change(db)
        db.execute("COMMIT")
    except Exception as error:  # noqa: BLE001 -- handed to whoever asked for the change
        if db.in_transaction:
            db.execute("ROLLBACK")
        if len(jobs) == 1:
            jobs[0].error = error
            return
        # Savepoints would find the one to blame at once: two more statements for each change, for what hardly ever is.
        for job in jobs:
            _commit(db, [job])


def _settle(results: list[_Result]) -> None:
    for future, result, error in results:
        if future.done():
            continue
        if error is None:
            future.set_result(result)
        else:
            future.set_exception(error)
