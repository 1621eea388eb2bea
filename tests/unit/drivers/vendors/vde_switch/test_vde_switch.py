"""vde_switch by its console: what real answers mean, and a line that lies."""

import copy
import dataclasses

import pytest

from device_profiles.compare import Goal, compare
from device_profiles.operation import MacEntry
from device_profiles.profile import load_profiles
from device_profiles.state import Port, State, Vlan
from drivers.errors import Garbled, Rejected, Unsupported
from drivers.registry import make_driver
from drivers.vendors.vde_switch import answers, reading
from pointsman.subjects.vde_switch import switch
from pointsman.twins.vde import Console, Seat, Vde
from tests.unit.drivers.line.console import console

pytestmark = pytest.mark.unit

PROFILE = load_profiles()["vde_switch"]

# As vde_switch 2.3.2 printed them, with a host at ports 1 and 2.
NUMBERS = "0000 DATA END WITH '.'\nNumports=8\nHUB=false\ncounters=true\n.\n1000 Success\n\n"
PORTS = """0000 DATA END WITH '.'
Port 0001 untagged_vlan=0000 ACTIVE - NOT Unnamed Allocatable
 Current User: root Access Control: (User: NONE - Group: NONE)
 IN:  pkts          5          bytes                  406
 OUT: pkts          7          bytes                  566
  -- endpoint ID 0003 module unix prog   : vdeplug: user=root pid=3399
Port 0002 untagged_vlan=0000 ACTIVE - NOT Unnamed Allocatable
 Current User: root Access Control: (User: NONE - Group: NONE)
 IN:  pkts          7          bytes                  566
 OUT: pkts          5          bytes                  406
  -- endpoint ID 0006 module unix prog   : vdeplug: user=root pid=3401
Port 0003 untagged_vlan=4095 INACTIVE - NOT Unnamed Allocatable
 Current User: NONE Access Control: (User: NONE - Group: NONE)
 IN:  pkts          0          bytes                    0
 OUT: pkts          0          bytes                    0
.
1000 Success

"""
VLANS = """0000 DATA END WITH '.'
VLAN 0000
 -- Port 0001 tagged=0 active=1 status=Forwarding
 -- Port 0002 tagged=0 active=1 status=Forwarding
VLAN 0001
VLAN 0010
 -- Port 0002 tagged=1 active=1 status=Forwarding
.
1000 Success

"""
HASH = """0000 DATA END WITH '.'
Hash: 0067 Addr: 2a:ec:c5:e0:0f:b5 VLAN 0000 to port: 002  age 1 secs
Hash: 0113 Addr: 42:16:36:e4:a5:2f VLAN 0010 to port: 001  age 1 secs
.
1000 Success

"""


def read(numbers=NUMBERS, ports=PORTS, vlans=VLANS):
    told = ((reading.NUMBER, numbers), (reading.PORTS, ports), (reading.VLANS, vlans))
    return reading.parse(*(answers.lines(command, text) for command, text in told))


def test_a_real_switch_is_read():
    found = read()
    assert found.state == State(
        vlans={1: Vlan(), 10: Vlan()},
        ports={
            "1": Port(mode="access", access_vlan=1),
            "2": Port(mode="trunk", native_vlan=1, trunk_vlans=(10,)),
            "3": Port(mode="trunk", native_vlan="none", trunk_vlans=()),
            **{str(number): Port(mode="access", access_vlan=1) for number in range(4, 8)},
        },
    )
    assert {port for port, shown in found.operation.items() if shown.oper_up} == {"1", "2"}


def test_real_addresses_are_read():
    assert reading.macs(answers.lines(reading.MACS, HASH)) == (
        MacEntry(mac="2a:ec:c5:e0:0f:b5", vlan=1, port="2"),
        MacEntry(mac="42:16:36:e4:a5:2f", vlan=10, port="1"),
    )


def test_a_port_in_the_switchs_own_vlan_1_is_something_else():
    vlans = VLANS.replace("VLAN 0001\n", "VLAN 0001\n -- Port 0003 tagged=1 active=0 status=Learning\n")
    assert read(vlans=vlans).state.ports["3"] == Port(mode="other", native="untagged 4095; tagged 1")


