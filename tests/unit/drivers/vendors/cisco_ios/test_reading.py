"""What a configuration says."""

from dataclasses import replace

import pytest

from device_profiles.state import Lag, Port, Stp, Vlan
from drivers.errors import Garbled, Unsupported
from drivers.vendors.cisco_ios import operating, reading
from drivers.vendors.cisco_ios.dialect import Dialect
from drivers.vendors.cisco_ios.vlans import is_shared, lists, parse_table
from tests.unit.drivers.vendors.cisco_ios.ios_like_devices import PROFILES, dialect

pytestmark = pytest.mark.unit

IOS = dialect("cisco_ios")
NO_STP = Stp(edge=False, bpdu_guard=False)


def port(*lines, name="GigabitEthernet0/1", head=(), profile=IOS, others=""):
    text = "\n".join([*head, f"interface {name}", *(f" {line}" for line in lines), "!", others, "end"])
    return reading.parse(text, None, profile).ports[profile.canonical(name)]


def test_nothing_said_is_nothing_decided_where_ports_negotiate():
    assert port() == Port(enabled=True, mtu=1500, stp=NO_STP)


def test_nothing_said_is_vlan_1_where_they_do_not():
    shown = port(name="Ethernet1", profile=dialect("arista_eos"))
    assert (shown.mode, shown.access_vlan) == ("access", 1)


@pytest.mark.parametrize(
    ("lines", "native", "vlans"),
    [
        (["switchport mode trunk"], 1, "all"),
        (["switchport trunk allowed vlan 10,20-22"], "none", (10, 20, 21, 22)),
        (["switchport trunk allowed vlan 10,20", "switchport trunk allowed vlan add 30,31"], "none", (10, 20, 30, 31)),
        (["switchport trunk native vlan 10", "switchport trunk allowed vlan 10,20"], 10, (20,)),
        (["switchport trunk native vlan 99", "switchport trunk allowed vlan 10"], "none", (10,)),
        (["switchport trunk allowed vlan none"], "none", ()),
        (["switchport trunk allowed vlan 1-4094"], 1, "all"),
        (["switchport trunk allowed vlan except 1,3-4094"], "none", (2,)),
        (["switchport trunk allowed vlan 10,20", "switchport trunk allowed vlan remove 20"], "none", (10,)),
        (["switchport trunk encapsulation dot1q", "switchport nonegotiate"], 1, "all"),
    ],
)
def test_trunks(lines, native, vlans):
    shown = port(*lines, "switchport mode trunk")
    assert (shown.mode, shown.native_vlan, shown.trunk_vlans) == ("trunk", native, vlans)


@pytest.mark.parametrize(
    "lines",
    [
        ["switchport access vlan 10", "switchport mode access", "switchport voice vlan 20"],
        ["no switchport"],
        ["no switchport", "ip address 192.0.2.1 255.255.255.0"],
        ["switchport mode dynamic desirable"],
        ["switchport access vlan 10"],
        ["switchport access vlan 10", "switchport mode dot1q-tunnel"],
        ["switchport private-vlan host-association 10 20", "switchport mode private-vlan host"],
        ["switchport access vlan dynamic", "switchport mode access"],
    ],
)
def test_what_the_schema_has_no_words_for_is_shown_in_the_devices_own(lines):
    shown = port(*lines)
    assert shown.mode == "other"
    assert shown.native == "; ".join(lines)
    assert (shown.access_vlan, shown.trunk_vlans) == (None, None)


def test_a_port_with_an_address_routes_though_it_does_not_say_so():
    assert port("ip address 192.0.2.1 255.255.255.0").mode == "other"
    assert port("vrf forwarding Mgmt-vrf", "no ip address", "shutdown").mode == "other"


def test_an_old_switch_says_no_ip_address_at_ports_that_switch():
    assert port("switchport access vlan 7", "switchport mode access", "no ip address").access_vlan == 7


