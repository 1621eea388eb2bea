"""The server of the tests: every database it gives is new and empty."""

from collections.abc import Callable

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

pytestmark = pytest.mark.postgres


async def tables_before_adding_one(url: str) -> int:
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        count = await connection.scalar(text("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"))
        await connection.execute(text("CREATE TABLE mark (n int)"))
    await engine.dispose()
    return int(count or 0)


async def test_each_database_is_new_and_empty(postgres: Callable[[], str]) -> None:
    first, second = postgres(), postgres()
    assert first != second
    assert [await tables_before_adding_one(url) for url in (first, second)] == [0, 0]
