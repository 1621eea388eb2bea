"""The first access is the way that must not be cut, whichever is used; and what cuts it is taken back whole."""

import pytest

from agents import connections
from device_profiles.state import Port, State, Vlan
from drivers.errors import Unreachable
from tests.unit.agents.agent import KillAt, run_until_killed, running
from tests.unit.agents.devices import FakeSwitch, Rack
from tests.unit.agents.ways import FOUND, SHUT, TWO_WAYS, declare, on_a_branch, over

pytestmark = pytest.mark.unit

HALF_BEFORE_CUT = State(ports={"p1": Port(description="h1"), "p48": Port(mtu=9000)}, vlans={50: Vlan()})


class OneWay(Rack):
    """A rack of which one host may be out of reach."""

    away = ""

    async def open_driver(self, access, **more):
        if access.host == self.away:
            raise Unreachable(f"{access}: no route")
        return await super().open_driver(access, **more)


@pytest.fixture
def switch() -> FakeSwitch:
    return on_a_branch()


@pytest.fixture
def rack(switch: FakeSwitch) -> OneWay:
    return OneWay(sw1=switch, console=switch)


@pytest.mark.parametrize("reason", ["OwnPath", "NoWayBack"])
async def test_over_the_second_access_the_way_of_the_first_is_not_cut(tmp_path, rack, switch, service, reason):
    rack.away = "sw1"
    declare(service, SHUT, allow=("own_path",) if reason == "NoWayBack" else (), access=TWO_WAYS)
    async with running(tmp_path, rack, service):
        await service.hears("sw1", reason)
    assert not over(switch.state)


async def test_the_first_access_is_used_again_when_it_answers_again(tmp_path, rack, switch, service, monkeypatch):
    monkeypatch.setattr(connections, "_BACK_S", 0.0)
    rack.away = "sw1"
    declare(service, State(ports={"p2": Port(mode="access", access_vlan=10)}), access=TWO_WAYS)
    async with running(tmp_path, rack, service, poll_s=0.02):
        await service.hears("sw1", "OwnPath")
        rack.away = ""
        await service.until(lambda: service.converged("sw1", 1))


async def test_a_way_back_that_answers_later_is_used(tmp_path, rack, switch, service):
    rack.away = "console"
    declare(service, State(ports={"p48": Port(mtu=9000)}), allow=("own_path",), access=TWO_WAYS)
    async with running(tmp_path, rack, service, poll_s=0.02):
        await service.hears("sw1", "NoWayBack")
        rack.away = ""
        await service.until(lambda: service.converged("sw1", 1))


async def test_killed_before_the_step_that_cuts_the_steps_before_it_are_undone_as_well(tmp_path, rack, switch, service):
    switch.is_cut = lambda state: state.ports["p48"].mtu == 9000
    declare(service, HALF_BEFORE_CUT, allow=("own_path",), access=TWO_WAYS)
    await run_until_killed(tmp_path, rack, service, KillAt("applied", 1), confirm_s=0.2)
    assert switch.state != FOUND
    async with running(tmp_path, rack, service, confirm_s=0.2):
        await service.hears("sw1", "CutOff")
    assert switch.state == FOUND


async def test_a_fault_of_the_driver_after_the_cut_is_undone_like_any_other(tmp_path, rack, switch, service):
    async def answer():
        if over(switch.state):
            raise ValueError("a driver's fault")

    switch.answer = answer
    declare(service, SHUT, allow=("own_path",), access=TWO_WAYS)
    async with running(tmp_path, rack, service, confirm_s=0.2):
        await service.hears("sw1", "CutOff")
    assert switch.state == FOUND
