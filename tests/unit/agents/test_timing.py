"""When things happen: wakes are merged, delays grow, polls and pushes come as they should. Time is moved by hand."""

import asyncio
import contextlib
import heapq
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from agents.backoff import Backoff
from agents.opening import Turnstile
from agents.process import Agent
from agents.store import Store
from agents.wakes import Wakes
from device_profiles.state import Port, State
from drivers.errors import AuthFailed, Unreachable
from tests.unit.agents.agent import desired, running
from tests.unit.agents.devices import PROFILE, FakeDriver, FakeSwitch, Rack
from tests.unit.agents.services import FakeService

pytestmark = pytest.mark.unit


@pytest.fixture
def soon() -> None:
    """Here pauses are as long as they are meant."""


class HandClock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.time = 1000.0
        self._timers: list[tuple[float, int, HandTimer]] = []
        self._count = 0

    def now(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=self.time)

    def monotonic(self) -> float:
        return self.time

    def elapsed(self) -> float:
        return self.time

    def call_later(self, delay_s: float, act: Callable[[], None]) -> "HandTimer":
        timer = HandTimer(act)
        self._count += 1
        heapq.heappush(self._timers, (self.time + delay_s, self._count, timer))
        return timer

    async def sleep(self, delay_s: float) -> None:
        done = asyncio.Event()
        self.call_later(delay_s, done.set)
        await done.wait()

    async def move(self, seconds: float) -> None:
        """Let time pass, and everything happen that is due meanwhile."""
        end = self.time + seconds
        await settled()
        while self._timers and self._timers[0][0] <= end:
            due, _, timer = heapq.heappop(self._timers)
            self.time = max(self.time, due)
            timer.ring()
            await settled()
        self.time = end


class HandTimer:
    def __init__(self, act: Callable[[], None]) -> None:
        self._act: Callable[[], None] | None = act

    def cancel(self) -> None:
        self._act = None

    def ring(self) -> None:
        if self._act is not None:
            self._act()


unwritten: list[asyncio.Future[Any]] = []
"""Changes that were handed to a store and are not on disk yet."""


async def settled() -> None:
    """Let everything happen that needs no time to pass: until the loop is idle and the store has nothing to do."""
    quiet = 0
    while quiet < 20:
        unwritten[:] = [future for future in unwritten if not future.done()]
        quiet = 0 if unwritten else quiet + 1
        await asyncio.sleep(0)


@pytest.fixture
def clock(monkeypatch) -> HandClock:
    submit = Store.submit

    def noted(store: Store, change: Any) -> asyncio.Future[Any]:
        unwritten.append(submit(store, change))
        return unwritten[-1]

    monkeypatch.setattr(Store, "submit", noted)
    return HandClock()


@contextlib.asynccontextmanager
async def started(*what: Any, **more: Any) -> AsyncIterator[Agent]:
    """A running agent that has come as far as it comes without time."""
    service = what[2]
    async with running(*what, **{"heartbeat_s": 10.0, **more}) as agent:
        await service.until(lambda: service.enrolments)
        await settled()
        yield agent


class TestWakes:
    async def test_many_wakes_are_one_with_the_best_cause_and_the_earliest_time(self, clock):
        wakes = Wakes(clock)
        wakes.add("poll", delay_s=30)
        wakes.add("assignment", delay_s=10)
        wakes.add("retry", delay_s=5)
        taken = asyncio.create_task(wakes.next())
        await clock.move(4.9)
        assert not taken.done()
        await clock.move(0.2)
        assert await taken == "assignment"
        again = asyncio.create_task(wakes.next())
        await clock.move(100)
        assert not again.done()
        wakes.close()
        assert await again is None

    async def test_a_request_comes_first_and_takes_nothing_away(self, clock):
        wakes = Wakes(clock)
        wakes.add("poll", delay_s=30)
        wakes.nudge()
        assert await wakes.next() == "request"
        taken = asyncio.create_task(wakes.next())
        await clock.move(31)
        assert await taken == "poll"


class TestBackoff:
    def test_it_doubles_up_to_its_limit_and_starts_again(self):
        backoff = Backoff(low_s=0.5, high_s=30, chance=lambda: 0.0)
        assert [backoff.next() for _ in range(8)] == [0.5, 1, 2, 4, 8, 16, 30, 30]
        backoff.reset()
        assert backoff.next() == 0.5

    def test_chance_takes_away_up_to_half(self):
        assert Backoff(low_s=2, high_s=30, chance=lambda: 1.0).next() == 1.0

    def test_an_outage_of_years_is_no_overflow(self):
        backoff = Backoff(low_s=0.2, high_s=15, chance=lambda: 0.0)
        assert [backoff.next() for _ in range(5000)][-1] == 15


class TestTurnstile:
    async def test_those_that_hang_give_their_place_back_after_a_while(self, clock):
        turnstile, through = Turnstile(clock, places=2, hold_s=1.0), []

        async def pass_through(name: int) -> None:
            async with turnstile.place():
                through.append(name)
                await asyncio.Event().wait()

        tasks = [asyncio.create_task(pass_through(name)) for name in range(5)]
        await settled()
        assert through == [0, 1]
        await clock.move(1.1)
        assert through == [0, 1, 2, 3]
        tasks[4].cancel()
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        async with turnstile.place(), turnstile.place():
            through.append(9)
        assert through[-1] == 9


