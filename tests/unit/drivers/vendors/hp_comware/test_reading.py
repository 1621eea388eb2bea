"""What lines of Comware and VRP mean; answers in the form of the vendors' command references."""

import pytest

from device_profiles.profile import load_profiles
from device_profiles.state import Lag
from drivers.errors import Garbled
from drivers.vendors.hp_comware import facts, neighbours, operating, reading
from drivers.vendors.hp_comware.dialect import Dialect

pytestmark = pytest.mark.unit

COMWARE, VRP = (Dialect(load_profiles()[name]) for name in ("hp_comware", "huawei_vrp"))


def interface(dialect, *lines, name="GigabitEthernet1/0/1"):
    body = "".join(f" {line}\n" for line in lines)
    return reading.parse(f"#\n sysname sw1\n#\ninterface {name}\n{body}#\nreturn\n", dialect).ports[name]


@pytest.mark.parametrize(
    ("dialect", "lines", "vlan"),
    [
        (COMWARE, (), 1),
        (COMWARE, ("port link-mode bridge", "port access vlan 10"), 10),
        (VRP, ("port link-type access", "port default vlan 10"), 10),
        (VRP, ("port link-type access",), 1),
    ],
)
def test_access_ports(dialect, lines, vlan):
    shown = interface(dialect, *lines)
    assert (shown.mode, shown.access_vlan, shown.native) == ("access", vlan, None)


def test_a_port_that_negotiates_has_no_mode():
    assert interface(VRP, "description x").mode is None


@pytest.mark.parametrize(
    ("dialect", "lines", "native", "vlans"),
    [
        (COMWARE, (), 1, ()),
        (COMWARE, ("port trunk permit vlan 1 10 20 to 22",), 1, (10, 20, 21, 22)),
        (COMWARE, ("undo port trunk permit vlan 1", "port trunk permit vlan 10"), "none", (10,)),
        (COMWARE, ("port trunk permit vlan 1 10", "port trunk permit vlan 30", "port trunk pvid vlan 30"), 30, (1, 10)),
        (COMWARE, ("port trunk permit vlan all", "port trunk pvid vlan 5"), 5, "all"),
        (COMWARE, ("port trunk permit vlan 2 to 4094",), 1, "all"),
        (VRP, ("undo port trunk allow-pass vlan 1", "port trunk allow-pass vlan 10 to 12"), "none", (10, 11, 12)),
        (VRP, ("port trunk pvid vlan 10", "port trunk allow-pass vlan 10 20"), 10, (1, 20)),
    ],
)
def test_trunks(dialect, lines, native, vlans):
    shown = interface(dialect, "port link-type trunk", *lines)
    assert (shown.mode, shown.native_vlan, shown.trunk_vlans) == ("trunk", native, vlans)


def test_a_hybrid_port_is_a_trunk_where_it_is_exactly_one():
    lines = ("port link-type hybrid", "undo port hybrid vlan 1", "port hybrid vlan 20 tagged")
    shown = interface(COMWARE, *lines, "port hybrid vlan 10 untagged", "port hybrid pvid vlan 10")
    assert (shown.mode, shown.native_vlan, shown.trunk_vlans) == ("trunk", 10, (20,))
    assert shown.native.startswith("port link-type hybrid; undo port hybrid vlan 1")
    shown = interface(VRP, "port link-type hybrid", "port hybrid pvid vlan 10", "port hybrid untagged vlan 10 to 11")
    assert shown.mode == "other"


@pytest.mark.parametrize(
    ("dialect", "line"),
    [
        (COMWARE, "port link-mode route"),
        (COMWARE, "voice-vlan 20 enable"),
        (COMWARE, "qinq enable"),
        (VRP, "undo portswitch"),
        (VRP, "port link-type dot1q-tunnel"),
        (VRP, "port vlan-mapping vlan 10 map-vlan 20"),
    ],
)
def test_what_the_schema_cannot_say_is_other_with_its_own_words(dialect, line):
    shown = interface(dialect, line)
    assert (shown.mode, shown.native) == ("other", line)


def test_a_line_of_vlans_that_cannot_be_read_is_garbled():
    with pytest.raises(Garbled, match="GigabitEthernet1/0/1: 'port trunk permit vlan 10 to'"):
        interface(COMWARE, "port link-type trunk", "port trunk permit vlan 10 to")


def test_half_a_configuration_is_garbled():
    with pytest.raises(Garbled, match="does not end with 'return'"):
        reading.parse("#\ninterface GigabitEthernet1/0/1\n", COMWARE)


def test_the_longest_frame_is_the_mtu():
    assert interface(COMWARE).mtu == 9978
    assert interface(COMWARE, "undo jumboframe enable").mtu == 1500
    assert interface(COMWARE, "jumboframe enable 9022").mtu == 9000
    assert interface(VRP, "jumboframe enable 9216").mtu is None


