"""VLANs and LAGs in tables of vendors."""

import pytest

from device_profiles.compare import Goal
from device_profiles.state import Lag, State, Vlan
from drivers.errors import Unsupported
from tests.unit.drivers.vendors.snmp_bridge.recorded_switch import CISCO, CISCO_30, VENDORS, driver

pytestmark = pytest.mark.unit


async def test_cisco_has_its_own_tables_and_a_bridge_for_each_vlan():
    found = driver(CISCO, vlan30=CISCO_30)
    state = await found.read(())
    assert state.vlans == {1: Vlan(name="default"), 30: Vlan(name="servers")}
    assert (state.ports["ge1"].mode, state.ports["ge1"].access_vlan) == ("access", 30)
    trunk = state.ports["ge2"]
    assert (trunk.mode, trunk.native_vlan, trunk.trunk_vlans) == ("trunk", 1, (30, 33))
    (entry,) = (await found.operation({"macs"})).macs
    assert (entry.mac, entry.vlan, entry.port) == ("02:00:00:00:00:07", 30, "ge1")
    assert (await found.facts())["platform_version"] == "15.0(2)SE"


async def test_a_vlan_whose_bridge_does_not_answer_is_told():
    found = driver(CISCO)
    await found.operation({"macs"})
    assert any("VLAN 30" in sentence for sentence in found.unread)


async def test_cisco_s_own_tables_are_not_written():
    found = driver(CISCO)
    state = await found.read(())
    with pytest.raises(Unsupported, match="only read"):
        found.plan(Goal(State(vlans={40: Vlan()})), state)


@pytest.mark.parametrize("vendor", VENDORS)
async def test_vlans_in_tables_of_vendors(vendor):
    state = await driver(VENDORS[vendor]).read(())
    assert (set(state.vlans), state.vlans[30].name) == ({1, 30}, "servers")
    trunk, access = state.ports["ge1"], state.ports["ge2"]
    assert (trunk.mode, trunk.native_vlan, trunk.trunk_vlans) == ("trunk", 1, (30,))
    assert (access.mode, access.access_vlan) == ("access", 30)


async def test_vlans_without_ports_in_the_standard_s_table_have_those_of_the_vendor_s():
    names = "1.3.6.1.2.1.17.7.1.4.3.1.1.1|4|\n1.3.6.1.2.1.17.7.1.4.3.1.1.30|4|blue"
    state = await driver(names + VENDORS["extreme"]).read(())
    assert state.vlans == {1: Vlan(name="default"), 30: Vlan(name="blue")}
    assert (state.ports["ge2"].mode, state.ports["ge2"].access_vlan) == ("access", 30)


async def test_a_bundle_by_pagp_is_a_lag():
    text = """
1.3.6.1.2.1.2.2.1.3.201|2|53
1.3.6.1.2.1.31.1.1.1.1.201|4|Po1
1.3.6.1.4.1.9.9.98.1.1.1.1.8.101|2|201
1.3.6.1.4.1.9.9.98.1.1.1.1.8.102|2|102
"""
    state = await driver(text).read(())
    assert state.lags == {"Po1": Lag(members=("ge1",))}
    assert "Po1" in state.ports


OTHER_LAGS = {
    "a list of ports": "1.2.840.10006.300.43.1.1.2.1.1.201|4x|0000000000000000000000000c",
    "an mlt": "1.3.6.1.4.1.2272.1.17.10.1.11.1|2|201\n1.3.6.1.4.1.2272.1.17.10.1.3.1|4x|60",
    "what lies upon what": "1.3.6.1.2.1.31.1.2.1.3.201.101|2|1\n1.3.6.1.2.1.31.1.2.1.3.201.102|2|1",
}


@pytest.mark.parametrize("way", OTHER_LAGS)
async def test_members_of_a_lag_told_elsewhere(way):
    interface = "1.3.6.1.2.1.2.2.1.3.201|2|161\n1.3.6.1.2.1.31.1.1.1.1.201|4|Trk1\n"
    state = await driver(interface + OTHER_LAGS[way]).read(())
    assert state.lags == {"Trk1": Lag(members=("ge1", "ge2"))}


async def test_members_carry_what_is_told_of_them_where_nothing_is_told_of_their_lag():
    vlan = "\n1.3.6.1.2.1.17.7.1.4.3.1.2.30|4x|c0\n1.3.6.1.2.1.17.7.1.4.3.1.4.30|4x|00"
    interface = "1.3.6.1.2.1.2.2.1.3.201|2|161\n1.3.6.1.2.1.31.1.1.1.1.201|4|Trk1\n"
    state = await driver(interface + OTHER_LAGS["an mlt"] + vlan).read(())
    assert (state.ports["ge1"].mode, state.ports["ge1"].trunk_vlans) == ("trunk", (30,))


async def test_a_bitmap_whose_octets_are_digits_is_no_text():
    # 0x30 is the digit 0, and ports 3 and 4; 0x2c is a comma.
    more = "\n".join(
        f"1.3.6.1.2.1.2.2.1.3.10{port}|2|6\n1.3.6.1.2.1.31.1.1.1.1.10{port}|4|ge{port}\n1.3.6.1.2.1.17.1.4.1.2.{port}|2|10{port}"
        for port in range(3, 9)
    )
    vlans = (
        "1.3.6.1.2.1.17.7.1.4.3.1.2.30|4x|30\n1.3.6.1.2.1.17.7.1.4.3.1.4.30|4x|30\n1.3.6.1.2.1.17.7.1.4.3.1.2.40|4x|31"
    )
    state = await driver(f"{more}\n{vlans}").read(())
    carrying = {name: port.trunk_vlans or port.access_vlan for name, port in state.ports.items() if port.mode}
    assert carrying == {"ge3": (40,), "ge4": (40,), "ge8": (40,)}


async def test_a_phone_s_vlan_makes_a_port_other():
    state = await driver(CISCO + "1.3.6.1.4.1.9.9.68.1.5.1.1.1.101|2|99").read(())
    assert (state.ports["ge1"].mode, state.ports["ge1"].native) == ("other", "untagged 30; voice vlan 99")


async def test_juniper_s_renumbered_rows_are_not_written():
    found = driver(VENDORS["juniper, whose Q-BRIDGE-MIB is numbered by its own table"])
    state = await found.read(())
    with pytest.raises(Unsupported, match="only read"):
        found.plan(Goal(State(vlans={40: Vlan()})), state)
