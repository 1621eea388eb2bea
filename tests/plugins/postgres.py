"""The fixture `postgres`: a factory of fresh empty databases on one server for the whole run.

`url = postgres()` answers `postgresql+asyncpg://...`. The server starts with the first test that asks.
"""

from collections.abc import Callable, Iterator

import pytest

from tests.plugins import postgres_server


@pytest.fixture(scope="session")
def postgres() -> Iterator[Callable[[], str]]:
    """A function that makes an empty database and answers its address."""
    with postgres_server.running() as server:
        yield server.create_database
