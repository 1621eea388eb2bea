"""What the IOS-like twin prints: its configuration and its tables."""

from __future__ import annotations

from collections.abc import Iterator

from pointsman.twins.languages import ios_like_reaching as reaching
from pointsman.twins.languages.ios_like import EVERY, RESERVED, Interface, Switch

_LIST_COLUMNS = 60


def spans(vlans: frozenset[int]) -> list[str]:
    """Numbers as ranges."""
    found: list[list[int]] = []
    for vlan in sorted(vlans):
        if found and vlan == found[-1][1] + 1:
            found[-1][1] = vlan
        else:
            found.append([vlan, vlan])
    return [str(low) if low == high else f"{low}-{high}" for low, high in found]


def running_config(switch: Switch) -> str:
    """``show running-config``."""
    return "\n".join([*_head(switch), *_vlans(switch), *_interfaces(switch), *_tail(switch)]) + "\n"


def _head(switch: Switch) -> Iterator[str]:
    config, name = switch.config, switch.dialect.name
    size = 1000 + 40 * len(config.interfaces)
    if name == "ios":
        yield from ("Building configuration...", "", f"Current configuration : {size} bytes", "!")
        yield f"! Last configuration change at 10:00:{switch.changed_at % 60:02} UTC Fri Nov 20 2026"
        yield from ("!", "version 15.2", "service timestamps log datetime msec", "!")
    elif name == "nxos":
        yield from ("", "!Command: show running-config", "!Time: Fri Nov 20 10:00:00 2026", "", "version 9.3(8)")
    else:
        yield from ("! Command: show running-config", f"! device: {config.hostname} (vEOS, EOS-4.27.6M)", "!")
    yield f"hostname {config.hostname}"
    yield from (f"feature {feature}" for feature in sorted(config.features))
    if config.banner:
        yield from (f"banner motd ^C\n{config.banner}\n^C" if name == "ios" else f"banner motd\n{config.banner}\nEOF",)
    yield from reaching.accounts(switch)
    yield "!"


def _vlans(switch: Switch) -> Iterator[str]:
    if switch.dialect.name == "ios":  # they stand in vlan.dat
        return
    vlans = switch.config.vlans
    if switch.dialect.name == "nxos":
        yield f"vlan {','.join(spans(frozenset(vlans)))}"
    for number, name in sorted(vlans.items()):
        plain = name == f"VLAN{number:04}"
        if number != 1 and not (plain and switch.dialect.name == "nxos"):
            yield f"vlan {number}"
            if not plain:
                yield f"{switch.dialect.indent}name {name}"
            yield "!"


def _interfaces(switch: Switch) -> Iterator[str]:
    indent = switch.dialect.indent
    for port in sorted(
        switch.config.interfaces.values(), key=lambda port: not port.name.startswith(switch.dialect.bundle)
    ):
        yield f"interface {port.name}"
        yield from (f"{indent}{line}" for line in _lines(switch, port))
        yield "!"


def _lines(switch: Switch, port: Interface) -> Iterator[str]:
    if port.description is not None:
        yield f"description {port.description}"
    if port.name.startswith(("Vlan", "Management", "mgmt")):
        own = port.name in ("Vlan1", "Management1", "mgmt0")
        yield reaching.address(switch) if own else "no ip address"
    else:
        yield from ("no switchport",) if port.routed else _switching(port)
    if port.mtu is not None:
        yield f"mtu {port.mtu}"
    if port.shut:
        yield "shutdown"
    if port.group is not None:
        yield f"channel-group {port.group} mode {port.group_mode}"
    if port.edge is not None:
        yield port.edge
    if port.guard is not None:
        yield f"spanning-tree bpduguard {'enable' if port.guard else 'disable'}"
    if port.min_links is not None:
        yield f"{'lacp' if switch.dialect.name == 'nxos' else 'port-channel'} min-links {port.min_links}"
    if port.fallback:
        yield "port-channel lacp fallback static"


def _switching(port: Interface) -> Iterator[str]:
    if port.access != 1:
        yield f"switchport access vlan {port.access}"
    if port.encapsulated:
        yield "switchport trunk encapsulation dot1q"
    if port.native != 1:
        yield f"switchport trunk native vlan {port.native}"
    yield from _allowed(port.allowed)
    if port.mode is not None:
        yield f"switchport mode {port.mode}"
    yield from port.others


def _allowed(allowed: frozenset[int]) -> Iterator[str]:
    """A list of VLANs, cut where it gets too long."""
    if allowed == EVERY:
        return
    line, word = "", ""
    for span in spans(allowed) or ["none"]:
        if line and len(line) + len(span) > _LIST_COLUMNS:
            yield f"switchport trunk allowed vlan {word}{line}"
            line, word = "", "add "
        line += f",{span}" if line else span
    yield f"switchport trunk allowed vlan {word}{line}"