@pytest.mark.parametrize(
    "wrong",
    [
        {"numbers": NUMBERS.replace("Numports", "Numprots")},
        {"ports": PORTS.replace("untagged_vlan", "untag\x80ed_vlan", 1)},
        {"ports": PORTS.replace("1000 Success", "10")},
        {"vlans": VLANS.replace("VLAN 0010\n", "VLAN 0~10\n")},
        {"vlans": VLANS.replace("Port 0001 tagged=0", "Port 0009 tagged=0")},
        {"vlans": VLANS.replace(" -- Port 0002 tagged=1", " -- Port 0001 tagged=0")},
        {"vlans": VLANS.replace("VLAN 0000\n", "")},
    ],
)
def test_what_does_not_go_together_is_no_reading(wrong):
    with pytest.raises(Garbled):
        read(**wrong)


def test_what_is_so_already_is_no_refusal_and_anything_else_is():
    assert answers.lines("vlan/create 10", "1017 File exists\n\n") == ()
    for command in ("vlan/remove 10", "vlan/delport 10 5"):
        assert answers.lines(command, "1006 No such device or address\n\n") == ()
    with pytest.raises(Rejected, match=r"'port/setvlan 40 10': 1006 No such device or address"):
        answers.lines("port/setvlan 40 10", "1006 No such device or address\n\n")


async def changed(device, goal):
    """A switch after a plan, and that plan undone."""
    cli = PROFILE.cli
    assert cli is not None
    brisk = dataclasses.replace(cli, login=dataclasses.replace(cli.login, wake_s=0.02))
    profile = dataclasses.replace(PROFILE, cli=brisk)
    async with console(Console(lambda: device).feed) as (_, connection):
        driver = make_driver(connection, profile)
        before = await driver.read(())
        steps = driver.plan(goal, before)
        for step in steps:
            await driver.apply(step)
        assert compare(goal, await driver.read(())) == ()
        after = copy.deepcopy((device.ports, device.tagged))
        for step in reversed(steps):
            await driver.undo(step)
        assert await driver.read(()) == before
        await driver.close()
        return after


async def test_a_port_that_nobody_plugged_is_made_first():
    goal = Goal(State(vlans={30: Vlan()}, ports={"7": Port(mode="access", access_vlan=30)}))
    ports, tagged = await changed(Vde(), goal)
    assert (ports[7].untagged, tagged[30]) == (30, set())


async def test_a_tag_becomes_the_untagged_vlan_and_back():
    goal = Goal(State(ports={"24": Port(mode="access", access_vlan=20)}))
    ports, tagged = await changed(switch(), goal)
    assert (ports[24].untagged, tagged[10], tagged[20]) == (20, set(), set())


async def test_an_uplink_with_tags_and_none_without():
    goal = Goal(State(ports={"5": Port(mode="trunk", native_vlan="none", trunk_vlans=(10, 20))}))
    ports, tagged = await changed(switch(), goal)
    assert (ports[5].untagged, tagged[10], tagged[20]) == (4095, {24, 5}, {24, 5})


async def test_a_port_that_was_something_else_is_put_back_as_it_was():
    device = switch()
    device.ports[25] = Seat(untagged=20)
    device.tagged[10].add(25)
    goal = Goal(State(ports={"25": Port(mode="access", access_vlan=10)}))
    ports, _ = await changed(device, goal)
    assert ports[25].untagged == 10
    assert (device.ports[25].untagged, 25 in device.tagged[1], 25 in device.tagged[10]) == (20, True, True)


@pytest.mark.parametrize(
    ("state", "why"),
    [
        (State(ports={"5": Port(mode="trunk", trunk_vlans="all")}), "name them"),
        (State(ports={"5": Port(mode="trunk", trunk_vlans=(1,))}), "VLAN 1 is declared with a tag"),
        (State(vlans={4094: Vlan()}), "VLANs up to 4093"),
        (State(ports={"77": Port(mode="access", access_vlan=1)}), "no port 77"),
        (State(ports={"5": Port(enabled=False)}), "nothing for it"),
    ],
)
def test_what_it_cannot_is_refused_in_the_plan(state, why):
    observed = reading.parse(Vde().shown_numbers(), switch().shown_ports(), switch().shown_vlans()).state
    driver = make_driver(None, PROFILE)
    with pytest.raises(Unsupported, match=why):
        driver.plan(Goal(state), observed)
