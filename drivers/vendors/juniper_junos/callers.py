"""What Junos says of our session: who is logged in, from where, and where answers go.

``show system users no-resolve`` (Junos "CLI Reference") prints w(1), which does not mark our own session: only where
all that are logged in come from one address is that ours. ``show system connections inet`` tells which of the switch's
addresses we speak to, and so the interface. Which VLAN an ``irb`` unit belongs to is configured with the VLAN
(``l3-interface``); its unit's number says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from typing import Final

from drivers.switching.own_path import Caller, Hop, Tables, address
from drivers.vendors.juniper_junos import operating
from drivers.vendors.juniper_junos.dialect import Dialect

_HEAD: Final = re.compile(r"^USER\s+TTY\s+FROM\s+LOGIN@\s+IDLE\s+WHAT\s*$")
_ROW: Final = re.compile(r"^\S+\s+(?P<tty>\S+)\s+(?P<from>\S+)\s+\S+\s+\S+\s+\S")
_CONSOLE: Final = re.compile(r"(?:u|d|tty[ud])\d+|console")
_HOP: Final = re.compile(r"^\s+>?\s*(?:to (?P<via>[\d.]{7,15}) )?via (?P<interface>\S+)\s*$")
_HOP_OF_SOME_KIND: Final = re.compile(r"^\s+>?\s*(?:to|via)\s")
_L3: Final = re.compile(r"^set vlans (?P<name>\S+) l3-interface (?P<interface>(?:irb|vlan)\.\d+)\s*$", re.MULTILINE)
_NUMBER: Final = re.compile(r"^set vlans (?P<name>\S+) vlan-id (?P<number>\d{1,4})\s*$", re.MULTILINE)
_INACTIVE: Final = re.compile(r"^deactivate vlans(?: (?P<name>\S+))?", re.MULTILINE)


def caller(text: str) -> Caller | None:
    """Who we are; None where those who are logged in come from several places, or from one that is no address."""
    lines = text.splitlines()
    heads = [index for index, line in enumerate(lines) if _HEAD.match(line)]
    if len(heads) != 1:
        return None
    rows = [_ROW.match(line) for line in lines[heads[0] + 1 :] if line.strip()]
    places = {(row["from"] if row is not None else "") for row in rows}
    first = rows[0] if rows else None
    if first is None or len(places) != 1:
        return None
    if first["from"] == "-":
        return Caller(line=first["tty"]) if len(rows) == 1 and _CONSOLE.fullmatch(first["tty"]) else None
    peer = address(first["from"])
    return Caller(peer=peer) if peer else None


def hops(text: str) -> tuple[Hop, ...]:
    """Where answers may go, of every routing table that is shown; nothing where a line of them is not understood."""
    lines = [line for line in text.splitlines() if _HOP_OF_SOME_KIND.match(line)]
    rows = list(filter(None, map(_HOP.match, lines)))
    if len(rows) < len(lines):
        return ()
    return tuple(dict.fromkeys(Hop(interface=row["interface"], via=address(row["via"] or "")) for row in rows))


def vlan_interfaces(configuration: str) -> Mapping[str, int]:
    """The VLAN of each interface that routes for one. A VLAN of which anything is deactivated has none."""
    inactive = {match["name"] for match in _INACTIVE.finditer(configuration)}
    if None in inactive:
        return {}
    numbers = {match["name"]: int(match["number"]) for match in _NUMBER.finditer(configuration)}
    pairs = [(match["interface"], match["name"]) for match in _L3.finditer(configuration)]
    return {interface: numbers[name] for interface, name in pairs if name in numbers and name not in inactive}


def tables(dialect: Dialect, *, vlans: Mapping[str, int], numbers: Mapping[str, int]) -> Tables:
    """How a switch is asked for our way. ``vlans`` are those of interfaces, ``numbers`` those of names."""
    return Tables(
        users="show system users no-resolve",
        caller=caller,
        connections="show system connections inet",
        addresses="show interfaces terse",
        arp="show arp no-resolve",
        route="show route {peer}",
        hops=hops,
        macs="show ethernet-switching table",
        learned=partial(operating.macs, numbers=numbers, dialect=dialect),
        interface=dialect.canonical,
        vlan=vlans.get,
        port=lambda name: name if dialect.names.is_port(name) else None,
        aside=lambda name: re.fullmatch(dialect.quirks.aside, name) is not None,
    )
