"""By which port and VLAN our session comes to a switch with a command line, put together from its own tables.

The switch says where our session comes from (its table of users); which of its own addresses we speak to, where it has
a table of TCP connections, and so by which of its interfaces; or else by which interface answers go out (its route).
ARP tells the MAC of the next hop there, and the forwarding database at which port, and in which VLAN, that was learned.

Everything must be told, and be told once: two routes, a MAC at two ports, an interface that is neither a port nor one
of a VLAN, a name in place of an address, and the way is not known. IPv6 sessions are not told.
"""

from __future__ import annotations

import functools
import ipaddress
import re
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Final

from device_profiles.operation import MacEntry
from drivers.cli import asking
from drivers.contract import OwnPath
from drivers.session import Reply
from drivers.switching.operating import colons

_ADDRESS: Final = r"\d{1,3}(?:\.\d{1,3}){3}"
_CONNECTION: Final = re.compile(
    rf"(?<![\w.:])({_ADDRESS})[.:]\d{{1,5}}\s+({_ADDRESS})[.:]\d{{1,5}}(?:\s+-?\d+)?\s+\(?ESTAB(?:LISHED)?\b",
    re.IGNORECASE,
)
_MAC: Final = re.compile(
    r"(?<!\S)((?:[0-9a-f]{4}[.-]){2}[0-9a-f]{4}|(?:[0-9a-f]{2}:){5}[0-9a-f]{2})(?!\S)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who we are to the switch: an address, or (an empty one) somebody at its own ``line``."""

    peer: str = ""
    line: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """Where answers go: out by ``interface`` (empty: not told), to ``via`` (empty: straight to the peer)."""

    interface: str = ""
    via: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tables:
    """How a switch is asked and understood.

    In commands ``{peer}`` and ``{mac}`` are filled in. ``connections`` and ``addresses`` are empty where the switch has
    no such tables: ``route`` must then tell the interface, of all routing tables. ``interface`` brings a name to its
    one spelling, ``vlan`` is the VLAN that an interface belongs to, ``port`` the port that an interface is;
    ``aside`` says whether an interface is a management port, which switches nothing. ``mac`` writes one as the switch
    does.
    """

    users: str
    caller: Callable[[str], Caller | None]
    connections: str = ""
    addresses: str = ""
    arp: str
    arp_tells_interface: bool = True
    route: str
    hops: Callable[[str], tuple[Hop, ...]]
    macs: str
    learned: Callable[[str], Iterable[MacEntry]]
    interface: Callable[[str], str]
    vlan: Callable[[str], int | None]
    port: Callable[[str], str | None]
    aside: Callable[[str], bool]
    mac: Callable[[str], str] = str


def address(word: str) -> str:
    """An IPv4 address in its one spelling; empty for anything else."""
    try:
        return str(ipaddress.IPv4Address(word))
    except ValueError:
        return ""


def dotted(mac: str, *, mark: str = ".") -> str:
    """A MAC address as three groups of four digits."""
    digits = mac.replace(":", "")
    return mark.join((digits[:4], digits[4:8], digits[8:]))


async def own_path(tables: Tables, run: Callable[[str], Awaitable[Reply]]) -> OwnPath | None:
    """The way of our session (see :class:`drivers.contract.Placed`); None where the switch cannot tell."""

    async def ask(template: str, **words: str) -> str:
        command = functools.reduce(lambda text, word: text.replace(f"{{{word}}}", words[word]), words, template)
        return (await asking.answers(run, [command])).get(command, "")

    caller = tables.caller(await ask(tables.users))
    if caller is None:
        return None
    if not caller.peer:
        return OwnPath(evidence=f"our session is on the switch's own line {caller.line}")
    return await _way(tables, ask, caller.peer)


_Ask = Callable[..., Awaitable[str]]


async def _way(tables: Tables, ask: _Ask, peer: str) -> OwnPath | None:
    local, hop = "", Hop()
    if tables.connections:
        spoken_to = _spoken_to(await ask(tables.connections), peer)
        local = _holder(await ask(tables.addresses), spoken_to, tables) if spoken_to else ""
    else:
        hop = _one(tables.hops(await ask(tables.route, peer=peer))) or hop
        local = tables.interface(hop.interface)
    if not local:
        return None
    if tables.aside(local):
        return OwnPath(peer=peer, evidence=f"our session from {peer} comes over {local}, which switches nothing")
    port = tables.port(local)
    if port is not None:
        return OwnPath(peer=peer, ports=(port,), evidence=f"our session from {peer} comes over {local}, a routed port")
    vlan = tables.vlan(local)
    if vlan is None:
        return None
    mac = await _next_hop(tables, ask, peer, local=local, hop=hop)
    learned = set(tables.learned(await ask(tables.macs, mac=tables.mac(mac)))) if mac else set()
    found = {entry.port for entry in learned if entry.mac == mac and entry.vlan == vlan}
    if len(found) != 1:
        return None
    (where,) = found
    evidence = f"the switch sees our session come from {peer}, whose next hop {mac} it learned there"
    return OwnPath(peer=peer, ports=(where,), vlan=vlan, evidence=evidence)


def _spoken_to(text: str, peer: str) -> str:
    """Which address of the switch all connections of ``peer`` go to; empty where they go to none, or to several."""
    found = {address(own) for own, far in _CONNECTION.findall(text) if address(far) == peer}
    return found.pop() if len(found) == 1 else ""


def _holder(text: str, own: str, tables: Tables) -> str:
    """The interface that has this address; empty where none or several have it."""
    rows = (line.split() for line in text.splitlines())
    names = {row[0] for row in rows if any(address(word.partition("/")[0]) == own for word in row[1:])}
    return tables.interface(names.pop()) if len(names) == 1 else ""


async def _next_hop(tables: Tables, ask: _Ask, peer: str, *, local: str, hop: Hop) -> str:
    """The MAC of whoever hands our packets to the switch, at ``local``; empty where it is not told, or several are."""
    mac = _at(await ask(tables.arp, peer=hop.via or peer), hop.via or peer, local, tables)
    if mac or not tables.connections:
        return mac
    hops = tables.hops(await ask(tables.route, peer=peer))
    routed = _one({each for each in hops if tables.interface(each.interface) in ("", local)})
    if routed is None or not routed.via:
        return ""
    return _at(await ask(tables.arp, peer=routed.via), routed.via, local, tables)


def _one(hops: Iterable[Hop]) -> Hop | None:
    found = set(hops)
    return found.pop() if len(found) == 1 else None


def _at(text: str, wanted: str, local: str, tables: Tables) -> str:
    """The MAC of ``wanted`` in a table of ARP."""
    found = set()
    for line in text.splitlines():
        mac = _MAC.search(line)
        if mac is None or all(address(word) != wanted for word in line.split()):
            continue
        told = {tables.interface(word.rstrip(",")) for word in line[mac.end() :].split()}
        if local in told or not tables.arp_tells_interface:
            found.add(colons(mac[1]))
    return found.pop() if len(found) == 1 else ""
