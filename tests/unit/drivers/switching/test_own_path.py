"""The way of our session, put together from tables: told only where every one of them tells one thing."""

import random
from functools import partial

import pytest

from device_profiles.operation import MacEntry
from drivers.errors import Rejected, Unreachable
from drivers.session import Reply
from drivers.switching.own_path import Caller, Hop, Tables, address, dotted, own_path

pytestmark = pytest.mark.unit

MAC = "02:00:00:00:00:07"
TOLD = {
    "users": "10.0.0.5",
    "tcp": "1 10.0.0.2.22   10.0.0.5.50514   ESTAB\n2 10.9.0.2.22   10.0.0.9.50514   ESTAB\n",
    "addresses": "Vlan10  10.0.0.2  YES up\nVlan20  10.9.0.2/24  up\nLoopback0 10.7.0.1 up\n",
    "arp 10.0.0.5": "Internet  10.0.0.5   3   0200.0000.0007  ARPA   Vlan10\n",
    "macs 0200.0000.0007": "p1 10",
}


class Switch:
    """A switch that answers what it is told to; all else it refuses."""

    def __init__(self, **told):
        self.told = TOLD | {key.replace("_", " "): text for key, text in told.items()}
        self.asked = []

    async def run(self, command):
        self.asked.append(command)
        text = self.told.get(command)
        if text is None:
            raise Rejected("% Invalid input")
        if isinstance(text, Exception):
            raise text
        return Reply(text.encode(), 0, 0.0)

    async def way(self, **more):
        return await own_path(tables(**more), self.run)


def hops(text):
    return tuple(Hop(interface=interface, via=via) for interface, via in (line.split(",") for line in text.split()))


def learned(text):
    return [MacEntry(mac=MAC, vlan=int(vlan), port=port) for port, vlan in (row.split() for row in text.splitlines())]


def tables(**more):
    given = {
        "users": "users", "caller": lambda text: Caller(peer=text) if text else None,
        "connections": "tcp", "addresses": "addresses", "arp": "arp {peer}", "route": "route {peer}", "hops": hops,
        "macs": "macs {mac}", "learned": learned, "interface": str,
        "vlan": lambda name: int(name[4:]) if name.startswith("Vlan") else None,
        "port": lambda name: name if name.startswith("p") else None,
        "aside": lambda name: name.startswith("mgmt"), "mac": dotted,
    }  # fmt: skip
    return Tables(**given | more)


async def test_what_every_table_tells_is_told():
    found = await Switch().way()
    assert (found.peer, found.ports, found.vlan) == ("10.0.0.5", ("p1",), 10)


async def test_behind_a_router_it_is_the_router_that_was_learned():
    routed = {"arp_10.0.0.5": "", "route_10.0.0.5": "Vlan10,10.0.0.1", "arp_10.0.0.1": "10.0.0.1 0200.0000.0007 Vlan10"}
    assert (await Switch(**routed).way()).ports == ("p1",)


@pytest.mark.parametrize(
    ("interface", "ports"), [("mgmt0", ()), ("p7", ("p7",))], ids=["a management port", "a routed port"]
)
async def test_an_interface_that_is_a_port_itself_needs_no_table_more(interface, ports):
    switch = Switch(addresses=f"{interface} 10.0.0.2 up\n")
    found = await switch.way()
    assert (found.ports, found.vlan) == (ports, None)
    assert switch.asked == ["users", "tcp", "addresses"]


