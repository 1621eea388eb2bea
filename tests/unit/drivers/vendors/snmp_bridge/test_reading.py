"""What a switch tells by SNMP, in whichever of its ways; and what is said of what it tells wrongly."""

import pytest

from device_profiles.compare import Goal
from device_profiles.profile import load_profiles
from device_profiles.state import Lag, Port, State, Vlan
from drivers.contract import Candid
from drivers.errors import Garbled, Unsupported
from drivers.registry import make_driver
from drivers.snmp.pdu import Response, Status
from drivers.snmp.playing import Played
from drivers.snmp.records import parse
from pointsman.subjects.snmp_bridge import bridge
from pointsman.twins.snmp.agent import Direct

pytestmark = pytest.mark.unit

PROFILE = load_profiles()["snmp_switch"]
PORTS = """
1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.99999.7
1.3.6.1.2.1.1.3.0|67|12345
1.3.6.1.2.1.2.2.1.2.101|4|Port 1
1.3.6.1.2.1.2.2.1.2.102|4|Port 2
1.3.6.1.2.1.2.2.1.3.101|2|6
1.3.6.1.2.1.2.2.1.3.102|2|6
1.3.6.1.2.1.2.2.1.7.101|2|1
1.3.6.1.2.1.2.2.1.7.102|2|2
1.3.6.1.2.1.31.1.1.1.1.101|4|ge1
1.3.6.1.2.1.31.1.1.1.1.102|4|ge2
1.3.6.1.2.1.17.1.4.1.2.1|2|101
1.3.6.1.2.1.17.1.4.1.2.2|2|102
"""


def driver(text, **vlans):
    trees = {None: parse((PORTS + text).splitlines())} | {
        int(name.removeprefix("vlan")): parse(more.splitlines()) for name, more in vlans.items()
    }
    return make_driver(Played(trees), PROFILE)


def twin(**changes):
    device = bridge()
    for name, value in changes.items():
        setattr(device, name, value)
    return make_driver(Direct(device), PROFILE)


async def test_a_whole_switch():
    found = twin()
    state = await found.read(())
    assert state.vlans == {1: Vlan(name="default"), 10: Vlan(name="servers"), 20: Vlan()}
    assert state.ports["Port2"] == Port(enabled=True, mode="access", access_vlan=10, mtu=1500)
    assert state.ports["Port1"].mode == "trunk"
    assert (state.ports["Port1"].native_vlan, state.ports["Port1"].trunk_vlans) == (1, (10, 20))
    assert (state.ports["Port3"].mode, state.ports["Port3"].native) == ("other", "untagged 1,20; pvid 1")
    operation = await found.operation(())
    assert [(entry.mac, entry.vlan, entry.port) for entry in operation.macs] == [
        ("02:00:00:00:01:01", 10, "Port2"),
        ("02:00:00:00:01:02", 20, "Port1"),
    ]
    assert operation.ports["Port1"].stp_state == "forwarding"
    assert operation.ports["Port1"].speed_bps == 1_000_000_000
    (link,) = await found.links()
    assert (link.port, link.name, link.chassis_id, link.remote_port) == (
        "Port1",
        "sw2.example.net",
        "02:00:00:00:00:02",
        "Ethernet1",
    )
    facts = await found.facts()
    system = facts["dmi"]["system"]
    assert (system["product_name"], system["serial_number"]) == ("TW-12", "TW000001")
    assert (facts["hostname"], facts["platform_version"]) == ("sw1", "1.2.3")


async def test_members_of_a_lag_carry_nothing_themselves():
    text = """
1.2.840.10006.300.43.1.2.1.1.13.101|2|201
1.2.840.10006.300.43.1.2.1.1.13.102|2|201
1.2.840.10006.300.43.1.2.1.1.20.101|4x|a2
1.2.840.10006.300.43.1.2.1.1.20.102|4x|a2
1.3.6.1.2.1.2.2.1.3.201|2|161
1.3.6.1.2.1.31.1.1.1.1.201|4|Trk1
1.3.6.1.2.1.17.1.4.1.2.3|2|201
1.3.6.1.2.1.17.7.1.4.3.1.1.5|4|five
1.3.6.1.2.1.17.7.1.4.3.1.2.5|4x|20
1.3.6.1.2.1.17.7.1.4.3.1.4.5|4x|00
1.3.6.1.2.1.17.7.1.4.5.1.1.3|66|1
"""
    state = await driver(text).read(())
    assert state.lags == {"Trk1": Lag(members=("ge1", "ge2"), lacp="active")}
    assert (state.ports["Trk1"].mode, state.ports["Trk1"].trunk_vlans) == ("trunk", (5,))
    assert state.ports["ge1"].mode is None


