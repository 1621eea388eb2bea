"""What differs between a goal and what a device shows."""

import pytest

from device_profiles.compare import Goal, compare
from device_profiles.state import Port, State

pytestmark = pytest.mark.unit


def changed(wanted, shown):
    found = compare(
        Goal(State(ports={"p1": Port(mode="trunk", **wanted)})), State(ports={"p1": Port(mode="trunk", **shown)})
    )
    return {change.path[2] for change in found}


@pytest.mark.parametrize(
    ("wanted", "shown", "fields"),
    [
        ({"trunk_vlans": (1, 10), "native_vlan": 1}, {"trunk_vlans": (10,), "native_vlan": 1}, set()),
        ({"trunk_vlans": (10,), "native_vlan": 1}, {"trunk_vlans": (1, 10), "native_vlan": 1}, set()),
        ({"trunk_vlans": (1, 10)}, {"trunk_vlans": (10,), "native_vlan": 1}, set()),
        ({"trunk_vlans": (10, 20), "native_vlan": 20}, {"trunk_vlans": (10,), "native_vlan": 1}, {"native_vlan"}),
        (
            {"trunk_vlans": (1, 10), "native_vlan": "none"},
            {"trunk_vlans": (10,), "native_vlan": "none"},
            {"trunk_vlans"},
        ),
        (
            {"trunk_vlans": (1, 10), "native_vlan": 20},
            {"trunk_vlans": (10,), "native_vlan": 1},
            {"trunk_vlans", "native_vlan"},
        ),
        ({"trunk_vlans": (10,)}, {"trunk_vlans": "all", "native_vlan": 10}, {"trunk_vlans"}),
        ({"trunk_vlans": "all"}, {"trunk_vlans": (10,), "native_vlan": 10}, {"trunk_vlans"}),
        ({"trunk_vlans": (10,)}, {}, {"trunk_vlans"}),
    ],
)
def test_the_native_vlan_is_carried_whether_it_is_listed_or_not(wanted, shown, fields):
    assert changed(wanted, shown) == fields
