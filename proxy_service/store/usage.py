"""Whether a database is in use: who serves from it says so, and who replaces all of it makes sure that nobody does."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import make_url

from proxy_service.store.errors import DatabaseUnusable
from proxy_service.store.unit import Rows


@contextlib.contextmanager
def in_use(url: str, *, alone: bool = False) -> Iterator[None]:
    """Hold a lock beside a SQLite file for the length of a block; with others, or ``alone``.

    Raises :class:`DatabaseUnusable` where that cannot be. PostgreSQL knows by itself: :func:`others`.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database or parsed.database == ":memory:":
        yield
        return
    try:
        lock = os.open(f"{Path(parsed.database)}.lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise DatabaseUnusable(f"the database cannot be used: {error.strerror}: {error.filename}") from error
    try:
        try:
            fcntl.flock(lock, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        except OSError:
            what = "a service uses the database: stop it first" if alone else "the database is being restored: wait"
            raise DatabaseUnusable(what) from None
        yield
    finally:
        os.close(lock)


def others(rows: Rows) -> int:
    """How many others are connected to a PostgreSQL database just now; 0 of SQLite."""
    if rows.connection.dialect.name == "sqlite":
        return 0
    query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    return int(rows.connection.execute(sa.text(query)).scalar() or 0)