async def test_the_younger_tables_of_ieee_802_1():
    text = """
1.3.111.2.802.1.1.4.1.4.3.1.3.1.7|4|seven
1.3.111.2.802.1.1.4.1.4.3.1.4.1.7|4x|c0
1.3.111.2.802.1.1.4.1.4.3.1.6.1.7|4x|80
1.3.111.2.802.1.1.4.1.4.5.1.1.1.1|66|7
1.3.111.2.802.1.1.4.1.4.5.1.1.1.2|66|1
1.3.111.2.802.1.1.4.1.2.2.1.2.1.7.2.0.0.0.0.9|66|1
1.3.111.2.802.1.1.4.1.2.2.1.3.1.7.2.0.0.0.0.9|2|3
"""
    found = driver(text)
    state = await found.read(())
    assert state.vlans == {7: Vlan(name="seven")}
    assert (state.ports["ge1"].mode, state.ports["ge1"].access_vlan) == ("access", 7)
    assert (state.ports["ge2"].mode, state.ports["ge2"].native_vlan) == ("trunk", "none")
    (entry,) = (await found.operation({"macs"})).macs
    assert (entry.mac, entry.vlan, entry.port) == ("02:00:00:00:00:09", 7, "ge1")


CISCO = """
1.3.6.1.2.1.1.1.0|4|Cisco IOS Software, C2960 Software, Version 15.0(2)SE, RELEASE
1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.9.1.716
1.3.6.1.4.1.9.9.46.1.3.1.1.2.1.1|2|1
1.3.6.1.4.1.9.9.46.1.3.1.1.3.1.1|2|1
1.3.6.1.4.1.9.9.46.1.3.1.1.4.1.1|4|default
1.3.6.1.4.1.9.9.46.1.3.1.1.2.1.30|2|1
1.3.6.1.4.1.9.9.46.1.3.1.1.3.1.30|2|1
1.3.6.1.4.1.9.9.46.1.3.1.1.4.1.30|4|servers
1.3.6.1.4.1.9.9.46.1.3.1.1.3.1.1002|2|2
1.3.6.1.4.1.9.9.68.1.2.2.1.2.101|2|30
1.3.6.1.4.1.9.9.46.1.6.1.1.4.102|4x|0000000240000000
1.3.6.1.4.1.9.9.46.1.6.1.1.5.102|2|1
1.3.6.1.4.1.9.9.46.1.6.1.1.14.102|2|1
"""
CISCO_30 = """
1.3.6.1.2.1.1.3.0|67|12345
1.3.6.1.2.1.17.1.4.1.2.9|2|101
1.3.6.1.2.1.17.4.3.1.2.2.0.0.0.0.7|2|9
1.3.6.1.2.1.17.4.3.1.3.2.0.0.0.0.7|2|3
"""


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


