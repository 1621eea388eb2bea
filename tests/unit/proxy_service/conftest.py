"""Fixtures of the service's tests."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from proxy_service.store.migrate import migrate
from tests.unit.proxy_service.site import Site, a_site


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database without a row of ours: copied, it saves every test the migration."""
    file = tmp_path_factory.mktemp("database") / "pointsman.db"
    asyncio.run(migrate(f"sqlite:///{file}"))
    return file


@pytest.fixture
async def site(tmp_path: Path, empty_database: Path) -> AsyncIterator[Site]:
    """A service on SQLite, in this process."""
    shutil.copy(empty_database, tmp_path / "pointsman.db")
    async with a_site(tmp_path) as found:
        yield found
