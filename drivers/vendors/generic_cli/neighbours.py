"""What ports see at the other end, from tables of LLDP and of the protocols like CDP."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from device_profiles.links import EvidenceKind, Neighbour
from device_profiles.names import printable
from drivers.vendors.generic_cli import values
from drivers.vendors.generic_cli.index import Row
from drivers.vendors.generic_cli.names import Names
from drivers.vendors.generic_cli.tables import Kind
from drivers.vendors.generic_cli.words import NEIGHBOUR, Reading

_NO_NAME: Final = frozenset({"none", "-", "not advertised", "null", "(null)", "n/a"})
_QUOTES: Final = re.compile(r'^"|"$')


def has_ports(readings: Iterable[Reading]) -> bool:
    """Whether tables say on which of our ports a neighbour is. The details of IOS 12 and some 15 do not."""
    return any(_text(reading, row, "port") for reading in readings for row in reading.rows)


def neighbours(readings: Iterable[tuple[Kind, Reading]], names: Names) -> tuple[Neighbour, ...]:
    """The neighbours of all tables, each once."""
    told = list(readings)
    placed = [(kind, reading) for kind, reading in told if has_ports((reading,))]
    lost = [reading for kind, reading in told if kind == "lldp" and not has_ports((reading,))]
    found: dict[Neighbour, None] = {}
    for kind, reading in placed:
        seen = [each for row in reading.rows for each in _neighbour(kind, reading, row, names)]
        found |= dict.fromkeys(_completed(seen, lost) if kind == "lldp" and lost else seen)
    return tuple(sorted(found, key=lambda each: (each.port, each.kind, each.chassis_id, each.remote_port)))


def _neighbour(kind: Kind, reading: Reading, row: Row, names: Names) -> Iterator[Neighbour]:
    # RouterOS names a port and the bridge that it is in; the port is where the cable is.
    port = _text(reading, row, "port").partition(",")[0]
    told = {meaning: _text(reading, row, meaning) for meaning in ("name", "chassis_id", "remote_port")}
    if not port or not any(told.values()):
        return
    if kind == "cdp" and not told["chassis_id"] and values.is_mac(told["name"]):
        told |= {"chassis_id": told["name"], "name": ""}  # a device without a name says its address
    description = _text(reading, row, "port_description")
    yield Neighbour(
        port=printable(names.canonical(port)),
        kind=_protocol(kind, reading.asked),
        name=printable(told["name"]),
        chassis_id=values.mac(told["chassis_id"]),
        remote_port=values.mac(told["remote_port"]),
        port_description=printable("" if description == told["remote_port"] else description),
    )


def _completed(seen: list[Neighbour], lost: list[Reading]) -> list[Neighbour]:
    """The neighbours of a summary, with what details without ports say of them.

    Both list the same neighbours in the same order; that is believed where each pair agrees on the port there.
    """
    rows = [(reading, row) for reading in lost for row in reading.rows]
    if len(rows) != len(seen):
        return seen
    made = []
    for each, (reading, row) in zip(seen, rows, strict=True):
        told = {meaning: _text(reading, row, meaning) for meaning in ("name", "chassis_id", "remote_port")}
        if not values.mac(told["remote_port"]).startswith(each.remote_port):
            return seen
        made.append(
            replace(
                each,
                name=printable(told["name"]),
                chassis_id=values.mac(told["chassis_id"]),
                remote_port=values.mac(told["remote_port"]),
                port_description=printable(_text(reading, row, "port_description")),
            )
        )
    return made


def _protocol(kind: Kind, command: str) -> EvidenceKind:
    """ISDP is Broadcom's name for CDP; RouterOS puts LLDP, CDP and its own protocol into one table."""
    if kind == "lldp":
        return "lldp"
    if "fdp" in command:
        return "fdp"
    return "edp" if "edp" in command else "cdp"


def _text(reading: Reading, row: Row, meaning: str) -> str:
    """A text; one that a device wrapped over lines is a list, and whole again without anything between."""
    for name in reading.names(NEIGHBOUR, meaning):
        value = row[name]
        text = _QUOTES.sub("", (value if isinstance(value, str) else "".join(value)).strip())
        if text and text.lower() not in _NO_NAME:
            return text
    return ""
