"""By which way IOS-like switches say that we come, and whether they say that something was not saved."""

from dataclasses import replace

import pytest

from drivers.errors import Garbled
from drivers.switching import saved
from drivers.switching.own_path import Caller, Hop
from drivers.vendors.cisco_ios.callers import caller, hops
from pointsman.twins.languages.ios_like import PORTS, Interface
from pointsman.twins.languages.ios_like_session import IosSession
from pointsman.twins.languages.ios_like_shows import running_config
from pointsman.twins.languages.seat import SEAT, Seat
from tests.unit.drivers.vendors.cisco_ios.ios_like_devices import PROFILES, a_switch, dialect, driver_on

pytestmark = pytest.mark.unit


def in_use(profile, seat=SEAT):
    """A switch with an uplink, behind which the peer stands."""
    switch = a_switch(profile)
    port = PORTS[profile][1][0]
    switch.config.vlans[20] = "management"
    switch.config.interfaces[port] = Interface(port, mode="trunk", encapsulated=True)
    switch.macs, switch.seat = [(seat.mac, seat.vlan, port)], seat
    return switch, port


async def way(switch):
    driver, _ = driver_on(switch)
    try:
        return await driver.own_path()
    finally:
        await driver.close()


@pytest.mark.parametrize("seat", [SEAT, Seat(peer="192.0.2.7", gateway="10.0.20.1")], ids=["near", "routed"])
@pytest.mark.parametrize("profile", PROFILES)
async def test_the_port_and_vlan_of_the_next_hop_are_told(profile, seat):
    switch, port = in_use(profile, seat)
    found = await way(switch)
    assert (found.peer, found.ports, found.vlan) == (seat.peer, (port,), 20)
    assert seat.mac in found.evidence


@pytest.mark.parametrize("over", ["aside", "console"])
@pytest.mark.parametrize("profile", PROFILES)
async def test_a_session_that_crosses_nothing_switched_has_no_ports(profile, over):
    switch, _ = in_use(profile, replace(SEAT, over=over))
    found = await way(switch)
    assert (found.ports, found.vlan) == ((), None)
    assert found.evidence


@pytest.mark.parametrize("shown", ["host.example.net", "10.0.20.5x", "999.0.20.5", "2001:db8::5"])
@pytest.mark.parametrize("profile", PROFILES)
async def test_a_name_in_place_of_an_address_is_not_told(profile, shown):
    switch, _ = in_use(profile, replace(SEAT, shown=shown))
    assert await way(switch) is None


@pytest.mark.parametrize("profile", PROFILES)
async def test_a_next_hop_that_was_learned_nowhere_or_in_two_places_is_not_told(profile):
    switch, port = in_use(profile)
    switch.macs.append((SEAT.mac, SEAT.vlan, PORTS[profile][1][4]))
    assert await way(switch) is None
    switch.macs = [(SEAT.mac, 30, port)]
    assert await way(switch) is None
    switch.macs = []
    assert await way(switch) is None


@pytest.mark.parametrize("profile", ["cisco_ios", "cisco_xe"])
async def test_a_peer_whose_sessions_go_to_two_of_our_addresses_is_not_told(profile):
    switch, _ = in_use(profile, replace(SEAT, peer="10.9.9.9", local="10.0.30.2"))
    assert await way(switch) is None


