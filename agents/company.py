"""Where the nodes of an agent stand to each other: by which MAC addresses each is managed, and what each has seen.

A way to another node runs through a device whose forwarding database shows one of our own MACs at one port, and one of
the other's management MACs at another. Nothing is asked for this: it comes from facts, links and operation as they were
discovered last.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from agents.feeding import Fed, plain
from agents.ways import Way, Ways
from device_profiles.facts import Facts
from device_profiles.links import Neighbour
from device_profiles.operation import MacEntry
from drivers.access import Access, parse_access
from drivers.contract import OwnPath
from drivers.errors import Unsupported

_VLAN_INTERFACE: Final = re.compile(r"(?:vlan|vlanif|vlan-interface|irb|irb\.|vlan\.)\s?(\d{1,4})", re.IGNORECASE)

_OVER_TCP: Final = frozenset({"ssh", "telnet", "netconf", "ovsdb", "https", "http", "rfc2217"})
_LINES: Final = frozenset({"rfc2217", "telnet", "tcp", "line+ssh", "sol+ipmi", "sol+redfish+https", "sol+redfish+http"})
_AT_A_TIME: Final = 32
_ANSWER_S: Final = 2.0


@dataclass(slots=True, kw_only=True)
class Seen:
    """What discovery last saw of one node."""

    facts: Facts = field(default_factory=dict)
    links: tuple[Neighbour, ...] = ()
    macs: tuple[MacEntry, ...] = ()
    _addressed: tuple[Facts, frozenset[int]] | None = None

    def addressed(self) -> frozenset[int]:
        """The VLANs in which it has an address: every plan asks, and facts are told rarely."""
        if self._addressed is None or self._addressed[0] is not self.facts:
            self._addressed = self.facts, frozenset(_addressed(self.facts))
        return self._addressed[1]


class Company:
    """What was seen of all nodes of this agent, and where each is reached."""

    def __init__(self, own_macs: Collection[str] = (), *, own_names: Collection[str] = ()) -> None:
        self._own_macs = frozenset(own_macs)
        self._own_names = frozenset(map(plain, own_names))
        self._supplies: dict[str, frozenset[str]] = {}
        self._seen: dict[str, Seen] = {}
        self._access: dict[str, tuple[Access, ...]] = {}

    def of(self, node: str) -> Seen:
        """What was seen of a node, to be filled by whoever sees more."""
        return self._seen.setdefault(node, Seen())

    def join(self, node: str, access: Iterable[str]) -> None:
        """A node of ours, and its access URLs; those that are none are left to whoever opens them."""
        self._access[node] = tuple(_parsed(access))

    def leave(self, node: str) -> None:
        """The node is no longer ours."""
        self._seen.pop(node, None)
        self._access.pop(node, None)
        self._supplies.pop(node, None)

    def supply(self, node: str, fed: frozenset[str]) -> None:
        """Who has a feed at ``node`` that is on and stays on (:func:`agents.feeding.steady`)."""
        self._supplies[node] = fed

    def supplied(self, *, but: str) -> frozenset[str]:
        """Who has such a feed at another node."""
        return frozenset().union(*(fed for node, fed in self._supplies.items() if node != but))

    def ways(self, node: str, *, own: OwnPath | None, management: Collection[str], fed: Collection[Fed] = ()) -> Ways:
        """What is known of the ways through ``node``, and of what it feeds."""
        seen = self.of(node)
        found = [*_own(own, management), *self._to_others(node, seen.macs), *self.powered(node, fed)]
        return Ways(
            ways=tuple(found),
            own_known=own is not None or bool(management),
            facing=frozenset(link.port for link in seen.links if link.name in self._access and link.name != node),
            addressed=seen.addressed(),
        )

    def beside(self, node: str) -> frozenset[tuple[str, int]]:
        """Host and TCP port of the other nodes' first access, as far as they have one."""
        firsts = (access[0] for other, access in self._access.items() if other != node and access)
        return frozenset((first.host, first.port) for first in firsts if first.scheme in _OVER_TCP)

    def powered(self, node: str, fed: Collection[Fed]) -> Iterator[Way]:
        """The ways that need what ``node`` feeds: the location's nodes, the agent, what serves a node's serial line."""
        if not fed:
            return
        nodes = {plain(name): name for name in self._access if name != node}
        servers = {
            plain(access.host) for accesses in self._access.values() for access in accesses if access.scheme in _LINES
        }
        for each in fed:
            what = f"the power of the node {nodes[each.plain]}" if each.plain in nodes else ""
            what = "the agent's own power" if each.plain in self._own_names else what
            what = what or (f"the power of the console server {each.whom}" if each.plain in servers else "")
            if what:
                way = Way(what=what, outlets=frozenset({each.outlet}), feeds=frozenset({each.plain}))
                yield replace(way, evidence=each.evidence)

    def crosses(self, mac: str, switch: str) -> bool | None:
        """Whether the way from us to a MAC address runs through a node; None where that cannot be told."""
        name = next((name for name in self._seen if plain(name) == switch), None)
        macs = self._seen[name].macs if name is not None else ()
        us = {entry.port for entry in macs if entry.mac in self._own_macs}
        them = {entry.port for entry in macs if entry.mac == mac}
        return us != them if us and them else None

    def is_us(self, name: str) -> bool:
        """Whether that is a name of the agent's own machine."""
        return name in self._own_names

    def _to_others(self, node: str, macs: Collection[MacEntry]) -> Iterator[Way]:
        """Where we stand at one port of a device and another node at another, the path to that node runs through it."""
        us = [entry for entry in macs if entry.mac in self._own_macs]
        for other, seen in self._seen.items() if us else ():
            hosts = frozenset(access.host for access in self._access.get(other, ()))
            theirs = set(_management_macs(hosts, seen.facts)) if other != node else set()
            for entry in macs:
                near = [ours for ours in us if ours.vlan == entry.vlan and ours.port != entry.port]
                if entry.mac in theirs and near:
                    yield Way(
                        what=f"the path to {other}",
                        ports=frozenset({entry.port, *(ours.port for ours in near)}),
                        vlan=entry.vlan,
                        vlans=frozenset() if entry.vlan is None else frozenset({entry.vlan}),
                        evidence=f"its MAC {entry.mac} was learned at {entry.port}",
                    )


