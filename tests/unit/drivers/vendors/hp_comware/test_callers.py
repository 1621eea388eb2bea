"""By which way Comware and VRP say that we come, and whether they say that something was not saved."""

from dataclasses import replace

import pytest

from drivers.errors import Garbled
from drivers.switching.own_path import Caller, Hop
from drivers.vendors.hp_comware.callers import caller, hops
from pointsman.subjects.hp_comware import switch
from pointsman.twins.languages.comware_session import ComwareSession
from pointsman.twins.languages.comware_shows import configuration
from pointsman.twins.languages.seat import SEAT, Seat
from tests.unit.drivers.vendors.on_twins import OnTwin

pytestmark = pytest.mark.unit


class Bench(OnTwin):
    """A twin in use, and a driver on it."""

    def __init__(self, profile):
        self.switch = switch(profile)
        self.uplink, *_, self.spare = (name for name in self.switch.config.interfaces if name.startswith("Gigabit"))
        super().__init__(profile, lambda: ComwareSession(self.switch))


@pytest.fixture(params=["hp_comware", "huawei_vrp"])
async def bench(request):
    made = Bench(request.param)
    yield made
    await made.driver.close()


@pytest.mark.parametrize("seat", [SEAT, Seat(peer="192.0.2.7", gateway="10.0.20.1")], ids=["near", "routed"])
async def test_the_port_and_vlan_of_the_next_hop_are_told(bench, seat):
    bench.switch.seat = seat
    found = await bench.driver.own_path()
    assert (found.peer, found.ports, found.vlan) == (seat.peer, (bench.uplink,), 20)
    assert seat.mac in found.evidence


@pytest.mark.parametrize("over", ["aside", "console"])
async def test_a_session_that_crosses_nothing_switched_has_no_ports(bench, over):
    bench.switch.seat = replace(SEAT, over=over)
    found = await bench.driver.own_path()
    assert (found.ports, found.vlan) == ((), None)
    assert found.evidence


@pytest.mark.parametrize("shown", ["host.example.net", "10.0.20.256", "2001:db8::5"])
async def test_a_name_in_place_of_an_address_is_not_told(bench, shown):
    bench.switch.seat = replace(SEAT, shown=shown)
    assert await bench.driver.own_path() is None


async def test_a_next_hop_that_was_learned_nowhere_or_in_two_places_is_not_told(bench):
    bench.switch.macs.append(("0200-0000-0102", 20, bench.spare))
    assert await bench.driver.own_path() is None
    bench.switch.macs = []
    assert await bench.driver.own_path() is None


DETAILS = (
    "\nFollowing are more details.\nVTY 0   :\n        User name: Location: 10.0.0.9\n        Location: 10.0.0.5\n"
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("+ 83   VTY 0    00:00:00   Nov 20 10:00:00   334     SSH\n" + DETAILS, Caller(peer="10.0.0.5")),
        ("F 0   AUX 0    00:00:00      3\n" + DETAILS, Caller(line="AUX 0")),
        ("+ 35  VTY 1   00:00:00  TEL    10.164.6.15    pass    no    Username : x\n", Caller(peer="10.164.6.15")),
        ("+ 0   CON 0   00:00:00                          pass    no    Username : x\n", Caller(line="CON 0")),
        ("  83   VTY 0    00:00:00   Nov 20 10:00:00   334     SSH\n" + DETAILS + " +    : Current user.\n", None),
        ("+ 1  VTY 0  0:0  TEL  10.0.0.5  pass\n+ 2  VTY 1  0:0  TEL  10.0.0.6  pass\n", None),
        ("+ 83   VTY 1    00:00:00   Nov 20 10:00:00   334     SSH\n" + DETAILS, None),
        ("+ 83   VTY 0    00:00:00   Nov 20 10:00:00   334     SSH\n" + DETAILS + "        Location: 10.0.0.6\n", None),
        ("", None),
    ],
)
def test_our_own_row_of_the_users(text, found):
    assert caller(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "0.0.0.0/0          Static  60  0           10.0.0.1        Vlan10\n",
            (Hop(interface="Vlan10", via="10.0.0.1"),),
        ),
        (
            "0.0.0.0/0    Static  60  0   RD   10.0.0.1  Vlanif10\n10.0.0.0/24  Direct  0  0  D  10.0.0.2  Vlanif20\n",
            (Hop(interface="Vlanif20"),),
        ),
        ("Destination/Mask   Proto   Pre Cost        NextHop         Interface\n", ()),
        ("!", ()),
        ("0.0.0.0/0  Static  60  0  10.0.0.1  Vlan10\n           Static  60  0  10.0.0.3  Vlan10\n", ()),
    ],
)
def test_where_answers_go(text, found):
    assert hops(text) == found


async def test_what_was_changed_is_unsaved_until_it_is_saved(bench):
    await bench.driver.save()
    assert not await bench.driver.unsaved()
    bench.switch.config.interfaces[bench.spare].description = "by hand"
    assert await bench.driver.unsaved()
    await bench.driver.save()
    assert not await bench.driver.unsaved()


async def test_where_nothing_was_ever_saved_something_is_unsaved(bench):
    await bench.driver.save()
    bench.switch.erased = True
    assert await bench.driver.unsaved()


async def test_half_a_file_is_no_answer(bench, monkeypatch):
    cut = configuration(bench.switch).removesuffix("return\n")
    monkeypatch.setattr(ComwareSession, "_display", lambda _, what: cut)
    with pytest.raises(Garbled):
        await bench.driver.unsaved()