IOS = "    Line       User       Host(s)              Idle       Location\n"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (IOS + "*  1 vty 0     admin      idle                 00:00:00 10.0.0.5\n", Caller(peer="10.0.0.5")),
        (IOS + "   0 con 0                idle     00:12\n*  2 vty 1   idle  0 10.0.0.6\n", Caller(peer="10.0.0.6")),
        (IOS + "*  0 con 0                idle                 00:00:00   \n", Caller(line="con 0")),
        (IOS + "*  1 aux 0                idle                 00:00:00   \n", Caller(line="aux 0")),
        ("admin pts/0 Sep  1 01:17   .  10739 (10.52.81.70) session=ssh *\n", Caller(peer="10.52.81.70")),
        ("admin ttyS0 Jul 15 09:10   .  28556 *\n", Caller(line="ttyS0")),
        # Not ours, ours twice, or somebody's name for an address.
        (IOS + "   1 vty 0     admin      idle                 00:00:00 10.0.0.5\n", None),
        (IOS + "*  1 vty 0  a  idle  00:00:00 10.0.0.5\n*  2 vty 1  b  idle  00:00:00 10.0.0.6\n", None),
        (IOS + "*  1 vty 0     10.0.0.9   idle                 00:00:00\n", None),
        ("* 10.0.0.9 pts/0 Sep  1 01:17 . 10739 (10.52.81.70) session=ssh *\n", None),
        ("admin pts/0 Sep  1 01:17   .  10739 (evil) session=ssh (10.0.0.9) *\n", None),
        ("", None),
    ],
)
def test_our_own_row_of_the_users(text, found):
    assert caller(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("  Routing Descriptor Blocks:\n  * directly connected, via Vlan10\n", (Hop(interface="Vlan10"),)),
        ("  * 10.0.0.1\n      Route metric is 0\n", (Hop(via="10.0.0.1"),)),
        ("  * 10.0.0.1, from 10.0.0.9, 00:00:34 ago, via Vlan10\n", (Hop(interface="Vlan10", via="10.0.0.1"),)),
        ("Default gateway is 10.0.0.1\n\nHost    Gateway\n", (Hop(via="10.0.0.1"),)),
        ("    *via 10.0.0.2, Vlan10, [0/0], 1d02h, direct\n", (Hop(interface="Vlan10"),)),
        (
            "    *via 10.0.0.1%management, mgmt0, [1/0], 3w, static\n    *via 10.1.0.1, Vlan10, [1/0], 3w, static\n",
            (Hop(interface="mgmt0", via="10.0.0.1"), Hop(interface="Vlan10", via="10.1.0.1")),
        ),
        (
            " S*       0.0.0.0/0 [1/0] via 10.0.0.1, Vlan10\n                           via 10.0.0.2, Vlan20\n",
            (Hop(interface="Vlan10", via="10.0.0.1"), Hop(interface="Vlan20", via="10.0.0.2")),
        ),
        (" C        10.0.0.0/24 is directly connected, Management1\n", (Hop(interface="Management1"),)),
        (" C        10.0.0.0/24\n           directly connected, Vlan10\n", (Hop(interface="Vlan10"),)),
        (" S*       0.0.0.0/0 [1/0]\n           via 10.0.0.1, Vlan10\n", (Hop(interface="Vlan10", via="10.0.0.1"),)),
        ("% Network not in table\n", ()),
        # One next hop that is not understood is one too many.
        ("  * 10.0.0.1, from 10.0.0.9, 2d06h ago\n", ()),
        ("  * 10.0.0.1\n    10.0.0.2 (Default-IP-Routing-Table), from 10.0.0.4, 01:59:31 ago\n", ()),
        ("    *via 10.0.0.1, Vlan10, [1/0], 3w, static\n    *via 10.0.0.9, [1/0], 3w, static\n", ()),
        (" S  0.0.0.0/0 [1/0] via 10.0.0.1, Vlan10\n                    via VTEP 10.0.0.7 VNI 5\n", ()),
        ("description via 10.0.0.1, Vlan10 is what we like\n", ()),
    ],
)
def test_where_answers_go(text, found):
    assert hops(text) == found


@pytest.mark.parametrize("profile", PROFILES)
async def test_what_was_changed_is_unsaved_until_it_is_saved(profile):
    switch, port = in_use(profile)
    driver, _ = driver_on(switch)
    await driver.save()
    assert not await driver.unsaved()
    switch.changed_at += 7  # the lines that tell the time change by themselves
    assert not await driver.unsaved()
    switch.config.interfaces[port].description = "by hand"
    assert await driver.unsaved()
    await driver.save()
    assert not await driver.unsaved()
    await driver.close()


async def test_where_nothing_was_ever_saved_something_is_unsaved():
    switch, _ = in_use("cisco_ios")
    driver, connection = driver_on(switch)
    switch.erased = True
    assert await driver.unsaved()
    await driver.close()
    assert "show startup-config" in connection.sent


async def test_half_a_file_is_no_answer(monkeypatch):
    switch, _ = in_use("cisco_ios")
    monkeypatch.setattr(IosSession, "_show", lambda _, what: running_config(switch).removesuffix("end\n"))
    driver, _ = driver_on(switch)
    with pytest.raises(Garbled):
        await driver.unsaved()
    await driver.close()


HEADINGS = dialect("cisco_nxos").headings


@pytest.mark.parametrize(
    ("text", "differs"),
    [
        ("", False),
        ("*** Startup-config\n--- Running-config\n", False),
        (
            "*** Startup-config\n--- Running-config\n****\n*** 1,3 ****\n! !Time: a\n--- 1,3 ----\n! !Time: b\n",
            False,
        ),
        ("!Command: show running-config diff\n!Time: Fri Nov 20 10:00:00 2026\n", False),
        ("*** 1,3 ****\n  vlan 1\n--- 1,4 ----\n  vlan 1\n+ vlan 30\n", True),
        ("*** 1,3 ****\n! hostname a\n--- 1,3 ----\n! hostname b\n", True),
        ("--- flash:/startup-config\n+++ system:/running-config\n@@ -1,2 +1,2 @@\n-vlan 10\n", True),
        (
            "--- flash:/startup-config\n+++ system:/running-config\n@@ -1 +1 @@\n-! last modified\n+! x\n",
            False,
        ),
    ],
)
def test_a_difference_counts_where_it_configures_something(text, differs):
    assert saved.differs(text, heading=HEADINGS) is differs


def test_certificates_and_the_words_around_a_configuration_do_not_count():
    heading = dialect("cisco_ios").headings
    running = (
        "Building configuration...\n\nCurrent configuration : 1630 bytes\n!\n! Last configuration change at 10:00\n"
        "hostname a\ncrypto pki certificate chain TP-self-signed-1\n certificate self-signed 01\n  3082024B\n"
        "  quit\n!\nend\n"
    )
    startup = (
        "Using 1630 out of 65536 bytes\n!\nhostname a\ncrypto pki certificate chain TP-self-signed-1\n"
        " certificate self-signed 01 nvram:IOS-Self-Sig#1.cer\n!\nend\n"
    )
    assert (
        saved.said(running, heading=heading)
        == saved.said(startup, heading=heading)
        == [
            *("hostname a", "end"),
        ]
    )