VENDORS = {
    "foundry": """
1.3.6.1.4.1.1991.1.1.3.2.7.1.21.1|4|DEFAULT-VLAN
1.3.6.1.4.1.1991.1.1.3.2.7.1.21.30|4|servers
1.3.6.1.4.1.1991.1.1.3.2.6.1.4.1.101|2|2
1.3.6.1.4.1.1991.1.1.3.2.6.1.4.30.101|2|1
1.3.6.1.4.1.1991.1.1.3.2.6.1.4.30.102|2|2
""",
    "extreme": """
1.3.6.1.4.1.1916.1.2.1.2.1.2.1000004|4|default
1.3.6.1.4.1.1916.1.2.1.2.1.10.1000004|2|1
1.3.6.1.4.1.1916.1.2.1.2.1.2.1000005|4|servers
1.3.6.1.4.1.1916.1.2.1.2.1.10.1000005|2|30
1.3.6.1.4.1.1916.1.2.6.1.1.2.1000004.0|4x|00000000000000000000000008
1.3.6.1.4.1.1916.1.2.6.1.1.1.1000005.0|4x|00000000000000000000000008
1.3.6.1.4.1.1916.1.2.6.1.1.2.1000005.0|4x|00000000000000000000000004
""",
    "alcatel": """
1.3.6.1.4.1.6486.801.1.2.1.3.1.1.1.1.1.2.1|4|VLAN 1
1.3.6.1.4.1.6486.801.1.2.1.3.1.1.1.1.1.2.30|4|servers
1.3.6.1.4.1.6486.801.1.2.1.3.1.1.2.1.1.3.1.101|2|1
1.3.6.1.4.1.6486.801.1.2.1.3.1.1.2.1.1.3.30.101|2|2
1.3.6.1.4.1.6486.801.1.2.1.3.1.1.2.1.1.3.30.102|2|1
""",
    "juniper": """
1.3.6.1.4.1.2636.3.40.1.5.1.5.1.2.2|4|default
1.3.6.1.4.1.2636.3.40.1.5.1.5.1.5.2|2|1
1.3.6.1.4.1.2636.3.40.1.5.1.5.1.2.7|4|servers
1.3.6.1.4.1.2636.3.40.1.5.1.5.1.5.7|2|30
1.3.6.1.4.1.2636.3.40.1.5.1.7.1.4.2.1|2|2
1.3.6.1.4.1.2636.3.40.1.5.1.7.1.4.7.1|2|1
1.3.6.1.4.1.2636.3.40.1.5.1.7.1.4.7.2|2|2
""",
    "juniper, whose Q-BRIDGE-MIB is numbered by its own table": """
1.3.6.1.4.1.2636.3.40.1.5.1.5.1.2.2|4|default
1.3.6.1.4.1.2636.3.40.1.5.1.5.1.5.2|2|1
1.3.6.1.4.1.2636.3.40.1.5.1.5.1.2.7|4|servers
1.3.6.1.4.1.2636.3.40.1.5.1.5.1.5.7|2|30
1.3.6.1.2.1.17.7.1.4.3.1.1.2|4|default
1.3.6.1.2.1.17.7.1.4.3.1.2.2|4x|80
1.3.6.1.2.1.17.7.1.4.3.1.4.2|4x|80
1.3.6.1.2.1.17.7.1.4.3.1.1.7|4|servers
1.3.6.1.2.1.17.7.1.4.3.1.2.7|4x|c0
1.3.6.1.2.1.17.7.1.4.3.1.4.7|4x|40
1.3.6.1.2.1.17.7.1.4.5.1.1.2|66|7
""",
    # hwL2IfTable: trunk (1) with PVID 1, access (2) with 30; its ports are numbered from 5.
    "huawei": """
1.3.6.1.4.1.2011.5.25.42.3.1.1.1.1.17.1|4|default
1.3.6.1.4.1.2011.5.25.42.3.1.1.1.1.3.1|4x|08
1.3.6.1.4.1.2011.5.25.42.3.1.1.1.1.2.30|4|VLAN 0030
1.3.6.1.4.1.2011.5.25.42.3.1.1.1.1.17.30|4|servers
1.3.6.1.4.1.2011.5.25.42.3.1.1.1.1.3.30|4x|0c
1.3.6.1.4.1.2011.5.25.42.1.1.1.3.1.2.5|2|101
1.3.6.1.4.1.2011.5.25.42.1.1.1.3.1.3.5|2|1
1.3.6.1.4.1.2011.5.25.42.1.1.1.3.1.4.5|2|1
1.3.6.1.4.1.2011.5.25.42.1.1.1.3.1.2.6|2|102
1.3.6.1.4.1.2011.5.25.42.1.1.1.3.1.3.6|2|2
1.3.6.1.4.1.2011.5.25.42.1.1.1.3.1.4.6|2|30
""",
    # The same by the lists of a hybrid port (3): VLAN 1 without a tag, whatever its PVID.
    "huawei, hybrid": f"""
1.3.6.1.4.1.2011.5.25.42.3.1.1.1.1.3.1|4x|80
1.3.6.1.4.1.2011.5.25.42.3.1.1.1.1.17.30|4|servers
1.3.6.1.4.1.2011.5.25.42.3.1.1.1.1.3.30|4x|c0
1.3.6.1.4.1.2011.5.25.42.1.1.1.3.1.2.1|2|101
1.3.6.1.4.1.2011.5.25.42.1.1.1.3.1.3.1|2|3
1.3.6.1.4.1.2011.5.25.42.1.1.1.3.1.4.1|2|1
1.3.6.1.4.1.2011.5.25.42.1.1.1.9.1.4.1|4x|40{"00" * 255}
1.3.6.1.4.1.2011.5.25.42.1.1.1.3.1.2.2|2|102
1.3.6.1.4.1.2011.5.25.42.1.1.1.3.1.3.2|2|3
1.3.6.1.4.1.2011.5.25.42.1.1.1.3.1.4.2|2|30
1.3.6.1.4.1.2011.5.25.42.1.1.1.9.1.4.2|4x|00000002{"00" * 252}
""",
    "tplink": """
1.3.6.1.4.1.11863.6.14.1.1.1.1.1.101|4|1/0/1
1.3.6.1.4.1.11863.6.14.1.1.1.1.2.101|2|2
1.3.6.1.4.1.11863.6.14.1.1.1.1.3.101|2|1
1.3.6.1.4.1.11863.6.14.1.1.1.1.1.102|4|1/0/2
1.3.6.1.4.1.11863.6.14.1.1.1.1.3.102|2|30
1.3.6.1.4.1.11863.6.14.1.2.1.1.2.1|4|System-VLAN
1.3.6.1.4.1.11863.6.14.1.2.1.1.4.1|4|1/0/1,1/0/3-8
1.3.6.1.4.1.11863.6.14.1.2.1.1.2.30|4|servers
1.3.6.1.4.1.11863.6.14.1.2.1.1.3.30|4|1/0/1
1.3.6.1.4.1.11863.6.14.1.2.1.1.4.30|4|1/0/2-4
""",
    # No column of who has no tag: a port's own VLAN is it.
    "a Q-BRIDGE-MIB with holes": """
1.3.6.1.2.1.17.7.1.4.3.1.1.1|4|default
1.3.6.1.2.1.17.7.1.4.3.1.2.1|4x|80
1.3.6.1.2.1.17.7.1.4.3.1.1.30|4|servers
1.3.6.1.2.1.17.7.1.4.3.1.2.30|4x|c0
1.3.6.1.2.1.17.7.1.4.5.1.1.1|66|1
1.3.6.1.2.1.17.7.1.4.5.1.1.2|66|30
""",
}


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


