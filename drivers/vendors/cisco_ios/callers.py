"""What IOS-like systems say of our session: who is logged in on our line, and where answers go.

``show users`` marks our own line with an asterisk: before it on IOS and EOS, behind it on NX-OS (Cisco "IOS Terminal
Services Command Reference", "show users"; "NX-OS Fundamentals Configuration Guide", "show users"; Arista "EOS User
Manual", "Session Management Commands"). The user's name stands between, and may be anything; so a row counts by its
ends, and only where exactly one row is ours.

On IOS the address that we speak to tells the interface (``show tcp brief``, "IP Application Services Command
Reference"): a route of the global table would mislead where the management port has a table of its own. NX-OS and EOS
show the routes of all tables, and two routes are as good as none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Final

from drivers.switching.own_path import Caller, Hop, Tables, address, dotted
from drivers.vendors.cisco_ios import operating
from drivers.vendors.cisco_ios.dialect import Dialect

_BEFORE: Final = re.compile(
    r"^\*\s*\d+\s+(?P<line>(?P<kind>con|aux|tty|vty)\s\d[\d/]*)(?=\s)(?:.*\s(?P<from>\S+))?\s*$"
)
_BEHIND: Final = re.compile(
    r"^\S+\s+(?P<line>(?:pts/|(?P<kind>ttyS|console))\d*)\s(?:.*\s\d+\s+(?:\((?P<from>[^()\s]+)\)\s+session=\w+)?)\s*\*\s*$"
)
_OURS: Final = re.compile(r"^\*|\*\s*$")
_CONSOLES: Final = frozenset({"con", "aux", "ttyS", "console"})
_SVI: Final = re.compile(r"Vlan(\d{1,4})\Z")

# IOS: "* 10.0.0.1, from 10.0.0.9, 00:00:34 ago, via Vlan10", "* directly connected, via Vlan10"; a switch that does not
# route: "Default gateway is 10.0.0.1" ("show ip redirects" and "show ip route").
# NX-OS: "*via 10.0.0.1, Vlan10, [1/0], 3w0d, static"; what is attached is via the switch itself, or the peer.
# EOS: "S* 0.0.0.0/0 [1/0] via 10.0.0.1, Vlan10", "C 10.0.0.0/24 is directly connected, Vlan10"; each on a line of its
# own since 4.2x.
_IOS_VIA: Final = re.compile(r"^\s+\*?\s*(?P<via>[\d.]{7,15})(?:,.*\bvia (?P<interface>\S+))?\s*$")
_IOS_CONNECTED: Final = re.compile(r"^\s+\*?\s*directly connected, via (?P<interface>\S+)\s*$")
_GATEWAY: Final = re.compile(r"^Default gateway is (?P<via>[\d.]{7,15})\s*$")
_NXOS_VIA: Final = re.compile(
    r"^\s+\*via (?P<via>[\d.]{7,15})(?:%\S+)?, (?P<interface>[^\s,]+), \[\d+/\d+\], [^,]+, (?P<kind>[\w-]+)"
)
_EOS_VIA: Final = re.compile(r"^[ \w*>+]{0,12}[\d./\[\] ]*\bvia (?P<via>[\d.]{7,15}), (?P<interface>\S+)\s*$")
_EOS_CONNECTED: Final = re.compile(r"^\s*C\b.*is directly connected, (?P<interface>\S+)\s*$")
_EOS_BELOW: Final = re.compile(r"^\s+directly connected, (?P<interface>\S+)\s*$")
_ROUTES: Final = (_IOS_VIA, _IOS_CONNECTED, _GATEWAY, _NXOS_VIA, _EOS_VIA, _EOS_CONNECTED, _EOS_BELOW)
_HOP_OF_SOME_KIND: Final = re.compile(r"^\s+\*?\s*(?:\d{1,3}\.){3}\d{1,3}\b|^\s*\*via\s|\]\s+via\s|^\s+via\s")
"""A line that tells of a next hop in whatever way: one that is not understood leaves no route to conclude from."""
_STRAIGHT: Final = frozenset({"direct", "local", "am", "hmm"})
"""Kinds of NX-OS's routes to what is attached."""


def caller(text: str) -> Caller | None:
    """Who we are, in ``show users``; None where no row, or more than one, is ours, or it holds no address."""
    ours = [line for line in text.splitlines() if _OURS.search(line)]
    match = _BEFORE.match(ours[0]) or _BEHIND.match(ours[0]) if len(ours) == 1 else None
    if match is None:
        return None
    if match["kind"] in _CONSOLES:
        return Caller(line=match["line"])
    peer = address(match["from"] or "")
    return Caller(peer=peer) if peer else None


def hops(text: str) -> tuple[Hop, ...]:
    """Where answers may go, of every routing table that is shown; nothing where a line of them is not understood."""
    found = tuple(dict.fromkeys(_hops(text)))
    return () if None in found else tuple(filter(None, found))


def _hops(text: str) -> Iterator[Hop | None]:
    for line in text.splitlines():
        match = next(filter(None, (pattern.match(line) for pattern in _ROUTES)), None)
        if match is not None:
            yield _hop(match.groupdict())
        elif _HOP_OF_SOME_KIND.search(line):
            yield None


def _hop(told: Mapping[str, str | None]) -> Hop | None:
    straight = "via" not in told or told.get("kind") in _STRAIGHT
    via = "" if straight else address(told["via"] or "")
    return Hop(interface=told.get("interface") or "", via=via) if via or straight else None


def tables(dialect: Dialect) -> Tables:
    """How a switch of this dialect is asked for our way."""
    commands = dialect.commands
    return Tables(
        users=commands.users,
        caller=caller,
        connections=commands.connections,
        addresses=commands.addresses,
        arp=commands.arp,
        route=commands.route,
        hops=hops,
        macs=commands.mac,
        learned=partial(operating.macs, dialect=dialect),
        interface=dialect.canonical,
        vlan=_vlan,
        port=lambda name: name if dialect.names.is_port(name) else None,
        aside=lambda name: re.fullmatch(dialect.quirks.aside, name) is not None,
        mac=dotted,
    )


def _vlan(interface: str) -> int | None:
    match = _SVI.match(interface)
    return int(match[1]) if match is not None else None
