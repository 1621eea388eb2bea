"""What statements of Junos mean, in either language of its switches."""

import pytest

from device_profiles.profile import load_profiles
from device_profiles.state import Lag, Stp
from drivers.errors import Garbled
from drivers.vendors.juniper_junos import reading
from drivers.vendors.juniper_junos.dialect import Dialect

pytestmark = pytest.mark.unit

JUNOS = Dialect(load_profiles()["juniper_junos"])
FAMILY = "unit 0 family ethernet-switching"
OWN = f"interfaces ge-0/0/0 {FAMILY}"


def read(text: str, *ports: str):
    lines = [line.strip() for line in text.strip().splitlines()]
    said = "\n".join(line if line.startswith(("deactivate", "set")) else f"set {line}" for line in lines)
    return reading.parse_state(said, ports, JUNOS)


def port(text: str, name: str = "ge-0/0/0"):
    return read(f"vlans blue vlan-id 100\nvlans red vlan-id 200\n{text}", name).ports[name]


@pytest.mark.parametrize(
    ("text", "vlan"),
    [
        (f"interfaces ge-0/0/0 {FAMILY} interface-mode access\ninterfaces ge-0/0/0 {FAMILY} vlan members 100", 100),
        (f"interfaces ge-0/0/0 {FAMILY} vlan members blue", 100),
        (f"interfaces ge-0/0/0 {FAMILY} port-mode access\ninterfaces ge-0/0/0 {FAMILY} vlan members red", 200),
        (f"interfaces ge-0/0/0 {FAMILY}", 1),
        (f"interfaces ge-0/0/0 {FAMILY}\nvlans red interface ge-0/0/0.0", 200),
    ],
)
def test_access_ports(text, vlan):
    shown = port(text)
    assert (shown.mode, shown.access_vlan) == ("access", vlan)


@pytest.mark.parametrize(
    ("text", "native", "vlans"),
    [
        (f"{OWN} vlan members blue\n{OWN} vlan members 300-302", "none", (100, 300, 301, 302)),
        (f"interfaces ge-0/0/0 {FAMILY} vlan members all", "none", "all"),
        # With ELS a native VLAN that is no member is not carried; before ELS it is carried by itself.
        (f"interfaces ge-0/0/0 native-vlan-id 200\ninterfaces ge-0/0/0 {FAMILY} vlan members blue", "none", (100,)),
        (f"interfaces ge-0/0/0 native-vlan-id 100\ninterfaces ge-0/0/0 {FAMILY} vlan members 100-101", 100, (101,)),
        (f"{OWN} native-vlan-id red\n{OWN} vlan members blue", 200, (100,)),
    ],
)  # fmt: skip
def test_trunks(text, native, vlans):
    shown = port(f"interfaces ge-0/0/0 {FAMILY} interface-mode trunk\n{text}")
    assert (shown.mode, shown.native_vlan, shown.trunk_vlans) == ("trunk", native, vlans)


@pytest.mark.parametrize(
    "text",
    [
        "interfaces ge-0/0/0 unit 0 family inet address 192.0.2.1/24",
        "interfaces ge-0/0/0 vlan-tagging\ninterfaces ge-0/0/0 unit 100 vlan-id 100",
        f"interfaces ge-0/0/0 {FAMILY} port-mode tagged-access",
        f"interfaces ge-0/0/0 {FAMILY} vlan members nobody-knows",
        f"interfaces ge-0/0/0 {FAMILY} vlan members blue\nswitch-options voip interface ge-0/0/0.0 vlan red",
    ],
)
def test_what_the_schema_cannot_say_is_other_with_its_own_words(text):
    shown = port(text)
    assert shown.mode == "other"
    assert sorted(shown.native.split("; ")) == sorted(text.splitlines())


def test_a_port_without_a_family_has_no_mode():
    for text in ("interfaces ge-0/0/0 description x", "interfaces ge-0/0/0 unit 0", "version 1"):
        assert port(text).mode is None


def test_sizes_leave_the_header_out():
    assert port("version 1").mtu == 1500
    assert port("interfaces ge-0/0/0 mtu 9014").mtu == 9000


def test_texts_descriptions_and_admin_state():
    shown = port('interfaces ge-0/0/0 description "to web-07 (rack 3)"\ninterfaces ge-0/0/0 unit 0 disable')
    assert (shown.description, shown.enabled) == ("to web-07 (rack 3)", False)
    assert port("interfaces ge-0/0/0 unit 0 description below").description == "below"
    assert port("interfaces ge-0/0/0 disable").enabled is False


