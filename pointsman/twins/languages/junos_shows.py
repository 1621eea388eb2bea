"""What the Junos-like twin prints."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from pointsman.twins.languages.junos import PORTS, Statement, Switch

_PLAIN: Final = re.compile(r"[\w./:*<>\[\]@,+-]+\Z")
_MTU: Final = 1514


def statements(config: Iterable[Statement], place: Statement = ()) -> str:
    """``show ... | display set``."""
    shown = (words for words in config if words[: len(place)] == place)
    return "".join(f"set {' '.join(map(_quoted, words))}\n" for words in sorted(shown, key=_order))


def _order(words: Statement) -> tuple[int, Statement]:
    order = ("version", "system", "chassis", "interfaces", "routing-options", "protocols", "switch-options", "vlans")
    return order.index(words[0]), words


def _quoted(word: str) -> str:
    return word if _PLAIN.match(word) else f'"{word}"'


def configuration(switch: Switch) -> str:
    """``show configuration | display set``."""
    return statements(switch.config())


def _bundles(switch: Switch) -> list[str]:
    """The LAGs that there is room for."""
    return [f"ae{number}" for number in range(int(switch.value("chassis", *_COUNT) or 0))]


_COUNT: Final = ("aggregated-devices", "ethernet", "device-count")


def _is_up(switch: Switch, port: str) -> bool:
    if switch.has("interfaces", port, "disable"):
        return False
    if port.startswith("ae"):
        return any(_is_up(switch, member) for member in _members(switch, port))
    return port in switch.linked


def _members(switch: Switch, lag: str) -> list[str]:
    return [words[1] for words in switch.config() if words[0] == "interfaces" and words[-2:] == ("802.3ad", lag)]


def _lag_of(switch: Switch, port: str) -> str | None:
    return switch.value("interfaces", port, "ether-options", "802.3ad")


def interfaces_terse(switch: Switch) -> str:
    """``show interfaces terse``."""
    lines = ["Interface               Admin Link Proto    Local                 Remote"]
    for port in (*PORTS, *_bundles(switch)):
        admin = "down" if switch.has("interfaces", port, "disable") else "up"
        link = "up" if _is_up(switch, port) else "down"
        lines.append(f"{port:<24}{admin:<6}{link}")
        if switch.has("interfaces", port, "unit", "0", "family", "ethernet-switching"):
            lines.append(f"{port + '.0':<24}{admin:<6}{link:<5}eth-switch")
        lag = _lag_of(switch, port)
        if lag is not None:
            lines.append(f"{port + '.0':<24}{admin:<6}{link:<5}aenet    --> {lag}.0")
    lines += [f"{name:<24}up    up" for name in ("dsc", "irb", "lo0", "me0", "vlan")]
    return "\n".join(lines) + "\n"


def interfaces(switch: Switch) -> str:
    """``show interfaces``."""
    return "\n".join(
        _interface(switch, port, index) for index, port in enumerate((*PORTS, *_bundles(switch)), start=500)
    )


def _interface(switch: Switch, port: str, index: int) -> str:
    shut = switch.has("interfaces", port, "disable")
    mtu = switch.value("interfaces", port, "mtu") or str(_MTU)
    description = switch.value("interfaces", port, "description")
    mac = f"02:00:00:01:{index >> 8:02x}:{index & 255:02x}"
    admin, link = "Administratively down" if shut else "Enabled", "Up" if _is_up(switch, port) else "Down"
    lines = [
        f"Physical interface: {port}, {admin}, Physical link is {link}",
        f"  Interface index: {index}, SNMP ifIndex: {index}",
        *([f"  Description: {description}"] if description else []),
        f"  Link-level type: Ethernet, MTU: {mtu}, LAN-PHY mode, Link-mode: Full-duplex, Speed: 1000mbps,",
        "  BPDU Error: None, Loop Detect PDU Error: None, Loopback: Disabled, Flow control: Disabled",
        "  Device flags   : Present Running",
        f"  Current address: {mac}, Hardware address: {mac}",
    ]
    if switch.has("interfaces", port, "unit", "0", "family", "ethernet-switching"):
        lines += [
            "",
            f"  Logical interface {port}.0 (Index {index}) (SNMP ifIndex {index + 100})",
            "    Flags: Up SNMP-Traps Encapsulation: Ethernet-Bridge",
            f"    Protocol eth-switch, MTU: {mtu}",
        ]
    return "\n".join(lines) + "\n"


def spanning_tree(switch: Switch) -> str:
    """``show spanning-tree interface``."""
    lines = [
        "",
        "Spanning tree interface parameters for instance 0",
        "",
        "Interface                  Port ID    Designated         Designated         Port    State  Role",
        "                                       port ID           bridge ID          Cost",
    ]
    for index, port in enumerate((*PORTS, *_bundles(switch)), start=490):
        if switch.has("interfaces", port, "unit", "0", "family", "ethernet-switching"):
            state, role = ("FWD", "DESG") if _is_up(switch, port) else ("BLK", "DIS")
            identity = f"{f'128:{index}':>11} {f'128:{index}':>13}  32768.020000000001"
            lines.append(f"{port:<22}{identity}  {20000:>9}  {state:>5}    {role}")
    return "\n".join(lines) + "\n"


def lacp(switch: Switch) -> str:
    """``show lacp interfaces``."""
    lines: list[str] = []
    for lag in _bundles(switch):
        if not switch.has("interfaces", lag, "aggregated-ether-options", "lacp"):
            continue
        members = _members(switch, lag)
        lines += [
            f"Aggregated interface: {lag}",
            "    LACP state:       Role   Exp   Def  Dist  Col  Syn  Aggr  Timeout  Activity",
        ]
        for member in members:
            yes = " Yes" if _is_up(switch, member) else "  No"
            lines.append(f"      {member:<14} Actor    No    No  {yes} {yes} {yes}   Yes     Fast    Active")
        lines.append("    LACP protocol:        Receive State  Transmit State          Mux State ")
        for member in members:
            mux = "Collecting distributing" if _is_up(switch, member) else "Detached"
            lines.append(f"      {member:<24}  Current   Fast periodic {mux}")
    return "\n".join(lines) + "\n"


def mac_table(switch: Switch) -> str:
    """``show ethernet-switching table``."""
    lines = [
        "",
        "MAC flags (S - static MAC, D - dynamic MAC, L - locally learned, P - Persistent static",
        "           SE - statistics enabled, NM - non configured MAC, R - remote PE MAC, O - ovsdb MAC)",
        "",
        "",
        f"Ethernet switching table : {len(switch.macs)} entries, {len(switch.macs)} learned",
        "Routing instance : default-switch",
        "    Vlan                MAC                 MAC         Age    Logical                NH        RTR",
        "    name                address             flags              interface              Index     ID",
    ]
    for mac, vlan, port in switch.macs:
        lines.append(f"    {vlan:<19} {mac}   D             -   {port + '.0':<22} 0         0")
    return "\n".join(lines) + "\n"


def lldp(switch: Switch) -> str:
    """``show lldp neighbors``."""
    lines = ["Local Interface    Parent Interface    Chassis Id          Port info          System Name"]
    for port, other in sorted(switch.neighbours.items()):
        parent = _lag_of(switch, port) or "-"
        lines.append(f"{port:<19}{parent:<20}{other.chassis_id:<20}{other.port:<19}{other.name}")
    return "\n".join(lines) + "\n"


def version(switch: Switch) -> str:
    """``show version``."""
    release = switch.value("version")
    return (
        f"fpc0:\n{'-' * 73}\nHostname: {switch.hostname()}\nModel: ex4300-48t\nJunos: {release}\n"
        f"JUNOS Base OS boot [{release}]\nJUNOS Base OS Software Suite [{release}]\n"
    )


def hardware(switch: Switch) -> str:
    """``show chassis hardware``."""
    rows = (
        ("Chassis", "", "", switch.serial, "EX4300-48T"),
        ("Routing Engine 0", "", "BUILTIN", "BUILTIN", "EX4300-48T"),
        ("FPC 0", "REV 12", "650-044931", switch.serial, "EX4300-48T"),
        ("  PIC 0", "", "BUILTIN", "BUILTIN", "48x 10/100/1000 Base-T"),
    )
    head = "Hardware inventory:\nItem             Version  Part number  Serial number     Description\n"
    return head + "".join(f"{a:<17}{b:<9}{c:<13}{d:<18}{e}\n" for a, b, c, d, e in rows)


def uptime(switch: Switch) -> str:
    """``show system uptime``."""
    del switch
    return (
        f"fpc0:\n{'-' * 74}\nCurrent time: 2026-11-20 10:00:00 UTC\n"
        "System booted: 2026-11-09 06:56:00 UTC (1w4d 03:04 ago)\n"
    )


def commits(switch: Switch) -> str:
    """``show system commit``."""
    waits = switch.waits_minutes()
    lines = []
    for number in range(len(switch.history) + 1):
        how = "cli" if waits is None or number else f"cli commit confirmed, rollback in {waits}mins"
        lines.append(f"{number}   2026-11-20 10:{59 - number:02}:00 UTC by admin via {how}")
    return "\n".join(lines) + "\n"
