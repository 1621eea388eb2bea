"""What the switch is doing, from its tables: interfaces, spanning tree, LACP, MAC addresses."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from device_profiles.operation import MacEntry, PortOperation, StpState
from drivers.switching.operating import worst
from drivers.vendors.juniper_junos.dialect import Dialect

_PHYSICAL: Final = re.compile(
    r"^Physical interface: (?P<name>[^\s,]+)(?:, (?P<admin>[^,]+?))?(?:, Physical link is (?P<link>\S+))?\s*$"
)
_MTU: Final = re.compile(r"\bMTU: (\d+)")
_SPEED: Final = re.compile(r"\bSpeed: (\d+(?:\.\d+)?) ?([mgtMGT])bps")
_DUPLEX: Final = re.compile(r"\b(?:Link-mode|Duplex): (Full|Half)-duplex", re.IGNORECASE)
_ADDRESS: Final = re.compile(r"\bCurrent address: ([0-9a-f:]{17})")
_DESCRIPTION: Final = re.compile(r"^  Description: (.*?)\s*$")
_UNITS: Final = {"M": 10**6, "G": 10**9, "T": 10**12}
_STP: Final = re.compile(r"^(?P<port>\S+) +\d+:\d+ +.*?\b(?P<state>FWD|BLK|LRN|LIS|DIS)\b", re.MULTILINE)
_STP_STATES: Final[Mapping[str, StpState]] = {
    "FWD": "forwarding",
    "BLK": "blocking",
    "LRN": "learning",
    "LIS": "listening",
    "DIS": "disabled",
}
_LACP_LAG: Final = re.compile(r"^Aggregated interface: (\S+)")
_LACP_MUX: Final = re.compile(r"^ +(?P<port>\S+) +\S.*?(?P<mux>Collecting distributing|Detached|Waiting|Attached)\s*$")
_MAC: Final = re.compile(r"^\s*(?P<vlan>\S+)\s+(?P<mac>(?:[0-9a-f]{2}:){5}[0-9a-f]{2})\s+(?P<rest>\S.*)$")
_LEARNED: Final = re.compile(r"(?:D[A-Z]*(?:,[A-Z]+)*|Learn)\Z")
_NAMED_BY_NUMBER: Final = re.compile(r"(?i)vlan[-_]?0*(\d{1,4})\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Interface:
    """A physical interface as ``show interfaces`` tells of it. ``mtu`` as Junos counts it."""

    enabled: bool
    up: bool
    mtu: int | None = None
    speed_bps: int | None = None
    duplex: Literal["full", "half"] | None = None
    mac: str = ""
    description: str = ""


def interfaces(text: str) -> dict[str, Interface]:
    """Every physical interface of ``show interfaces``, LAGs as well; of what is below it nothing."""
    return {name: _interface(head, lines) for name, head, lines in _paragraphs(text)}


def _paragraphs(text: str) -> Iterator[tuple[str, re.Match[str], list[str]]]:
    head: re.Match[str] | None = None
    lines: list[str] = []
    physical = False
    for line in text.splitlines():
        match = _PHYSICAL.match(line)
        if match is not None:
            if head is not None:
                yield head["name"], head, lines
            head, lines, physical = match, [], True
        elif line.startswith("  Logical interface"):
            physical = False
        elif physical:
            lines.append(line)
    if head is not None:
        yield head["name"], head, lines


def _interface(head: re.Match[str], lines: list[str]) -> Interface:
    text = "\n".join(lines)
    mtu, speed, duplex, mac = (pattern.search(text) for pattern in (_MTU, _SPEED, _DUPLEX, _ADDRESS))
    said = next((match[1] for line in lines if (match := _DESCRIPTION.match(line))), "")
    return Interface(
        enabled=head["admin"] == "Enabled",
        up=head["link"] == "Up",
        mtu=int(mtu[1]) if mtu is not None else None,
        speed_bps=int(float(speed[1]) * _UNITS[speed[2].upper()]) if speed is not None else None,
        duplex=None if duplex is None else "full" if duplex[1].lower() == "full" else "half",
        mac=mac[1] if mac is not None else "",
        description=said,
    )


def status(text: str, dialect: Dialect) -> dict[str, PortOperation]:
    """The ports of ``show interfaces``."""
    return {
        name: PortOperation(
            oper_up=item.enabled and item.up,
            down_reason=_reason(item),
            speed_bps=item.speed_bps,
            duplex=item.duplex,
        )
        for name, item in interfaces(text).items()
        if dialect.names.is_port(name)
    }


def _reason(item: Interface) -> str | None:
    if not item.enabled:
        return "Administratively down"
    return None if item.up else "Physical link is Down"


def spanning_tree(text: str, dialect: Dialect) -> dict[str, StpState]:
    """The state of each port, of all instances together."""
    rows = ((dialect.canonical(match["port"]), match["state"]) for match in _STP.finditer(text))
    return worst((port, _STP_STATES[word]) for port, word in rows if dialect.names.is_port(port))


def bundled(text: str, dialect: Dialect) -> dict[str, bool]:
    """Whether each member carries traffic in its LAG, and each LAG, whether any of its members does, by LACP."""
    found: dict[str, bool] = {}
    lag = ""
    for line in text.splitlines():
        if head := _LACP_LAG.match(line):
            lag = dialect.canonical(head[1])
            found[lag] = False
        elif lag and (match := _LACP_MUX.match(line)):
            port = dialect.canonical(match["port"])
            found[port] = match["mux"] == "Collecting distributing"
            found[lag] = found[lag] or found[port]
    return found


def macs(text: str, numbers: Mapping[str, int], dialect: Dialect) -> tuple[MacEntry, ...]:
    """The learned entries of the forwarding database. ``numbers`` are the VLANs by name."""
    return tuple(dict.fromkeys(_macs(text, numbers, dialect)))


def _macs(text: str, numbers: Mapping[str, int], dialect: Dialect) -> Iterator[MacEntry]:
    for line in text.splitlines():
        match = _MAC.match(line)
        if match is None:
            continue
        kind, *columns = match["rest"].split()
        port = next((name for word in columns if dialect.names.is_port(name := dialect.canonical(word))), None)
        if port is not None and _LEARNED.match(kind):
            yield MacEntry(mac=match["mac"], vlan=_vlan(match["vlan"], numbers), port=port)


def _vlan(name: str, numbers: Mapping[str, int]) -> int | None:
    """The number of a VLAN by its name; by the number in a name like vlan100 where the configuration lacks it."""
    if name in numbers:
        return numbers[name]
    match = _NAMED_BY_NUMBER.match(name)
    return int(match[1]) if match is not None and 1 <= int(match[1]) <= 4094 else None