NEIGHBOURS = {
    "lldp": """
1.3.111.2.802.1.1.13.1.4.1.1.5.0.101.1.4|2|4
1.3.111.2.802.1.1.13.1.4.1.1.6.0.101.1.4|4x|020000000009
1.3.111.2.802.1.1.13.1.4.1.1.7.0.101.1.4|2|5
1.3.111.2.802.1.1.13.1.4.1.1.8.0.101.1.4|4|Ethernet9
1.3.111.2.802.1.1.13.1.4.1.1.10.0.101.1.4|4|sw9
""",
    "cdp": """
1.3.6.1.4.1.9.9.23.1.2.1.1.6.101.1|4|sw9
1.3.6.1.4.1.9.9.23.1.2.1.1.7.101.1|4|Ethernet9
""",
    "fdp": """
1.3.6.1.4.1.1991.1.1.3.20.1.2.1.1.3.101.1|4|sw9
1.3.6.1.4.1.1991.1.1.3.20.1.2.1.1.7.101.1|4|Ethernet9
1.3.6.1.4.1.1991.1.1.3.20.1.2.1.1.10.101.1|2|1
""",
    "edp": """
1.3.6.1.4.1.1916.1.13.2.1.3.101.0.0.2.0.0.0.0.9|4|sw9
1.3.6.1.4.1.1916.1.13.2.1.5.101.0.0.2.0.0.0.0.9|2|1
1.3.6.1.4.1.1916.1.13.2.1.6.101.0.0.2.0.0.0.0.9|2|9
""",
    "isdp": """
1.3.6.1.4.1.4526.10.39.1.2.1.1.6.101.1|4|sw9
1.3.6.1.4.1.4526.10.39.1.2.1.1.7.101.1|4|Ethernet9
""",
    "tplink": """
1.3.6.1.4.1.11863.6.35.1.2.2.1.4.101.1|4|02-00-00-00-00-09
1.3.6.1.4.1.11863.6.35.1.2.2.1.6.101.1|4|Ethernet9
1.3.6.1.4.1.11863.6.35.1.2.2.1.9.101.1|4|sw9
""",
}


