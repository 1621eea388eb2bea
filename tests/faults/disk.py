"""The agent's store without its thread: commits happen on the loop a moment after they are asked for, or never.

What the store does in a commit is the store's own (`agents.store.writer`); only who calls it differs. So a kill loses
what was handed in and not yet committed, as the end of a process does, and a full disk fails a commit that changes
something, after which the store makes each change again alone.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

from agents.store import Store, writer
from agents.store.schema import StoreError

COMMIT_S = 0.002


class Disk:
    """The disk under the stores of one trial: ``full`` is how many more commits find no room."""

    def __init__(self, reach: Callable[[str], object]) -> None:
        self.full = 0
        self.reach = reach
        self.refused = 0

    def has_no_room(self) -> bool:
        if self.full:
            self.full -= 1
            self.refused += 1
            return True
        return False


class _Connection:
    """A connection that finds the disk full when it commits what it changed."""

    def __init__(self, db: sqlite3.Connection, disk: Disk) -> None:
        self._db = db
        self._disk = disk
        self._before = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._db, name)

    def execute(self, text: str, values: Any = ()) -> sqlite3.Cursor:
        if text == "BEGIN IMMEDIATE":
            self._before = self._db.total_changes
        if text == "COMMIT" and self._db.total_changes != self._before and self._disk.has_no_room():
            raise sqlite3.OperationalError("database or disk is full")
        return self._db.execute(text, values)


class LoopStore(Store):
    """A store of one life of the agent. After ``die`` nothing reaches the disk."""

    def __init__(self, file: Path, *, disk: Disk) -> None:
        super().__init__(file)
        self._disk = disk
        self._db: sqlite3.Connection | None = None
        self._asked: list[Any] = []

    async def __aenter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        self._db = writer._open(self._file)
        # Durable is what was committed, as far as a killed process goes; the sync would only cost time.
        self._db.execute("PRAGMA synchronous = OFF")
        return self

    def close(self) -> None:
        if self._db is not None:
            self._commit()
            self.die()

    def die(self) -> None:
        """The process is gone."""
        if self._db is not None:
            self._db.close()
            self._db = None
        for job in self._asked:
            job.future.cancel()
        self._asked.clear()

    def way_of(self, pass_id: str) -> str:
        """The way back of a pass that is on disk; empty where it has none."""
        assert self._db is not None
        found = self._db.execute("SELECT way FROM passes WHERE id = ?", (pass_id,)).fetchone()
        return "" if found is None else str(found[0])

    def submit(self, change: Callable[[sqlite3.Connection], Any]) -> asyncio.Future[Any]:
        if self._loop is None or self._db is None:
            raise StoreError("the store is not open")
        job = writer._Job(change, self._loop.create_future())
        self._asked.append(job)
        if len(self._asked) == 1:
            self._loop.call_later(COMMIT_S, self._commit)
        return job.future

    def _commit(self) -> None:
        self._disk.reach("commit")
        if self._db is None or not self._asked:
            return
        jobs, self._asked = self._asked, []
        writer._commit(_Connection(self._db, self._disk), jobs)  # type: ignore[arg-type]
        writer._settle([(job.future, job.result, job.error) for job in jobs])
