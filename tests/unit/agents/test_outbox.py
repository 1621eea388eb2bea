"""Reports get to the service: in order, each once, whatever happens to the service or the line."""

import sqlite3
from pathlib import Path

import orjson
import pytest

from agents.store import queue
from agents.store.schema import migrate
from device_profiles.state import Port, State
from device_profiles.wire import Wanted
from tests.unit.agents.agent import desired, running
from tests.unit.agents.devices import PROFILE, FakeSwitch, Rack
from tests.unit.agents.services import FakeService

pytestmark = pytest.mark.unit

BARE = State(ports={"p1": Port(), "p2": Port()})


def described(text: str) -> State:
    return State(ports={"p1": Port(description=text)})


def waiting(folder: Path) -> list[dict]:
    db = sqlite3.connect(folder / "agent.db")
    try:
        return [orjson.loads(body) for (body,) in db.execute("SELECT body FROM outbox ORDER BY seq")]
    finally:
        db.close()


async def test_the_agent_goes_on_without_the_service_and_tells_everything_once_when_it_is_back(tmp_path):
    switch, service = FakeSwitch(BARE), FakeService()
    service.assign(desired("sw1", 1, described("x")), profile=PROFILE)
    async with running(tmp_path, Rack(sw1=switch), service, poll_s=0.01) as agent:
        await service.until(lambda: service.converged("sw1", 1) and not waiting(tmp_path))
        service.go()
        for number in range(3):
            writes = switch.writes
            switch.by_hand("ports", "p1", description=f"hand {number}")
            changed = agent.counters.passes_changed
            await service.until(lambda writes=writes: switch.writes > writes)
            await service.until(lambda changed=changed: agent.counters.passes_changed > changed)
        assert switch.state.ports["p1"].description == "x"
        service.come()
        await service.until(lambda: not waiting(tmp_path))
    drifts = [report.record.drift[0].found for report in service.of("sw1") if report.record and report.record.drift]
    assert drifts == ["hand 0", "hand 1", "hand 2"]
    assert service.repeated == []
    assert service.of("sw1")[-1].observed_hash is not None


async def test_an_agent_that_is_started_without_the_service_works_from_its_store(tmp_path):
    switch, service = FakeSwitch(BARE), FakeService()
    service.assign(desired("sw1", 1, described("x")), profile=PROFILE)
    async with running(tmp_path, Rack(sw1=switch), service):
        await service.until(lambda: service.converged("sw1", 1))
    service.go()
    switch.by_hand("ports", "p1", description="hand")
    async with running(tmp_path, Rack(sw1=switch), service):
        await service.until(
            lambda: switch.state.ports["p1"].description == "x" and any("record" in r for r in waiting(tmp_path))
        )
    service.come()
    async with running(tmp_path, Rack(sw1=switch), service):
        await service.until(lambda: any(r.record and r.record.drift for r in service.of("sw1")))
    assert len(service.enrolments) == 1


async def test_a_lost_answer_makes_a_report_come_twice_and_count_once(tmp_path):
    switch, service = FakeSwitch(BARE), FakeService()
    service.assign(desired("sw1", 1, described("x")), profile=PROFILE)
    service.lose_next_answer = True
    async with running(tmp_path, Rack(sw1=switch), service):
        await service.until(lambda: service.converged("sw1", 1) and not waiting(tmp_path))
    records = [report.record.id for report in service.of("sw1") if report.record]
    assert len(records) == len(set(records)) == 1
    assert service.repeated


async def test_a_document_that_the_service_wants_is_sent_whole(tmp_path):
    switch, service = FakeSwitch(BARE), FakeService()
    service.assign(desired("sw1", 1, described("x")), profile=PROFILE)
    async with running(tmp_path, Rack(sw1=switch), service):
        await service.until(lambda: any(r.facts for r in service.of("sw1")) and not waiting(tmp_path))
        known = len(service.of("sw1"))
        service.wanted = [Wanted(node="sw1", part=part) for part in ("observed", "facts", "links", "ledger")]
        service.assign(desired("sw1", 2, described("y")), profile=PROFILE)
        await service.until(
            lambda: (
                {
                    part
                    for report in service.of("sw1")[known:]
                    for part in ("observed", "facts", "links", "ledger")
                    if getattr(report, part) is not None
                }
                == {"observed", "facts", "links", "ledger"}
            )
        )


async def test_a_report_that_the_service_refuses_stops_no_other(tmp_path):
    service = FakeService()
    switches = {f"sw{number}": FakeSwitch(BARE) for number in range(5)}
    service.refuses = lambda batch: any(report.node == "sw3" for report in batch.reports)
    for name in switches:
        service.assign(desired(name, 1, described("x")), profile=PROFILE)
    async with running(tmp_path, Rack(**switches), service) as agent:
        await service.until(lambda: all(service.converged(name, 1) for name in switches if name != "sw3"))
        await service.until(lambda: agent.counters.reports_refused and not waiting(tmp_path))
    assert not service.of("sw3")


async def test_an_agent_whose_token_is_no_longer_known_enrols_anew(tmp_path):
    switch, service = FakeSwitch(BARE), FakeService()
    service.assign(desired("sw1", 1, described("x")), profile=PROFILE)
    async with running(tmp_path, Rack(sw1=switch), service):
        await service.until(lambda: service.converged("sw1", 1))
    service.forgets_token = True
    async with running(tmp_path, Rack(sw1=switch), service):
        await service.until(lambda: len(service.enrolments) == 2)


@pytest.fixture
def db(tmp_path):
    found = sqlite3.connect(tmp_path / "x.db", isolation_level=None)
    migrate(found)
    yield found
    found.close()


def test_while_away_the_newest_of_each_part_waits_and_every_pass(db):
    def add(carries: bool, **body) -> None:
        queue.add_report(
            db, "sw1", orjson.dumps({"fence": 1, "node": "sw1", "at": "t", **body}), record=carries, fold=True
        )

    add(False, observed={"a": 1}, observed_hash="1", conditions=[1])
    add(True, record={"id": "p1"}, observed={"a": 2}, observed_hash="2")
    add(False, operation={"o": 1})
    add(True, record={"id": "p2"}, drift=[])
    add(False, observed={"a": 3}, observed_hash="3")
    found = [orjson.loads(body) for _, body in queue.next_reports(db, most=10)]
    assert [body.get("record") for body in found] == [{"id": "p1"}, {"id": "p2"}, None]
    assert [sorted(body) for body in found[:2]] == [["at", "fence", "node", "record"]] * 2
    assert found[2]["observed"] == {"a": 3}
    assert (found[2]["operation"], found[2]["conditions"], found[2]["drift"]) == ({"o": 1}, [1], [])


def test_numbers_are_never_given_twice_though_all_reports_are_gone(db):
    first = queue.add_report(db, "sw1", b"{}", record=False, fold=False)
    queue.delete_through(db, first)
    assert queue.add_report(db, "sw1", b"{}", record=False, fold=False) == first + 1


def test_when_too_many_wait_the_oldest_are_given_up_and_counted(db):
    for _ in range(10):
        queue.add_report(db, "sw1", b"{}", record=True, fold=False)
    assert queue.give_up_oldest(db, most_rows=4) == 6
    assert [seq for seq, _ in queue.next_reports(db, most=10)] == [7, 8, 9, 10]
    assert queue.give_up_oldest(db, most_rows=4) == 0
