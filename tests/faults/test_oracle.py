"""The oracle can fail: bugs that are planted in the agent are found by a few schedules."""

import sqlite3

import pytest

from agents import process
from agents.confirmed import ConfirmedApply
from agents.journal import Journal
from agents.ledger import Ledger, LedgerChange
from agents.outbox import Outbox
from agents.passes import Pass
from agents.store import queue, rows
from tests.faults.playing import play
from tests.faults.running import play_block
from tests.faults.schedules import Act, Schedule

pytestmark = pytest.mark.unit


def forgets_what_it_intends(monkeypatch):
    async def intend(self, numbers, creates, **more):
        await original(self, numbers, (), **more)

    original = Journal.intend
    monkeypatch.setattr(Journal, "intend", intend)


def ignores_what_waits_to_be_confirmed(monkeypatch):
    async def finish(self):
        self._node.unconfirmed = False

    monkeypatch.setattr(Pass, "_finish_unconfirmed", finish)


def never_undoes(monkeypatch):
    async def run(self, choice, observed, take):
        await take()
        return observed

    monkeypatch.setattr(ConfirmedApply, "run", run)


def drops_the_second_report(monkeypatch):
    def add(db: sqlite3.Connection, node, body, *, record, fold):
        seq = original(db, node, body, record=record, fold=fold)
        if seq == 2:
            db.execute("DELETE FROM outbox WHERE seq = 2")
        return seq

    original = queue.add_report
    monkeypatch.setattr(queue, "add_report", add)


def tells_nobody_of_a_pass_that_was_cut_short(monkeypatch):
    def end(db, **about):
        for cut in rows.cut_passes(db):
            rows.move_pass(db, cut.row.id, "reported")
        return 0

    monkeypatch.setattr(process, "end_cut_passes", end)


def never_forgets_what_is_gone(monkeypatch):
    def judge(self, observed, **about):
        return LedgerChange(original(self, observed, **about).put)

    original = Ledger.judge
    monkeypatch.setattr(Ledger, "judge", judge)


def never_saves(monkeypatch):
    async def save(self, driver, choice):
        self._node.save_owed = False

    monkeypatch.setattr(Pass, "_save", save)


def deletes_reports_before_they_are_stored(monkeypatch):
    async def post(self, agent, found, seen):
        for seq, _ in found:
            await self._store.write(lambda db, seq=seq: queue.delete_one(db, seq=seq))
        await original(self, agent, found, seen)

    original = Outbox._post
    monkeypatch.setattr(Outbox, "_post", post)


@pytest.mark.parametrize(
    "plant",
    [
        forgets_what_it_intends,
        ignores_what_waits_to_be_confirmed,
        never_undoes,
        drops_the_second_report,
        tells_nobody_of_a_pass_that_was_cut_short,
        never_forgets_what_is_gone,
        never_saves,
    ],
)
def test_a_planted_bug_is_found(monkeypatch, plant):
    plant(monkeypatch)
    seeds = iter(range(1, 21))
    assert any(play_block(seed, 20, shorten=False).violations for seed in seeds), "no schedule shows it"


def test_a_report_that_is_lost_with_the_line_is_missed(monkeypatch):
    deletes_reports_before_they_are_stored(monkeypatch)
    assert play(Schedule((Act("service", "post", wait_s=2.0),))).violations