def test_edges():
    assert not interface(COMWARE).stp.edge
    assert interface(COMWARE, "stp edged-port").stp.edge
    assert interface(VRP, "stp edged-port enable").stp.edge
    assert not interface(VRP, "stp edged-port disable").stp.edge


def test_vlans_and_their_names():
    text = "#\nvlan 1\n#\nvlan 10\n name servers\n#\nvlan 20 to 21\n#\ninterface GigabitEthernet1/0/1\n#\nreturn\n"
    names = {number: vlan.name for number, vlan in reading.parse(text, COMWARE).vlans.items()}
    assert names == {1: "VLAN 0001", 10: "servers", 20: "VLAN 0020", 21: "VLAN 0021"}
    batch = text.replace("vlan 1\n#\nvlan 10", "vlan batch 10 20 to 21\n#\nvlan 10")
    assert {number: vlan.name for number, vlan in reading.parse(batch, VRP).vlans.items()} == names


def test_lags_and_their_members():
    text = """#
interface Bridge-Aggregation1
 port link-type trunk
 link-aggregation mode dynamic
 link-aggregation selected-port minimum 2
#
interface GigabitEthernet1/0/7
 lacp mode passive
 port link-aggregation group 1
#
interface Bridge-Aggregation2
#
return
"""
    state = reading.parse(text, COMWARE)
    assert state.lags == {
        "Bridge-Aggregation1": Lag(members=("GigabitEthernet1/0/7",), lacp="passive", min_links=2),
        "Bridge-Aggregation2": Lag(members=(), lacp="off", min_links=1),
    }
    assert state.ports["GigabitEthernet1/0/7"].mode is None
    trunk = "#\ninterface Eth-Trunk3\n mode lacp-static\n#\ninterface XGigabitEthernet0/0/1\n eth-trunk 3\n#\nreturn\n"
    assert reading.parse(trunk, VRP).lags["Eth-Trunk3"].members == ("XGigabitEthernet0/0/1",)


@pytest.mark.parametrize(
    ("dialect", "short", "long"),
    [
        (COMWARE, "GE1/0/1", "GigabitEthernet1/0/1"),
        (COMWARE, "XGE1/0/49", "Ten-GigabitEthernet1/0/49"),
        (COMWARE, "BAGG12", "Bridge-Aggregation12"),
        (COMWARE, "FGE1/0/53:1", "FortyGigE1/0/53:1"),
        (VRP, "GE0/0/1", "GigabitEthernet0/0/1"),
        (VRP, "XGE0/0/1", "XGigabitEthernet0/0/1"),
        (VRP, "eth-trunk1", "Eth-Trunk1"),
    ],
)
def test_names_in_full(dialect, short, long):
    assert dialect.canonical(short) == long
    assert dialect.names.is_port(long)


def test_what_comware_does():
    brief = """Interface            Link Speed   Duplex Type PVID Description
BAGG1                UP   2G(a)   F(a)   T    1
GE1/0/1              UP   1G(a)   F(a)   A    10   to UP host
GE1/0/2              ADM  auto    A      A    1
GE1/0/3              DOWN auto    A      A    1
Vlan1                UP   UP      10.0.0.1
"""
    found = operating.status(brief, COMWARE)
    assert {name: port.oper_up for name, port in found.items()} == {
        "Bridge-Aggregation1": True,
        "GigabitEthernet1/0/1": True,
        "GigabitEthernet1/0/2": False,
        "GigabitEthernet1/0/3": False,
    }
    assert (found["Bridge-Aggregation1"].speed_bps, found["GigabitEthernet1/0/1"].duplex) == (2 * 10**9, "full")
    assert found["GigabitEthernet1/0/2"].down_reason == "administratively down"


def test_what_vrp_does():
    brief = """Interface                   PHY   Protocol  InUti OutUti   inErrors  outErrors
Eth-Trunk1                  up    up        0.01%  0.01%          0          0
  GigabitEthernet0/0/1      up    up           0%     0%          0          0
GigabitEthernet0/0/2        *down down         0%     0%          0          0
"""
    found = operating.status(brief, VRP)
    assert {name: port.oper_up for name, port in found.items()} == {
        "Eth-Trunk1": True,
        "GigabitEthernet0/0/1": True,
        "GigabitEthernet0/0/2": False,
    }
    assert found["GigabitEthernet0/0/2"].down_reason == "administratively down"


