"""By which MAC address this machine sends to another: its own neighbour table, as Linux shows it in /proc.

Used to tell whether a second way to a device runs through that device's own ports: what the device then sees behind a
port is the MAC of the next hop.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_ARP: Final = Path("/proc/net/arp")
_ROUTES: Final = Path("/proc/net/route")
_INTERFACES: Final = Path("/sys/class/net")
_COMPLETE: Final = 0x2


@dataclass(frozen=True, slots=True)
class NextHop:
    """The next hop to a host. ``here``: the host is this machine; ``mac`` is empty where nothing can tell."""

    here: bool = False
    mac: str = ""


UNKNOWN: Final = NextHop()


async def next_hop(host: str) -> NextHop:
    """The next hop to ``host``, IPv4 only; :data:`UNKNOWN` where it cannot be told."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, 9, family=socket.AF_INET, type=socket.SOCK_DGRAM)
    except OSError:
        return UNKNOWN
    address = str(found[0][4][0])
    if _is_here(address):
        return NextHop(here=True)
    try:
        macs = _neighbours(_ARP.read_text(encoding="ascii"))
        return NextHop(mac=macs.get(address) or macs.get(gateway(_ROUTES.read_text(encoding="ascii"), address), ""))
    except (OSError, ValueError):
        return UNKNOWN


def own_macs() -> frozenset[str]:
    """The MAC addresses of this machine's interfaces; none where nothing can tell."""
    found = set()
    for file in _INTERFACES.glob("*/address"):
        with contextlib.suppress(OSError):
            found.add(file.read_text(encoding="ascii").strip().lower())
    return frozenset(found - {"", "00:00:00:00:00:00"})


def _is_here(address: str) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            # No packet is sent: the kernel only chooses the address that it would send from.
            probe.connect((address, 9))
        except OSError:
            return False
        return bool(probe.getsockname()[0] == address)


def _neighbours(text: str) -> dict[str, str]:
    """The complete entries of ``/proc/net/arp``: address to MAC."""
    found = {}
    for line in text.splitlines()[1:]:
        address, _, flags, mac, *_ = line.split()
        if int(flags, 16) & _COMPLETE:
            found[address] = mac.lower()
    return found


def gateway(text: str, address: str) -> str:
    """The gateway of the most specific route of ``/proc/net/route`` to ``address``; empty where there is none."""
    (wanted,) = struct.unpack("=I", socket.inet_aton(address))
    best, found = -1, ""
    for line in text.splitlines()[1:]:
        _, destination, via, _, _, _, _, mask, *_ = line.split()
        bits = int(mask, 16)
        if wanted & bits == int(destination, 16) and bits.bit_count() > best:
            best = bits.bit_count()
            found = socket.inet_ntoa(struct.pack("=I", int(via, 16))) if int(via, 16) else ""
    return found
