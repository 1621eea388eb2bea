"""Fixtures of the service's tests."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.unit.proxy_service.site import Site, a_site


@pytest.fixture
async def site(tmp_path: Path, empty_database: Path) -> AsyncIterator[Site]:
    """A service on SQLite, in this process."""
    shutil.copy(empty_database, tmp_path / "pointsman.db")
    async with a_site(tmp_path) as found:
        yield found
