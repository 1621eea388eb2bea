"""A pass whose end cannot be written down is told of and ended all the same, and the ledger knows what it made."""

import contextlib
import sqlite3

import orjson
import pytest

from agents.backoff import Backoff
from agents.store import rows
from device_profiles.state import Port, State, Vlan
from tests.unit.agents.agent import desired, running
from tests.unit.agents.devices import PROFILE, FakeSwitch, Rack
from tests.unit.agents.services import FakeService

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("phase", "step", "reason"), [("applying", 2, "InternalError"), ("reported", 0, "Interrupted")]
)
async def test_the_disk_is_full_in_the_middle_of_a_pass(tmp_path, monkeypatch, phase, step, reason):
    switch, service, moved = FakeSwitch(State(ports={"p1": Port()})), FakeService(), rows.move_pass
    first = []

    def move(db, pass_id, to, **more):
        first[:] = first or [pass_id]
        told = db.execute("SELECT count(*) FROM outbox WHERE kind = 'pass'").fetchone()[0]
        if (to, more.get("step", 0), pass_id) == (phase, step, first[0]) and not told:
            raise sqlite3.OperationalError("database or disk is full")
        moved(db, pass_id, to, **more)

    monkeypatch.setattr(rows, "move_pass", move)
    service.assign(desired("sw1", 1, State(vlans={40: Vlan(), 50: Vlan()})), profile=PROFILE)
    async with running(tmp_path, Rack(sw1=switch), service):
        await service.until(lambda: service.converged("sw1", 1))
        told = [report.record for report in service.of("sw1") if report.record]
        assert told[0].reason == reason
        assert told[0].steps[0].status == "done"
        assert len({record.id for record in told}) == len(told)
        assert set(switch.state.vlans) == {40, 50}
        service.assign(desired("sw1", 2, State()), profile=PROFILE)
        await service.until(lambda: service.converged("sw1", 2))
    assert not switch.state.vlans, "what was made is known to be ours"


async def test_an_assignment_that_did_not_come_to_the_disk_comes_again(tmp_path, monkeypatch):
    switch, service, put = FakeSwitch(State(ports={"p1": Port()})), FakeService(), rows.put_assignments
    full = []

    def store(db, documents):
        if full:
            raise sqlite3.OperationalError("database or disk is full")
        put(db, documents)

    def kept():
        with contextlib.closing(sqlite3.connect(tmp_path / "agent.db")) as db:
            return {orjson.loads(text)["desired"]["generation"] for _, text in rows.all_assignments(db)}

    monkeypatch.setattr(rows, "put_assignments", store)
    monkeypatch.setattr(Backoff, "next", lambda self: 0.0)
    service.assign(desired("sw1", 1, State(vlans={40: Vlan()})), profile=PROFILE)
    async with running(tmp_path, Rack(sw1=switch), service):
        await service.until(lambda: service.converged("sw1", 1))
        full.append(True)
        service.assign(desired("sw1", 2, State(vlans={50: Vlan()})), profile=PROFILE)
        await service.until(lambda: service.converged("sw1", 2))
        assert kept() == {1}
        full.clear()
        service.go()
        service.come()
        await service.until(lambda: kept() == {2})