@pytest.mark.parametrize("kind", NEIGHBOURS)
async def test_neighbours_by_each_protocol(kind):
    (link,) = await driver(NEIGHBOURS[kind]).links()
    said = {"isdp": "cdp", "tplink": "lldp"}.get(kind, kind)
    assert (link.port, link.kind, link.name) == ("ge1", said, "sw9")
    assert link.remote_port == ("1:9" if kind == "edp" else "Ethernet9")
    assert link.chassis_id == ("02:00:00:00:00:09" if kind in ("lldp", "edp", "tplink") else "")


async def test_nx_os_sends_its_serial_number_with_its_name():
    (link,) = await driver("1.3.6.1.4.1.9.9.23.1.2.1.1.6.101.1|4|core1.example.net(FOX1234ABCD)").links()
    assert (link.name, link.serial) == ("core1.example.net", "FOX1234ABCD")


LOCAL_PORTS = {
    "by its name": "1.0.8802.1.1.2.1.3.7.1.2.7|2|5\n1.0.8802.1.1.2.1.3.7.1.3.7|4|ge2",
    "by its address as text": "1.3.6.1.2.1.2.2.1.6.102|4x|020000000102\n1.0.8802.1.1.2.1.3.7.1.2.7|2|3\n"
    "1.0.8802.1.1.2.1.3.7.1.3.7|4|02-00-00-00-01-02",
    "by an ifIndex in a text": "1.0.8802.1.1.2.1.3.7.1.2.7|2|7\n1.0.8802.1.1.2.1.3.7.1.3.7|4|102",
    "by its description": "1.0.8802.1.1.2.1.3.7.1.4.7|4|Port 2",
}


@pytest.mark.parametrize("way", LOCAL_PORTS)
async def test_lldp_s_own_number_of_a_port_is_told(way):
    remote = "\n1.0.8802.1.1.2.1.4.1.1.9.0.7.1|4|sw9"
    (link,) = await driver(LOCAL_PORTS[way] + remote).links()
    assert link.port == "ge2"


IDS = {
    "4|02:00:00:00:00:AB": (4, "02:00:00:00:00:ab"),
    "4|0200.0000.00ab": (4, "02:00:00:00:00:ab"),
    "4x|020000000011": (4, "02:00:00:00:00:11"),
    "4x|01c0000201": (5, "192.0.2.1"),
    "4x|c0000201": (5, "192.0.2.1"),
    "4|192.0.2.1": (5, "192.0.2.1"),
    "4|rack 1": (7, "rack 1"),
}


@pytest.mark.parametrize("sent", IDS)
async def test_ids_of_neighbours_in_all_their_spellings(sent):
    subtype, told = IDS[sent]
    text = f"1.0.8802.1.1.2.1.4.1.1.4.0.1.1|2|{subtype}\n1.0.8802.1.1.2.1.4.1.1.5.0.1.1|{sent}"
    (link,) = await driver(text).links()
    assert link.chassis_id == told


# Where addresses were learned.

MACS = {
    "huawei": "1.3.6.1.4.1.2011.5.25.42.2.1.3.1.4.2.0.0.0.0.9.30.0|2|101",
    "extreme": "1.3.6.1.4.1.1916.1.2.1.2.1.10.1000005|2|30\n1.3.6.1.4.1.1916.1.16.4.1.3.2.0.0.0.0.9.1000005|2|101",
    "alcatel 6": "1.3.6.1.4.1.6486.800.1.2.1.8.1.1.1.1.2.101.30.2.0.0.0.0.9|2|4",
    "alcatel 8": "1.3.6.1.4.1.6486.801.1.2.1.8.1.1.8.1.7.1.0.101.30.0.2.0.0.0.0.9|2|4",
}


