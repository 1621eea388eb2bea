"""What a caller asks of a node is answered, with a reason where it cannot be done."""

from datetime import UTC, datetime, timedelta

import orjson
import pytest

from agents.reports import dump
from device_profiles.state import Port, State, Vlan
from device_profiles.wire import AgentRequest
from drivers.errors import Unreachable
from tests.unit.agents.agent import desired, running
from tests.unit.agents.devices import PROFILE, FakeSwitch, Rack, refuse

pytestmark = pytest.mark.unit

WANTED = State(ports={"p1": Port(mode="access", access_vlan=10)}, vlans={10: Vlan()})


def request(kind="preview", node="sw1", number="1", **body):
    deadline = datetime.now(UTC) + timedelta(seconds=30)
    return AgentRequest(id=number, node=node, kind=kind, body=body, deadline=deadline)


@pytest.fixture
def switch() -> FakeSwitch:
    return FakeSwitch(State(ports={"p1": Port(), "p2": Port()}))


async def asked(service, *requests):
    for each in requests:
        service.ask(each)
    await service.until(lambda: all(each.id in service.answers for each in requests))
    return [service.answers[each.id] for each in requests]


async def test_a_preview_shows_the_steps_and_writes_nothing(tmp_path, switch, service):
    service.assign(desired("sw1", 1, WANTED, drift="pause"), profile=PROFILE)
    async with running(tmp_path, Rack(sw1=switch), service):
        (paused,) = await asked(service, request())
        assert paused.body["steps"] == []
        assert "paused" in paused.body["notes"][-1]
    assert switch.writes == 0


async def test_a_dry_run_plans_for_another_desired_state(tmp_path, switch, service):
    service.assign(desired("sw1", 1, WANTED), profile=PROFILE)
    other = desired("sw1", 2, State(ports={"p1": Port(access_vlan=20), "p9": Port(description="x")}))
    async with running(tmp_path, Rack(sw1=switch), service):
        await service.until(lambda: service.converged("sw1", 1))
        writes = switch.writes
        body = {"desired": orjson.loads(dump(other))}
        preview, dry, bad = await asked(
            service, request(), request("dry_run", number="2", **body), request("dry_run", number="3")
        )
        assert switch.writes == writes
    assert preview.body["steps"] == []
    assert [step["text"] for step in dry.body["steps"]] == ["set ports p1", "set vlans 10"]
    assert [problem["reason"] for problem in dry.body["problems"]] == ["NoSuchPort"]
    assert dry.body["generation"] == 2
    assert (bad.ok, bad.reason) == (False, "BadRequest")


async def test_converge_runs_a_pass_and_answers_with_its_record(tmp_path, switch, service):
    service.assign(desired("sw1", 1, WANTED), profile=PROFILE)
    async with running(tmp_path, Rack(sw1=switch), service):
        await service.until(lambda: service.converged("sw1", 1))
        (quiet,) = await asked(service, request("converge"))
        switch.by_hand("ports", "p1", access_vlan=66)
        (changed,) = await asked(service, request("converge", number="2"))
        assert switch.state.ports["p1"].access_vlan == 10
    assert (quiet.body["outcome"], changed.body["outcome"]) == ("unchanged", "changed")
    assert changed.body["drift"][0]["path"] == "ports.p1.access_vlan"


async def test_a_device_that_cannot_be_reached_is_an_answer(tmp_path, switch, service):
    switch.faults["open"] = Unreachable("no route")
    service.assign(desired("sw1", 1, WANTED), profile=PROFILE)
    async with running(tmp_path, Rack(sw1=switch), service):
        answers = await asked(service, request(), request("converge", number="2"))
    assert [(answer.ok, answer.reason) for answer in answers] == [(False, "Unreachable")] * 2


async def test_a_node_of_somebody_else_is_an_answer(tmp_path, switch, service):
    async with running(tmp_path, Rack(sw1=switch), service):
        (answer,) = await asked(service, request(node="sw7"))
    assert (answer.ok, answer.reason) == (False, "NotMine")


async def test_a_request_unblocks_a_node_that_had_given_up(tmp_path, switch, service):
    switch.faults["apply"] = refuse("not now")
    service.assign(desired("sw1", 1, WANTED), profile=PROFILE)
    async with running(tmp_path, Rack(sw1=switch), service):
        await service.hears("sw1", "Rejected")
        switch.faults.clear()
        (answer,) = await asked(service, request("converge"))
        assert answer.body["outcome"] == "changed"
        await service.until(lambda: service.converged("sw1", 1))


async def test_the_same_request_is_done_once(tmp_path, switch, service):
    service.assign(desired("sw1", 1, WANTED), profile=PROFILE)
    async with running(tmp_path, Rack(sw1=switch), service):
        await service.until(lambda: service.converged("sw1", 1))
        reads = switch.calls["read"]
        service.ask(request("converge"))
        await asked(service, request("converge"))
        await asked(service, request("preview", number="2"))
    assert switch.calls["read"] == reads + 2


async def test_a_kind_of_request_that_the_agent_does_not_know_is_an_answer(tmp_path, switch, service):
    service.assign(desired("sw1", 1, WANTED), profile=PROFILE)
    async with running(tmp_path, Rack(sw1=switch), service):
        (answer,) = await asked(service, request("teleport"))
    assert (answer.ok, answer.reason) == (False, "UnknownRequest")
