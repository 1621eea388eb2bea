"""Steps with an impact wait for their window; others go on, and the node says when it opens."""

import pytest

from device_profiles.state import Port, State
from device_profiles.windows import Window
from tests.unit.agents.agent import desired, running
from tests.unit.agents.clocks import DayClock
from tests.unit.agents.devices import FakeSwitch, Rack
from tests.unit.agents.services import FakeService
from tests.unit.agents.test_approval import BARE, TWO, WATCHED, ask

pytestmark = pytest.mark.unit

NIGHT = Window(cron="0 2 * * *", duration=7200, timezone="Europe/Berlin")


def declare(service, state, generation=1, **more):
    service.assign(desired("sw1", generation, state, **{"window": NIGHT, **more}), profile=WATCHED)


@pytest.fixture
def switch():
    switch = FakeSwitch(BARE)
    switch.impact = "flap"
    return switch


async def waits(service):
    await service.hears("sw1", "WaitingForWindow")


async def test_a_step_with_an_impact_waits_and_is_taken_in_the_window(tmp_path, switch):
    service, clock = FakeService(), DayClock()
    declare(service, TWO)
    async with running(tmp_path, Rack(sw1=switch), service, clock=clock):
        await waits(service)
        assert "opens at 2026-11-21T02:00+01:00" in service.of("sw1")[-1].conditions[-1].message
        await ask(service, "converge")
        assert switch.writes == 0
        clock.move(hours=13)
        await ask(service, "converge")
        await service.until(lambda: service.converged("sw1", 1))
    assert switch.state.ports["p1"].description == "one"


async def test_a_step_without_that_impact_does_not_wait(tmp_path, switch):
    service = FakeService()
    declare(service, TWO, window=Window(cron="0 2 * * *", duration=7200, impacts=("outage", "data")))
    async with running(tmp_path, Rack(sw1=switch), service, clock=DayClock()):
        await service.until(lambda: service.converged("sw1", 1))


async def test_drift_that_waits_is_recorded_and_put_back_in_the_window(tmp_path, switch):
    service, clock = FakeService(), DayClock("2026-11-20T01:30:00+00:00")
    declare(service, TWO)
    async with running(tmp_path, Rack(sw1=switch), service, clock=clock):
        await service.until(lambda: service.converged("sw1", 1))
        clock.move(hours=12)
        switch.by_hand("ports", "p1", description="by hand")
        await waits(service)
        await service.until(lambda: any(report.drift for report in service.of("sw1")))
        clock.move(hours=12)
        await ask(service, "converge")
        await service.until(lambda: service.of("sw1")[-1].drift == ())
    assert switch.state.ports["p1"].description == "one"


async def test_a_protected_port_that_is_not_there_is_named_once_the_node_was_read(tmp_path):
    service, switch = FakeService(), FakeSwitch(BARE)
    declare(service, State(ports={"p1": Port(description="one")}), protect=("ports.p2", "ports.p48-49"))
    async with running(tmp_path, Rack(sw1=switch), service):
        await service.until(lambda: service.converged("sw1", 1))
        told = [c.message for report in service.of("sw1") for c in report.conditions or () if c.type == "Converged"]
        assert "ports.p48-49: is protected, and the device has no such port" in told[-1]
        assert "ports.p2:" not in told[-1]
        assert any("ports.p48-49" in note for note in (await ask(service, "preview")).body["notes"])
