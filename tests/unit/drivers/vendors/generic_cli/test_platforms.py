"""What tables of several platforms mean. The tables are written by hand, after the vendors' command references."""

import pytest

from device_profiles.compare import Goal
from device_profiles.operation import MacEntry
from device_profiles.state import Lag, Port, State, Vlan
from drivers.errors import Unsupported
from tests.unit.drivers.vendors.generic_cli.device import device, driver_of, driver_on

pytestmark = pytest.mark.unit

AOSCX = """\
Interface 1/1/1 is up
 Admin state is up
 Link transitions: 3
 Description: uplink
 Hardware: Ethernet, MAC Address: 02:00:00:00:00:01
 MTU 1500
 Type 1GbT
 Full-duplex
 Speed 1000 Mb/s
 Auto-negotiation is on
 VLAN Mode: native-untagged
 Native VLAN: 1
 Allowed VLAN List: 1,10,20,30,40,50,60,70,80,90
Interface 1/1/2 is down (Administratively down)
 Admin state is down
 State information: Disabled by admin
 VLAN Mode: access
 Access VLAN: 20
Interface 1/1/3 is up
 Admin state is up
 VLAN Mode: native-tagged
 Native VLAN: 1
 Allowed VLAN List: 10
Aggregate lag1 is up
 Admin state is up
 Aggregated-interfaces : 1/1/47 1/1/48
 VLAN Mode: native-untagged
 Native VLAN: 5
 Allowed VLAN List: all
"""


async def test_aoscx_lists_more_vlans_than_its_template_takes():
    state = await driver_on("aruba_aoscx", show_interface=AOSCX).read(())
    trunk = state.ports["1/1/1"]
    assert (trunk.mode, trunk.native_vlan, trunk.trunk_vlans) == ("trunk", 1, (1, *range(10, 91, 10)))
    assert (trunk.description, trunk.mtu, trunk.enabled) == ("uplink", 1500, True)
    assert state.ports["1/1/2"] == Port(enabled=False, mode="access", access_vlan=20)
    assert state.ports["1/1/3"].native_vlan == "none"
    assert state.ports["lag1"].trunk_vlans == "all"
    assert state.lags == {"lag1": Lag(members=("1/1/47", "1/1/48"))}


FORCE10 = """\

Codes: * - Default VLAN, G - GVRP VLANs, R - Remote Port Mirroring VLANs, P - Primary, C - Community, I - Isolated
Q: U - Untagged, T - Tagged

    NUM    Status    Description                     Q Ports
*   1      Active                                    U Te 0/0-1
    100    Active    web servers                     T Po1(Te 0/4-5)
                                                     T Te 0/2
                                                     U Te 0/3
    200    Inactive  backup                          T Po1(Te 0/4-5)
                                                     T Hu 1/1
"""


async def test_force10_shows_bundles_and_fast_ports_too():
    state = await driver_on("dell_force10", show_vlan=FORCE10).read(())
    assert state.vlans == {1: Vlan(), 100: Vlan(name="web servers"), 200: Vlan(name="backup")}
    assert state.ports["Port-channel1"] == Port(mode="trunk", native_vlan="none", trunk_vlans=(100, 200))
    assert state.ports["TenGigabitEthernet0/0"] == Port(mode="access", access_vlan=1)
    assert state.ports["TenGigabitEthernet0/3"].access_vlan == 100
    assert state.ports["hundredGigE1/1"].trunk_vlans == (200,)


PROCURVE = """\
  Port     Name       Status  Config-mode   Speed    Type       Tagged Untagged
  -------- ---------- ------- ------------- -------- ---------- ------ --------
  1        uplink     Up      Auto          1000FDx  100/1000T  multi  1
  2                   Down    Auto          1000FDx  100/1000T  704    No
  23-Trk1             Up      Auto          1000FDx  100/1000T  No     10
"""


async def test_what_a_table_does_not_say_is_not_guessed():
    driver = driver_on("hp_procurve", show_interfaces_status=PROCURVE)
    state = await driver.read(())
    assert state.ports["1"] == Port(description="uplink", enabled=True, mode="trunk", native_vlan=1)
    assert state.ports["2"] == Port(mode="trunk", native_vlan="none", trunk_vlans=(704,))
    assert state.ports["Trk1"] == Port(mode="access", access_vlan=10)
    assert state.lags["Trk1"].members == ("23",)
    assert "'show interfaces status' does not say which VLANs 1 carry with a tag" in driver.unread
    assert any(sentence.startswith("its VLANs could not be read") for sentence in driver.unread)


async def test_a_platform_without_a_file_is_read_by_the_index():
    driver = driver_on("allied_telesis_awplus", show_vlan_all=VLANS_AWPLUS, show_interface_switchport=PORTS_AWPLUS)
    state = await driver.read(())
    assert state.vlans == {1: Vlan(name="default"), 10: Vlan(name="servers")}
    assert state.ports["port1.0.1"].access_vlan == 10
    assert state.ports["port1.0.2"].trunk_vlans == (1, 10)
    assert state.ports["port1.0.3"] == Port(mode="access", access_vlan=1)


