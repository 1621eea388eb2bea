"""What is written by SNMP: one SET for what belongs together, repeatable, read back."""

import asyncio
from dataclasses import replace

import pytest

from device_profiles.compare import Goal
from device_profiles.profile import load_profiles
from device_profiles.state import Port, State, Vlan
from drivers.errors import Garbled, Rejected, Unsupported
from drivers.registry import make_driver
from drivers.snmp.playing import Played
from drivers.snmp.records import parse
from drivers.snmp.values import oid
from drivers.vendors.snmp_bridge import writing
from pointsman.subjects.snmp_bridge import bridge
from pointsman.twins.snmp.agent import Direct

pytestmark = pytest.mark.unit

PROFILES = load_profiles()


async def plan(device, state, *, profile="snmp_switch", absent=()):
    driver = make_driver(Direct(device), PROFILES[profile])
    observed = await driver.read(())
    return driver, driver.plan(Goal(state, frozenset(absent)), observed)


async def converge(device, state, **options):
    driver, steps = await plan(device, state, **options)
    for step in steps:
        await driver.apply(step)
    return steps


async def test_a_port_changes_its_vlan_in_one_request():
    device = bridge()
    state = State(ports={"Port2": Port(mode="access", access_vlan=20)})
    (step,) = await converge(device, state)
    assert len(step.commands) == 1
    assert (device.ports[2].pvid, device.writes) == (20, 1)
    assert 2 in device.vlans[20].untagged
    assert 2 not in device.vlans[10].egress
    assert (step.impact, step.text) == ("outage", "Port2: carry VLAN 20 untagged")


async def test_what_somebody_else_changed_since_the_plan_stays():
    device = bridge()
    driver, (step,) = await plan(device, State(ports={"Port2": Port(mode="trunk", trunk_vlans=(20,))}))
    device.vlans[20].egress.add(9)
    await driver.apply(step)
    assert device.vlans[20].egress == {1, 2, 3, 9}


async def test_a_vlan_comes_with_its_name_and_goes():
    device = bridge()
    await converge(device, State(vlans={3101: Vlan(name="blue")}))
    assert device.vlans[3101].name == b"blue"
    (step,) = await converge(device, State(), absent=[("vlans", "3101")])
    assert (3101 in device.vlans, step.removes) == (False, (("vlans", "3101"),))


async def test_a_vlan_that_a_port_still_uses_is_refused_by_the_device_and_told():
    driver, (step,) = await plan(bridge(), State(), absent=[("vlans", "10")])
    with pytest.raises(
        Rejected, match=r"remove VLAN 10: 1\.3\.6\.1\.2\.1\.17\.7\.1\.4\.3\.1\.5\.10: .*inconsistentValue"
    ):
        await driver.apply(step)


HASTY = replace(PROFILES["snmp_switch"], quirks={"settle_s": 0})
ADMIN = oid("1.3.6.1.2.1.2.2.1.7.102")


async def shut(device, profile):
    driver = make_driver(Direct(device), profile)
    (step,) = driver.plan(Goal(State(ports={"Port2": Port(enabled=False)})), await driver.read(()))
    await driver.apply(step)


async def test_a_set_that_is_accepted_and_not_done_is_told_with_its_variable():
    device = bridge()
    device.lazy.add(ADMIN)
    with pytest.raises(Rejected, match=r"1\.3\.6\.1\.2\.1\.2\.2\.1\.7\.102: was accepted, and is not done"):
        await shut(device, HASTY)


async def test_a_set_that_is_done_a_moment_later_is_awaited():
    device = bridge()
    device.lazy.add(ADMIN)
    asyncio.get_running_loop().call_later(0.02, lambda: setattr(device.ports[2], "up", False))
    await shut(device, PROFILES["snmp_switch"])
    assert not device.ports[2].up


@pytest.mark.parametrize("quirks", [{"colour": "red"}, {"settle_s": "long"}, {"settle_s": True}])
def test_a_quirk_that_nobody_knows_is_refused(quirks):
    with pytest.raises(Unsupported, match="quirks"):
        make_driver(Direct(bridge()), replace(PROFILES["snmp_switch"], quirks=quirks))


async def test_a_host_without_a_bridge_has_its_ports_shut_and_nothing_else():
    device = bridge()
    (step,) = await converge(device, State(ports={"Port4": Port(enabled=False)}), profile="snmp_interfaces")
    assert (device.ports[4].up, step.commands) == (False, ("set 1.3.6.1.2.1.2.2.1.7.104=i:2",))
    with pytest.raises(Unsupported, match=r"ports\.Port4\.description"):
        await converge(device, State(ports={"Port4": Port(description="x")}), profile="snmp_interfaces")


@pytest.mark.parametrize(
    "state", [State(ports={"Port99": Port(enabled=False)}), State(ports={"Port2": Port(mtu=9000)})], ids=["port", "mtu"]
)
async def test_what_the_device_has_not_is_refused(state):
    with pytest.raises(Unsupported):
        await plan(bridge(), state)


IEEE = """
1.3.6.1.2.1.1.3.0|67|5
1.3.6.1.2.1.2.2.1.3.101|2|6
1.3.6.1.2.1.31.1.1.1.1.101|4|ge1
1.3.6.1.2.1.17.1.4.1.2.1|2|101
1.3.111.2.802.1.1.4.1.4.3.1.3.1.7|4|seven
1.3.111.2.802.1.1.4.1.4.3.1.4.1.7|4x|80
1.3.111.2.802.1.1.4.1.4.3.1.6.1.7|4x|80
1.3.111.2.802.1.1.4.1.4.5.1.1.1.1|66|7
"""


async def test_the_younger_tables_are_written_where_the_older_are_not_there():
    driver = make_driver(Played({None: parse(IEEE.splitlines())}), PROFILES["snmp_switch"])
    state = State(vlans={8: Vlan(name="eight")}, ports={"ge1": Port(mode="access", access_vlan=8)})
    make, carry = driver.plan(Goal(state), await driver.read(()))
    assert make.commands == ("set '1.3.111.2.802.1.1.4.1.4.3.1.7.1.8!4' 1.3.111.2.802.1.1.4.1.4.3.1.3.1.8=s:eight",)
    assert "1.3.111.2.802.1.1.4.1.4.5.1.1.1.1=u:8" in carry.commands[0]


async def test_an_agent_that_answers_little_at_once_is_read_and_written_all_the_same():
    device = bridge()
    device.largest = 5
    await converge(device, State(ports={"Port2": Port(mode="access", access_vlan=20, enabled=False)}))
    assert (device.ports[2].pvid, device.ports[2].up) == (20, False)


@pytest.mark.parametrize("line", ["", "set", "reload", "set 1.3.6=z:1", "set 1.3.6"])
def test_a_command_that_the_driver_did_not_make_is_none(line):
    with pytest.raises((Garbled, ValueError)):
        writing.parse(line)


def test_commands_are_read_as_they_were_written():
    name = oid("1.3.6.1.2")
    line = writing.command(
        [
            writing.integer(name, 2),
            writing.text(name, "to web-07 (rack 3) #2"),
            writing.text(name, "it's"),
            writing.bit(name, 5, on=True),
            writing.bit(name, 6, on=False),
            writing.row(name),
        ]
    )
    assert writing.parse(line) == (
        writing.Assign(name, 2),
        writing.Assign(name, b"to web-07 (rack 3) #2"),
        writing.Assign(name, b"it's"),
        writing.Bit(name, 5, True),
        writing.Bit(name, 6, False),
        writing.Row(name, 4),
    )
