"""What the switch is doing, from its tables: interfaces, spanning tree, LAGs, MAC addresses.

Comware and VRP print the same tables in other columns. So rows are found by what is sure in them (a name that is an
interface's, a word of a closed list), never by counting columns.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final, Literal

from device_profiles.operation import MacEntry, PortOperation, StpState
from drivers.switching.operating import colons, worst
from drivers.vendors.hp_comware.dialect import Dialect

_LINK: Final = re.compile(
    r"\s*(?P<name>\S+)\s+(?P<link>[*^#]?(?:up|down|adm|stby|UP|DOWN|ADM|Stby))(?:\([a-zA-Z]+\))?(?=\s|\Z)(?P<rest>.*)\Z"
)
_SPEED: Final = re.compile(
    r"\s*(?P<speed>auto|A|(?P<number>\d+(?:\.\d+)?)(?P<unit>[MGT]))\b(?:\(a\))?\s+(?P<duplex>\w+)"
)
_UNITS: Final = {"M": 10**6, "G": 10**9, "T": 10**12}
_WHY: Final = {
    "adm": "administratively down",
    "*down": "administratively down",
    "stby": "standby",
    "^down": "standby",
    "#down": "loopback detection",
}
_STP: Final = re.compile(
    r"^\s*\d+\s+(?P<port>\S+)\s+\S+\s+(?P<state>FORWARDING|DISCARDING|LEARNING|LISTENING|BLOCKING|DOWN|DISABLED)\b",
    re.MULTILINE | re.IGNORECASE,
)
_STP_STATES: Final[Mapping[str, StpState]] = {
    "forwarding": "forwarding",
    "discarding": "discarding",
    "learning": "learning",
    "listening": "listening",
    "blocking": "blocking",
    "down": "disabled",
    "disabled": "disabled",
}
_BUNDLE: Final = re.compile(r"^(?:Aggregat\w+ Interface: *(\S+)|(Eth-Trunk\d+)'s state information)", re.IGNORECASE)
_MEMBER: Final = re.compile(
    r"^\s*(?P<port>[A-Za-z][\w/.:-]*\d)(?:\([MR*]+\))?\*?\s+(?P<status>S|U|I|Selected|Unselect|Up|Down)\s"
)
_REMOTE: Final = re.compile(r"^(Remote|Partner):")
_SELECTED: Final = frozenset({"S", "Selected", "Up"})
_MAC: Final = re.compile(r"^\s*([0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4})\s+(\d{1,4})(?=[\s/])(.*)$", re.IGNORECASE)
_LEARNED: Final = re.compile(r"(?<!\S)(learned|dynamic|security|sec-learned|sticky)(?!\S)", re.IGNORECASE)


def status(text: str, dialect: Dialect) -> dict[str, PortOperation]:
    """The ports of ``display interface brief``; Comware prints routed ports in a table of their own."""
    found: dict[str, PortOperation] = {}
    for line in text.splitlines():
        match = _LINK.match(line)
        if match is None or not dialect.names.is_port(port := dialect.canonical(match["name"])):
            continue
        word = match["link"].lower()
        speed = _SPEED.match(match["rest"])
        found[port] = PortOperation(
            oper_up=word == "up",
            down_reason=None if word == "up" else _WHY.get(word, "down"),
            speed_bps=_speed(speed),
            duplex=_duplex(speed),
        )
    return found


def _speed(match: re.Match[str] | None) -> int | None:
    if match is None or match["number"] is None:
        return None
    return int(float(match["number"]) * _UNITS[match["unit"]])


def _duplex(match: re.Match[str] | None) -> Literal["full", "half"] | None:
    match (match["duplex"] if match is not None else "").upper():
        case "F" | "FULL":
            return "full"
        case "H" | "HALF":
            return "half"
    return None


def spanning_tree(text: str, dialect: Dialect) -> dict[str, StpState]:
    """The state of each port, of all instances together."""
    rows = ((dialect.canonical(match["port"]), match["state"].lower()) for match in _STP.finditer(text))
    return worst((port, _STP_STATES[word]) for port, word in rows if dialect.names.is_port(port))


def bundled(text: str, dialect: Dialect) -> dict[str, bool]:
    """Whether each member carries traffic in its LAG; and each LAG, whether any of its members does."""
    found: dict[str, bool] = {}
    lag = ""
    remote = False
    for line in text.splitlines():
        if head := _BUNDLE.match(line):
            lag, remote = dialect.canonical(head[1] or head[2]), False
            found[lag] = False
        elif _REMOTE.match(line):
            remote = True
        elif lag and not remote and (match := _MEMBER.match(f"{line} ")):
            port = dialect.canonical(match["port"])
            if dialect.names.is_port(port):
                found[port] = match["status"] in _SELECTED
                found[lag] = found[lag] or found[port]
    return found


def macs(text: str, dialect: Dialect) -> tuple[MacEntry, ...]:
    """The learned entries of the forwarding database; those of the switch itself are none."""
    return tuple(dict.fromkeys(_macs(text, dialect)))


def _macs(text: str, dialect: Dialect) -> Iterator[MacEntry]:
    for line in text.splitlines():
        match = _MAC.match(line)
        if match is None or not _LEARNED.search(match[3]):
            continue
        port = next((name for word in match[3].split() if dialect.names.is_port(name := dialect.canonical(word))), None)
        if port is not None:
            yield MacEntry(mac=colons(match[1]), vlan=int(match[2]), port=port)