def _parsed(urls: Iterable[str]) -> Iterator[Access]:
    for url in urls:
        with contextlib.suppress(Unsupported):
            yield parse_access(url)


async def answering(places: Collection[tuple[str, int]]) -> frozenset[tuple[str, int]]:
    """Which of these TCP ports take a connection."""
    gate = asyncio.Semaphore(_AT_A_TIME)

    async def look(place: tuple[str, int]) -> bool:
        async with gate:
            try:
                async with asyncio.timeout(_ANSWER_S):
                    _, writer = await asyncio.open_connection(*place)
            except (OSError, TimeoutError):
                return False
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()
            return True

    ordered = sorted(places)
    found = await asyncio.gather(*map(look, ordered))
    return frozenset(place for place, answers in zip(ordered, found, strict=True) if answers)


def _own(own: OwnPath | None, management: Collection[str]) -> Iterator[Way]:
    if own is not None and own.ports:
        vlans = frozenset() if own.vlan is None else frozenset({own.vlan})
        what = "the agent's own path to the node"
        yield Way(what=what, ports=frozenset(own.ports), vlan=own.vlan, vlans=vlans, evidence=own.evidence)
    if management:
        ports = frozenset(management)
        yield Way(what="the node's management path", ports=ports, evidence="declared in the node's management")


def _interfaces(facts: Facts) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Interfaces with their addresses: each address with what is known about it, in ohai's shape."""
    network = facts.get("network")
    interfaces = network.get("interfaces") if isinstance(network, Mapping) else None
    for name, each in interfaces.items() if isinstance(interfaces, Mapping) else ():
        addresses = each.get("addresses") if isinstance(each, Mapping) else None
        if isinstance(addresses, Mapping):
            yield name, addresses


def _of_family(addresses: Mapping[str, Any], *families: str) -> Iterator[str]:
    for address, about in addresses.items():
        if isinstance(about, Mapping) and about.get("family") in families:
            yield address


def _management_macs(hosts: frozenset[str], facts: Facts) -> Iterator[str]:
    for _, addresses in _interfaces(facts):
        if not hosts.isdisjoint(addresses):
            yield from (address.lower() for address in _of_family(addresses, "lladdr"))


def _addressed(facts: Facts) -> Iterator[int]:
    for name, addresses in _interfaces(facts):
        found = _VLAN_INTERFACE.fullmatch(name)
        if found is not None and any(_of_family(addresses, "inet", "inet6")):
            yield int(found[1])
