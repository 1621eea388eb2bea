"""By which way a device is asked over its serial line: by none of its ports, unless its console server is behind one.

A serial cable crosses nothing that the device switches. The network to a console server may: then the MAC address to
which we send for it is behind one of the device's ports, and since our session is what crosses there, the device has
just learned it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from agents.nexthop import NextHop
from drivers.access import Access
from drivers.contract import Driver, OwnPath
from drivers.line.served_access import is_served

LINES: Final = frozenset({"serial", "rfc2217", "tcp", "sol+ipmi", "sol+redfish+https", "sol+redfish+http"})
"""Schemes of lines. Telnet is one only where a console server is named; else it is the device's own terminal."""
_CABLE: Final = OwnPath(evidence="the serial cable crosses none of its ports")


def is_line(access: Access) -> bool:
    """Whether a session at ``access`` comes to the device over a line."""
    return access.scheme in LINES or is_served(access)


async def line_path(access: Access, driver: Driver, *, find_hop: Callable[[str], Awaitable[NextHop]]) -> OwnPath | None:
    """The way of a session over a line; None where nobody can tell where its console server is."""
    if access.scheme == "serial":
        return _CABLE
    hop = await find_hop(access.host)
    if hop.here:
        return _CABLE
    if not hop.mac or "fdb" not in driver.capabilities:
        return None
    seen = [entry for entry in (await driver.operation({"macs"})).macs if entry.mac == hop.mac]
    if not seen:
        return OwnPath(peer=access.host, evidence="its console server is behind none of its ports")
    ports = tuple(dict.fromkeys(entry.port for entry in seen))
    return OwnPath(
        peer=access.host, ports=ports, vlan=seen[0].vlan, evidence=f"{hop.mac}, the way to its console server"
    )
