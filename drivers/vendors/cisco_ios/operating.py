"""What the switch is doing, from its tables: status, spanning tree, Port-channels, MAC addresses.

IOS, NX-OS and EOS print the same tables in other columns. So rows are found by what is sure in them (a name that is an
interface's, a word of a closed list), never by counting columns.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final, Literal

from device_profiles.operation import MacEntry, PortOperation, StpState
from drivers.switching.operating import colons, worst
from drivers.vendors.cisco_ios.dialect import Dialect

_UP: Final = frozenset({"connected", "up", "monitoring"})
_STATUS: Final = re.compile(
    r"(?<!\S)(?P<status>connected|notconnec\w*|disabled|err-?disabled?|inactive|suspended?|suspnd|monitoring|faulty"
    r"|xcvrAbsen\w*|sfpAbsent|notconf\w*|noOperMem\w*|linkFlapE\w*|channelDo\w*|sfpInvali\w*|down|up|routed-down|errdisabled)"
    r"(?::\s?\S*)?\s+(?P<vlan>trunk|routed|unassigned|in Po\d+|pvlan \S+|\d[\d,]*|f-path|fabric|tap|tool|dot1q-tunnel)"
    r"(?:\s+(?P<duplex>[\w-]+)\s+(?P<speed>[\w.-]+))?"
)
_SPEED: Final = re.compile(r"(?:a-)?(\d+(?:\.\d+)?)([MGT])?(?:b\S*)?\Z", re.IGNORECASE)
_UNITS: Final = {"": 10**6, "M": 10**6, "G": 10**9, "T": 10**12}
_STP_ROW: Final = re.compile(
    r"^ ?(?P<port>[A-Za-z-]+\d[\d/.]*)\s+(?P<role>\S+)\s+(?P<state>[A-Za-z*]+)\s+\d", re.MULTILINE
)
_STP_STATES: Final[Mapping[str, StpState]] = {
    "fwd": "forwarding",
    "forwarding": "forwarding",
    "blk": "blocking",
    "blocking": "blocking",
    "lis": "listening",
    "lrn": "learning",
    "learning": "learning",
    "dis": "disabled",
    "disabled": "disabled",
    "discarding": "discarding",
    "bkn": "broken",
    "bkn*": "broken",
}
_BUNDLE: Final = re.compile(r"(?<![\w/])(?P<bundle>Po\d+)\((?P<flags>[^)]*)\)")
_MEMBER: Final = re.compile(r"(?P<port>[A-Z][A-Za-z]*\d[\d/.]*)\((?P<flags>[^)]*)\)")
_MAC: Final = re.compile(
    r"(?<![\w.:-])([0-9a-f]{4}\.[0-9a-f]{4}\.[0-9a-f]{4}|(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2})(?!\S)", re.IGNORECASE
)
_LEARNED: Final = re.compile(r"(?<!\S)(dynamic|learned|secure\w*)(?!\S)", re.IGNORECASE)
_NUMBER: Final = re.compile(r"(?<!\S)\d{1,4}(?!\S)")


def status(text: str, dialect: Dialect) -> dict[str, PortOperation]:
    """The ports of a table of status (``show interfaces status``)."""
    found: dict[str, PortOperation] = {}
    for line in text.splitlines():
        name, _, rest = line.strip().partition(" ")
        port = dialect.canonical(name)
        matches = list(_STATUS.finditer(rest)) if dialect.names.is_port(port) else []
        if matches:
            match = matches[-1]  # a description before it may hold such words, too
            word = match["status"]
            found[port] = PortOperation(
                oper_up=word in _UP,
                down_reason=None if word in _UP else word,
                speed_bps=_speed(match["speed"]),
                duplex=_duplex(match["duplex"]),
            )
    return found


def _speed(word: str | None) -> int | None:
    match = _SPEED.match(word or "")
    return int(float(match[1]) * _UNITS[(match[2] or "").upper()]) if match is not None else None


def _duplex(word: str | None) -> Literal["full", "half"] | None:
    match (word or "").removeprefix("a-"):
        case "full":
            return "full"
        case "half":
            return "half"
    return None


def spanning_tree(text: str, dialect: Dialect) -> dict[str, StpState]:
    """The state of each port, of all VLANs or instances together."""
    rows = ((dialect.canonical(match["port"]), match["state"].lower()) for match in _STP_ROW.finditer(text))
    return worst(
        (port, _STP_STATES[word]) for port, word in rows if word in _STP_STATES and dialect.names.is_port(port)
    )


def bundled(text: str, dialect: Dialect) -> dict[str, bool]:
    """Whether each member carries traffic in its LAG; and each LAG, whether any of its members does."""
    found: dict[str, bool] = {}
    lag = ""
    for line in text.splitlines():
        head = _BUNDLE.search(line)
        if head is not None:
            lag = dialect.canonical(head["bundle"])
            found[lag] = False
        for match in _MEMBER.finditer(line, head.end() if head is not None else 0):
            port = dialect.canonical(match["port"])
            if lag and dialect.names.is_port(port) and dialect.names.bundle_number(port) is None:
                found[port] = "P" in match["flags"] or match["flags"] == "bndl"
                found[lag] = found[lag] or found[port]
    return found


def macs(text: str, dialect: Dialect) -> tuple[MacEntry, ...]:
    """The learned entries of the forwarding database; those of the switch itself are none."""
    return tuple(dict.fromkeys(_macs(text, dialect)))


def _macs(text: str, dialect: Dialect) -> Iterator[MacEntry]:
    for line in text.splitlines():
        match = _MAC.search(line)
        if match is None or not _LEARNED.search(line):
            continue
        before, after = line[: match.start()], line[match.end() :]
        vlan = _NUMBER.search(before) or _NUMBER.search(after)
        port = next((name for word in after.split() if dialect.names.is_port(name := dialect.canonical(word))), None)
        if port is not None:
            yield MacEntry(mac=colons(match[1]), vlan=int(vlan[0]) if vlan is not None else None, port=port)