BARE = State(ports={"p1": Port()})
WANTED = State(ports={"p1": Port(description="x")})


class TellsBeforeItAnswers(FakeSwitch):
    """The answer to a command comes after the push of what it changed, as from Open vSwitch."""

    async def answer(self) -> None:
        await asyncio.sleep(0)
        await asyncio.sleep(0)


class ChangesWhileRead(FakeSwitch):
    """Something happens right after a reading was taken, and before its answer is here."""

    then: Callable[[], None] | None = None

    async def answer(self) -> None:
        then, self.then = self.then, None
        if then is not None:
            then()
            await asyncio.sleep(0)
            await asyncio.sleep(0)


async def test_a_device_that_is_away_is_tried_again_with_a_growing_delay(tmp_path, clock):
    switch, service = FakeSwitch(BARE), FakeService()
    switch.faults["open"] = Unreachable("no route")
    service.assign(desired("sw1", 1, WANTED), profile=PROFILE)
    async with started(tmp_path, Rack(sw1=switch), service, clock=clock):
        await clock.move(60)
        tries = switch.calls["open"]
        assert 6 <= tries <= 14
        await clock.move(60)
        assert switch.calls["open"] - tries <= 5
        switch.faults.clear()
        await clock.move(31)
        assert service.converged("sw1", 1)


async def test_a_device_that_refuses_us_is_left_in_peace_for_minutes_until_something_changes(tmp_path, clock):
    switch, service = FakeSwitch(BARE), FakeService()
    switch.faults["open"] = AuthFailed("no")
    service.assign(desired("sw1", 1, WANTED), profile=PROFILE)
    async with started(tmp_path, Rack(sw1=switch), service, clock=clock):
        await clock.move(100)
        assert switch.calls["open"] == 1
        await clock.move(200)
        assert switch.calls["open"] in (1, 2)
        tries = switch.calls["open"]
        service.assign(desired("sw1", 2, WANTED), profile=PROFILE)
        await clock.move(0.1)
        assert switch.calls["open"] == tries + 1


async def test_where_nothing_pushes_the_device_is_polled(tmp_path, clock):
    switch, service = FakeSwitch(BARE), FakeService()
    service.assign(desired("sw1", 1, WANTED), profile=replace(PROFILE, poll_s=10.0))
    async with started(tmp_path, Rack(sw1=switch), service, clock=clock):
        await clock.move(1)
        reads = switch.calls["read"]
        await clock.move(60)
        assert 5 <= switch.calls["read"] - reads <= 7


async def test_nodes_that_were_started_together_are_polled_apart(tmp_path, clock):
    switches, service = {f"sw{number}": FakeSwitch(BARE) for number in range(1, 31)}, FakeService()
    for name in switches:
        service.assign(desired(name, 1, WANTED), profile=replace(PROFILE, poll_s=100.0))
    async with started(tmp_path, Rack(**switches), service, clock=clock):
        await clock.move(4)
        reads = {name: switch.calls["read"] for name, switch in switches.items()}
        await clock.move(50)
        polled = sum(switch.calls["read"] > reads[name] for name, switch in switches.items())
        assert 3 < polled < 27, "about half of them in half of the interval"


async def test_our_own_change_costs_at_most_one_further_reading(tmp_path, clock):
    switch, service = FakeSwitch(BARE), FakeService()
    profile = replace(PROFILE, capabilities=(*PROFILE.capabilities, "watch"))
    service.assign(desired("sw1", 1, BARE), profile=profile)
    async with started(tmp_path, Rack(sw1=switch), service, clock=clock):
        await clock.move(5)
        reads = switch.calls["read"]
        many = State(ports={"p1": Port(description="x", mtu=9000, mode="access", access_vlan=5)})
        service.assign(desired("sw1", 2, many), profile=profile)
        # Less than discovery needs to look again.
        await clock.move(0.4)
        assert service.converged("sw1", 2)
        assert switch.calls["read"] - reads <= 3


async def test_what_a_device_tells_before_we_read_it_again_costs_no_further_reading(tmp_path, clock):
    switch, service = TellsBeforeItAnswers(BARE), FakeService()
    profile = replace(PROFILE, capabilities=(*PROFILE.capabilities, "watch"))
    service.assign(desired("sw1", 1, BARE), profile=profile)
    async with started(tmp_path, Rack(sw1=switch), service, clock=clock):
        await clock.move(5)
        reads = switch.calls["read"]
        service.assign(desired("sw1", 2, WANTED), profile=profile)
        await clock.move(0.4)
        assert service.converged("sw1", 2)
        assert switch.calls["read"] - reads == 2