@pytest.mark.parametrize("vendor", MACS)
async def test_addresses_in_tables_of_vendors(vendor):
    (entry,) = (await driver(MACS[vendor]).operation({"macs"})).macs
    assert (entry.mac, entry.vlan, entry.port) == ("02:00:00:00:00:09", 30, "ge1")


async def test_an_address_of_a_table_that_vlans_share_has_the_vlan_of_its_access_port():
    text = """
1.3.6.1.2.1.17.7.1.4.2.1.3.0.1|66|1
1.3.6.1.2.1.17.7.1.4.2.1.3.0.30|66|1
1.3.6.1.2.1.17.7.1.4.3.1.1.1|4|default
1.3.6.1.2.1.17.7.1.4.3.1.1.30|4|servers
1.3.6.1.2.1.17.7.1.4.3.1.2.1|4x|80
1.3.6.1.2.1.17.7.1.4.3.1.2.30|4x|c0
1.3.6.1.2.1.17.7.1.4.3.1.4.30|4x|40
1.3.6.1.2.1.17.7.1.2.2.1.2.1.2.0.0.0.0.8|2|1
1.3.6.1.2.1.17.7.1.2.2.1.2.1.2.0.0.0.0.9|2|2
"""
    entries = (await driver(text).operation({"macs"})).macs
    assert {entry.port: entry.vlan for entry in entries} == {"ge1": None, "ge2": 30}


async def test_an_address_behind_a_bundle_that_is_no_port_of_the_bridge():
    text = """
1.3.6.1.2.1.2.2.1.3.201|2|161
1.3.6.1.2.1.31.1.1.1.1.201|4|Trk1
1.3.6.1.2.1.17.7.1.2.2.1.2.30.2.0.0.0.0.9|2|201
1.3.6.1.2.1.17.7.1.2.2.1.2.30.0.0.0.0.0.0|2|1
"""
    (entry,) = (await driver(text).operation({"macs"})).macs
    assert (entry.vlan, entry.port) == (30, "Trk1")


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


async def test_junos_numbers_its_tables_by_bridge_domains():
    text = """
1.3.6.1.4.1.2636.3.48.1.3.1.1.2.4|4|servers
1.3.6.1.4.1.2636.3.48.1.3.1.1.3.4|2|30
1.3.6.1.2.1.17.7.1.4.3.1.2.30|4|1,2
1.3.6.1.2.1.17.7.1.4.3.1.4.30|4|2
1.3.6.1.2.1.17.7.1.2.2.1.2.262144.2.0.0.0.0.9|2|2
"""
    found = driver(text)
    state = await found.read(())
    assert state.vlans == {30: Vlan(name="servers")}
    assert (state.ports["ge2"].mode, state.ports["ge2"].access_vlan) == ("access", 30)
    (entry,) = (await found.operation({"macs"})).macs
    assert (entry.vlan, entry.port) == (30, "ge2")


async def test_a_phone_s_vlan_makes_a_port_other():
    state = await driver(CISCO + "1.3.6.1.4.1.9.9.68.1.5.1.1.1.101|2|99").read(())
    assert (state.ports["ge1"].mode, state.ports["ge1"].native) == ("other", "untagged 30; voice vlan 99")


async def test_who_made_a_device_that_nothing_else_tells_of():
    found = make_driver(Played({None: parse(PORTS.replace("99999.7", "3902.3.600").splitlines())}), PROFILE)
    assert (await found.facts())["dmi"]["system"]["manufacturer"] == "ZTE"


async def test_juniper_s_renumbered_rows_are_not_written():
    found = driver(VENDORS["juniper, whose Q-BRIDGE-MIB is numbered by its own table"])
    state = await found.read(())
    with pytest.raises(Unsupported, match="only read"):
        found.plan(Goal(State(vlans={40: Vlan()})), state)


# Bad input.


