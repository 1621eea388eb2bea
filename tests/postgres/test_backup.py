"""A backup of either database can be restored to the other."""

from collections.abc import Callable
from pathlib import Path

import pytest

from proxy_service.store import DatabaseUnusable, open_store
from proxy_service.trust.backup import restore
from tests.unit.proxy_service.trust.backups import kept_and_put_back

pytestmark = pytest.mark.postgres


@pytest.mark.parametrize(("one", "other"), [("p", "p"), ("p", "s"), ("s", "p")])
async def test_what_was_saved_of_one_comes_back_in_the_other(
    postgres: Callable[[], str], tmp_path: Path, one: str, other: str
) -> None:
    urls = [postgres() if kind == "p" else f"sqlite:///{tmp_path}/{kind}.db" for kind in (one, other)]
    await kept_and_put_back(urls[0], urls[1], tmp_path / "backup")


async def test_a_database_that_others_use_is_not_replaced(postgres: Callable[[], str], tmp_path: Path) -> None:
    url = postgres()
    await kept_and_put_back(url, f"sqlite:///{tmp_path}/s.db", tmp_path / "backup")
    async with open_store(url):
        with pytest.raises(DatabaseUnusable, match="stop every service"):
            await restore(url, tmp_path / "backup")
    await restore(url, tmp_path / "backup")
