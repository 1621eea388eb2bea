"""By which way our session comes to the switch: sshd's account of its peer, then route, neighbour and bridge tables.

sshd sets ``SSH_CONNECTION`` to the client's address and port and its own (sshd(8), "Login process"). The route to that
address names the device that answers go out by, and the next hop; where that device is a bridge or a port of one, the
bridge's forwarding database knows behind which port, and in which VLAN, the next hop stands.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

import orjson

from device_profiles.operation import MacEntry
from drivers.contract import OwnPath
from drivers.errors import Garbled
from drivers.vendors.openvswitch.words import line

PEER: Final = line("printenv", "SSH_CONNECTION")


@dataclass(frozen=True, slots=True)
class Hop:
    """The way of the answers to our session: out by ``device``, to the next hop's ``mac`` (empty: not known)."""

    device: str
    mac: str


def peer_of(text: str) -> str:
    """The client's address in ``SSH_CONNECTION``; empty where it holds none."""
    word = text.partition(" ")[0].partition("%")[0].strip()
    try:
        return str(ipaddress.ip_address(word))
    except ValueError:
        return ""


def command(peer: str) -> str:
    """The command that prints the route to ``peer``, and all neighbours."""
    return " && ".join((line("ip", "-j", "route", "get", peer), line("ip", "-j", "neigh", "show")))


def hop(data: bytes, *, peer: str) -> Hop:
    """The next hop, from the answer to :func:`command`. Raises :class:`~drivers.errors.Garbled`."""
    try:
        routes, neighbours = (orjson.loads(part) for part in data.strip().splitlines())
        route = routes[0]
        via = route.get("gateway", peer)
        macs = (each.get("lladdr", "") for each in neighbours if each["dst"] == via and each["dev"] == route["dev"])
        return Hop(str(route["dev"]), next(macs, "").lower())
    except (orjson.JSONDecodeError, ValueError, KeyError, IndexError, TypeError, AttributeError):
        raise Garbled("the switch's routes are not the JSON of ip(8): nothing was concluded from it") from None


def own_path(peer: str, found: Hop, *, switched: Collection[str], macs: Iterable[MacEntry]) -> OwnPath | None:
    """The way, or None where the forwarding databases do not know the next hop."""
    if found.device not in switched:
        return OwnPath(peer=peer, evidence=f"our session comes over {found.device}, which no bridge switches")
    for entry in macs:
        if entry.mac == found.mac:
            evidence = f"the switch sees our session come from {peer}, whose MAC {entry.mac} it learned there"
            ports = tuple(sorted({entry.port, found.device}))
            return OwnPath(peer=peer, ports=ports, vlan=entry.vlan, evidence=evidence)
    return None