async def test_a_wrong_type_is_left_out_and_told_with_its_oid():
    found = driver("1.3.6.1.2.1.31.1.1.1.18.101|2|7\n1.3.6.1.2.1.31.1.1.1.18.102|4|fine")
    state = await found.read(())
    assert (state.ports["ge1"].description, state.ports["ge2"].description) == (None, "fine")
    assert any("1.3.6.1.2.1.31.1.1.1.18.101 (ifAlias): is no string" in sentence for sentence in found.unread)


async def test_an_index_out_of_range_is_left_out_and_told():
    found = driver("1.3.6.1.2.1.17.7.1.2.2.1.2.1.0.300.0.0.0.1|2|1\n1.3.6.1.2.1.17.7.1.2.2.1.2.1.0.30|2|1")
    operation = await found.operation(())
    assert operation.macs == ()
    assert sum("dot1qTpFdbTable" in sentence for sentence in found.unread) == 2


async def test_holes_leave_holes():
    found = driver("1.3.6.1.2.1.31.1.1.1.1.103|4|ge3\n1.3.6.1.2.1.2.2.1.3.103|2|6")
    state = await found.read(())
    assert state.ports["ge3"] == Port()
    assert (await found.operation(())).ports["ge3"].oper_up is None


async def test_two_interfaces_of_one_name_are_told_apart():
    text = "1.3.6.1.2.1.31.1.1.1.1.103|4|ge2\n1.3.6.1.2.1.2.2.1.3.103|2|6\n1.3.6.1.2.1.2.2.1.2.103|4|Port 3"
    assert set((await driver(text).read(())).ports) == {"ge1", "Port 2", "Port 3"}


async def test_hostile_texts_are_made_safe():
    text = "1.3.6.1.2.1.31.1.1.1.18.101|4x|1b5b324a72656420000a616c657274"
    assert (await driver(text).read(())).ports["ge1"].description == "\\x1b[2Jred \\x00 alert"


async def test_a_view_that_hides_the_interfaces_has_their_numbers_for_names():
    lines = ["1.3.6.1.2.1.1.3.0|67|5", "1.3.6.1.2.1.17.1.4.1.2.5|2|105", "1.3.6.1.2.1.17.7.1.2.2.1.2.7.2.0.0.0.0.9|2|5"]
    found = make_driver(Played({None: parse(lines)}), PROFILE)
    assert set((await found.read(())).ports) == {"105"}
    assert [(entry.vlan, entry.port) for entry in (await found.operation({"macs"})).macs] == [(7, "105")]
    assert isinstance(found, Candid)
    assert any("no interface is shown" in sentence for sentence in found.unread)


async def test_a_device_without_interfaces_gives_no_state():
    found = make_driver(Played({None: parse(["1.3.6.1.2.1.1.3.0|67|5"])}), PROFILE)
    with pytest.raises(Garbled, match="no interface"):
        await found.read(())


async def test_a_restart_while_it_is_read_is_read_again():
    device = bridge()
    connection = Direct(device)
    asked = []
    answer = device.answer

    def restarting(request):
        asked.append(request)
        if len(asked) == 5:
            device.uptime = 1
        return answer(request)

    device.answer = restarting
    state = await make_driver(connection, PROFILE).read(())
    assert len(state.ports) == 12
    assert sum(request.bindings[0][0] == (1, 3, 6, 1, 2, 1, 1, 3, 0) for request in asked) == 4


# What the device is.

ENTITY = """
1.3.6.1.2.1.1.1.0|4|ACME Switch, Software Version 2.0.1
1.3.6.1.2.1.47.1.1.1.1.4.1|2|0
1.3.6.1.2.1.47.1.1.1.1.5.1|2|11
1.3.6.1.2.1.47.1.1.1.1.11.1|4|N/A
1.3.6.1.2.1.47.1.1.1.1.4.2|2|1
1.3.6.1.2.1.47.1.1.1.1.5.2|2|3
1.3.6.1.2.1.47.1.1.1.1.9.2|4|1.0.0.3
1.3.6.1.2.1.47.1.1.1.1.11.2|4|0000
1.3.6.1.2.1.47.1.1.1.1.13.2|4|AC-24
1.3.6.1.2.1.47.1.1.1.1.4.3|2|1
1.3.6.1.2.1.47.1.1.1.1.5.3|2|3
1.3.6.1.2.1.47.1.1.1.1.11.3|4|AC123456
"""