def test_edges_and_guards():
    assert port("protocols rstp interface ge-0/0/0.0 edge").stp == Stp(edge=True, bpdu_guard=False)
    assert port("protocols rstp interface all edge").stp.edge
    assert not port("protocols rstp interface all edge\nprotocols rstp interface ge-0/0/0").stp.edge
    guarded = "protocols rstp interface ge-0/0/0 edge\nprotocols rstp bpdu-block-on-edge"
    assert port(guarded).stp == Stp(edge=True, bpdu_guard=True)
    assert port("ethernet-switching-options bpdu-block interface ge-0/0/0.0").stp.bpdu_guard


def test_lags_and_their_members():
    state = read(
        f"""
        interfaces ge-0/0/6 ether-options 802.3ad ae1
        interfaces ge-0/0/7 gigether-options 802.3ad ae1
        interfaces ae1 aggregated-ether-options minimum-links 2
        interfaces ae1 aggregated-ether-options lacp active
        interfaces ae1 {FAMILY} interface-mode trunk
        interfaces ae2 aggregated-ether-options lacp
        """,
        "ge-0/0/6",
        "ge-0/0/7",
    )
    assert state.lags == {
        "ae1": Lag(members=("ge-0/0/6", "ge-0/0/7"), lacp="active", min_links=2),
        "ae2": Lag(members=(), lacp="passive", min_links=1),
    }
    assert state.ports["ae1"].mode == "trunk"
    assert state.ports["ge-0/0/6"].mode is state.ports["ge-0/0/6"].mtu is None


def test_vlans_by_number():
    state = read("vlans blue vlan-id 100\nvlans many vlan-id-list 10-11\nvlans none l3-interface irb.1")
    names = {number: vlan.name for number, vlan in state.vlans.items()}
    assert names == {1: "default", 10: "many", 11: "many", 100: "blue"}


def test_what_is_deactivated_is_not_there():
    state = read(f"interfaces ge-0/0/0 {FAMILY} vlan members 7\ndeactivate interfaces ge-0/0/0 unit 0", "ge-0/0/0")
    assert state.ports["ge-0/0/0"].mode is None


def test_groups_and_ranges_are_worked_in():
    state = read(
        f"""
        groups edge interfaces <ge-*> mtu 9014
        groups edge interfaces <ge-*> description inherited
        apply-groups edge
        interfaces ge-0/0/0 description own
        interfaces ge-0/0/1 disable
        interfaces interface-range desks member-range ge-0/0/1 to ge-0/0/2
        interfaces interface-range desks member "ge-0/0/[4-5]"
        interfaces interface-range desks {FAMILY} vlan members 7
        protocols rstp interface desks edge
        """,
        *(f"ge-0/0/{number}" for number in range(7)),
    )
    assert [name for name, shown in state.ports.items() if shown.access_vlan == 7] == [
        "ge-0/0/1", "ge-0/0/2", "ge-0/0/4", "ge-0/0/5",
    ]  # fmt: skip
    assert [name for name, shown in state.ports.items() if shown.stp.edge] == [
        "ge-0/0/1", "ge-0/0/2", "ge-0/0/4", "ge-0/0/5",
    ]  # fmt: skip
    assert (state.ports["ge-0/0/0"].description, state.ports["ge-0/0/1"].description) == ("own", "inherited")
    assert state.ports["ge-0/0/1"].mtu == 9000


def test_what_is_no_statement_is_garbled_and_its_secrets_are_not_shown():
    with pytest.raises(Garbled, match="'root authentication'") as error:
        reading.parse_state("set version 1\nroot authentication plain hunter2", (), JUNOS)
    assert "hunter2" not in str(error.value)
    with pytest.raises(Garbled, match="empty"):
        reading.parse_state("", (), JUNOS)


def test_a_text_may_go_over_lines():
    text = 'set system login message "one\nset vlans two\n\\"three\\""\nset vlans blue vlan-id 100'
    assert list(reading.parse_state(text, (), JUNOS).vlans) == [1, 100]


def test_the_table_of_interfaces_tells_names_whatever_their_state():
    head = b"Interface               Admin Link Proto    Local                 Remote\n"
    up = head + b"ge-0/0/0                up    up\nge-0/0/0.0              up    up   eth-switch\n"
    assert reading.names(up) == reading.names(up.replace(b"up    up", b"down  down")) == (b"ge-0/0/0",)
    with pytest.raises(Garbled):
        reading.names(b"nothing")
