"""The forwarding database: which address is behind which port."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from device_profiles.operation import MacEntry
from drivers.vendors.generic_cli import values
from drivers.vendors.generic_cli.index import Row
from drivers.vendors.generic_cli.names import Names, is_port
from drivers.vendors.generic_cli.words import MAC, Reading

_OWN: Final = re.compile(
    r"(?i)(static|permanent|self|management|mgmt|cpu|internal|local|system|igmp|other|router|drop|blackhole|multicast)\b"
)
"""Words for entries that nobody was seen by: the device's own, those that it drops, and those that were typed in."""
_NO_PORT: Final = re.compile(
    r"(?i)(|-+|cpu.*|self|router|sup-eth.*|switch|drop|igmp|stby-switch|management|local|0|flood|l2vpn.*)"
)


def macs(readings: Iterable[Reading], names: Names) -> tuple[MacEntry, ...]:
    """The entries that are behind a port, each once, in the table's order."""
    return tuple(
        dict.fromkeys(entry for reading in readings for row in reading.rows for entry in _entries(reading, row, names))
    )


def _entries(reading: Reading, row: Row, names: Names) -> Iterator[MacEntry]:
    address = reading.text(row, MAC, "mac")
    invalid = any(reading.text(row, MAC, meaning) for meaning in ("invalid", "local", "disabled"))
    if invalid or not values.is_mac(address) or _OWN.match(reading.text(row, MAC, "type")):
        return
    number = values.vlan(reading.text(row, MAC, "vlan"))
    for text in reading.texts(row, MAC, "port"):
        for word in text.split(","):
            port = names.canonical(word.strip())
            if not _NO_PORT.fullmatch(port) and is_port(port):
                yield MacEntry(mac=values.mac(address), vlan=number, port=port)
