"""By which way our session comes to an Open vSwitch: what each answer of the switch means."""

import orjson
import pytest

from device_profiles.operation import MacEntry
from drivers.errors import Garbled
from drivers.vendors.openvswitch.own_path import hop, own_path, peer_of

pytestmark = pytest.mark.unit

MAC = "1a:fc:34:0c:23:d6"
MACS = (MacEntry(mac="02:00:00:00:00:01", vlan=10, port="p1"), MacEntry(mac=MAC, vlan=99, port="p48"))


def answer(route: dict, *neighbours: dict) -> bytes:
    return orjson.dumps([route]) + b"\n" + orjson.dumps(neighbours) + b"\n"


@pytest.mark.parametrize(
    ("text", "peer"),
    [
        ("10.8.0.254 50122 10.8.0.11 22\n", "10.8.0.254"),
        ("fe80::1%br0 50122 fe80::2%br0 22", "fe80::1"),
        ("", ""),
        ("$(reboot) 1 2 3", ""),
    ],
)
def test_the_peer_is_an_address_or_nothing(text, peer):
    assert peer_of(text) == peer


def test_a_peer_on_the_same_network_stands_behind_the_port_that_learned_it():
    found = hop(answer({"dev": "br0"}, {"dst": "10.8.0.254", "dev": "br0", "lladdr": MAC}), peer="10.8.0.254")
    path = own_path("10.8.0.254", found, switched={"br0", "p48"}, macs=MACS)
    assert path is not None
    assert (path.ports, path.vlan) == (("br0", "p48"), 99)


def test_a_peer_behind_a_router_stands_where_the_router_does():
    route = {"dev": "br0", "gateway": "10.8.0.1"}
    found = hop(answer(route, {"dst": "10.8.0.1", "dev": "br0", "lladdr": MAC.upper()}), peer="192.0.2.7")
    path = own_path("192.0.2.7", found, switched={"br0"}, macs=MACS)
    assert path is not None
    assert "p48" in path.ports


def test_a_port_that_no_bridge_switches_carries_nothing_of_ours():
    found = hop(answer({"dev": "eth0"}), peer="10.8.0.254")
    path = own_path("10.8.0.254", found, switched={"br0"}, macs=MACS)
    assert path is not None
    assert path.ports == ()


def test_a_next_hop_that_nobody_learned_is_an_unknown_way():
    found = hop(answer({"dev": "br0"}), peer="10.8.0.254")
    assert own_path("10.8.0.254", found, switched={"br0"}, macs=MACS) is None


@pytest.mark.parametrize("data", [b"", b"[]\n[]\n", b"RTNETLINK answers: Network is unreachable", b"[{}]\n[{}]\n"])
def test_what_is_no_route_is_garbled(data):
    with pytest.raises(Garbled):
        hop(data, peer="10.8.0.254")
