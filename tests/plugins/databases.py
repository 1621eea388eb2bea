"""Databases of the service, cheap enough for thousands of tests.

`empty_database` is a file with the schema and not a row of ours, made once and then copied: to migrate one takes longer
than most tests. And SQLAlchemy compiles a statement once for each engine, of which a service has one and a test run
thousands; here all SQLite engines of a process go by one dialect and share what was compiled.
"""

import asyncio
import sys
from pathlib import Path
from typing import Any

import pytest

COMPILED: dict[Any, Any] = {}
DIALECTS: dict[str, Any] = {}
"""By driver: the dialect of the first engine that connected, and with it what that connection found out."""


def share_compiled(connection: Any) -> None:
    """Called with each new connection."""
    if connection.dialect.name == "sqlite":
        connection.dialect = DIALECTS.setdefault(connection.dialect.driver, connection.dialect)
        connection.execution_options(compiled_cache=COMPILED)


def pytest_collection_finish() -> None:
    alchemy = sys.modules.get("sqlalchemy")  # where no test was collected that has it, nothing is to be shared
    if alchemy and not alchemy.event.contains(alchemy.Engine, "engine_connect", share_compiled):
        alchemy.event.listen(alchemy.Engine, "engine_connect", share_compiled)


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite database `pointsman.db`, to be copied and left as it is."""
    from proxy_service.store.migrate import migrate  # noqa: PLC0415  most runs need no service

    file = tmp_path_factory.mktemp("database") / "pointsman.db"
    asyncio.run(migrate(f"sqlite:///{file}"))
    return file
