"""What the Comware-like twin prints."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pointsman.twins.languages.comware import EVERY, Interface, Switch
from pointsman.twins.languages.comware_reaching import reaching


def _spans(vlans: Iterable[int]) -> str:
    found: list[list[int]] = []
    for vlan in sorted(vlans):
        if found and vlan == found[-1][1] + 1:
            found[-1][1] = vlan
        else:
            found.append([vlan, vlan])
    return " ".join(str(low) if low == high else f"{low} to {high}" for low, high in found)


def configuration(switch: Switch) -> str:
    """``display current-configuration``."""
    head = [
        "!Software Version V200R019C10SPC500" if switch.is_vrp else " version 7.1.070, Release 3208P10",
        "#",
        f"sysname {switch.config.hostname}" if switch.is_vrp else f" sysname {switch.config.hostname}",
        "#",
    ]
    lines = [*([] if switch.is_vrp else ["#"]), *head, *_vlans(switch)]
    for port in switch.config.interfaces.values():
        lines += [f"interface {port.name}", *(f" {line}" for line in _interface(switch, port)), "#"]
    lines += reaching(switch)
    remote = [f" {line}" for line in sorted(switch.config.remote)] or [" authentication-mode aaa"]
    lines += ["user-interface vty 0 4" if switch.is_vrp else "line vty 0 63", *remote, "#", "return"]
    return "\n".join(lines) + "\n"


def _vlans(switch: Switch) -> Iterator[str]:
    vlans = switch.config.vlans
    if switch.is_vrp and (others := set(vlans) - {1}):
        yield from (f"vlan batch {_spans(others)}", "#")
    for number in sorted(vlans):
        if vlans[number] is not None:
            yield from (f"vlan {number}", f" name {vlans[number]}", "#")
        elif not switch.is_vrp:
            yield from (f"vlan {number}", "#")


def _interface(switch: Switch, port: Interface) -> Iterator[str]:
    dialect = switch.dialect
    bundle = port.name.startswith(dialect.bundle)
    if not switch.is_vrp and not bundle and "port link-mode route" not in port.others:
        yield "port link-mode bridge"
    if port.description is not None:
        yield f"description {port.description}"
    yield from _switching(switch, port)
    yield from port.others
    if port.frame is not None:
        yield f"jumboframe enable {port.frame}" if port.frame else "undo jumboframe enable"
    if port.dynamic:
        yield dialect.dynamic
    if port.min_links is not None:
        least = "least active-linknumber" if switch.is_vrp else "link-aggregation selected-port minimum"
        yield f"{least} {port.min_links}"
    if port.edge:
        yield dialect.edge
    if port.passive:
        yield "lacp mode passive"
    if port.group is not None:
        yield f"{dialect.member} {port.group}"
    if port.shut:
        yield "shutdown"


def _switching(switch: Switch, port: Interface) -> Iterator[str]:
    dialect = switch.dialect
    if port.link_type not in (None, "access") or (port.link_type and switch.is_vrp):
        yield f"port link-type {port.link_type}"
    match port.link_type or "access":
        case "access":
            if port.access != 1:
                yield f"{dialect.access} {port.access}"
        case "trunk":
            pvid = [f"port trunk pvid vlan {port.pvid}"] if port.pvid != 1 else []
            yield from pvid if switch.is_vrp else ()
            yield from _permitted(switch, port)
            yield from () if switch.is_vrp else pvid
        case "hybrid":
            yield from _hybrid(switch, port)


def _permitted(switch: Switch, port: Interface) -> Iterator[str]:
    permit = switch.dialect.permit
    if 1 not in port.permitted:
        yield f"undo {permit} 1"
    if port.permitted == EVERY:
        yield f"{permit} {'2 to 4094' if switch.is_vrp else 'all'}"
    elif listed := port.permitted if not switch.is_vrp and len(port.permitted) > 1 else port.permitted - {1}:
        yield f"{permit} {_spans(listed)}"


def _hybrid(switch: Switch, port: Interface) -> Iterator[str]:
    words = "port hybrid {how} vlan {vlans}" if switch.is_vrp else "port hybrid vlan {vlans} {how}"
    if port.pvid != 1:
        yield f"port hybrid pvid vlan {port.pvid}"
    if 1 not in port.untagged:
        yield "undo port hybrid vlan 1"
    if port.tagged:
        yield words.format(how="tagged", vlans=_spans(port.tagged))
    if port.untagged - {1}:
        yield words.format(how="untagged", vlans=_spans(port.untagged))


def brief_of_comware(switch: Switch) -> str:
    """``display interface brief``: what routes, then what bridges."""
    lines = [
        "Brief information on interfaces in route mode:",
        "Link: ADM - administratively down; Stby - standby",
        "Protocol: (s) - spoofing",
        "Interface            Link Protocol Primary IP      Description                ",
        "InLoop0              UP   UP(s)    --              ",
        "NULL0                UP   UP(s)    --              ",
    ]
    routed = [port for port in switch.config.interfaces.values() if "port link-mode route" in port.others]
    lines += [f"{switch.short(port.name):<21}{_link(switch, port):<5}DOWN     --" for port in routed]
    lines += [
        "",
        "Brief information on interfaces in bridge mode:",
        "Link: ADM - administratively down; Stby - standby",
        "Speed: (a) - auto",
        "Duplex: (a)/A - auto; H - half; F - full",
        "Type: A - access; T - trunk; H - hybrid",
        "Interface            Link Speed   Duplex Type PVID Description                ",
    ]
    for port in switch.config.interfaces.values():
        if port not in routed:
            up = switch.is_up(port)
            speed, duplex = ("1G(a)", "F(a)") if up else ("auto", "A")
            kind = (port.link_type or "access")[0].upper()
            pvid = port.access if kind == "A" else port.pvid
            name, link = switch.short(port.name), _link(switch, port)
            lines.append(f"{name:<21}{link:<5}{speed:<8}{duplex:<7}{kind:<5}{pvid:<5}{port.description or ''}".rstrip())
    return "\n".join(lines) + "\n"


def _link(switch: Switch, port: Interface) -> str:
    return "ADM" if port.shut else "UP" if switch.is_up(port) else "DOWN"


def brief_of_vrp(switch: Switch) -> str:
    """``display interface brief``."""
    lines = [
        "PHY: Physical",
        "*down: administratively down",
        "(l): loopback",
        "(s): spoofing",
        "InUti/OutUti: input utility/output utility",
        "Interface                   PHY   Protocol  InUti OutUti   inErrors  outErrors",
    ]
    for port in switch.config.interfaces.values():
        phy = "*down" if port.shut else "up" if switch.is_up(port) else "down"
        indent = "  " if port.group is not None else ""
        lines.append(f"{indent + port.name:<28}{phy:<6}{phy.lstrip('*'):<10}   0%     0%          0          0")
    lines.append("NULL0                       up    up(s)        0%     0%          0          0")
    return "\n".join(lines) + "\n"


def stp_brief(switch: Switch) -> str:
    """``display stp brief``."""
    head = " MSTID  Port                        Role  STP State     Protection"
    lines = [head if switch.is_vrp else " MST ID   Port                                Role  STP State   Protection"]
    running = [port for port in switch.config.interfaces.values() if switch.is_up(port) and port.group is None]
    lines += [f"   0    {port.name:<36}DESI  FORWARDING      NONE" for port in running]
    return "\n".join(lines) + "\n"


def link_aggregation(switch: Switch) -> str:
    """``display link-aggregation verbose``."""
    lines = [
        "Loadsharing Type: Shar -- Loadsharing, NonS -- Non-Loadsharing",
        "Port Status: S -- Selected, U -- Unselected, I -- Individual",
        "Port: A -- Auto port, M -- Management port, R -- Reference port",
        "Flags:  A -- LACP_Activity, B -- LACP_Timeout, C -- Aggregation,",
        "        D -- Synchronization, E -- Collecting, F -- Distributing,",
        "        G -- Defaulted, H -- Expired",
        "",
    ]
    for lag in _bundles(switch):
        members = switch.members(lag.name)
        lines += [
            f"Aggregate Interface: {lag.name}",
            "Creation Mode: Manual",
            f"Aggregation Mode: {'Dynamic' if lag.dynamic else 'Static'}",
            "Loadsharing Type: Shar",
            "Local:",
            "  Port                Status   Priority Index    Oper-Key               Flag",
        ]
        for index, member in enumerate(members, 1):
            flag = "S" if switch.is_selected(member) else "U"
            lines.append(
                f"  {switch.short(member.name):<20}{flag:<9}32768    {index:<9}1                      {{ACDEF}}"
            )
        lines += ["Remote:", "  Actor               Priority Index    Oper-Key SystemID               Flag   "]
        for member in members:
            lines.append(
                f"  {switch.short(member.name):<20}32768    1        1        0x8000, 0200-0000-0002 {{ACDEF}}"
            )
        lines.append("")
    return "\n".join(lines) + "\n"


def _bundles(switch: Switch) -> list[Interface]:
    return [port for port in switch.config.interfaces.values() if port.name.startswith(switch.dialect.bundle)]


def eth_trunk(switch: Switch) -> str:
    """``display eth-trunk``."""
    lines: list[str] = []
    for lag in _bundles(switch):
        members = switch.members(lag.name)
        mode = "LACP" if lag.dynamic else "NORMAL"
        lines += [
            f"{lag.name}'s state information is:",
            f"LAG ID: {lag.name.removeprefix('Eth-Trunk')}                   WorkingMode: {mode}",
            f"Operate status: {'up' if switch.is_up(lag) else 'down'}     Number Of Up Port In Trunk: {len(members)}",
            "-" * 80,
            "ActorPortName          Status   PortType PortPri PortNo PortKey PortState Weight",
        ]
        for member in members:
            selected = "Selected" if switch.is_selected(member) else "Unselect"
            lines.append(f"{member.name:<23}{selected:<9}1GE      32768   1      305     10111100  1")
        lines.append("")
    return ("\n".join(lines) if lines else "Info: No valid trunk in the system.") + "\n"


def macs_of_comware(switch: Switch) -> str:
    """``display mac-address``."""
    lines = ["MAC Address      VLAN ID    State            Port/Nickname            Aging"]
    lines += [f"{mac}   {vlan:<11}Learned          {switch.short(port):<25}Y" for mac, vlan, port in switch.macs]
    return "\n".join(lines) + "\n"


def macs_of_vrp(switch: Switch) -> str:
    """``display mac-address``."""
    rule = "-" * 79
    lines = [rule, "MAC Address    VLAN/VSI/BD                       Learned-From        Type      ", rule]
    lines += [f"{mac} {f'{vlan}/-/-':<34}{switch.short(port):<20}dynamic   " for mac, vlan, port in switch.macs]
    lines += [rule, f"Total items displayed = {len(switch.macs)} "]
    return "\n".join(lines) + "\n"


def lldp_information(switch: Switch) -> str:
    """``display lldp neighbor-information verbose``."""
    lines: list[str] = []
    for index, (port, other) in enumerate(sorted(switch.neighbours.items()), 1):
        lines += [
            f"LLDP neighbor-information of port {index}[{port}]:",
            "LLDP agent nearest-bridge:",
            " LLDP neighbor index : 1",
            " Update time         : 0 days, 0 hours, 1 minutes, 1 seconds",
            " Chassis type        : MAC address",
            f" Chassis ID          : {other.chassis_id}",
            " Port ID type        : Interface name",
            f" Port ID             : {other.port}",
            " Time to live        : 121",
            f" Port description    : {other.port_description}",
            f" System name         : {other.name}",
            " System description  : a twin",
            "",
        ]
    return "\n".join(lines) + "\n"


def lldp_neighbor(switch: Switch) -> str:
    """``display lldp neighbor``."""
    lines: list[str] = []
    for port, other in sorted(switch.neighbours.items()):
        lines += [
            f"{port} has 1 neighbor(s):",
            "",
            "Neighbor index                     :1",
            "Chassis type                       :MAC Address",
            f"Chassis ID                         :{other.chassis_id}",
            "Port ID subtype                    :Interface Name",
            f"Port ID                            :{other.port}",
            f"Port description                   :{other.port_description}",
            f"System name                        :{other.name}",
            "System description                 :a twin",
            "Expired time                       :104s",
            "",
        ]
    return "\n".join(lines) + "\n"


def version_of_comware(switch: Switch) -> str:
    """``display version``."""
    del switch
    return (
        "HPE Comware Software, Version 7.1.070, Release 3208P10\n"
        "Copyright (c) 2010-2019 Hewlett Packard Enterprise Development LP\n"
        "HPE 5130-24G-4SFP+ EI Switch uptime is 1 week, 2 days, 3 hours, 4 minutes\n"
        "Last reboot reason : User reboot\n"
    )


def version_of_vrp(switch: Switch) -> str:
    """``display version``."""
    del switch
    return (
        "Huawei Versatile Routing Platform Software\n"
        "VRP (R) software, Version 5.170 (S5735 V200R019C10SPC500)\n"
        "Copyright (C) 2000-2020 HUAWEI TECH Co., Ltd.\n"
        "HUAWEI S5735-L24T4S-A Routing Switch uptime is 1 week, 2 days, 3 hours, 4 minutes\n"
    )


def manuinfo(switch: Switch) -> str:
    """``display device manuinfo``."""
    return (
        "Slot 1 CPU 0:\n"
        "DEVICE_NAME          : 5130-24G-4SFP+ EI\n"
        f"DEVICE_SERIAL_NUMBER : {switch.serial}\n"
        "MAC_ADDRESS          : 0200-0000-0001\n"
        "MANUFACTURING_DATE   : 2026-01-01\n"
        "VENDOR_NAME          : HPE\n"
        "Power 1:\n"
        "The operation is not supported on the specified power.\n"
    )


def manufacture_info(switch: Switch) -> str:
    """``display device manufacture-info``."""
    return (
        "Slot  Sub  Type                 Serial-number          Manu-date   \n"
        "- - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - \n"
        f"0     -    S5735-L24T4S-A       {switch.serial:<22} 2026-01-01  \n"
    )
