"""The branch we sit on, as a switch with a command line tells of it: what cuts it is refused, the rest is done."""

from dataclasses import replace

import pytest

from device_profiles.profile import load_profiles
from device_profiles.state import Port, State, Vlan
from drivers.registry import make_driver
from pointsman.twins.languages.bench import connected
from pointsman.twins.languages.ios_like import Interface, Switch
from pointsman.twins.languages.ios_like_session import IosSession
from pointsman.twins.languages.seat import SEAT
from tests.unit.agents.agent import desired, running

pytestmark = pytest.mark.unit

UPLINK, OTHER = "GigabitEthernet0/1", "GigabitEthernet0/2"
PROFILE = load_profiles()["cisco_ios"]
CARRIED = frozenset((10, 20))


class TwinRack:
    """One IOS-like twin; whatever the agent opens goes to it."""

    def __init__(self):
        self.switch = Switch()
        self.switch.config.vlans |= {10: "servers", 20: "management"}
        for port in (UPLINK, OTHER):
            self.switch.config.interfaces[port] = Interface(port, mode="trunk", encapsulated=True, allowed=CARRIED)
        self.switch.macs = [(SEAT.mac, SEAT.vlan, UPLINK)]
        self.switch.save()

    async def open_driver(self, access, *, profile, credential, pin):
        connection = connected(lambda: IosSession(self.switch))
        return make_driver(connection, profile), connection

    @property
    def uplink(self):
        return self.switch.config.interfaces[UPLINK]

    @property
    def other(self):
        return self.switch.config.interfaces[OTHER]


@pytest.fixture
def rack():
    return TwinRack()


async def refused(service):
    await service.hears("sw1", "OwnPath")
    return [item.message for report in service.of("sw1") for item in report.conditions or ()]


async def test_our_vlan_is_not_taken_off_the_trunk_that_carries_us(tmp_path, rack, service):
    trunk = State(ports={UPLINK: Port(mode="trunk", trunk_vlans=(10, 20, 30))}, vlans={30: Vlan(name="ours")})
    rack.switch.seat = replace(SEAT, over="aside")
    service.assign(desired("sw1", 1, trunk), profile=PROFILE)
    async with running(tmp_path, rack, service):
        await service.until(lambda: service.converged("sw1", 1))
    # Somebody moves the management to the VLAN that we put there: with its role it would go, and we with it.
    rack.switch.seat = replace(SEAT, vlan=30)
    rack.switch.macs = [(SEAT.mac, 30, UPLINK)]
    service.assign(desired("sw1", 2, State(ports={OTHER: Port(description="the rest")})), profile=PROFILE)
    async with running(tmp_path, rack, service):
        told = await refused(service)
    assert rack.uplink.allowed == CARRIED | {30}
    assert 30 in rack.switch.config.vlans
    assert rack.other.description == "the rest"
    assert any(f"({UPLINK} in VLAN 30: the switch sees our session come from {SEAT.peer}" in line for line in told)


@pytest.mark.parametrize("port", [Port(enabled=False), Port(mode="access", access_vlan=10)], ids=["shut", "access"])
async def test_what_else_cuts_us_is_refused_and_the_same_elsewhere_is_done(tmp_path, rack, service, port):
    service.assign(desired("sw1", 1, State(ports={UPLINK: port, OTHER: port})), profile=PROFILE)
    async with running(tmp_path, rack, service):
        await refused(service)
    assert (rack.uplink.shut, rack.uplink.mode) == (False, "trunk")
    assert (rack.other.shut, rack.other.mode) != (False, "trunk")


async def test_over_the_management_port_nothing_that_is_switched_is_in_the_way(tmp_path, rack, service):
    rack.switch.seat = replace(SEAT, over="aside")
    service.assign(desired("sw1", 1, State(ports={UPLINK: Port(enabled=False)})), profile=PROFILE)
    async with running(tmp_path, rack, service):
        await service.until(lambda: service.converged("sw1", 1))
    assert rack.uplink.shut


async def test_where_the_switch_shows_a_name_every_trunk_counts(tmp_path, rack, service):
    rack.switch.seat = replace(SEAT, shown="admin-pc.example.net")
    service.assign(desired("sw1", 1, State(ports={OTHER: Port(enabled=False)})), profile=PROFILE)
    async with running(tmp_path, rack, service):
        await refused(service)
    assert not rack.other.shut


async def test_what_others_left_unsaved_on_the_switch_is_not_saved(tmp_path, rack, service):
    rack.other.description = "theirs"
    service.assign(desired("sw1", 1, State(ports={UPLINK: Port(description="ours")})), profile=PROFILE)
    async with running(tmp_path, rack, service):
        await service.until(lambda: service.condition("sw1", "Converged") == (True, "ForeignUnsaved"))
    assert rack.uplink.description == "ours"
    assert rack.switch.startup.interfaces[OTHER].description is None
