"""Power that comes back comes a while apart, over all nodes of a location."""

import pytest

from agents.surge import Surge
from device_profiles.state import Outlet, State
from tests.unit.agents.agent import desired, running
from tests.unit.agents.devices import PDU, FakeSwitch, Rack
from tests.unit.agents.services import FakeService

pytestmark = pytest.mark.unit

OFF = State(outlets={key: Outlet(power="off") for key in ("1", "2", "3")})
ON = State(outlets={key: Outlet(power="on") for key in ("1", "2", "3")})


class Waited:
    """A clock that tells how long was slept."""

    def __init__(self) -> None:
        self.at = 100.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.at

    async def sleep(self, delay_s: float) -> None:
        self.slept.append(delay_s)


async def test_who_comes_first_does_not_wait_and_the_others_do_one_after_the_other():
    clock = Waited()
    surge = Surge(clock, gap_s=2.0)
    assert [await surge.turn() for _ in range(3)] == [0, 2, 4]
    clock.at += 60
    assert await surge.turn() == 0
    assert clock.slept == [2, 4]


async def test_after_an_outage_the_outlets_of_all_nodes_come_on_apart(tmp_path):
    service, one, two = FakeService(), FakeSwitch(OFF), FakeSwitch(OFF)
    for node in ("pdu1", "pdu2"):
        service.assign(desired(node, 1, ON), profile=PDU)
    async with running(tmp_path, Rack(pdu1=one, pdu2=two), service, power_on_gap_s=0.03) as agent:
        begun = agent._clock.monotonic()
        await service.until(lambda: service.converged("pdu1", 1) and service.converged("pdu2", 1))
        assert agent._clock.monotonic() - begun >= 5 * 0.03
    assert one.state == two.state == ON


async def test_nothing_waits_to_be_switched_off(tmp_path):
    service, pdu = FakeService(), FakeSwitch(ON)
    service.assign(desired("pdu1", 1, OFF), profile=PDU)
    async with running(tmp_path, Rack(pdu1=pdu), service, power_on_gap_s=3600):
        await service.until(lambda: service.converged("pdu1", 1))
    assert pdu.state == OFF