def test_addresses():
    comware = "0000-5e00-0101   10         Learned          GE1/0/4                  Y\n"
    older = "0000-5e00-0101  10      Learned        GigabitEthernet1/0/4     AGING\n"
    own = "0000-5e00-0102   10         Static           GE1/0/4                  N\n"
    for text in (comware, older):
        (entry,) = operating.macs(text + own, COMWARE)
        assert (entry.mac, entry.vlan, entry.port) == ("00:00:5e:00:01:01", 10, "GigabitEthernet1/0/4")
    vrp = "0000-5e00-0101 10/-/-                            GE0/0/4             dynamic\n"
    old = "0000-5e00-0101 10          -      -      GE0/0/4         dynamic   0/-\n"
    for text in (vrp, old):
        (entry,) = operating.macs(text, VRP)
        assert (entry.vlan, entry.port) == (10, "GigabitEthernet0/0/4")


def test_members_that_are_selected():
    text = """Aggregate Interface: Bridge-Aggregation1
Local:
  Port                Status   Priority Index    Oper-Key               Flag
  GE1/0/1(R)          S        32768    1        1                      {ACDEF}
  GE1/0/2             U        32768    2        1                      {AC}
Remote:
  Actor               Priority Index    Oper-Key SystemID               Flag
  GE1/0/2             32768    1        1        0x8000, 0000-5e00-0101 {ACDEF}
"""
    assert operating.bundled(text, COMWARE) == {
        "Bridge-Aggregation1": True,
        "GigabitEthernet1/0/1": True,
        "GigabitEthernet1/0/2": False,
    }


def test_neighbours():
    comware = """LLDP neighbor-information of port 1[GigabitEthernet1/0/1]:
LLDP agent nearest-bridge:
 LLDP neighbor index : 1
 Chassis ID          : 0000-5e00-0101
 Port ID             : GigabitEthernet1/0/24
 Port description    : to sw1
 System name         : sw2
LLDP agent nearest-customer:
 LLDP neighbor index : 2
 ChassisID/subtype   : 0000-5e00-0102/MAC address
 Chassis ID          : 0000-5e00-0102
 System name         : sw3
"""
    found = neighbours.lldp(comware, COMWARE)
    assert [(each.port, each.name, each.chassis_id, each.remote_port) for each in found] == [
        ("GigabitEthernet1/0/1", "sw2", "00:00:5e:00:01:01", "GigabitEthernet1/0/24"),
        ("GigabitEthernet1/0/1", "sw3", "00:00:5e:00:01:02", ""),
    ]
    vrp = """GigabitEthernet0/0/1 has 1 neighbor(s):

Neighbor index                     :1
Chassis ID                         :0000-5e00-0101
Port ID                            :eth0
Port description                   :--
System name                        :web-07
GigabitEthernet0/0/2 has 0 neighbor(s)
"""
    (each,) = neighbours.lldp(vrp, VRP)
    assert (each.port, each.name, each.remote_port, each.port_description) == (
        "GigabitEthernet0/0/1",
        "web-07",
        "eth0",
        "",
    )


UPTIME = "uptime is 1 week, 0 days, 2 hours, 3 minutes"
COMWARE_5 = "H3C Comware Platform Software\nComware Software, Version 5.20, Release 2202P19\nH3C S5500-28C-EI "
COMWARE_7 = "HPE Comware Software, Version 7.1.045, Release 2418P06\nHPE 5900AF-48XG-4QSFP+ Switch "
VRP_5 = "VRP (R) software, Version 5.170 (S5720 V200R011C10SPC600)\nHUAWEI S5720-28X-SI-AC Routing Switch "


@pytest.mark.parametrize(
    ("dialect", "text", "version", "model"),
    [
        (COMWARE, COMWARE_5, "5.20, Release 2202P19", "S5500-28C-EI"),
        (COMWARE, COMWARE_7, "7.1.045, Release 2418P06", "5900AF-48XG-4QSFP+"),
        (VRP, VRP_5, "5.170 (S5720 V200R011C10SPC600)", "S5720-28X-SI-AC"),
    ],
)
def test_facts(dialect, text, version, model):
    found = facts.parse(f"{text}{UPTIME}\n", "", dialect, host="sw1")
    assert (found["platform_version"], found["dmi"]["system"]["product_name"]) == (version, model)
    assert found["uptime_seconds"] == 7 * 86400 + 2 * 3600 + 3 * 60


def test_serials_of_a_stack():
    inventory = "".join(f"Slot {n} CPU 0:\nDEVICE_NAME : 5130\nDEVICE_SERIAL_NUMBER : SN{n}\n" for n in (1, 2))
    fan = "Fan 1:\nDEVICE_NAME : LSFAN\nDEVICE_SERIAL_NUMBER : SN9\n"
    found = facts.parse("X Comware Software, Version 7.1\n", inventory + fan, COMWARE, host="sw1")
    assert found["dmi"]["system"]["serial_number"] == "SN1"
    assert found["chassis"] == {"members": [{"serial_number": "SN1"}, {"serial_number": "SN2"}]}
