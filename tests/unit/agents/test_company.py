"""Where nodes stand to each other, from what was discovered: which ways run through a device."""

import pytest

from agents.company import Company
from device_profiles.links import Neighbour
from device_profiles.operation import MacEntry
from drivers.contract import OwnPath

pytestmark = pytest.mark.unit

AGENT, SW2, HOST = "02:00:00:00:00:aa", "02:00:00:00:00:02", "02:00:00:00:00:11"
SW2_FACTS = {
    "network": {
        "interfaces": {
            "mgmt": {"addresses": {"10.8.0.12": {"family": "inet"}, SW2.upper(): {"family": "lladdr"}}},
            "p1": {"addresses": {"02:00:00:00:00:99": {"family": "lladdr"}}},
        }
    }
}


def company(*macs: tuple[str, str]) -> Company:
    made = Company({AGENT})
    made.join("sw1", ["ssh://10.8.0.11"])
    made.join("sw2", ["ssh://10.8.0.12", "no url"])
    made.of("sw2").facts = SW2_FACTS
    made.of("sw1").macs = tuple(MacEntry(mac=mac, vlan=99, port=port) for mac, port in macs)
    return made


def names(made: Company) -> list[tuple[str, frozenset[str]]]:
    return [(way.what, way.ports) for way in made.ways("sw1", own=OwnPath(), management=()).ways]


def test_a_node_behind_another_port_than_ours_is_reached_through_the_device():
    assert names(company((AGENT, "p48"), (SW2, "p24"), (HOST, "p1"))) == [
        ("the path to sw2", frozenset({"p48", "p24"}))
    ]


def test_a_node_on_our_side_of_the_device_is_not():
    assert names(company((AGENT, "p24"), (SW2, "p24"))) == []


def test_a_node_that_is_seen_where_we_are_not_is_not():
    assert names(company((SW2, "p24"))) == []


def test_our_own_way_and_the_declared_one_both_count():
    own = OwnPath(ports=("p48",), vlan=99, evidence="the device says so")
    ways = company().ways("sw1", own=own, management=("p47",)).ways
    assert [way.ports for way in ways] == [frozenset({"p48"}), frozenset({"p47"})]
    assert ways[0].vlans == {99}


def test_ports_towards_nodes_and_vlans_with_addresses_are_known_for_the_case_that_nobody_can_tell():
    made = company()
    seen = (("p24", "sw2"), ("p1", "h1"))
    made.of("sw1").links = tuple(Neighbour(port=port, kind="lldp", name=name) for port, name in seen)
    made.of("sw1").facts = {
        "network": {
            "interfaces": {
                "Vlan99": {"addresses": {"10.8.0.11": {"family": "inet"}}},
                "Vlan20": {"addresses": {}},
                "irb.7": {"addresses": {"fe80::1": {"family": "inet6"}}},
            }
        }
    }
    ways = made.ways("sw1", own=None, management=())
    assert not ways.own_known
    assert ways.facing == {"p24"}
    assert ways.addressed == {7, 99}


def test_a_node_that_left_is_nobody_to_reach():
    made = company((AGENT, "p48"), (SW2, "p24"))
    made.leave("sw2")
    assert names(made) == []
    assert made.beside("sw1") == frozenset()
