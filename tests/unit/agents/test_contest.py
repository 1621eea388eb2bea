"""A leaf that somebody else keeps changing is left alone for a while, and the rest goes on."""

from datetime import UTC, datetime, timedelta

import pytest

from agents.contest import Contest, ended, left_alone, put_back
from device_profiles.state import Port, State
from drivers.errors import Busy
from tests.unit.agents.agent import desired, running
from tests.unit.agents.clocks import DayClock
from tests.unit.agents.devices import FakeSwitch, Rack, fault
from tests.unit.agents.services import FakeService
from tests.unit.agents.test_approval import BARE, TWO, WATCHED, ask

pytestmark = pytest.mark.unit

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
PATH = "ports.p1.description"


def fought(times, *, every=timedelta(minutes=1)):
    contests = ()
    for number in range(times):
        contests = put_back(contests, [PATH], NOON + number * every)
    return contests


def test_put_back_five_times_in_ten_minutes_it_is_left_alone():
    last = NOON + timedelta(minutes=4)
    assert left_alone(fought(4), last) == {}
    assert PATH in left_alone(fought(5), last)
    assert PATH in left_alone(fought(5), last + timedelta(minutes=10, seconds=-1))
    assert left_alone(fought(5), last + timedelta(minutes=10)) == {}


def test_put_back_now_and_then_it_is_not_contested():
    assert all(contest.until is None for contest in fought(50, every=timedelta(minutes=3)))


def test_it_is_left_alone_for_twice_as_long_each_time_and_at_most_two_hours():
    contests, rests, now = fought(5), [], NOON
    for _ in range(6):
        (contest,) = contests
        rests.append(contest.rest_s / 60)
        now = contest.until
        contests = put_back(contests, [PATH], now)
    assert rests == [10, 20, 40, 80, 120, 120]


def test_found_as_declared_at_the_end_it_is_forgotten():
    contests = fought(5)
    assert ended(contests, NOON + timedelta(minutes=5)) == contests
    assert ended(contests, contests[0].until) == ()
    assert ended(fought(2), NOON + timedelta(minutes=20)) == ()


def test_a_clock_that_was_set_back_leaves_nothing_alone_for_days():
    contest = Contest(path=PATH, until=NOON + timedelta(days=3), rest_s=600)
    assert not contest.is_left(NOON)


async def fight(service, switch, clock, times):
    """Somebody changes the description of p1 again and again, and it is put back each time."""
    for number in range(times):
        clock.move(seconds=30)
        switch.by_hand("ports", "p1", description=f"by hand {number}")
        await service.until(lambda: switch.state.ports["p1"].description == "one")
        await ask(service, "converge")


async def contested(service):
    await service.hears("sw1", "Contested")


async def test_a_contested_leaf_is_left_and_the_rest_is_kept(tmp_path):
    service, clock, switch = FakeService(), DayClock(), FakeSwitch(BARE)
    service.assign(desired("sw1", 1, TWO), profile=WATCHED)
    async with running(tmp_path, Rack(sw1=switch), service, clock=clock):
        await service.until(lambda: service.converged("sw1", 1))
        await fight(service, switch, clock, 5)
        switch.by_hand("ports", "p1", description="theirs")
        await contested(service)
        switch.by_hand("ports", "p2", description="also by hand")
        await service.until(lambda: switch.state.ports["p2"].description == "two")
        assert switch.state.ports["p1"].description == "theirs"
        standing = [report.drift for report in service.of("sw1") if report.drift is not None][-1]
        assert [item.path for item in standing] == [PATH]
    async with running(tmp_path, Rack(sw1=switch), service, clock=clock):
        await ask(service, "converge")
        assert switch.state.ports["p1"].description == "theirs"
        clock.move(minutes=11)
        await ask(service, "converge")
        assert switch.state.ports["p1"].description == "one"
        switch.by_hand("ports", "p1", description="theirs again")
        await contested(service)
        clock.move(minutes=21)
        await ask(service, "converge")
        assert switch.state.ports["p1"].description == "one"
        clock.move(minutes=41)
        await ask(service, "converge")
        switch.by_hand("ports", "p1", description="once")
        await service.until(lambda: switch.state.ports["p1"].description == "one")


async def test_a_new_declaration_acts_on_a_contested_leaf_once(tmp_path):
    service, clock, switch = FakeService(), DayClock(), FakeSwitch(BARE)
    service.assign(desired("sw1", 1, TWO), profile=WATCHED)
    async with running(tmp_path, Rack(sw1=switch), service, clock=clock):
        await service.until(lambda: service.converged("sw1", 1))
        await fight(service, switch, clock, 5)
        switch.by_hand("ports", "p1", description="theirs")
        await contested(service)
        service.assign(desired("sw1", 2, State(ports={"p1": Port(description="new")})), profile=WATCHED)
        await service.until(lambda: service.converged("sw1", 2))
    assert switch.state.ports["p1"].description == "new"


async def test_a_device_in_somebodys_configuration_session_is_waited_for(tmp_path):
    service, switch = FakeService(), FakeSwitch(BARE)
    service.assign(desired("sw1", 1, TWO), profile=WATCHED)
    async with running(tmp_path, Rack(sw1=switch), service):
        with fault(switch, "apply", Busy("the configuration is held by alice: it is waited for, not broken into")):
            await service.hears("sw1", "Busy")
            assert switch.writes == 0
        await service.until(lambda: service.converged("sw1", 1))
