"""Bringing a database to its schema, and being stopped in the middle of it."""

import asyncio
import contextlib

import pytest

from proxy_service.store.migrate import migrate

pytestmark = pytest.mark.unit


async def test_a_new_database_is_readable_by_its_owner_only(tmp_path):
    await migrate(f"sqlite:///{tmp_path}/pointsman.db")
    assert {file.stat().st_mode & 0o077 for file in tmp_path.iterdir()} == {0}


@pytest.mark.parametrize("turns", [1, 2, 5, 50])
async def test_who_stops_a_migration_gets_the_folder_back_untouched_from_then_on(tmp_path, turns):
    folder = tmp_path / "data"
    folder.mkdir()
    migrating = asyncio.ensure_future(migrate(f"sqlite:///{folder}/pointsman.db"))
    for _ in range(turns):
        await asyncio.sleep(0)
    migrating.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await migrating
    left = {file.name: file.stat().st_mtime_ns for file in folder.iterdir()}
    await asyncio.to_thread(lambda: None)  # any thread that still migrated would have come at least this far
    assert {file.name: file.stat().st_mtime_ns for file in folder.iterdir()} == left
    await migrate(f"sqlite:///{folder}/pointsman.db")
