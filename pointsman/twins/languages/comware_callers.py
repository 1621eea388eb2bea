"""What the Comware-like twin prints of sessions, addresses and routes, and of what was saved.

Shapes: HPE "Fundamentals Command Reference" (display users), "Layer 3 - IP Services Command Reference" (display tcp,
display arp); Huawei "S Series Command Reference" (display users, display tcp status, display arp).
"""

from __future__ import annotations

import copy
import re

from pointsman.twins.languages.comware import Switch
from pointsman.twins.languages.comware_shows import configuration, macs_of_comware, macs_of_vrp
from pointsman.twins.languages.comware_views import Refused


def users(switch: Switch) -> str:
    """``display users``."""
    seat, own = switch.seat, switch.seat.over == "console"
    if switch.is_vrp:
        row = "+ 0   CON 0   00:00:00                                    pass           no    Username : admin"
        if not own:
            row = f"+ 35  VTY 1   00:00:00  SSH    {seat.user_from:<22} pass           no    Username : admin"
        other = "  34  VTY 0   00:12:40  TEL    10.9.9.9               pass           no    Username : admin"
        return f"  User-Intf    Delay    Type   Network Address     AuthenStatus    AuthorcmdFlag\n{other}\n{row}\n"
    lines = ["  Idx  Line     Idle       Time              Pid     Type"]
    lines.append(f"{'F' if own else ' '} 0    AUX 0    00:00:00   Nov 20 10:00:00   309")
    lines.append("  83   VTY 0    00:12:40   Nov 20 09:47:20   320     TEL")
    lines += [] if own else ["+ 84   VTY 1    00:00:00   Nov 20 10:00:00   334     SSH"]
    lines += ["", "Following are more details.", "AUX 0   :", "        User name: admin", "VTY 0   :"]
    lines += ["        User name: admin", "        Location: 10.9.9.9"]
    lines += [] if own else ["VTY 1   :", "        User name: admin", f"        Location: {seat.user_from}"]
    legend = [" +    : Current operation user.", " F    : Current operation user works in async mode."]
    return "\n".join([*lines, *legend]) + "\n"


def connections(switch: Switch) -> str:
    """``display tcp``, ``display tcp status`` of VRP."""
    seat, between = switch.seat, "0      " if switch.is_vrp else ""
    rows = [("10.0.20.2:23", "10.9.9.9:40112")]
    rows += [] if seat.over == "console" else [(f"{seat.local}:22", f"{seat.peer}:50514")]
    lines = ["TCPCB    Local Addr:port       Foreign Addr:port     State"]
    lines += [f"b9362f8  {own:<22}{far:<22}{between}ESTABLISHED" for own, far in rows]
    return "\n".join(lines) + "\n"


def _interface(switch: Switch) -> str:
    if switch.seat.over == "aside":
        return "MEth0/0/1" if switch.is_vrp else "M-GigabitEthernet0/0/0"
    return f"Vlanif{switch.seat.vlan}" if switch.is_vrp else f"Vlan{switch.seat.vlan}"


def addresses(switch: Switch) -> str:
    """``display ip interface brief``."""
    if switch.is_vrp:
        head = "Interface                         IP Address/Mask      Physical   Protocol"
        return f"{head}\n{_interface(switch):<34}{switch.seat.local + '/24':<21}up         up\n"
    head = "Interface                Physical Protocol IP Address      Description"
    return (
        f"*down: administratively down\n{head}\n{_interface(switch):<25}up       up       {switch.seat.local:<16}--\n"
    )


def arp(switch: Switch, asked: str) -> str:
    """``display arp ADDRESS``, ``display arp all`` of VRP."""
    seat = switch.seat
    heads = ["  Type: S-Static   D-Dynamic   O-Openflow   R-Rule   M-Multiport  I-Invalid"]
    heads += ["IP address      MAC address    VLAN     Interface                Aging Type"]
    if switch.is_vrp:
        heads = ["IP ADDRESS      MAC ADDRESS     EXPIRE(M) TYPE        INTERFACE   VPN-INSTANCE"]
    mac = _hyphened(seat.mac)
    port = next((switch.short(port) for known, vlan, port in switch.macs if (known, vlan) == (mac, seat.vlan)), "-")
    row = f"{seat.next_hop:<16}{mac} {seat.vlan:<9}{port:<25}16    D"
    if switch.is_vrp:
        row = f"{seat.next_hop:<16}{mac}  12        D-0         {port}\n{'':<42}{seat.vlan}/-"
    shown = seat.over != "console" and asked in (seat.next_hop, "")
    return "\n".join([*heads, row] if shown else heads) + "\n"


def _hyphened(mac: str) -> str:
    digits = mac.replace(":", "")
    return f"{digits[:4]}-{digits[4:8]}-{digits[8:]}"


def route(switch: Switch, asked: str) -> str:
    """``display ip routing-table ADDRESS``."""
    seat, flags = switch.seat, "RD     " if switch.is_vrp else ""
    lines = ["Summary count : 2", "", "Destination/Mask   Proto   Pre Cost        NextHop         Interface"]
    if seat.over != "console" and asked == seat.peer:
        if not seat.gateway:
            net = f"{asked.rpartition('.')[0]}.0/24"
            lines.append(f"{net:<19}Direct  0   0           {flags}{seat.local:<16}{_interface(switch)}")
        gateway = seat.gateway or "10.0.20.1"
        lines.append(f"0.0.0.0/0          Static  60  0           {flags}{gateway:<16}{_interface(switch)}")
    return "\n".join(lines) + "\n"


def macs_of(switch: Switch, mac: str) -> str:
    """``display mac-address MAC``."""
    rows = (macs_of_vrp if switch.is_vrp else macs_of_comware)(switch).splitlines()
    known = {each for each, _, _ in switch.macs if each != mac}
    return "\n".join(row for row in rows if not any(each in row for each in known)) + "\n"


def saved_configuration(switch: Switch) -> str:
    """``display saved-configuration``."""
    if switch.erased:
        raise Refused("The configuration file does not exist.\n")
    started = copy.copy(switch)
    started.config = switch.startup
    return configuration(started)


def asked(switch: Switch, what: str) -> str | None:
    """The answer to a command that names what it asks for; None where it is none of these."""
    for pattern, show in (
        (r"arp ([\d.]+)", arp),
        (r"ip routing-table ([\d.]+)", route),
        (r"mac-address ([0-9a-f-]+)", macs_of),
    ):
        match = re.fullmatch(pattern, what)
        if match is not None:
            return show(switch, match[1])
    return None
