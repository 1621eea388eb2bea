"""Somebody changes a port again while his first change is put back: both are drift, and both are recorded."""

from dataclasses import replace

import pytest

from agents.observers import Moment, Phase
from device_profiles.state import Port, State
from tests.unit.agents.agent import desired, running
from tests.unit.agents.devices import PROFILE, FakeSwitch, Rack
from tests.unit.agents.services import FakeService

pytestmark = pytest.mark.unit

ACCESS = State(ports={"p1": Port(mode="access", access_vlan=10)})


class AgainByHand:
    """Changes the port once more, right after the step that put it back."""

    def __init__(self, switch: FakeSwitch) -> None:
        self.switch = switch
        self.vlans: list[int] = []

    def notice(self, moment: Moment) -> None:
        if moment.phase is Phase.APPLIED and self.vlans:
            self.switch.by_hand("ports", "p1", access_vlan=self.vlans.pop())


async def test_drift_that_comes_while_drift_is_put_back_is_recorded_too(tmp_path):
    switch, service = FakeSwitch(State(ports={"p1": Port(enabled=True)})), FakeService()
    again = AgainByHand(switch)
    watched = replace(PROFILE, capabilities=(*PROFILE.capabilities, "watch"))
    service.assign(desired("sw1", 1, ACCESS), profile=watched)
    async with running(tmp_path, Rack(sw1=switch), service, observers=(again,)):
        await service.until(lambda: service.converged("sw1", 1))
        again.vlans = [67]
        switch.by_hand("ports", "p1", access_vlan=66)
        await service.until(lambda: any(r.record and r.record.drift for r in service.of("sw1")))
    found = [item.found for r in service.of("sw1") if r.record for item in r.record.drift]
    assert found == [66, 67]
    assert switch.state.ports["p1"].access_vlan == 10
