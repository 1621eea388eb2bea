"""By which way Junos says that we come."""

from dataclasses import replace

import pytest

from drivers.switching.own_path import Caller, Hop
from drivers.vendors.juniper_junos.callers import caller, hops, vlan_interfaces
from pointsman.subjects.juniper_junos import switch
from pointsman.twins.languages.junos_session import JunosSession
from pointsman.twins.languages.seat import SEAT, Seat
from tests.unit.drivers.vendors.on_twins import OnTwin

pytestmark = pytest.mark.unit


class Bench(OnTwin):
    """A twin in use, and a driver on it."""

    def __init__(self):
        self.switch = switch()
        super().__init__("juniper_junos", lambda: JunosSession(self.switch))


@pytest.fixture
async def bench():
    made = Bench()
    yield made
    await made.driver.close()


@pytest.mark.parametrize("seat", [SEAT, Seat(peer="192.0.2.7", gateway="10.0.20.1")], ids=["near", "routed"])
async def test_the_port_and_vlan_of_the_next_hop_are_told(bench, seat):
    bench.switch.seat = seat
    found = await bench.driver.own_path()
    assert (found.peer, found.ports, found.vlan) == (seat.peer, ("ge-0/0/0",), 20)
    assert seat.mac in found.evidence


@pytest.mark.parametrize("over", ["aside", "console"])
async def test_a_session_that_crosses_nothing_switched_has_no_ports(bench, over):
    bench.switch.seat = replace(SEAT, over=over)
    found = await bench.driver.own_path()
    assert (found.ports, found.vlan) == ((), None)
    assert found.evidence


async def test_where_others_are_logged_in_from_elsewhere_nobody_can_tell_which_is_ours(bench):
    bench.switch.others = (SEAT.peer,)
    assert await bench.driver.own_path() is not None
    bench.switch.others = ("10.9.9.9",)
    assert await bench.driver.own_path() is None


@pytest.mark.parametrize("shown", ["host.example.net", "10.0.20.256", "2001:db8::5"])
async def test_a_name_in_place_of_an_address_is_not_told(bench, shown):
    bench.switch.seat = replace(SEAT, shown=shown)
    assert await bench.driver.own_path() is None


async def test_a_next_hop_or_a_vlan_that_is_not_known_is_not_told(bench):
    bench.switch.macs.append((SEAT.mac, "phones", "ge-0/0/7"))
    assert await bench.driver.own_path() is None
    bench.switch.macs.pop()
    del bench.switch.committed[("vlans", "phones", "l3-interface", "irb.20")]
    assert await bench.driver.own_path() is None


HEAD = "USER     TTY      FROM                              LOGIN@  IDLE WHAT\n"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            HEAD + "admin    pts/0    10.0.0.5                         9:47AM      - -cli (cli)\n",
            Caller(peer="10.0.0.5"),
        ),
        (HEAD + "root     u0       -                                9:47AM      - -cli (cli)\n", Caller(line="u0")),
        (HEAD + "root     pts/0    -                                9:47AM      - -cli (cli)\n", None),
        (HEAD + "a u0 - 9AM - cli\nb pts/0 10.0.0.5 9AM - cli\n", None),
        (HEAD + "a pts/0 10.0.0.5 9AM - cli\nwhat\n", None),
        (HEAD + "a pts/0 10.0.0.5 9AM - cli\n" + HEAD, None),
        ("admin    pts/0    10.0.0.5                         9:47AM      - -cli (cli)\n", None),
        (HEAD, None),
    ],
)
def test_who_is_logged_in(text, found):
    assert caller(text) == found


def test_where_answers_go():
    text = "0.0.0.0/0  *[Static/5] 1w\n      > to 10.0.0.1 via irb.10\n        to 10.1.0.1 via me0.0\n"
    assert hops(text) == (Hop(interface="irb.10", via="10.0.0.1"), Hop(interface="me0.0", via="10.1.0.1"))
    assert hops("10.0.0.0/24 *[Direct/0] 1w\n      > via irb.10\n") == (Hop(interface="irb.10"),)
    assert hops("0.0.0.0/0 *[BGP/170] 1w\n     > to 10.0.0.1 via irb.10\n       to table inet.3\n") == ()
    assert hops('set interfaces ge-0/0/1 description "> via irb.10"\n') == ()


def test_the_vlan_of_an_interface_is_the_one_that_names_it():
    told = "set vlans a vlan-id 10\nset vlans a l3-interface irb.99\nset vlans b l3-interface irb.20\n"
    assert vlan_interfaces(told) == {"irb.99": 10}
    assert vlan_interfaces(told + "deactivate vlans a l3-interface\n") == {}
    assert vlan_interfaces(told + "deactivate vlans\n") == {}
