"""What the Junos-like twin prints of sessions, addresses and routes.

Shapes: Junos "CLI Reference" (show system users, show system connections, show arp, show route).
"""

from __future__ import annotations

import re

from pointsman.twins.languages.junos import Switch
from pointsman.twins.languages.junos_shows import interfaces_terse


def users(switch: Switch) -> str:
    """``show system users no-resolve``."""
    row = ("u0", "-") if switch.seat.over == "console" else ("pts/0", switch.seat.user_from)
    lines = ["10:00AM  up 11 days,  3:04, 1 user, load averages: 0.05, 0.06, 0.01"]
    lines.append("USER     TTY      FROM                              LOGIN@  IDLE WHAT")
    rows = [row, *(("pts/1", other) for other in switch.others)]
    lines += [f"admin    {tty:<9}{place:<34}9:47AM      - -cli (cli)" for tty, place in rows]
    return "\n".join(["fpc0:", "-" * 74, *lines]) + "\n"


def connections(switch: Switch) -> str:
    """``show system connections inet``."""
    seat = switch.seat
    lines = ["Active Internet connections (including servers)"]
    lines.append("Proto Recv-Q Send-Q  Local Address          Foreign Address        (state)")
    if seat.over != "console":
        lines.append(f"tcp4       0      0  {seat.local + '.22':<23}{seat.peer + '.50514':<23}ESTABLISHED")
    lines.append("tcp4       0      0  *.22                   *.*                    LISTEN")
    return "\n".join(lines) + "\n"


def _interface(switch: Switch) -> str:
    return "me0.0" if switch.seat.over == "aside" else f"irb.{switch.seat.vlan}"


def addresses(switch: Switch) -> str:
    """``show interfaces terse``, with the address that is managed."""
    row = f"{_interface(switch):<24}up    up   inet     {switch.seat.local}/24\n"
    return interfaces_terse(switch) + ("" if switch.seat.over == "console" else row)


def arp(switch: Switch) -> str:
    """``show arp no-resolve``."""
    seat = switch.seat
    lines = ["MAC Address       Address         Interface                Flags"]
    if seat.over != "console":
        port = next((port for known, _, port in switch.macs if known == seat.mac), "")
        place = _interface(switch) + (f" [{port}.0]" if port else "")
        lines.append(f"{seat.mac} {seat.next_hop:<16}{place:<25}none")
    return "\n".join([*lines, f"Total entries: {len(lines) - 1}"]) + "\n"


def route(switch: Switch, asked: str) -> str:
    """``show route ADDRESS``."""
    seat = switch.seat
    lines = ["", "inet.0: 4 destinations, 4 routes (4 active, 0 holddown, 0 hidden)"]
    lines += ["+ = Active Route, - = Last Active, * = Both", ""]
    if asked == seat.peer and seat.over != "console":
        hop = f"> to {seat.gateway} via {_interface(switch)}" if seat.gateway else f"> via {_interface(switch)}"
        lines += [f"{'0.0.0.0/0' if seat.gateway else '10.0.20.0/24':<19}*[Static/5] 1w4d 03:04:05", " " * 20 + hop]
    return "\n".join(lines) + "\n"


def asked(switch: Switch, what: str) -> str | None:
    """The answer to a command that names what it asks for; None where it is none of these."""
    match = re.fullmatch(r"route ([\d.]+)", what)
    return None if match is None else route(switch, match[1])
