"""The oracle can fail: bugs that are planted in the agent are found by a few schedules."""

import sqlite3

import pytest

from agents import following, process
from agents.choice import Choice
from agents.confirmed import ConfirmedApply
from agents.cycling import Cycling
from agents.journal import Journal
from agents.ledger import Ledger, LedgerChange
from agents.outbox import Outbox
from agents.passes import Pass
from agents.store import queue, rows
from agents.trust.judging import ACCEPT
from drivers.vendors.snmp_pdu.driver import SnmpPdu
from tests.faults.playing import play
from tests.faults.running import play_block
from tests.faults.schedules import IN_MEMORY, Act, Schedule

pytestmark = pytest.mark.unit

NOTHING, CYCLED = -1, -2
"""Which of the declarations of a PDU says nothing, and which switches one outlet off and cycles another."""


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
    assert any(play_block(seed, 20, shorten=False, schedules=IN_MEMORY).violations for seed in seeds), (
        "no schedule shows it"
    )


def test_a_report_that_is_lost_with_the_line_is_missed(monkeypatch):
    deletes_reports_before_they_are_stored(monkeypatch)
    assert play(Schedule((Act("service", "post", wait_s=2.0),))).violations


def test_an_agent_that_obeys_a_service_that_forgot_is_seen(monkeypatch):
    put_back = Schedule((Act("declare", number=1, wait_s=40.0), Act("put_back", wait_s=40.0)))
    assert not play(put_back).violations
    monkeypatch.setattr(following, "judge", lambda held, offered, *, behind: ACCEPT)
    assert play(put_back).violations == ("generation 1 of a service that was put back was obeyed",)


def forgets_how_far_a_cycle_came(monkeypatch):
    original = Cycling._write

    def write(self, cycle, stage, *, state="intended"):
        if state == "confirmed":
            original(self, cycle, stage, state=state)

    monkeypatch.setattr(Cycling, "_write", write)
    monkeypatch.setattr(Cycling, "_note", lambda self, *entries: None)


@pytest.mark.parametrize("profile", ["powerman", "apc_pdu"])
def test_a_machine_that_is_cycled_twice_is_seen(monkeypatch, profile):
    kill = Act("kill", "applied", nth=3, lasts_s=1.0, wait_s=8.0)
    killed = Schedule((kill, Act("declare", number=CYCLED, wait_s=8.0)), first=NOTHING, twin=profile)
    assert not play(killed).violations
    forgets_how_far_a_cycle_came(monkeypatch)
    assert "1 cycles were asked for, and 2 were done" in play(killed).violations


def test_what_a_device_was_never_told_is_seen(monkeypatch):
    async def apply(self, step):
        del self, step

    monkeypatch.setattr(SnmpPdu, "apply", apply)
    monkeypatch.setattr(Choice, "missing", lambda self, observed: ())
    assert any("told converged, but not so" in each for each in play(Schedule((), twin="apc_pdu")).violations)