UNTOLD = {
    "nobody is ours": {"users": ""},
    "no connection of ours": {"tcp": "1 10.0.0.2.22 10.0.0.6.50514 ESTAB"},
    "a connection that ends": {"tcp": "1 10.0.0.2.22 10.0.0.5.50514 TIMEWAIT"},
    "connections to two addresses": {"tcp": TOLD["tcp"] + "3 10.9.0.2.22 10.0.0.5.50515 ESTAB"},
    "an address that no interface has": {"addresses": "Vlan10 10.0.0.22 up"},
    "an address that two interfaces have": {"addresses": "Vlan10 10.0.0.2 up\nVlan20 10.0.0.2 up"},
    "an interface that is no VLAN's": {"addresses": "Loopback0 10.0.0.2 up"},
    "an address in a text": {"addresses": "Vlan10 unassigned\n10.0.0.2 Vlan10"},
    "ARP over another interface": {"arp_10.0.0.5": "10.0.0.5 0200.0000.0007 ARPA Vlan20"},
    "ARP of another": {"arp_10.0.0.5": "10.0.0.55 0200.0000.0007 ARPA Vlan10"},
    "ARP not done": {"arp_10.0.0.5": "Internet 10.0.0.5 0 Incomplete ARPA"},
    "two MACs": {"arp_10.0.0.5": "10.0.0.5 0200.0000.0007 Vlan10\n10.0.0.5 0200.0000.0008 Vlan10"},
    "learned in another VLAN": {"macs_0200.0000.0007": "p1 11"},
    "learned at two ports": {"macs_0200.0000.0007": "p1 10\np2 10"},
    "learned nowhere": {"macs_0200.0000.0007": ""},
}


@pytest.mark.parametrize("told", UNTOLD.values(), ids=UNTOLD)
async def test_what_is_not_told_once_is_not_concluded(told):
    assert await Switch(**told).way() is None


@pytest.mark.parametrize("route", ["Vlan10,10.0.0.1 Vlan10,10.0.0.3", "Vlan10,", "Vlan20,10.0.0.1", ""])
async def test_a_route_that_is_no_single_next_hop_on_our_interface_is_not_concluded_from(route):
    arp = "10.0.0.1 0200.0000.0007 Vlan10"
    told = {"arp_10.0.0.5": "", "route_10.0.0.5": route, "arp_10.0.0.1": arp}
    assert await Switch(**told).way() is None


@pytest.mark.parametrize("refused", TOLD)
async def test_a_switch_that_refuses_one_of_the_commands_cannot_tell(refused):
    switch = Switch()
    del switch.told[refused]
    assert await switch.way() is None


async def test_a_line_that_is_lost_is_no_answer():
    with pytest.raises(Unreachable):
        await Switch(addresses=Unreachable("lost")).way()


@pytest.mark.parametrize(
    ("route", "ports"), [("Vlan10,", ("p1",)), ("Vlan10, mgmt0,", None), ("mgmt0,10.1.0.1", ()), ("", None)]
)
async def test_without_a_table_of_connections_all_routes_must_agree(route, ports):
    switch = Switch(**{"route_10.0.0.5": route})
    found = await switch.way(connections="", addresses="")
    assert (None if found is None else found.ports) == ports


@pytest.mark.parametrize("word", ["10.0.0", "10.0.0.256", "010.0.0.1", "::1", "sw1", "10.0.0.1/24", "\uff11.0.0.1", ""])
def test_only_an_address_is_an_address(word):
    assert address(word) == ""


async def test_rubble_is_never_an_answer_and_never_a_fault():
    """Texts that are torn and mixed: the way is the one that was told, or none."""
    chance = random.Random(7)
    for _ in range(300):
        name = chance.choice(sorted(set(TOLD) - {"users"}))
        lines = (TOLD[name] + "".join(TOLD[other] for other in TOLD if not other.startswith("macs"))).splitlines()
        text = "\n".join(line[: chance.randrange(len(line) + 1)] for line in chance.sample(lines, len(lines)))
        switch = Switch()
        switch.told[name] = "p1 10" if name.startswith("macs") else text
        found = await switch.way()
        assert found is None or (found.ports, found.vlan) == (("p1",), 10)


def test_a_mac_as_switches_write_it():
    assert (dotted(MAC), partial(dotted, mark="-")(MAC)) == ("0200.0000.0007", "0200-0000-0007")
