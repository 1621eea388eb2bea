"""What readings of switches share: VLANs of a configuration, ends of answers, tables, facts and neighbours."""

import re

import pytest

from device_profiles.operation import PortOperation
from device_profiles.state import Port, State, Vlan
from drivers.errors import Garbled, Unsupported
from drivers.switching import describing, operating
from drivers.switching.blocks import Block
from drivers.switching.interfaces import Interfaces
from drivers.switching.reading import PortLines, Unreadable, ended, shown_mtu
from drivers.switching.vlans import defined

pytestmark = pytest.mark.unit

HEAD = re.compile(r"vlan (\S+)\Z")
NAMES = Interfaces.of(physical=r"Ethernet\d+", bundle=r"Port-Channel(\d+)")


def numbers(text: str) -> frozenset[int]:
    return frozenset(map(int, text.split(",")))


def test_a_vlan_has_the_name_that_any_block_gives_it() -> None:
    blocks = [Block("vlan 10,20", ()), Block("vlan 20", ("name red",)), Block("interface x", ("name no",))]
    found = defined(blocks, HEAD, numbers=numbers, unnamed=lambda number: f"V{number}")
    assert found == {1: Vlan(name="V1"), 10: Vlan(name="V10"), 20: Vlan(name="red")}


def test_a_list_of_vlans_that_cannot_be_read_concludes_nothing() -> None:
    with pytest.raises(Garbled, match="'vlan ten'"):
        defined([Block("vlan ten", ())], HEAD, numbers=numbers, unnamed=str)


def test_a_configuration_that_was_cut_off_is_none() -> None:
    assert ended("a\nend\n", "end", command="show")
    assert ended("a\n", "", command="show")
    with pytest.raises(Garbled, match="'show' does not end with 'end'"):
        ended("a\nen", "end", command="show")


def test_an_mtu_that_the_schema_lacks_is_not_shown() -> None:
    assert (shown_mtu(1500), shown_mtu(64)) == (1500, None)


def test_ports_and_lags_are_told_by_their_names() -> None:
    assert NAMES.is_port("Ethernet1")
    assert NAMES.is_port("Port-Channel7")
    assert not NAMES.is_port("Vlan1")
    assert not NAMES.is_physical("Port-Channel7")
    assert NAMES.bundle_number("Port-Channel7") == 7
    with pytest.raises(Unsupported, match=r"lags\.bond0: this switch names its LAGs like Port-Channel1"):
        NAMES.refuse_lag("bond0", example="Port-Channel1")


def test_a_port_forwards_only_where_it_forwards_in_each_instance() -> None:
    assert operating.worst([("p1", "forwarding"), ("p1", "blocking"), ("p1", "forwarding"), ("p2", "forwarding")]) == {
        "p1": "blocking",
        "p2": "forwarding",
    }


def test_three_tables_make_one_answer_a_port() -> None:
    found = operating.together({"p1": PortOperation(oper_up=True)}, {"p1": "forwarding"}, {"lag1": True})
    assert found == {
        "lag1": PortOperation(bundled=True),
        "p1": PortOperation(oper_up=True, stp_state="forwarding"),
    }


@pytest.mark.parametrize("mac", ["0011.2233.44AA", "0011-2233-44aa", "00:11:22:33:44:aa", "00-11-22-33-44-AA"])
def test_a_mac_address_has_one_form(mac: str) -> None:
    assert operating.colons(mac) == "00:11:22:33:44:aa"
    assert describing.neighbour({"chassis_id": mac}, port="p1").chassis_id == "00:11:22:33:44:aa"


def test_a_chassis_id_that_is_no_mac_address_stays_as_it_was_sent() -> None:
    assert describing.neighbour({"chassis_id": "10.0.0.1"}, port="p1").chassis_id == "10.0.0.1"


def test_spans_of_time_are_seconds() -> None:
    assert describing.seconds("1 week, 2 days, 3 minutes") == 604_800 + 2 * 86_400 + 180


def test_the_first_pattern_that_matches_tells() -> None:
    assert describing.first((r"absent (\d)", r"Version (\S+)"), "x Version 7.1 y") == "7.1"
    assert describing.first((r"absent (\d)",), "nothing") == ""


def test_interfaces_are_facts_with_type_and_number() -> None:
    state = State(ports={"ge-0/0/1": Port(mtu=1500)})
    assert describing.interfaces(state, {"ge-0/0/1": PortOperation(oper_up=True)}) == {
        "ge-0/0/1": {
            "state": "up",
            "type": "ge-",
            "number": "0/0/1",
            "encapsulation": "Ethernet",
            "addresses": {},
            "mtu": "1500",
        }
    }


class Lines(PortLines):
    def _take(self, line: str) -> None:
        self.mode = str(int(line))


def test_a_line_that_cannot_be_read_is_named() -> None:
    lines = Lines()
    lines.take("7")
    assert (lines.mode, lines.strange) == ("7", False)
    with pytest.raises(Unreadable, match="seven"):
        lines.take("seven")
