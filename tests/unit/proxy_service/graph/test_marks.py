"""Marks: one spelling for what tells machines apart, and nothing for what tells none."""

import json

import pytest

from device_profiles.links import Neighbour
from proxy_service.graph.marks import claims_of, facts_known, initiators, mac_of, names, serials, uuids

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    "text",
    [
        "52:54:00:00:00:07",
        "52-54-00-00-00-07",
        "5254.0000.0007",
        "5254-0000-0007",
        "525400000007",
        " 52 54 00 00 00 07",
    ],
)
def test_a_mac_has_one_spelling(text):
    assert mac_of(text) == "52:54:00:00:00:07"


@pytest.mark.parametrize(
    "text",
    [
        *("", "ff:ff:ff:ff:ff:ff", "00:00:00:00:00:00", "01:80:c2:00:00:0e", "52:54:00:00:00", "eth0"),
        *("52:54-00:00:00:07", "x" * 10_000, "52:54:00:00:00:07:08", "192.0.2.1"),
    ],
)
def test_what_is_no_machines_mac_is_none(text):
    assert mac_of(text) == ""


def test_names_are_told_with_and_without_their_domain():
    assert list(names("Web-07.Example.NET.")) == ["name:web-07.example.net", "name:web-07"]
    assert list(names("web-07")) == ["name:web-07"]
    assert list(names("localhost")) == list(names("  ")) == list(names("x" * 300)) == []
    assert list(names("10.8.0.1")) == ["name:10.8.0.1"]


def test_what_a_factory_left_in_the_place_of_a_serial_number_is_none():
    for text in ("To be filled by O.E.M.", "None", "0000000", "", "123", "Default string", "N/A", "x" * 300):
        assert list(serials(text)) == []
    assert list(serials("czj1234")) == ["serial:CZJ1234"]


def test_a_uuid_is_known_in_both_orders_of_its_bytes():
    one, other = uuids("00112233-4455-6677-8899-aabbccddeeff")
    assert set(uuids("33221100-5544-7766-8899-aabbccddeeff")) == {one, other}
    assert list(uuids("not one")) == list(uuids("00000000-0000-0000-0000-000000000000")) == []


def test_a_wwn_has_one_spelling():
    assert {*initiators("50:01:43:80:12:34:56:78", "0x5001438012345678", "5001438012345678")} == {
        "initiator:5001438012345678"
    }
    assert list(initiators("iqn.2024-01.Example:web-07")) == ["initiator:iqn.2024-01.example:web-07"]


def test_claims_are_what_a_neighbour_shows():
    seen = Neighbour(port="p1", kind="lldp", name="web-07.x", chassis_id="52-54-00-00-00-07", remote_port="eth0")
    assert claims_of(seen).hard == ("mac:52:54:00:00:00:07",)
    assert claims_of(seen).names == ("name:web-07.x", "name:web-07")
    nameless = Neighbour(port="p1", kind="lldp", chassis_id="core-1")
    assert claims_of(nameless).names == ("name:core-1",)
    label = Neighbour(port="7", kind="label", medium="power", name="web-07/psu0")
    assert claims_of(label).names[0] == "name:web-07"


def test_facts_tell_marks_and_ports():
    facts = {
        "hostname": "sw1",
        "base_mac": "02-00-00-00-00-01",
        "uptime_seconds": 5,
        "dmi": {"system": {"serial_number": "OVS-0001", "uuid": 7}},
        "network": {
            "interfaces": {
                "GigabitEthernet0/1": {
                    "description": "Gi0/1",
                    "alias": "to the core",
                    "addresses": {"02:00:00:00:00:11": {"family": "lladdr"}, "10.0.0.1": {"family": "inet"}},
                }
            }
        },
    }
    known = facts_known(json.dumps(facts))
    assert known.marks == ("mac:02:00:00:00:00:01", "mac:02:00:00:00:00:11", "name:sw1", "serial:OVS-0001")
    assert {known.ports[spelling] for spelling in ("gi0/1", "to the core", "02:00:00:00:00:11")} == {
        "GigabitEthernet0/1"
    }


@pytest.mark.parametrize(
    "text", ["[]", '{"network": []}', '{"network": {"interfaces": 5}}', "nonsense", '{"dmi": {"system": "x"}}']
)
def test_facts_of_another_shape_tell_nothing(text):
    assert facts_known(text) is None
