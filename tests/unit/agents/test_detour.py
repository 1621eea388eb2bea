"""A pass that takes another access than the first says so, and says when that is over, whether it has work or not."""

import pytest

from agents import connections
from device_profiles.state import State
from tests.unit.agents.agent import running
from tests.unit.agents.devices import FakeSwitch, Rack
from tests.unit.agents.ways import FOUND, TWO_WAYS, declare

pytestmark = pytest.mark.unit


async def test_another_access_is_told_and_the_first_again(tmp_path, service, monkeypatch):
    monkeypatch.setattr(connections, "_BACK_S", 0.0)
    switch = FakeSwitch(FOUND)
    rack = Rack(sw1=switch, console=switch)
    declare(service, State(), access=TWO_WAYS)
    async with running(tmp_path, rack, service, poll_s=0.02):
        await service.until(lambda: service.condition("sw1", "Reachable") == (True, "Answered"))
        switch.is_cut = lambda state: True
        await service.until(lambda: service.condition("sw1", "Reachable") == (True, "OtherAccess"))
        switch.is_cut = lambda state: False
        await service.until(lambda: service.condition("sw1", "Reachable") == (True, "Answered"))
