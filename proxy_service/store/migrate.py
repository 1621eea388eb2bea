"""Bringing a database to this version's schema, with Alembic and the scripts of ``migrations/``."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import create_async_engine

from proxy_service.store.engine import sqlite_engine
from proxy_service.store.errors import unusable

_LOCK = 7_063_172_001
"""Any number: the advisory lock under which one replica migrates while the others wait."""


def head() -> str:
    """The schema of this version."""
    return str(ScriptDirectory.from_config(_config()).get_current_head())


async def migrate(url: str, *, to: str = "head") -> None:
    """Bring the database at ``url`` up (or to the revision ``to``); nothing happens where it is there already.

    Raises :class:`DatabaseUnusable`.
    """
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() == "sqlite":
            await _to_the_end(_migrate_sqlite, parsed.set(drivername="sqlite+pysqlite"), to)
        else:
            await _migrate_postgres(parsed.set(drivername="postgresql+asyncpg"), to)
    except (SQLAlchemyError, CommandError, OSError) as error:
        raise unusable(error) from error


async def _to_the_end(work: Callable[[URL, str], None], url: URL, to: str) -> None:
    """Run ``work`` in a thread; a caller who is cancelled waits for its end, or it would write on behind his back."""
    running = asyncio.ensure_future(asyncio.to_thread(work, url, to))
    try:
        await asyncio.shield(running)
    except asyncio.CancelledError:
        await asyncio.gather(running, return_exceptions=True)
        raise


async def _migrate_postgres(url: URL, to: str) -> None:
    engine = create_async_engine(url)
    try:
        async with engine.begin() as connection:
            await connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
            await connection.run_sync(_upgrade, to)
    finally:
        await engine.dispose()


def _migrate_sqlite(url: URL, to: str) -> None:
    if url.database and url.database != ":memory:":
        # Made before SQLite does, so that keys and tokens are read by nobody else; its WAL takes over the mode.
        os.close(os.open(url.database, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
    engine = sqlite_engine(url)
    try:
        with engine.connect() as connection, connection.begin():
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            _upgrade(connection, to)
    finally:
        engine.dispose()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    return config


def _upgrade(connection: sa.Connection, to: str) -> None:
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, to)