def _tail(switch: Switch) -> Iterator[str]:
    if switch.dialect.name == "ios":
        yield from reaching.reaching(switch)
    elif switch.dialect.name == "nxos":
        yield from reaching.reaching_nxos(switch)
    elif switch.dialect.end:
        yield from reaching.reaching_eos(switch)
        yield from ("line vty 0 4", " login local", "!", "end")


def vlan_brief(switch: Switch) -> str:
    """``show vlan brief``."""
    lines = [
        "",
        "VLAN Name                             Status    Ports",
        "---- -------------------------------- --------- -------------------------------",
    ]
    for number, name in sorted(switch.config.vlans.items()):
        own = [switch.short(port.name) for port in switch.config.interfaces.values() if _in_vlan(port, number)]
        for index, chunk in enumerate([own[start : start + 4] for start in range(0, len(own), 4)] or [[]]):
            row = f"{number:<4} {name:<32} active    " if index == 0 else " " * 48
            lines.append(row + ", ".join(chunk))
    if switch.dialect.name == "ios":
        lines += [f"{number:<4} {name:<32} act/unsup " for number, name in RESERVED.items()]
    return "\n".join(lines) + "\n"


def _in_vlan(port: Interface, number: int) -> bool:
    switches = not port.routed and port.group is None and port.mode != "trunk"
    return switches and port.access == number


def interfaces_status(switch: Switch) -> str:
    """``show interfaces status``."""
    rule = ["-" * 80] if switch.dialect.name == "nxos" else [""]
    lines = [
        *rule,
        "Port      Name               Status       Vlan       Duplex  Speed Type",
        *(rule if rule[0] else []),
    ]
    for port in switch.config.interfaces.values():
        if not port.name.startswith("Vlan"):
            status = "disabled" if port.shut else "connected" if _is_up(switch, port) else "notconnect"
            vlan = "routed" if port.routed else "trunk" if port.mode == "trunk" else str(port.access)
            name = (port.description or "")[:18] or ("--" if switch.dialect.name == "nxos" else "")
            speed = "a-full a-1000" if status == "connected" else "  auto   auto"
            if switch.dialect.name == "nxos":
                speed = "full    1000 " if status == "connected" else "auto    auto "
            lines.append(f"{switch.short(port.name):<9} {name:<18} {status:<12} {vlan:<10} {speed} 1000BaseT")
    return "\n".join(lines) + "\n"


def _is_up(switch: Switch, port: Interface) -> bool:
    if port.name.startswith(switch.dialect.bundle):
        return any(switch.is_bundled(member) for member in switch.members(port.name))
    return switch.is_up(port)


def bundles(switch: Switch) -> str:
    """``show etherchannel summary``, ``show port-channel summary``."""
    lines = ["Flags:  D - down        P - bundled in port-channel", "        s - suspended   U - in use", ""]
    lines += ["Group  Port-channel  Protocol    Ports", "------+-------------+-----------+" + "-" * 47]
    for port in switch.config.interfaces.values():
        if port.name.startswith(switch.dialect.bundle):
            members = switch.members(port.name)
            own = "  ".join(f"{switch.short(each.name)}({_flag(switch, each)})" for each in members)
            protocol = "LACP" if any(each.group_mode in ("active", "passive") for each in members) else "-"
            number = port.name.removeprefix(switch.dialect.bundle)
            lines.append(f"{number:<6} Po{number}({'SU' if _is_up(switch, port) else 'SD'})  {protocol:<10} {own}")
    return "\n".join(lines) + "\n"


def _flag(switch: Switch, member: Interface) -> str:
    if switch.is_bundled(member):
        return "P"
    return "s" if switch.is_up(member) else "D"


def spanning_tree(switch: Switch) -> str:
    """``show spanning-tree``."""
    lines = []
    for number in sorted(switch.config.vlans):
        rows = [port for port in switch.config.interfaces.values() if _carries(port, number) and _is_up(switch, port)]
        if not rows:
            continue
        lines += [f"VLAN{number:04}", "  Spanning tree enabled protocol rstp", ""]
        lines += ["Interface           Role Sts Cost      Prio.Nbr Type", "------------------- ---- --- " + "-" * 40]
        for index, port in enumerate(rows, start=1):
            kind = "P2p Edge" if port.edge else "P2p"
            state = ("designated", "forwarding") if switch.dialect.name == "eos" else ("Desg", "FWD")
            lines.append(f"{switch.short(port.name):<19} {state[0]} {state[1]} 4         128.{index:<6} {kind}")
        lines.append("")
    return "\n".join(lines) + "\n"


def _carries(port: Interface, vlan: int) -> bool:
    if port.routed or port.group is not None:
        return False
    return vlan in port.allowed if port.mode == "trunk" else port.access == vlan


