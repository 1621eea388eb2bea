"""One thread that owns the store: everybody's changes go through it, and a commit carries all that wait for it.

``await store.write(change)`` runs ``change(connection)`` on that thread and returns its result when the change is on
disk. While one commit syncs, further changes gather and share the next one, so two hundred nodes that finish together
pay for one sync, not for two hundred; and while changes come thick, a commit waits a moment for more of them. A lone
change never waits. A change that raises is taken back alone; the others of its commit stand.
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
_GAP_S: Final = 0.01
"""From one commit to the next, while several changes share one."""


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
        """Hand a change in; the future is done when it is on disk. Changes are made in the order of this call."""
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
        not_before = 0.0
        with contextlib.closing(db):
            while jobs := _gather(self._jobs, not_before=not_before):
                _commit(db, jobs)
                not_before = time.monotonic() + _GAP_S if len(jobs) > 1 else 0.0
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


def _gather(jobs: queue.SimpleQueue[_Job | None], *, not_before: float) -> list[_Job]:
    """Wait for a change and take all that wait with it; empty when the store is being closed."""
    found: list[_Job] = []
    job = jobs.get()
    time.sleep(max(not_before - time.monotonic(), 0.0))
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
        if len(jobs) == 1:
            jobs[0].result = jobs[0].change(db)
        else:
            for job in jobs:
                _make(db, job)
        db.execute("COMMIT")
    except Exception as error:  # noqa: BLE001 -- handed to whoever asked for the changes
        if db.in_transaction:
            db.execute("ROLLBACK")
        for job in jobs:
            job.error = job.error or error


def _make(db: sqlite3.Connection, job: _Job) -> None:
    """Make one change of several: a savepoint keeps the others out of its failure."""
    db.execute("SAVEPOINT job")
    try:
        job.result = job.change(db)
    except Exception as error:  # noqa: BLE001 -- handed to whoever asked for the change
        job.error = error
        db.execute("ROLLBACK TO job")
    db.execute("RELEASE job")


def _settle(results: list[_Result]) -> None:
    for future, result, error in results:
        if future.done():
            continue
        if error is None:
            future.set_result(result)
        else:
            future.set_exception(error)
