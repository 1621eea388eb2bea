"""The store keeps what was written, all of it or nothing of it, and refuses what it does not know."""

import asyncio
import sqlite3
from datetime import UTC, datetime

import pytest

from agents.ledger import Ledger, LedgerChange
from agents.nodes import Memory, read_memory
from agents.store import Store, rows
from agents.store.schema import StoreError
from device_profiles.state import State, Vlan
from device_profiles.wire import LedgerEntry

pytestmark = pytest.mark.unit

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def note(key: str):
    return lambda db: rows.put_meta(db, key, key)


async def test_what_was_written_is_there_after_a_restart(tmp_path):
    file = tmp_path / "a.db"
    async with Store(file) as store:
        await store.write(note("a"))
    async with Store(file) as store:
        assert await store.write(lambda db: rows.get_meta(db, "a")) == "a"
        assert await store.write(lambda db: rows.get_meta(db, "b")) is None


async def test_two_hundred_writes_at_once_are_all_made_in_order_in_a_few_commits(tmp_path):
    async with Store(tmp_path / "a.db") as store:
        order: list[int] = []
        await asyncio.gather(*[store.write(lambda db, n=n: (order.append(n), note(str(n))(db))) for n in range(200)])
        assert order == list(range(200))
        count = await store.write(lambda db: db.execute("SELECT count(*) FROM meta").fetchone()[0])
    assert count == 200


async def test_a_change_that_fails_is_taken_back_alone(tmp_path):
    def half(db: sqlite3.Connection) -> None:
        rows.put_meta(db, "half", "x")
        raise ValueError("in the middle")

    async with Store(tmp_path / "a.db") as store:
        first, bad, last = store.submit(note("first")), store.submit(half), store.submit(note("last"))
        await asyncio.gather(first, last)
        with pytest.raises(ValueError, match="in the middle"):
            await bad
        found = await store.write(lambda db: [rows.get_meta(db, key) for key in ("first", "half", "last")])
    assert found == ["first", None, "last"]


async def test_what_was_handed_in_is_made_though_nobody_waits(tmp_path):
    async with Store(tmp_path / "a.db") as store:
        store.submit(note("a"))
    async with Store(tmp_path / "a.db") as store:
        assert await store.write(lambda db: rows.get_meta(db, "a")) == "a"
    with pytest.raises(StoreError):
        store.submit(note("late"))


async def test_a_store_of_a_newer_agent_is_refused(tmp_path):
    file = tmp_path / "a.db"
    async with Store(file):
        pass
    db = sqlite3.connect(file)
    db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(StoreError, match="newer agent"):
        async with Store(file):
            pass


async def test_a_full_disk_is_an_error_and_not_a_loss(tmp_path):
    async with Store(tmp_path / "a.db") as store:
        await store.write(note("a"))
        pages = await store.write(lambda db: db.execute("PRAGMA page_count").fetchone()[0])
        await store.write(lambda db: db.execute(f"PRAGMA max_page_count = {pages}").fetchone())
        with pytest.raises(sqlite3.OperationalError, match="full"):
            await store.write(lambda db: rows.put_memory(db, "sw1", b"x" * 100_000))
        assert await store.write(lambda db: rows.get_meta(db, "a")) == "a"


@pytest.mark.parametrize("document", [None, b"", b"nonsense", b"[]"])
def test_a_memory_that_cannot_be_read_is_none(document):
    assert read_memory(document) == Memory()


class TestLedger:
    def entry(self, path: str, state="confirmed") -> LedgerEntry:
        return LedgerEntry(path=path, state=state, pass_id="p", at=NOW)

    def test_only_what_is_not_there_is_intended(self):
        observed = State(vlans={10: Vlan()})
        change = Ledger().intend([("vlans", "10"), ("vlans", "20")], observed=observed, pass_id="p", now=NOW)
        assert [entry.path for entry in change.put] == ["vlans.20"]

    def test_a_reading_confirms_what_it_shows_and_drops_the_rest(self):
        ledger = Ledger(
            [self.entry("vlans.10", "intended"), self.entry("vlans.20", "intended"), self.entry("vlans.30")]
        )
        change = ledger.judge(State(vlans={10: Vlan(), 30: Vlan()}), verified=False)
        assert [(entry.path, entry.state) for entry in change.put] == [("vlans.10", "confirmed")]
        assert change.forget == ("vlans.20",)

    def test_a_mark_stands_until_a_pass_is_verified(self):
        ledger = Ledger([self.entry("ports.p1.trunk_vlans", "intended")])
        assert not ledger.judge(State(), verified=False)
        ledger.apply(ledger.judge(State(), verified=True))
        assert ledger.entries == ()

    def test_nothing_is_changed_before_it_is_applied(self):
        ledger = Ledger()
        change = ledger.intend([("vlans", "20")], observed=State(), pass_id="p", now=NOW)
        assert ledger.entries == ()
        ledger.apply(change)
        assert [entry.path for entry in ledger.entries] == ["vlans.20"]
        ledger.apply(LedgerChange(forget=("vlans.20", "vlans.99")))
        assert ledger.entries == ()
