"""The fixture `empty_database`: a file with the service's schema and not a row of ours, made once and then copied.

To migrate a database takes longer than most tests.
"""

import asyncio
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite database `pointsman.db`, to be copied and left as it is."""
    from proxy_service.store.migrate import migrate  # noqa: PLC0415  most runs need no service

    file = tmp_path_factory.mktemp("database") / "pointsman.db"
    asyncio.run(migrate(f"sqlite:///{file}"))
    return file
