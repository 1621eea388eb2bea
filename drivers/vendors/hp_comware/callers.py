"""What Comware and VRP say of our session: who is logged in on our line, and where answers go.

``display users`` marks our own line in front, by ``+`` (``F``: asynchronous, a console). Comware tells the address
below, under the line's name (HPE "Fundamentals Command Reference", "display users"); VRP in the row itself (Huawei "S
Series Command Reference", "display users"). The address that we speak to (``display tcp``, ``display tcp status``)
tells the interface, whatever routing table that is in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from typing import Final

from drivers.switching.own_path import Caller, Hop, Tables, address, dotted
from drivers.vendors.hp_comware import operating
from drivers.vendors.hp_comware.dialect import Dialect

_OURS: Final = re.compile(r"^ ?[+F] *\d+ +(?P<line>(?P<kind>[A-Z]{2,8}) \d+) +(?P<rest>\S.*)$")
_PLACE: Final = re.compile(r"^\s+Location: *(\S+)\s*$")
_IN_ROW: Final = re.compile(r"\S+ +(?:TEL|SSH) +(\S+)(?: |\Z)")
_REMOTE: Final = "VTY"
_CONSOLES: Final = frozenset({"AUX", "CON", "TTY", "CONSOLE"})
_SVI: Final = re.compile(r"(?:Vlan-interface|Vlan-int|Vlanif|Vlan)(\d{1,4})\Z", re.IGNORECASE)
_ROUTE: Final = re.compile(
    r"^\s*(?P<net>[\d.]{7,15}/\d{1,2})\s+(?P<kind>\w+)\s+(?:\S+\s+){2,3}(?P<via>[\d.]{7,15})\s+(?P<interface>\S+)\s*$"
)
_ONE_MORE: Final = re.compile(r"^\s+[A-Za-z]\w*\s+\d+\s+\d+\s")
"""A further next hop of the destination above."""


def caller(text: str) -> Caller | None:
    """Who we are, in ``display users``; None where no row, or more than one, is ours, or it holds no address."""
    rows = list(filter(None, map(_OURS.match, text.splitlines())))
    if len(rows) != 1:
        return None
    line, kind = rows[0]["line"], rows[0]["kind"]
    if kind in _CONSOLES:
        return Caller(line=line)
    match = _IN_ROW.match(rows[0]["rest"])
    told = {match[1]} if match is not None else set(_places(text, line))
    peer = address(told.pop()) if kind == _REMOTE and len(told) == 1 else ""
    return Caller(peer=peer) if peer else None


def _places(text: str, line: str) -> Iterator[str]:
    """Where a line's user is, below the line's name."""
    within = False
    for row in text.splitlines():
        if row[:1] not in ("", " ", "\t"):
            within = row.partition(":")[0].rstrip() == line
        elif within and (match := _PLACE.match(row)) is not None:
            yield match[1]


def hops(text: str) -> tuple[Hop, ...]:
    """Where answers go, by the longest of the destinations that are shown; nothing where one has several next hops."""
    if any(map(_ONE_MORE.match, text.splitlines())):
        return ()
    rows = list(filter(None, map(_ROUTE.match, text.splitlines())))
    longest = max((_length(row) for row in rows), default=0)
    return tuple(dict.fromkeys(_hop(row) for row in rows if _length(row) == longest))


def _length(row: re.Match[str]) -> int:
    return int(row["net"].partition("/")[2])


def _hop(row: re.Match[str]) -> Hop:
    straight = row["kind"].lower() == "direct"
    return Hop(interface=row["interface"], via="" if straight else address(row["via"]))


def tables(dialect: Dialect) -> Tables:
    """How a switch of this dialect is asked for our way."""
    commands = dialect.commands
    return Tables(
        users=commands.users,
        caller=caller,
        connections=commands.connections,
        addresses=commands.addresses,
        arp=commands.arp,
        arp_tells_interface=False,  # it tells the port in its place
        route=commands.route,
        hops=hops,
        macs=commands.mac,
        learned=partial(operating.macs, dialect=dialect),
        interface=lambda name: dialect.canonical(name) if (vlan := _vlan(name)) is None else f"Vlan-interface{vlan}",
        vlan=_vlan,
        port=lambda name: name if dialect.names.is_port(name) else None,
        aside=lambda name: re.fullmatch(dialect.quirks.aside, name) is not None,
        mac=partial(dotted, mark="-"),
    )


def _vlan(interface: str) -> int | None:
    match = _SVI.match(interface)
    return int(match[1]) if match is not None else None
