"""What a switch is and sees, as facts and neighbours: the words that are the same for all."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from device_profiles.links import EvidenceKind, Neighbour
from device_profiles.names import printable
from device_profiles.operation import PortOperation
from device_profiles.state import State
from drivers.switching.operating import colons

_NAME: Final = re.compile(r"^(.*?)(\d[\d/.:]*)?$")
_MAC: Final = re.compile(r"(?i)[0-9a-f]{4}([.-])[0-9a-f]{4}\1[0-9a-f]{4}\Z|([0-9a-f]{2}[:-]){5}[0-9a-f]{2}\Z")
_SPAN: Final = re.compile(r"(\d+) (year|week|day|hour|minute|second)")
_SECONDS: Final = {"year": 31_536_000, "week": 604_800, "day": 86_400, "hour": 3600, "minute": 60, "second": 1}


def first(patterns: Iterable[str], text: str) -> str:
    """What the first pattern that matches finds, in its group; an empty text where none does."""
    for pattern in patterns:
        match = re.search(pattern, text)
        if match is not None:
            return printable(match[1].strip())
    return ""


def seconds(span: str) -> int:
    """``1 year, 2 weeks, 3 hours`` as seconds."""
    return sum(int(number) * _SECONDS[unit] for number, unit in _SPAN.findall(span))


def interfaces(state: State, operating: Mapping[str, PortOperation]) -> dict[str, Any]:
    """The fact ``network.interfaces``."""
    found: dict[str, Any] = {}
    for name, port in state.ports.items():
        kind, number = _NAME.match(name).groups()  # type: ignore[union-attr]  # the pattern matches any text
        shown = operating.get(name, PortOperation())
        found[name] = {
            "state": "up" if shown.oper_up else "down",
            "type": kind,
            "number": number or "",
            "encapsulation": "Ethernet",
            "addresses": {},
            **({"mtu": str(port.mtu)} if port.mtu is not None else {}),
        }
    return found


def neighbour(entry: Mapping[str, str], *, port: str, kind: EvidenceKind = "lldp") -> Neighbour:
    """What a port sees: ``entry`` has fields of a neighbour as the device prints them, or lacks them."""
    chassis = entry.get("chassis_id", "")
    return Neighbour(
        port=printable(port),
        kind=kind,
        name=printable(entry.get("name", "")),
        chassis_id=colons(chassis) if _MAC.match(chassis) else printable(chassis),
        remote_port=printable(entry.get("remote_port", "")),
        port_description=printable(entry.get("port_description", "")),
    )
