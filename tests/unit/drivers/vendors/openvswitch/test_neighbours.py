"""What lldpcli prints, in all the shapes that it has."""

import json

import pytest

from drivers.errors import Garbled
from drivers.vendors.openvswitch import neighbours

pytestmark = pytest.mark.unit


def seen(name="h1", mac="52:54:00:00:00:01", port="eth0", via="LLDP"):
    chassis = {"id": {"type": "mac", "value": mac}, "descr": "Debian"}
    return {
        "via": via,
        "chassis": {name: chassis} if name else chassis,
        "port": {"id": {"type": "ifname", "value": port}, "descr": f"to {port}"},
    }


def parse(interface):
    return neighbours.parse(json.dumps({"lldp": {} if interface is None else {"interface": interface}}).encode())


def test_nobody_is_no_error():
    assert parse(None) == ()
    assert parse([]) == ()


def test_one_neighbour_is_an_object():
    (found,) = parse({"p1": seen()})
    assert (found.port, found.kind, found.name, found.chassis_id) == ("p1", "lldp", "h1", "52:54:00:00:00:01")
    assert (found.remote_port, found.port_description) == ("eth0", "to eth0")


def test_several_are_a_list_and_a_port_may_see_several():
    found = parse([{"p2": seen("h2", "b")}, {"p1": seen("h3", "c")}, {"p1": seen("h1", "a")}])
    assert [(each.port, each.name) for each in found] == [("p1", "h1"), ("p1", "h3"), ("p2", "h2")]


def test_a_neighbour_that_told_no_name_has_none():
    (found,) = parse({"p1": seen(name="")})
    assert (found.name, found.chassis_id) == ("", "52:54:00:00:00:01")


def test_other_protocols_keep_their_name_and_unknown_ones_are_left_out():
    found = parse([{"p1": seen(via="CDPv2")}, {"p2": seen(via="EDP")}, {"p3": seen(via="SONMP")}])
    assert [(each.port, each.kind) for each in found] == [("p1", "cdp"), ("p2", "edp")]


def test_what_was_sent_on_the_wire_is_made_printable():
    (found,) = parse({"p1": seen(name="evil\x1b[2J\nhost", port="e" * 1000)})
    assert found.name == r"evil\x1b[2J\x0ahost"
    assert len(found.remote_port) == 200


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b"lldpd is not running", b'{"lldp": {"interface": [1]}}'])
def test_anything_else_is_garbled(data):
    with pytest.raises(Garbled):
        neighbours.parse(data)
