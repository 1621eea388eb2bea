"""A cable can be moved while the lab runs, and what hangs on it goes on as before."""

import pytest

from pointsman.lab import Lab, LabError
from pointsman.lab.layout import CABLES
from pointsman.lab.waiting import until

pytestmark = pytest.mark.lab


@pytest.fixture
def plugged(lab: Lab):
    """Give the test a lab with h1 in its own port, and put it back there afterwards."""
    yield lab
    lab.cable("h1", "sw1:p1")


def sees(lab: Lab, switch: str, port: str) -> set[str]:
    return {name for name, _ in lab.neighbours(switch).get(port, [])}


def test_a_moved_cable_shows_by_lldp_at_the_new_port_only(plugged: Lab) -> None:
    plugged.cable("h1", "sw2:p5")
    until(lambda: sees(plugged, "sw2", "p5") == {"h1"}, what="sw2 sees h1 at p5")
    until(lambda: not sees(plugged, "sw1", "p1"), what="sw1 sees nobody at p1")
    until(lambda: ("sw2", "p5") in plugged.neighbours("h1").get("eth0", []), what="h1 sees sw2")


def test_a_host_keeps_its_addresses_and_traffic_when_it_is_moved(plugged: Lab) -> None:
    before = plugged.run("h1", ["sh", "-c", "cat /sys/class/net/eth0/address; ip -4 -br address show eth0"]).stdout
    plugged.cable("h1", "sw2:p6")
    after = plugged.run("h1", ["sh", "-c", "cat /sys/class/net/eth0/address; ip -4 -br address show eth0"]).stdout
    assert after.replace("@if", " ").split()[0] == before.split()[0]
    assert "10.9.0.1/24" in after
    assert "off" in plugged.run("h1", ["sh", "-c", "ethtool -k eth0 | grep tx-checksumming"]).stdout
    until(
        lambda: plugged.run("h1", ["ping", "-c1", "-W1", "10.9.0.3"]).returncode == 0,
        what="h1 reaches h3 from its new port",
    )


def test_the_port_it_left_has_no_carrier_and_takes_a_cable_again(plugged: Lab) -> None:
    plugged.cable("h1", "sw2:p5")
    carrier = plugged.run("sw1", ["cat", "/sys/class/net/p1/carrier"]).stdout.strip()
    assert carrier == "0"
    plugged.cable("h1", "sw1:p1")
    until(lambda: sees(plugged, "sw1", "p1") == {"h1"}, what="sw1 sees h1 again")
    assert plugged.run("sw2", ["cat", "/sys/class/net/p5/carrier"]).stdout.strip() == "0"


@pytest.mark.parametrize("port", ["sw1:p24", "sw2:p8", "sw9:p1", "p1", "sw1:", ":", "sw1:p2"])
def test_a_port_that_takes_no_cable_or_has_one_is_refused(plugged: Lab, port: str) -> None:
    with pytest.raises(LabError, match=r"takes a cable|is taken by"):
        plugged.cable("h1", port)
    assert plugged.run("h1", ["ping", "-c1", "-W1", "10.9.0.2"]).returncode == 0


def test_all_cables_go_back_at_once_also_when_they_changed_places(plugged: Lab) -> None:
    plugged.cable("h1", "sw2:p7")
    plugged.cable("h2", "sw1:p1")
    plugged.cable("h1", "sw1:p2")
    plugged.run("sw1", ["ovs-vsctl", "set", "Port", "p1", "tag=17"], check=True)
    plugged.reset()
    assert {each.name: each.cable for each in plugged.status() if each.cable} == CABLES
    until(
        lambda: plugged.run("h1", ["ping", "-c1", "-W1", "10.9.0.3"]).returncode == 0,
        what="h1 reaches h3 from its port",
    )


def test_a_device_without_a_cable_cannot_be_moved(plugged: Lab) -> None:
    with pytest.raises(LabError, match="no cable that can be moved"):
        plugged.cable("pdu1", "sw2:p5")
