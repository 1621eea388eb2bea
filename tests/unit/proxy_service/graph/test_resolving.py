"""Who is at the other end: marks decide, and what does not fit together is a doubt."""

import pytest

from device_profiles.links import Neighbour
from device_profiles.operation import MacEntry
from proxy_service.graph.edges import edge_macs
from proxy_service.graph.resolving import Directory, Owner, resolve

pytestmark = pytest.mark.unit

MAC = "52:54:00:00:00:07"
KNOWN = {
    "server/web-07": ("server", {f"mac:{MAC}", "name:web-07", "initiator:iqn.x:web-07", "serial:CZ07"}, {MAC: "eth0"}),
    "node/sw1": ("switch", {"mac:02:00:00:00:00:01", "name:sw1", "name:sw1.a"}, {"gi0/1": "GigabitEthernet0/1"}),
    "node/sw2": ("switch", {"mac:02:00:00:00:00:02", "mac:02:00:00:00:00:99", "name:sw2", "name:same"}, {}),
    "node/sw3": ("switch", {"mac:02:00:00:00:00:03", "mac:02:00:00:00:00:99", "name:sw3", "name:same"}, {}),
}


def directory():
    owners = {}
    for who, (kind, marks, _) in KNOWN.items():
        for mark in marks:
            owners[mark] = (*owners.get(mark, ()), Owner(who, kind))
    return Directory(
        owners, {who: frozenset(item[1]) for who, item in KNOWN.items()}, {who: item[2] for who, item in KNOWN.items()}
    )


def far(**seen):
    return resolve(Neighbour(**{"port": "p1", "kind": "lldp", **seen}), directory())


@pytest.mark.parametrize(
    "seen",
    [
        {"chassis_id": MAC},
        {"chassis_id": "5254.0000.0007", "name": "web-07.example.net"},
        {"name": "web-07", "remote_port": "eth0"},
        {"name": "localhost", "chassis_id": "other", "remote_port": MAC},
        {"kind": "fdb", "chassis_id": MAC},
        {"kind": "slot", "medium": "slot", "serial": "cz07"},
        {"kind": "session", "medium": "storage", "initiator": "IQN.x:web-07"},
        {"kind": "label", "medium": "power", "name": "web-07/psu1"},
    ],
)
def test_a_server_is_recognised_by_any_of_its_marks(seen):
    assert (far(**seen).who, far(**seen).doubt) == ("server/web-07", "")


def test_the_far_port_is_in_the_machines_own_spelling():
    assert far(name="sw1", remote_port="Gi0/1").port == "GigabitEthernet0/1"
    assert far(name="sw1", remote_port="77", port_description="gi0/1").port == "GigabitEthernet0/1"
    assert far(name="sw1", remote_port="new9").port == "new9"
    assert far(kind="fdb", chassis_id=MAC).port == "eth0"
    assert far(kind="label", medium="power", name="web-07/psu1").port == "psu1"


@pytest.mark.parametrize(
    ("seen", "who", "doubt"),
    [
        ({"chassis_id": MAC, "name": "sw1"}, "server/web-07", "its mac is that of web-07, and its name that of sw1"),
        ({"chassis_id": "02:00:00:00:00:01", "name": "evil"}, "node/sw1", "it shows an id of sw1 under another name"),
        ({"chassis_id": "02:00:00:00:00:99"}, "unknown/mac:02:00:00:00:00:99", "one and the same mac is that of"),
        ({"chassis_id": "02:00:00:00:00:99", "name": "sw3"}, "node/sw3", "one and the same mac is that of"),
        ({"chassis_id": MAC, "serial": "x", "macs": ("02:00:00:00:00:01",)}, None, "marks of several machines"),
        ({"name": "same"}, "unknown/name:same", "sw2 and sw3 bear the same name"),
    ],
)
def test_what_does_not_fit_together_is_a_doubt(seen, who, doubt):
    found = far(**seen)
    assert doubt in found.doubt
    assert who is None or found.who == who


def test_who_is_nobodys_is_unknown_under_what_would_tell_it_again():
    assert far(name="h9", chassis_id="52-54-00-00-00-99").who == "unknown/mac:52:54:00:00:00:99"
    assert far(name="h9", chassis_id="Base-7").who == "unknown/id:base-7"
    assert far(name="H9.x").who == "unknown/name:h9.x"
    assert far(kind="session", medium="storage", initiator="iqn.x:9").who == "unknown/initiator:iqn.x:9"
    assert len(far(name="x" * 10_000, chassis_id="y" * 10_000).who) < 270


def macs(**ports):
    return [MacEntry(mac=mac, vlan=1, port=port) for port, found in ports.items() for mac in found]


def many(number, start=0x10):
    return [f"52:54:00:00:01:{start + each:02x}" for each in range(number)]


def test_macs_at_uplinks_are_no_neighbours():
    found = edge_macs(
        macs(p1=[MAC], p2=many(9), p3=["02:00:00:00:00:01", MAC], p4=many(1), lag1=many(2), p5=["01:00:5e:00:00:01"]),
        owners=directory().owners,
        uplinks=frozenset({"p4", "p23"}),
        lags={"lag1": ("p23", "p24")},
    )
    assert found == {"p1": (MAC,)}


def test_a_machine_with_some_guests_is_at_an_edge():
    assert edge_macs(macs(p1=many(8)), owners={}, uplinks=frozenset(), lags={}) == {"p1": tuple(many(8))}