async def test_what_a_device_tells_while_it_is_read_is_looked_at(tmp_path, clock):
    switch, service = ChangesWhileRead(BARE), FakeService()
    profile = replace(PROFILE, capabilities=(*PROFILE.capabilities, "watch"))
    service.assign(desired("sw1", 1, WANTED), profile=profile)
    async with started(tmp_path, Rack(sw1=switch), service, clock=clock):
        await clock.move(5)
        assert service.converged("sw1", 1)
        switch.then = lambda: switch.by_hand("ports", "p1", description="by hand")
        switch.push()
        await clock.move(0.5)
        assert switch.state.ports["p1"].description == "x"


async def test_a_burst_of_pushes_is_one_pass(tmp_path, clock):
    switch, service = FakeSwitch(BARE), FakeService()
    service.assign(desired("sw1", 1, WANTED), profile=replace(PROFILE, capabilities=(*PROFILE.capabilities, "watch")))
    async with started(tmp_path, Rack(sw1=switch), service, clock=clock):
        await clock.move(5)
        reads = switch.calls["read"]
        for number in range(20):
            switch.by_hand("ports", "p1", mtu=1500 + number)
        await clock.move(0.05)
        assert switch.calls["read"] - reads == 1


async def test_what_a_device_tells_beside_an_assignment_is_looked_at(tmp_path, clock):
    switch, service = FakeSwitch(BARE), FakeService()
    profile = replace(PROFILE, capabilities=(*PROFILE.capabilities, "watch"))
    service.assign(desired("sw1", 1, BARE), profile=profile)
    async with started(tmp_path, Rack(sw1=switch), service, clock=clock, discover_s=300.0):
        await clock.move(5)
        looks = switch.calls["links"]
        switch.push()  # a neighbour, which no pass reads
        service.assign(desired("sw1", 2, BARE), profile=profile)
        await clock.move(2)
        assert service.converged("sw1", 2)
        assert switch.calls["links"] > looks


async def test_facts_links_and_operation_are_read_at_their_intervals_and_told_when_they_changed(tmp_path, clock):
    switch, service = FakeSwitch(BARE), FakeService()
    service.assign(desired("sw1", 1, BARE), profile=replace(PROFILE, facts_s=900.0))
    async with started(tmp_path, Rack(sw1=switch), service, clock=clock, discover_s=30.0):
        await clock.move(1000)
        calls = dict(switch.calls)
        assert calls["facts"] == 2
        assert 30 <= calls["links"] <= 35
        told = [report for report in service.of("sw1") if report.facts or report.links or report.operation]
        assert len(told) == 1
        switch.by_hand("ports", "p1", enabled=False)
        await clock.move(31)
        assert service.of("sw1")[-1].operation is not None


async def test_a_device_that_is_slow_to_read_is_left_alone_for_longer(tmp_path, clock, monkeypatch):
    asked = FakeDriver.operation

    async def on_a_slow_line(driver, want):
        clock.time += 2.0
        return await asked(driver, want)

    monkeypatch.setattr(FakeDriver, "operation", on_a_slow_line)
    switch, service = FakeSwitch(BARE), FakeService()
    service.assign(desired("sw1", 1, BARE), profile=PROFILE)
    async with started(tmp_path, Rack(sw1=switch), service, clock=clock, discover_s=2.0):
        await clock.move(80)
        assert 8 <= switch.calls["operation"] <= 11


async def test_what_cannot_be_discovered_touches_nothing_else(tmp_path, clock):
    switch, service = FakeSwitch(BARE), FakeService()
    switch.faults["links"] = AuthFailed("lldp is off")
    service.assign(desired("sw1", 1, WANTED), profile=PROFILE)
    async with started(tmp_path, Rack(sw1=switch), service, clock=clock):
        await clock.move(2)
        assert service.condition("sw1", "Converged") == (True, "Verified")
        assert any(report.facts for report in service.of("sw1"))


async def test_the_service_is_told_of_nodes_that_are_as_they_were(tmp_path, clock):
    switch, service = FakeSwitch(BARE), FakeService()
    service.assign(desired("sw1", 1, WANTED), profile=replace(PROFILE, poll_s=5.0))
    async with started(tmp_path, Rack(sw1=switch), service, clock=clock, heartbeat_s=10.0):
        await clock.move(2)
        posts, first = service.posts, service.seen.get("sw1")
        await clock.move(50)
        assert 4 <= service.posts - posts <= 6
        assert first is None or service.seen["sw1"] > first


async def test_a_device_that_is_changed_again_and_again_is_not_looked_over_each_time(tmp_path, clock):
    switch, service = FakeSwitch(BARE), FakeService()
    service.assign(desired("sw1", 1, WANTED), profile=PROFILE)
    async with started(tmp_path, Rack(sw1=switch), service, clock=clock):
        await clock.move(10)
        looked = switch.calls["operation"]
        for generation in range(2, 22):
            state = State(ports={"p1": Port(description=f"x{generation}")})
            service.assign(desired("sw1", generation, state), profile=PROFILE)
            await clock.move(0.2)
        await clock.move(10)
        assert service.converged("sw1", 21)
        assert switch.calls["operation"] - looked <= 3