def test_where_ports_route_by_default_those_that_switch_say_so():
    found = reading.parse(
        "interface Ethernet1/1\n  switchport\n  switchport access vlan 5\ninterface Ethernet1/2\n",
        None,
        dialect("cisco_nxos"),
    )
    assert found.ports["Ethernet1/1"].access_vlan == 5
    assert (found.ports["Ethernet1/2"].mode, found.ports["Ethernet1/2"].enabled) == ("other", False)


def test_description_admin_state_and_mtu():
    shown = port("description  to web-07 (rack 3)", "shutdown", "mtu 9000")
    assert (shown.description, shown.enabled, shown.mtu) == (" to web-07 (rack 3)", False, 9000)
    assert port(head=["system mtu jumbo 9198"]).mtu == 9198


@pytest.mark.parametrize(
    ("head", "lines", "edge", "guard"),
    [
        ((), ["switchport mode access", "spanning-tree portfast"], True, False),
        ((), ["switchport mode access", "spanning-tree portfast edge", "spanning-tree bpduguard enable"], True, True),
        ((), ["switchport mode trunk", "spanning-tree portfast"], False, False),
        ((), ["switchport mode trunk", "spanning-tree portfast trunk"], True, False),
        ((), ["switchport mode access", "spanning-tree portfast network"], False, False),
        (["spanning-tree portfast default"], ["switchport mode access"], True, False),
        (
            ["spanning-tree portfast default"],
            ["switchport mode access", "spanning-tree portfast disable"],
            False,
            False,
        ),
        (
            ["spanning-tree portfast default", "spanning-tree portfast bpduguard default"],
            ["switchport mode access"],
            True,
            True,
        ),
        (["spanning-tree portfast bpduguard default"], ["switchport mode access"], False, False),
    ],
)
def test_spanning_tree(head, lines, edge, guard):
    assert port(*lines, head=head).stp == Stp(edge=edge, bpdu_guard=guard)


def test_a_lag_has_the_switching_and_its_members_none():
    text = """
interface Port-channel1
 switchport trunk allowed vlan 10
 switchport mode trunk
 port-channel min-links 2
!
interface GigabitEthernet0/1
 description first
 switchport trunk allowed vlan 10
 switchport mode trunk
 channel-group 1 mode active
!
interface GigabitEthernet0/2
 channel-group 1 mode active
!
interface GigabitEthernet0/3
 channel-group 2 mode on
end
"""
    state = reading.parse(text, None, IOS)
    assert state.lags == {
        "Port-channel1": Lag(
            members=("GigabitEthernet0/1", "GigabitEthernet0/2"), lacp="active", fallback=False, min_links=2
        ),
        "Port-channel2": Lag(members=("GigabitEthernet0/3",), lacp="off", fallback=False, min_links=1),
    }
    assert state.ports["GigabitEthernet0/1"] == Port(description="first", enabled=True)
    assert state.ports["Port-channel1"].trunk_vlans == (10,)


def test_interfaces_that_do_not_switch_are_no_ports():
    text = "".join(f"interface {name}\n" for name in ("Vlan1", "Loopback0", "GigabitEthernet0/1.10", "Gi0/1")) + "end"
    assert list(reading.parse(text, None, IOS).ports) == ["GigabitEthernet0/1"]


def test_a_banner_is_no_configuration():
    text = "banner motd ^C\ninterface GigabitEthernet0/9\nend\n^C\ninterface GigabitEthernet0/1\nend\n"
    assert list(reading.parse(text, None, IOS).ports) == ["GigabitEthernet0/1"]
    text = "banner login\ninterface Ethernet9\nEOF\ninterface Ethernet1\nend\n"
    assert list(reading.parse(text, None, dialect("arista_eos")).ports) == ["Ethernet1"]


def test_vlans_of_a_running_configuration():
    text = "vlan 1,10-12\nvlan 11\n  name servers\nvlan internal allocation policy\ninterface Ethernet1/1\n"
    assert reading.parse(text, None, dialect("cisco_nxos")).vlans == {
        1: Vlan(name="default"),
        10: Vlan(name="VLAN0010"),
        11: Vlan(name="servers"),
        12: Vlan(name="VLAN0012"),
    }


