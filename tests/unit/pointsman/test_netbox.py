"""Devices of NetBox become nodes where they can, and what cannot is told with the reason."""

import json

import pytest

from pointsman.netbox import Imported, nodes_of, read_devices
from pointsman.problems import PointsmanError

pytestmark = pytest.mark.unit

API = {
    "count": 2,
    "results": [
        {
            "id": 17,
            "name": "sw1",
            "platform": {"id": 3, "slug": "arista-eos", "name": "EOS"},
            "serial": "JPE1",
            "site": {"slug": "ams1"},
            "location": {"slug": "row-a"},
            "primary_ip4": {"address": "192.0.2.11/24"},
            "status": {"value": "active", "label": "Active"},
        },
        {"id": 18, "name": "old", "platform": None, "status": {"value": "offline"}, "serial": ""},
    ],
}
CSV = """\ufeffName,Platform,Serial number,Site,IP Address,Status,ID
sw1,ios,FOC1,ams1,2001:db8::1/64,active,7
sw2,,X,ams1,192.0.2.2,active,8
sw3,ios,X,ams1,,active,9
bad name,ios,X,ams1,192.0.2.4,active,10
sw1,ios,X,ams1,192.0.2.5,active,11
sw6,ios,X,"not, a place",192.0.2.6,active,12
"""


def imported(data: bytes, **platforms: str) -> Imported:
    profiles = frozenset({"arista_eos", "cisco_ios"})
    return nodes_of(read_devices(data), profiles=profiles, platforms=platforms, access="ssh://ops@{address}")


def test_a_device_of_the_api_becomes_a_node() -> None:
    found = imported(json.dumps(API).encode())
    assert found.document == {
        "nodes": {
            "sw1": {
                "profile": "arista_eos",
                "location": "row-a",
                "access": ["ssh://ops@192.0.2.11"],
                "identity": {"serial": "JPE1"},
                "annotations": {"netbox": "dcim/devices/17"},
            }
        }
    }
    assert found.left_out == ("old: it is offline",)


def test_a_table_is_read_and_what_cannot_be_a_node_is_told() -> None:
    found = imported(CSV.encode(), ios="cisco_ios")
    assert {name: node["access"] for name, node in found.document["nodes"].items()} == {
        "sw1": ["ssh://ops@[2001:db8::1]"]
    }
    told = dict(line.split(": ", 1) for line in found.left_out)
    assert set(told) == {"sw1", "sw2", "sw3", "bad name", "sw6"}
    assert "two of this name" in told["sw1"]
    assert "--platform" in told["sw2"]
    assert "address" in told["sw3"]


@pytest.mark.parametrize("data", [b"", b"{", b'{"results": 3}', b"[1]", b"a,b\n1,2\n", b"\xff\xfe\x00"])
def test_what_is_no_list_of_devices_is_refused_in_a_sentence(data: bytes) -> None:
    with pytest.raises(PointsmanError, match=r"this (is|JSON)"):
        read_devices(data)
