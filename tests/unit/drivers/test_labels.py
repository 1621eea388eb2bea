"""What an outlet's name says of what it feeds, and that a vendor's own names say nothing."""

import pytest

from drivers.labels import labels

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("text", "name", "supply"),
    [
        ("web-07/psu0", "web-07", "psu0"),
        ("sw1", "sw1", ""),
        ("sw1 PSU A", "sw1", "PSU A"),
        ("rack3-sw1_ps2", "rack3-sw1", "ps2"),
        ("fw1-feed-b", "fw1", "feed-b"),
        ("core switch", "core switch", ""),
    ],
)
def test_a_name_is_whose_it_is_and_which_supply(text, name, supply):
    (found,) = labels([("7", text)])
    assert (found.port, found.kind, found.medium) == ("7", "label", "power")
    assert (found.name, found.remote_port, found.port_description) == (name, supply, text)


@pytest.mark.parametrize(
    "text", ["", "7", "A12", "Outlet", "Outlet 7", "OUTLET_A1", "outlet12", "TowerA_Outlet7", "Master_Outlet_1"]
)
def test_a_vendors_own_name_is_nobodys(text):
    assert list(labels([("7", text)])) == []