def test_a_table_of_vlans_leaves_out_those_that_are_reserved():
    table = """
VLAN Name                             Status    Ports
---- -------------------------------- --------- -------------------------------
1    default                          active    Gi0/1, Gi0/2
100  a name with blanks               suspended
                                                Gi0/3
200  shut                             act/lshut Gi0/4
1002 fddi-default                     act/unsup

VLAN Type  SAID       MTU   Parent RingNo BridgeNo Stp  BrdgMode Trans1 Trans2
---- ----- ---------- ----- ------ ------ -------- ---- -------- ------ ------
1    enet  100001     1500  -      -      -        -    -        0      0
"""
    found = parse_table(table, command="show vlan")
    assert {number: vlan.name for number, vlan in found.items()} == {
        1: "default",
        100: "a name with blanks",
        200: "shut",
    }
    with pytest.raises(Garbled, match="no table of VLANs"):
        parse_table("% Something else", command="show vlan")


@pytest.mark.parametrize(
    "line",
    [
        "switchport access vlan abc",
        "switchport access vlan 4095",
        "switchport trunk allowed vlan 10,,x",
        "switchport trunk allowed vlan 10-",
        "switchport trunk native vlan 0",
    ],
)
def test_what_cannot_be_read_is_named_and_nothing_is_concluded(line):
    with pytest.raises(Garbled) as error:
        port(line, "switchport mode trunk")
    assert line in str(error.value)
    assert "GigabitEthernet0/1" in str(error.value)


@pytest.mark.parametrize("text", ["", "end", "interface GigabitEthernet0/1\n", "<html>\nend"])
def test_half_a_configuration_is_none(text):
    with pytest.raises(Garbled):
        reading.parse(text, None, IOS)


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("Gi1/0/1", "GigabitEthernet1/0/1"),
        ("gigabitethernet1/0/1", "GigabitEthernet1/0/1"),
        ("Te1/1", "TenGigabitEthernet1/1"),
        ("Twe1/0/1", "TwentyFiveGigE1/0/1"),
        ("Tw1/0/1", "TwoGigabitEthernet1/0/1"),
        ("Po12", "Port-channel12"),
        ("GigabitEthernet1/0/1", "GigabitEthernet1/0/1"),
        ("mgmt0", "mgmt0"),
    ],
)
def test_names_have_one_spelling(short, long):
    assert IOS.canonical(short) == long


@pytest.mark.parametrize("name", PROFILES)
def test_the_profiles_are_whole(name):
    assert dialect(name).names.bundle_number(dialect(name).bundle_name("7")) == 7


def test_a_quirk_that_nobody_knows_is_refused_with_its_name():

    profile = IOS.profile
    with pytest.raises(Unsupported, match=r"cisco_ios\.toml: quirks\.speling"):
        Dialect(replace(profile, quirks={**profile.quirks, "speling": 1}))


def test_long_lists_are_cut():
    found = lists(range(100, 400, 2), columns=60)
    assert max(map(len, found)) <= 60
    assert ",".join(found).split(",") == [str(number) for number in range(100, 400, 2)]


@pytest.mark.parametrize(
    ("mode", "domain", "shared"),
    [("Server", "corp", True), ("Client", "corp", True), ("Transparent", "corp", False), ("Server", "", False)],
)
def test_vlans_are_shared_by_a_server_or_client_with_a_domain(mode, domain, shared):
    text = f"VTP Domain Name                 : {domain}\nFeature VLAN:\nVTP Operating Mode                : {mode}\n"
    assert is_shared(text) is shared


def test_a_port_forwards_only_where_it_forwards_in_every_vlan():
    text = (
        "Interface           Role Sts Cost      Prio.Nbr Type\n"
        "Gi0/1               Desg FWD 4         128.1    P2p Edge\n"
        "Gi0/2               Altn BLK 4         128.2    P2p\n"
        "Gi0/1               Desg LRN 4         128.1    P2p\n"
        "Gi0/1               Desg FWD 4         128.1    P2p\n"
    )
    assert operating.spanning_tree(text, IOS) == {"GigabitEthernet0/1": "learning", "GigabitEthernet0/2": "blocking"}
