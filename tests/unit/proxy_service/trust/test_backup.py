"""A backup keeps everything, and says of a file that is none, or of another schema, that it is."""

import asyncio
import gzip
import hashlib
import shutil
from pathlib import Path

import orjson
import pytest
import sqlalchemy as sa

from proxy_service.store import Cause, DatabaseUnusable, Rows, open_store
from proxy_service.store import tables as t
from proxy_service.trust import archive
from proxy_service.trust.archive import Unreadable
from proxy_service.trust.backup import held, restore, save
from tests.unit.proxy_service.trust.backups import PARTS, everything, filled, kept_and_put_back

pytestmark = pytest.mark.unit


@pytest.fixture
def url(tmp_path: Path, empty_database: Path) -> str:
    shutil.copy(empty_database, tmp_path / "one.db")
    return f"sqlite:///{tmp_path}/one.db"


@pytest.fixture
def other(tmp_path: Path, empty_database: Path) -> str:
    shutil.copy(empty_database, tmp_path / "two.db")
    return f"sqlite:///{tmp_path}/two.db"


def names(folder: Path) -> list[str]:
    return [file.name for file in folder.iterdir()]


async def test_everything_comes_back_and_what_was_promised_counts_no_more(url: str, other: str, tmp_path: Path) -> None:
    done = await kept_and_put_back(url, other, tmp_path / "backup")
    assert (tmp_path / "backup").stat().st_mode & 0o077 == 0
    assert (done.nodes, done.agents) == (PARTS, 1)

    def look(rows: Rows) -> tuple[object, ...]:
        agent = rows.first(sa.select(t.agents))
        lease = rows.first(sa.select(t.leases))
        status = rows.first(sa.select(t.statuses))
        assert agent is not None
        assert lease is not None
        assert status is not None
        assert agent.fence > 1_000_000_000
        assert lease.fence > 1_000_000_000
        assert (lease.agent, lease.left_by, lease.ends_at) == (None, "a1", done.waits_until)
        return agent.stream, agent.standing, status.converged_generation, status.facts_hash

    async with open_store(other) as store:
        assert await store.view(look) == (None, None, 0, None)
    # Once more, over what is there: fences rise again, and the epoch is another one.
    again = await restore(other, tmp_path / "backup")
    assert again.epoch != done.epoch


async def test_a_backup_is_taken_while_the_service_writes_and_not_restored_under_it(
    url: str, other: str, tmp_path: Path
) -> None:
    await filled(url)
    async with open_store(url) as store:
        saving = asyncio.ensure_future(save(url, tmp_path / "backup", version="1"))
        await store.unit(Cause(action="test"), lambda unit: unit.event("test.meanwhile"))
        await saving
        with pytest.raises(DatabaseUnusable, match="a service uses the database: stop it first"):
            await restore(url, tmp_path / "backup")
    assert await held(url) == {"nodes": PARTS, "tokens": 0}
    await restore(url, tmp_path / "backup")


async def test_a_restore_that_fails_changes_nothing(url: str, other: str, tmp_path: Path) -> None:
    await filled(url)
    await save(url, tmp_path / "backup", version="1")
    lines = gzip.decompress((tmp_path / "backup").read_bytes()).splitlines()
    foreign = [lines[0], b'{"table":"weather","columns":["x"]}', b"[1]"]
    text = b"".join(line + b"\n" for line in foreign)
    last = {"rows": 1, "sha256": hashlib.sha256(text).hexdigest()}
    (tmp_path / "foreign").write_bytes(gzip.compress(text + orjson.dumps(last) + b"\n"))
    before = await everything(url)
    with pytest.raises(Unreadable, match="weather"):
        await restore(url, tmp_path / "foreign")
    assert await everything(url) == before


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda data: b"", "nothing in it"),
        (lambda data: b"no backup\n" * 100, "no backup of Pointsman"),
        (lambda data: data[: len(data) // 2], "is damaged"),
        (lambda data: data[:-40] + b"\0" * 4 + data[-36:], "is damaged|no backup"),
        (lambda data: gzip.compress(gzip.decompress(data).replace(b"openvswitch", b"openvswitcH", 1)), "its hash"),
        (lambda data: gzip.compress(gzip.decompress(data).rsplit(b"\n", 2)[0] + b"\n"), "is damaged"),
        (lambda data: gzip.compress(b'{"hello":1}\n{"rows":0,"sha256":""}\n'), "no backup of Pointsman"),
        (lambda data: gzip.compress(gzip.decompress(data).replace(b'"format":1', b'"format":9', 1)), "format 9"),
    ],
)
async def test_what_is_no_good_backup_is_refused_in_one_sentence(url: str, tmp_path: Path, spoil, sentence) -> None:
    await filled(url)
    file = tmp_path / "backup"
    await save(url, file, version="1")
    file.write_bytes(spoil(file.read_bytes()))
    before = await everything(url)
    with pytest.raises(Unreadable, match=sentence):
        await restore(url, file)
    assert await everything(url) == before


async def test_a_backup_of_another_schema_names_the_version_that_can(url: str, tmp_path: Path) -> None:
    file = tmp_path / "backup"
    await filled(url)
    await save(url, file, version="0.0.7")
    with pytest.raises(Unreadable, match=r"this version's is 9999: restore it with version 0\.0\.7"):
        archive.read_head(file, schema="9999")


async def test_another_backup_is_not_written_over(url: str, tmp_path: Path) -> None:
    await filled(url)
    (tmp_path / "backup").write_text("precious")
    with pytest.raises(FileExistsError):
        await save(url, tmp_path / "backup", version="1")
    assert sorted(names(tmp_path)) == ["backup", "one.db"]
    assert (tmp_path / "backup").read_text() == "precious"


async def test_a_database_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnusable, match="no database at"):
        await save(f"sqlite:///{tmp_path}/none.db", tmp_path / "backup", version="1")
    assert names(tmp_path) == []
