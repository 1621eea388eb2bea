"""Passes are taken back to what the device showed before them, under the same guards; then the node keeps still."""

from datetime import timedelta

import pytest

from agents.clock import SystemClock
from device_profiles.state import Port, State, Vlan
from drivers.contract import OwnPath
from tests.unit.agents.agent import KillAt, desired, run_until_killed, running
from tests.unit.agents.devices import PROFILE, FakeSwitch, Rack
from tests.unit.agents.services import FakeService
from tests.unit.agents.test_requests import asked, request

pytestmark = pytest.mark.unit

FOUND = State(ports={"p1": Port(enabled=True), "p2": Port(mode="trunk", trunk_vlans=(10,))}, vlans={10: Vlan()})
FIRST = State(ports={"p1": Port(mode="access", access_vlan=20)}, vlans={20: Vlan(name="blue")})
SECOND = State(ports={"p1": Port(mode="access", access_vlan=20), "p2": Port(trunk_vlans=(20,))}, vlans={20: Vlan()})


@pytest.fixture
def switch() -> FakeSwitch:
    return FakeSwitch(FOUND)


class SetBack(SystemClock):
    """A clock whose time of day is set."""

    ahead = timedelta(0)

    def now(self):
        return super().now() + self.ahead


async def converge(service: FakeService, state: State, generation: int) -> str:
    """Bring the node there; the name of the pass that did."""
    service.assign(desired("sw1", generation, state), profile=PROFILE)
    await service.until(lambda: service.converged("sw1", generation))
    return [report.record.id for report in service.of("sw1") if report.record][-1]


async def test_the_last_pass_is_taken_back_and_stays_so_until_the_declaration_changes(tmp_path, switch, service):
    async with running(tmp_path, Rack(sw1=switch), service, poll_s=0.01) as agent:
        await converge(service, FIRST, 1)
        (answer,) = await asked(service, request("rollback"))
        assert (answer.ok, answer.body["outcome"]) == (True, "changed")
        assert switch.state == FOUND
        await service.hears("sw1", "RolledBack")
        written, quiet = switch.writes, agent.counters.passes_quiet
        await service.until(lambda: agent.counters.passes_quiet > quiet + 2)
        assert switch.writes == written
        await converge(service, SECOND, 2)
        assert switch.state.ports["p2"].trunk_vlans == (10, 20)


async def test_it_stays_so_over_a_restart_of_the_agent(tmp_path, switch, service):
    async with running(tmp_path, Rack(sw1=switch), service):
        await converge(service, FIRST, 1)
        await asked(service, request("rollback"))
    written = switch.writes
    async with running(tmp_path, Rack(sw1=switch), service):
        (answer,) = await asked(service, request("converge", number="2"))
    assert answer.body["outcome"] == "unchanged"
    assert switch.writes == written


async def test_the_last_pass_is_the_last_though_the_clock_was_set_back_between(tmp_path, switch, service):
    clock = SetBack()
    async with running(tmp_path, Rack(sw1=switch), service, clock=clock):
        await converge(service, FIRST, 1)
    clock.ahead -= timedelta(hours=3)
    async with running(tmp_path, Rack(sw1=switch), service, clock=clock):
        await converge(service, State(ports={"p1": Port(description="second")}), 2)
        clock.ahead -= timedelta(hours=3)
        first, second = [report.record.id for report in service.of("sw1") if report.record]
        third = await converge(service, State(ports={"p1": Port(description="third")}), 3)
        assert first < second < third
        (answer,) = await asked(service, request("rollback"))
        assert answer.ok, answer
    assert switch.state.ports["p1"].description == "second"


async def test_several_passes_are_taken_back_together(tmp_path, switch, service):
    async with running(tmp_path, Rack(sw1=switch), service):
        first = await converge(service, FIRST, 1)
        await converge(service, SECOND, 2)
        (answer,) = await asked(service, request("rollback", **{"pass": first}))
        assert answer.ok, answer
    assert switch.state.ports["p2"].trunk_vlans == (10,)
    assert switch.state.vlans.keys() == {10}


@pytest.mark.parametrize("wanted", ["nobody-s-pass", "x" * 5000])
async def test_a_pass_that_is_not_kept_is_an_answer_and_nothing_is_done(tmp_path, switch, service, wanted):
    async with running(tmp_path, Rack(sw1=switch), service):
        await converge(service, FIRST, 1)
        written = switch.writes
        (answer,) = await asked(service, request("rollback", **{"pass": wanted}))
    assert (answer.ok, answer.reason) == (False, "CannotRollBack")
    assert switch.writes == written


async def test_without_any_pass_there_is_nothing_to_take_back(tmp_path, switch, service):
    async with running(tmp_path, Rack(sw1=switch), service):
        service.assign(desired("sw1", 1, State()), profile=PROFILE)
        (answer,) = await asked(service, request("rollback"))
    assert (answer.ok, answer.reason) == (False, "CannotRollBack")


async def test_a_rollback_that_would_cut_us_off_is_refused(tmp_path, switch, service):
    async with running(tmp_path, Rack(sw1=switch), service):
        await converge(service, State(ports={"p2": Port(trunk_vlans=(99,))}), 1)
    switch.own_path = OwnPath(ports=("p2",), vlan=99, evidence="the device says so")
    written = switch.writes
    async with running(tmp_path, Rack(sw1=switch), service):
        (answer,) = await asked(service, request("rollback"))
        assert 99 in switch.state.ports["p2"].trunk_vlans
        await service.hears("sw1", "RolledBack")
    assert answer.body["outcome"] == "unchanged"
    assert switch.writes == written


async def test_killed_in_a_rollback_the_declaration_is_not_brought_back(tmp_path, switch, service):
    async with running(tmp_path, Rack(sw1=switch), service):
        await converge(service, FIRST, 1)
    service.ask(request("rollback"))
    await run_until_killed(tmp_path, Rack(sw1=switch), service, KillAt("applied", 1))
    async with running(tmp_path, Rack(sw1=switch), service):
        await service.hears("sw1", "RolledBack")