def mac_table(switch: Switch) -> str:
    """``show mac address-table``."""
    lines = ["          Mac Address Table", "-" * 43, "", "Vlan    Mac Address       Type        Ports"]
    lines += ["----    -----------       --------    -----", " All    0100.0ccc.cccc    STATIC      CPU"]
    for mac, vlan, port in switch.macs:
        lines.append(f"{vlan:>4}    {dotted(mac)}    DYNAMIC     {switch.short(port)}")
    return "\n".join(lines) + "\n"


def dotted(mac: str) -> str:
    """A MAC address as tables show it."""
    digits = mac.replace(":", "")
    return f"{digits[:4]}.{digits[4:8]}.{digits[8:]}"


def lldp_detail(switch: Switch) -> str:
    """``show lldp neighbors detail``."""
    lines = []
    for port, other in switch.neighbours.items():
        if switch.dialect.name == "eos":
            lines += [f"Interface {port} detected 1 LLDP neighbors:", ""]
            lines += [f'  Neighbor {other.chassis_id}/"{other.port}", age 12 seconds']
            lines += ["  - Chassis ID type: MAC address (4)", f"    Chassis ID     : {dotted(other.chassis_id)}"]
            lines += ["  - Port ID type: Interface name (5)", f'    Port ID     : "{other.port}"']
            lines += [f'  - System Name: "{other.name}"', f'  - Port Description: "{other.port_description}"', ""]
            continue
        head = "Local Port id" if switch.dialect.name == "nxos" else "Local Intf"
        local = f"{head}: {switch.short(port)}"
        chassis = [f"Chassis id: {dotted(other.chassis_id)}", f"Port id: {other.port}"]
        rule = "" if switch.dialect.name == "nxos" else "-" * 48
        if switch.lldp_hides_ports:
            lines += [rule, *chassis, f"System Name: {other.name}", ""]
            continue
        lines += [rule, *([*chassis, local] if switch.dialect.name == "nxos" else [local, *chassis])]
        lines += [f"Port Description: {other.port_description}", f"System Name: {other.name}", ""]
        lines += ["System Description:", "a twin", "", "Time remaining: 100 seconds", ""]
    return "\n".join([*lines, "", f"Total entries displayed: {len(switch.neighbours)}"]) + "\n"


def lldp_table(switch: Switch) -> str:
    """``show lldp neighbors``, whose first column is cut at its width (recorded: Catalyst 2960, IOS 15.0)."""
    lines = ["Device ID           Local Intf     Hold-time  Capability      Port ID"]
    for port, other in switch.neighbours.items():
        device = (other.name.partition(".")[0] or "not advertised")[:20]
        lines.append(f"{device:20}{switch.short(port):15}120        B               {other.port}")
    return "\n".join([*lines, "", f"Total entries displayed: {len(switch.neighbours)}"]) + "\n"


def version(switch: Switch) -> str:
    """``show version``."""
    host, serial = switch.config.hostname, switch.serial
    match switch.dialect.name:
        case "ios":
            return (
                "Cisco IOS Software, C2960X Software (C2960X-UNIVERSALK9-M), Version 15.2(7)E3, RELEASE SOFTWARE\n"
                f"\n{host} uptime is 1 week, 2 days, 3 hours, 4 minutes\n\n"
                "cisco WS-C2960X-12TS (APM86XXX) processor (revision A0) with 524288K bytes of memory.\n"
                f"Processor board ID {serial}\nBase ethernet MAC Address       : 02:00:00:00:00:01\n"
                f"Model number                    : WS-C2960X-12TS\nSystem serial number            : {serial}\n"
            )
        case "nxos":
            return (
                "Cisco Nexus Operating System (NX-OS) Software\n\nSoftware\n  NXOS: version 9.3(8)\n\nHardware\n"
                f"  cisco Nexus9000 C9300v Chassis\n  Processor Board ID {serial}\n\n  Device name: {host}\n"
                "Kernel uptime is 9 day(s), 3 hour(s), 4 minute(s), 5 second(s)\n"
            )
        case _:
            return (
                f"Arista vEOS-lab\nHardware version:\nSerial number: {serial}\nSystem MAC address: 0200.0000.0001\n\n"
                "Software image version: 4.27.6M\n\nUptime: 1 week, 2 days, 3 hours and 4 minutes\n"
            )


def inventory(switch: Switch) -> str:
    """``show inventory``."""
    if switch.dialect.name == "eos":
        return f"System information\n Model Description\n vEOS-lab a twin\n 01.00 {switch.serial} 2026-01-01\n"
    return f'NAME: "1", DESCR: "a twin"\nPID: TWIN-12T          , VID: V01  , SN: {switch.serial}\n'


def vtp_status(switch: Switch) -> str:
    """``show vtp status``."""
    return (
        f"VTP Version capable             : 1 to 3\nVTP version running             : 1\n"
        f"VTP Domain Name                 : {switch.vtp_domain}\n\nFeature VLAN:\n--------------\n"
        f"VTP Operating Mode                : {switch.vtp_mode}\n"
    )