VLANS_AWPLUS = """\
VLAN ID  Name            Type    State   Member ports
                                         (u)-Untagged, (t)-Tagged
======= ================ ======= ======= ====================================
1       default          STATIC  ACTIVE  port1.0.2(u) port1.0.3(u)
10      servers          STATIC  ACTIVE  port1.0.1(u) port1.0.2(t)
"""
PORTS_AWPLUS = """\
 Interface name              : port1.0.1
 Switchport mode             : access
 Ingress filter              : enable
 Acceptable frame types      : all
 Default Vlan                : 10
 Configured Vlans            : 10

 Interface name              : port1.0.2
 Switchport mode             : trunk
 Ingress filter              : enable
 Acceptable frame types      : all
 Default Vlan                : 1
 Configured Vlans            : 1 10
"""


async def test_addresses_of_the_switch_itself_are_not_behind_a_port():
    table = """\

VLAN ID  MAC Address         Interface              IfIndex  Status
-------  ------------------  ---------------------  -------  ------------
1        02:00:00:00:00:01   5/1                    55       Management
10       02:00:00:00:00:0A   0/4                    4        Learned
"""
    operation = await driver_on("ubiquiti_edgeswitch", **{"show mac-addr-table": table}).operation({"macs"})
    assert operation.macs == (MacEntry(mac="02:00:00:00:00:0a", vlan=10, port="0/4"),)


async def test_rows_that_a_template_passes_over_are_told():
    lost = VLANS_AWPLUS.replace("port1.0.1(u) port1.0.2(t)", "port1.0.1(u)")
    driver = driver_on("allied_telesis_awplus", show_vlan_all=lost)
    assert set((await driver.read(())).vlans) == {1}
    assert any("1 lines of the answer to 'show vlan all' were not understood" in said for said in driver.unread)


async def test_a_device_that_is_only_read_takes_no_change():
    driver = driver_on("hp_procurve", show_interfaces_status=PROCURVE)
    observed = await driver.read(())
    assert driver.plan(Goal(state=observed), observed) == ()
    with pytest.raises(Unsupported, match="only read"):
        driver.plan(Goal(state=State(vlans={5: Vlan(name="x")})), observed)


async def test_the_same_bytes_give_the_same_state():
    driver = driver_on("hp_procurve", show_interfaces_status=PROCURVE)
    assert await driver.read(()) is await driver.read(())


async def test_an_answer_that_no_template_knows_is_told_and_the_rest_is_read():
    driver = driver_on("hp_procurve", show_vlans="garbage\n in garbage out\n", show_interfaces_status=PROCURVE)
    state = await driver.read(())
    assert state.vlans == {}
    assert state.ports["2"].trunk_vlans == (704,)
    assert any("'show vlans' has nothing in it that could be read" in said for said in driver.unread)


async def test_a_refused_command_is_asked_once():
    replay = device("hp_procurve", show_interfaces_status=PROCURVE)
    driver = driver_of(replay, "hp_procurve")
    await driver.read(())
    asked = len(replay.missing)
    await driver.read(())
    assert len(replay.missing) == asked


FRR = """

	VRF default(0)

Interface       Status  Protocol  Description
eth0            up      up        to sw1, p4
eth1            up      down
eth2            down    down      spare
eth3            up      unknown
lo              up      up
"""
FRR_VERSION = """\
FRRouting 8.4.4 (rt1) on Linux(6.1.0-13-amd64).
Copyright 1996-2005 Kunihiro Ishiguro, et al.
configured with:
    '--build=x86_64-linux-gnu' '--prefix=/usr'
"""


async def test_the_interfaces_of_a_router_are_read_as_ports():
    driver = driver_on("frr", show_interface_description=FRR, show_version=FRR_VERSION)
    state, running = await driver.read(()), (await driver.operation(())).ports
    assert state.ports["eth0"] == Port(description="to sw1, p4", enabled=True)
    assert {name: port.enabled for name, port in state.ports.items()} == {
        "eth0": True,
        "eth1": True,
        "eth2": False,
        "eth3": True,
    }
    assert {name: port.oper_up for name, port in running.items()} == {
        "eth0": True,
        "eth1": False,
        "eth2": False,
        "eth3": None,
    }
    facts = await driver.facts()
    assert (facts["platform_version"], facts["hostname"]) == ("8.4.4", "rt1")


async def test_what_is_no_answer_of_a_router_is_told_and_gives_nothing():
    driver = driver_on("frr", show_interface_description="vtysh: lost connection to zebra", show_version="zebra")
    assert (await driver.read(())).ports == {}
    await driver.facts()
    assert "the answer to 'show interface description' has no table of interfaces" in driver.unread
    assert "the answer to 'show version' does not begin as FRRouting's does" in driver.unread
