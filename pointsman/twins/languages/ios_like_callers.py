"""What the IOS-like twin prints of sessions, addresses and routes, and of what was saved.

Shapes: Cisco "IOS Terminal Services Command Reference" (show users), "IOS IP Application Services Command Reference"
(show tcp brief), "NX-OS Fundamentals Configuration Guide"; Arista "EOS User Manual".
"""

from __future__ import annotations

import copy
import difflib
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from pointsman.twins.languages.ios_like import Switch
from pointsman.twins.languages.ios_like_shows import dotted, mac_table, running_config

_ASIDE: Final = {"ios": "FastEthernet0", "nxos": "mgmt0", "eos": "Management1"}


def users(switch: Switch) -> str:
    """``show users``."""
    seat, own = switch.seat, switch.seat.over == "console"
    if switch.dialect.name == "nxos":
        row = "admin    ttyS0        Nov 20 10:00 .             28556 *"
        if not own:
            row = f"admin    pts/1        Nov 20 10:00 .             28601 ({seat.user_from}) session=ssh *"
        other = "admin    pts/0        Nov 20 09:12 00:40         28001 (10.9.9.9) session=ssh"
        return f"NAME     LINE         TIME         IDLE          PID COMMENT\n{other}\n{row}\n"
    rows = [("con 0", "00:00:00", "", own), ("vty 0", "00:40:12", "10.9.9.9", False)]
    rows += [] if own else [("vty 1", "00:00:00", seat.user_from, True)]
    lines = ["    Line       User       Host(s)              Idle       Location"]
    for index, (line, idle, place, ours) in enumerate(rows):
        lines.append(f"{'*' if ours else ' '} {index:>2} {line:<9}admin      idle                 {idle:<10} {place}")
    return "\n".join([*lines, "", "  Interface    User               Mode         Idle     Peer Address"]) + "\n"


def connections(switch: Switch) -> str:
    """``show tcp brief``."""
    seat = switch.seat
    lines = ["TCB       Local Address               Foreign Address             (state)"]
    lines.append("06A3B2C0  10.0.20.2.22                10.9.9.9.40112              ESTAB")
    if seat.over != "console":
        lines.append(f"06A3B8D4  {seat.local + '.22':<28}{seat.peer + '.50514':<28}ESTAB")
    return "\n".join(lines) + "\n"


def _interface(switch: Switch) -> str:
    return _ASIDE[switch.dialect.name] if switch.seat.over == "aside" else f"Vlan{switch.seat.vlan}"


def addresses(switch: Switch) -> str:
    """``show ip interface brief``."""
    lines = ["Interface              IP-Address      OK? Method Status                Protocol"]
    lines.append("Vlan1                  unassigned      YES NVRAM  administratively down down")
    lines.append(f"{_interface(switch):<23}{switch.seat.local:<16}YES NVRAM  up                    up")
    return "\n".join(lines) + "\n"


def arp(switch: Switch, asked: str) -> str:
    """``show ip arp ADDRESS``."""
    seat, name = switch.seat, switch.dialect.name
    head = "Protocol  Address          Age (min)  Hardware Addr   Type   Interface"
    if asked != seat.next_hop or seat.over == "console":
        return f"{head}\n" if name == "ios" else ""
    mac, interface = dotted(seat.mac), _interface(switch)
    if name == "ios":
        return f"{head}\nInternet  {asked:<16}         3   {mac}  ARPA   {interface}\n"
    if name == "nxos":
        head = "Address         Age       MAC Address     Interface       Flags"
        return f"IP ARP Table\nTotal number of entries: 1\n{head}\n{asked:<16}00:03:12  {mac}  {interface}\n"
    port = next((port for known, _, port in switch.macs if known == seat.mac), "not learned")
    return f"Address         Age (sec)  Hardware Addr   Interface\n{asked:<16}  0:03:12  {mac}  {interface}, {port}\n"


def route(switch: Switch, asked: str) -> str:
    """``show ip route ADDRESS``."""
    seat, name, interface = switch.seat, switch.dialect.name, _interface(switch)
    if seat.over == "console" or asked != seat.peer:
        return "% Network not in table\n" if name == "ios" else ""
    net = "0.0.0.0/0" if seat.gateway else f"{asked.rpartition('.')[0]}.0/24"
    if name == "ios":
        hop = f"* {seat.gateway}" if seat.gateway else f"* directly connected, via {interface}"
        known = "static" if seat.gateway else "connected"
        head = f'Routing entry for {net}\n  Known via "{known}", distance 1, metric 0\n'
        return f"{head}  Routing Descriptor Blocks:\n  {hop}\n"
    if name == "nxos":
        kind = f"{seat.gateway}, {interface}, [1/0], 3w0d, static"
        kind = kind if seat.gateway else f"{asked}, {interface}, [250/0], 3w0d, am"
        vrf = "management" if seat.over == "aside" else "default"
        return f'IP Route Table for VRF "{vrf}"\n\n{net}, ubest/mbest: 1/0\n    *via {kind}\n'
    hop = f" S*       {net} [1/0] via {seat.gateway}, {interface}"
    hop = hop if seat.gateway else f" C        {net} is directly connected, {interface}"
    return f"\nVRF: default\nCodes: C - connected, S - static, K - kernel\n\n{hop}\n"


def macs_of(switch: Switch, mac: str) -> str:
    """``show mac address-table address MAC``."""
    head, *rows = mac_table(switch).splitlines()
    return "\n".join([head, *(row for row in rows if "DYNAMIC" not in row or mac in row)]) + "\n"


def startup_config(switch: Switch) -> str:
    """``show startup-config``."""
    if switch.erased:
        return "startup-config is not present\n"
    text = _saved(switch)
    return f"Using {len(text)} out of 65536 bytes\n{text.partition('bytes' + chr(10))[2] or text}"


def saved_config(switch: Switch) -> str:
    """``show startup-config`` of EOS."""
    return "% Error: there is no startup-config\n" if switch.erased else _saved(switch)


def _saved(switch: Switch) -> str:
    started = copy.copy(switch)
    started.config = switch.startup
    return running_config(started)


def difference(switch: Switch) -> str:
    """``show running-config diff`` of NX-OS, ``show running-config diffs`` of EOS."""
    before, after = _saved(switch).splitlines(), running_config(switch).splitlines()
    if switch.dialect.name == "nxos":
        lines = difflib.context_diff(before, after, "Startup-config", "Running-config", lineterm="")
    else:
        lines = difflib.unified_diff(before, after, "flash:/startup-config", "system:/running-config", lineterm="")
    return "".join(f"{line.rstrip()}\n" for line in lines)


_ASKED: Final[Mapping[str, Callable[[Switch, str], str]]] = {
    r"ip arp ([\d.]+)(?: vrf all)?": arp,
    r"ip route(?: vrf all)? ([\d.]+)(?: vrf all)?": route,
    r"mac address-table address ([0-9a-f.]+)": macs_of,
}


def asked(switch: Switch, what: str) -> str | None:
    """The answer to a command that names what it asks for; None where it is none of these."""
    found: Iterator[str] = (
        show(switch, match[1]) for pattern, show in _ASKED.items() if (match := re.fullmatch(pattern, what))
    )
    return next(found, None)