async def test_a_loader_s_version_and_what_stands_for_nothing_are_no_facts():
    facts = await driver(ENTITY).facts()
    system = facts["dmi"]["system"]
    assert (system["product_name"], system["serial_number"]) == ("AC-24", "AC123456")
    assert facts["platform_version"] == "2.0.1"


async def test_addresses_of_both_families_by_the_younger_table():
    text = """
1.3.6.1.2.1.4.34.1.3.1.4.192.0.2.1|2|101
1.3.6.1.2.1.4.34.1.5.1.4.192.0.2.1|6|1.3.6.1.2.1.4.32.1.5.101.1.4.192.0.2.0.24
1.3.6.1.2.1.4.34.1.3.2.16.32.1.13.184.0.0.0.0.0.0.0.0.0.0.0.1|2|102
1.3.6.1.2.1.4.34.1.5.2.16.32.1.13.184.0.0.0.0.0.0.0.0.0.0.0.1|6|0.0
"""
    interfaces = (await driver(text).facts())["network"]["interfaces"]
    assert interfaces["ge1"]["addresses"] == {"192.0.2.1": {"family": "inet", "prefixlen": "24"}}
    assert interfaces["ge2"]["addresses"] == {"2001:db8::1": {"family": "inet6"}}


class Moody(Played):
    """A device that has an error for whoever asks for a column of its entities (ENTITY-MIB)."""

    async def exchange(self, request):
        if any(name[:7] == (1, 3, 6, 1, 2, 1, 47) and len(name) > 11 for name, _ in request.bindings):
            return Response(Status.GEN_ERR, 1, request.bindings)
        return await super().exchange(request)


async def test_facts_do_without_a_table_that_the_device_garbles():
    found = make_driver(Moody({None: parse((PORTS + ENTITY).splitlines())}), PROFILE)
    facts = await found.facts()
    assert facts["platform_version"] == "2.0.1"
    assert set(facts["network"]["interfaces"]) == {"ge1", "ge2"}
    assert any("entPhysicalTable was left out" in sentence for sentence in found.unread)


ALIAS = "1.3.6.1.2.1.47.1.3.2.1.2"
PLUGGED = f"""
1.3.6.1.2.1.47.1.1.1.1.2.10|4|SFP container
1.3.6.1.2.1.47.1.1.1.1.5.10|2|5
1.3.6.1.2.1.47.1.1.1.1.2.11|4|1000BaseSX SFP
1.3.6.1.2.1.47.1.1.1.1.4.11|2|10
1.3.6.1.2.1.47.1.1.1.1.5.11|2|9
1.3.6.1.2.1.47.1.1.1.1.11.11|4|FNS12345678
1.3.6.1.2.1.47.1.1.1.1.13.11|4|GLC-SX-MMD
1.3.6.1.2.1.47.1.1.1.1.4.12|2|11
1.3.6.1.2.1.47.1.1.1.1.5.12|2|10
{ALIAS}.12.0|6|1.3.6.1.2.1.2.2.1.1.101
1.3.6.1.2.1.47.1.1.1.1.2.20|4|Xcvr for ge2
1.3.6.1.2.1.47.1.1.1.1.5.20|2|9
1.3.6.1.2.1.47.1.1.1.1.11.20|4|XAB1
1.3.6.1.2.1.47.1.1.1.1.2.30|4|48-port SFP line card
1.3.6.1.2.1.47.1.1.1.1.5.30|2|9
1.3.6.1.2.1.47.1.1.1.1.11.30|4|LC1
"""


async def test_what_is_plugged_into_a_port_is_found_by_its_entity_or_its_name():
    interfaces = (await driver(PLUGGED).facts())["network"]["interfaces"]
    first = {"type": "1000BaseSX SFP", "model": "GLC-SX-MMD", "serial_number": "FNS12345678"}
    assert interfaces["ge1"]["transceiver"] == first
    assert interfaces["ge2"]["transceiver"] == {"type": "Xcvr for ge2", "serial_number": "XAB1"}
