"""Leases: who holds a node writes to it, and nobody else, whatever happens to processes and clocks."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from agents.clock import SystemClock, Timer
from agents.leases import LeaseLost, Leases, NotHolder
from agents.observers import Moment
from device_profiles.documents import Identity, Management
from device_profiles.state import Port, State, Vlan
from device_profiles.wire import Assignment, Lease, Stored
from drivers.errors import DeviceError
from drivers.sending import may_send
from tests.unit.agents.agent import KillAt, desired, run_until_killed, running
from tests.unit.agents.devices import PROFILE, FakeSwitch, Rack
from tests.unit.agents.services import FakeService

pytestmark = pytest.mark.unit

BARE = State(ports={"p1": Port(), "p2": Port()})
RENEWED = Lease(renew_s=0.03)
LONG_S = 60.0


def described(text: str) -> State:
    return State(ports={"p1": Port(description=text)})


class SetClock(SystemClock):
    """A clock whose measure of leases is set forward: the process stood still, or the machine slept."""

    def __init__(self) -> None:
        self.ahead_s = 0.0

    def elapsed(self) -> float:
        return super().elapsed() + self.ahead_s

    def call_later(self, delay_s: float, act: Callable[[], None]) -> Timer:
        return super().call_later(min(delay_s, 0.05), act)


class StandStill:
    """Stops the process at a phase, until long after its leases: it finds the service gone and goes on."""

    def __init__(self, phase: str, clock: SetClock, service: FakeService) -> None:
        self.phase, self.clock, self.service = phase, clock, service
        self.done = False

    def notice(self, moment: Moment) -> None:
        if moment.phase == self.phase and not self.done:
            self.done = True
            self.clock.ahead_s += 1000.0
            self.service.go()


def assignment(fence: int = 1, *, lease: Lease | None = RENEWED) -> Assignment:
    return Assignment(
        schema=1, node="sw1", fence=fence, profile=PROFILE, access=(), credentials=None, identity=Identity(),
        management=Management(), desired=desired("sw1", 1, BARE), lease=lease,
    )  # fmt: skip


def held(clock: SetClock, given: Assignment, *, lease_s: float = LONG_S) -> Leases:
    """Leases of which one was just renewed."""
    leases = Leases(clock)
    leases.accept(given)
    renewal = leases.due()
    assert renewal is not None
    leases.answered(renewal, Stored(last_seq=0, leases=("sw1",), lease_s=lease_s))
    return leases


class TestOneLease:
    def test_without_a_lease_a_node_is_ours_for_ever(self):
        clock, leases = SetClock(), Leases(SetClock())
        given = assignment(lease=None)
        leases.accept(given)
        clock.ahead_s = 1e9
        leases.check(given, needs_s=1e6)
        assert leases.due() is None

    def test_it_begins_with_the_answer_and_counts_from_the_sending(self):
        clock, given = SetClock(), assignment()
        leases = Leases(clock)
        leases.accept(given)
        with pytest.raises(LeaseLost, match="not begun"):
            leases.check(given, needs_s=0)
        renewal = leases.due()
        clock.ahead_s += 40  # the answer takes long
        leases.answered(renewal, Stored(last_seq=0, leases=("sw1",), lease_s=LONG_S))
        leases.check(given, needs_s=19)
        with pytest.raises(LeaseLost, match="may take 21 s"):
            leases.check(given, needs_s=21)
        clock.ahead_s += 20
        with pytest.raises(LeaseLost, match="ended"):
            leases.check(given, needs_s=0)

    def test_a_step_is_begun_only_where_the_lease_outlasts_it_and_each_send_looks_again(self):
        clock, given = SetClock(), assignment()
        leases = held(clock, given)
        with leases.writing(given):
            clock.ahead_s += 58
            may_send()
            clock.ahead_s += 1.5
            with pytest.raises(LeaseLost):
                may_send()
        may_send()
        with pytest.raises(LeaseLost), leases.writing(given):
            pytest.fail("a step of 1 s was begun 2 s before the end")

    def test_another_fence_is_another_lease(self):
        clock, old = SetClock(), assignment(1)
        leases = held(clock, old)
        leases.check(old, needs_s=1)
        new = assignment(2)
        leases.accept(new)
        with pytest.raises(NotHolder):
            leases.check(old, needs_s=1)
        with pytest.raises(LeaseLost):
            leases.check(new, needs_s=1)

    def test_an_answer_to_a_renewal_of_an_older_fence_says_nothing_of_the_new_one(self):
        clock, leases = SetClock(), Leases(SetClock())
        leases = Leases(clock)
        leases.accept(assignment(1))
        renewal = leases.due()
        leases.accept(assignment(2))
        leases.answered(renewal, Stored(last_seq=0, leases=("sw1",), lease_s=LONG_S))
        with pytest.raises(LeaseLost):
            leases.check(assignment(2), needs_s=1)

    def test_what_the_service_does_not_renew_is_not_written_to_though_the_lease_has_not_ended(self):
        clock, given = SetClock(), assignment()
        leases = held(clock, given)
        clock.ahead_s += 1
        leases.answered(leases.due(), Stored(last_seq=0, leases=(), lease_s=LONG_S))
        with pytest.raises(NotHolder):
            leases.check(given, needs_s=1)

    def test_an_older_service_that_says_nothing_of_leases_renews_none(self):
        clock, given = SetClock(), assignment()
        leases = Leases(clock)
        leases.accept(given)
        leases.answered(leases.due(), Stored(last_seq=0))
        with pytest.raises(LeaseLost):
            leases.check(given, needs_s=0)

    def test_a_node_that_was_let_go_is_told_until_the_service_has_heard_it(self):
        clock, given = SetClock(), assignment(7)
        leases = held(clock, given)
        leases.leave("sw1")
        with pytest.raises(NotHolder):
            leases.check(given, needs_s=0)
        leases.release("sw1")
        renewal = leases.due()
        assert (renewal.leases, renewal.released) == ({}, {"sw1": 7})
        leases.answered(renewal, Stored(last_seq=0, lease_s=LONG_S))
        assert leases.due() is None

    async def test_a_wait_for_a_lease_ends_with_the_answer_or_in_time(self):
        clock, given = HurriedClock(), assignment()
        leases = Leases(clock)
        leases.accept(given)
        waiting = asyncio.create_task(leases.hold(given, needs_s=1))
        await asyncio.sleep(0)
        leases.answered(leases.due(), Stored(last_seq=0, leases=("sw1",), lease_s=LONG_S))
        await waiting
        clock.ahead_s += 100
        waiting = asyncio.create_task(leases.hold(given, needs_s=1))
        await asyncio.sleep(0)
        clock.ring()
        with pytest.raises(LeaseLost):
            await waiting


class HurriedClock(SetClock):
    """Timers ring when they are told to."""

    def call_later(self, delay_s, act) -> Timer:
        self.ring = act
        return SystemClock().call_later(3600, act)


async def test_nothing_is_written_before_the_service_has_renewed_the_lease(tmp_path: Path):
    switch, service = FakeSwitch(BARE), FakeService()
    service.assign(desired("sw1", 1, described("x")), profile=PROFILE, lease=RENEWED)
    async with running(tmp_path, Rack(sw1=switch), service):
        await service.until(lambda: len(service.renewals) > 1 and switch.calls["read"])
        assert switch.writes == 0
        service.lease_s = LONG_S
        await service.until(lambda: service.converged("sw1", 1))
    assert switch.state.ports["p1"].description == "x"
    assert service.enrolments[0].leases


@pytest.mark.parametrize("phase", ["planned", "applying"])
async def test_an_agent_that_stood_still_in_mid_pass_writes_nothing_when_it_wakes_up(tmp_path: Path, phase: str):
    switch, service, clock = FakeSwitch(BARE), FakeService(), SetClock()
    service.lease_s = LONG_S
    still = StandStill(phase, clock, service)
    service.assign(desired("sw1", 1, described("old")), profile=PROFILE, lease=RENEWED)
    async with running(tmp_path, Rack(sw1=switch), service, observers=(still,), clock=clock, poll_s=0.01):
        await service.until(lambda: still.done)
        switch.by_hand("ports", "p1", description="of the other agent")
        reads = switch.calls["read"]
        await service.until(lambda: switch.calls["read"] > reads)  # it goes on reading
        service.not_theirs = {"sw1"}
        service.come()
        await service.hears("sw1", "NotHolder", within_s=8.0)
        assert (switch.writes, switch.saves) == (0, 0)
    assert switch.state.ports["p1"].description == "of the other agent"


async def test_a_step_of_several_commands_does_not_go_on_after_the_lease(tmp_path: Path):
    clock, service = SetClock(), FakeService()

    class Stops(FakeSwitch):
        def run(self, command: str) -> None:
            super().run(command)
            clock.ahead_s += 1000.0
            service.lease_s = None

    switch = Stops(BARE)
    service.lease_s = LONG_S
    wanted = State(ports={"p1": Port(description="x", mtu=9000)})  # two commands of one step
    service.assign(desired("sw1", 1, wanted), profile=PROFILE, lease=RENEWED)
    async with running(tmp_path, Rack(sw1=switch), service, clock=clock):
        await service.hears("sw1", "LeaseLost")
        assert switch.writes == 1


async def test_a_restarted_agent_saves_what_it_owes_only_under_a_lease(tmp_path: Path):
    switch, service = FakeSwitch(BARE), FakeService()
    service.lease_s = LONG_S
    service.assign(desired("sw1", 1, described("x")), profile=PROFILE, lease=RENEWED)
    await run_until_killed(tmp_path, Rack(sw1=switch), service, KillAt("verifying"))
    written, service.lease_s = switch.writes, None
    async with running(tmp_path, Rack(sw1=switch), service):
        renewals = len(service.renewals)
        await service.until(lambda: len(service.renewals) > renewals + 1)
        assert (switch.writes, switch.saves) == (written, 0)
        service.lease_s = LONG_S
        await service.until(lambda: switch.saves == 1 and service.converged("sw1", 1))


async def test_leases_are_renewed_though_there_is_nothing_to_report(tmp_path: Path):
    switch, service = FakeSwitch(BARE), FakeService()
    service.lease_s = LONG_S
    profile = replace(PROFILE, command_timeout_s=3.0)
    service.assign(desired("sw1", 1, described("x")), profile=profile, lease=RENEWED)
    async with running(tmp_path, Rack(sw1=switch), service, heartbeat_s=3600.0):
        await service.until(
            lambda: service.converged("sw1", 1) and any(report.links_hash for report in service.of("sw1"))
        )
        told = len(service.reports)
        renewals = len(service.renewals)
        await service.until(lambda: len(service.renewals) > renewals + 2)
        assert len(service.reports) == told
    assert service.renewals[-1].leases == {"sw1": 1}
    assert service.renewals[-1].needs_s == 5.0  # what a step takes, and what must be left then


async def test_a_node_that_is_taken_from_the_agent_is_released_when_its_worker_has_ended(tmp_path: Path):
    switch, service = FakeSwitch(BARE), FakeService()
    service.lease_s = LONG_S
    service.assign(desired("sw1", 1, described("x")), profile=PROFILE, lease=RENEWED, fence=5)
    async with running(tmp_path, Rack(sw1=switch), service):
        await service.until(lambda: service.converged("sw1", 1))
        service.unassign("sw1")
        await service.until(lambda: service.renewals[-1].released == {"sw1": 5})


def test_the_reasons_are_words_for_conditions():
    assert issubclass(LeaseLost, DeviceError)
    assert (LeaseLost.reason, NotHolder.reason) == ("LeaseLost", "NotHolder")


@pytest.mark.parametrize(("fence", "stays"), [(5, False), (6, True)])
async def test_a_node_that_another_agent_may_have_held_is_begun_with_anew(tmp_path: Path, fence: int, stays: bool):
    """What the service hands over is the ledger then: it says nothing of the VLAN, which is found, and stays."""
    switch, service = FakeSwitch(BARE), FakeService()
    service.lease_s = LONG_S
    service.assign(desired("sw1", 1, State(vlans={10: Vlan()})), profile=PROFILE, lease=RENEWED, fence=5)
    async with running(tmp_path, Rack(sw1=switch), service):
        await service.until(lambda: service.converged("sw1", 1))
        assert 10 in switch.state.vlans
        service.assign(desired("sw1", 2, BARE), profile=PROFILE, lease=RENEWED, fence=fence)
        await service.until(lambda: service.converged("sw1", 2))
        assert (10 in switch.state.vlans) is stays
    assert service.of("sw1")[-1].fence == fence
