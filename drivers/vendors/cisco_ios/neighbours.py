"""Neighbours from ``show lldp neighbors detail`` and ``show cdp neighbors detail``.

Both are paragraphs of ``word: value`` lines. IOS 12 and some 15 leave the local interface out of LLDP's details; then
``show lldp neighbors`` tells it, a table whose first column is cut at its width, with no blank behind it. An entry of
which not even the table tells one port is left out: it does not say where the neighbour is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from device_profiles.links import EvidenceKind, Neighbour
from drivers.switching.describing import neighbour
from drivers.vendors.cisco_ios.dialect import Dialect

_FIELD: Final = re.compile(r"^\s*(?:- )?(?P<word>[A-Za-z][A-Za-z ()-]*?)\s*:\s*(?P<value>.*?)\s*$")
_EOS_PORT: Final = re.compile(r"^Interface (?P<port>\S+) detected (?P<number>\d+) LLDP neighbors")
_EOS_ENTRY: Final = re.compile(r"^\s+Neighbor .*age \d+ seconds")
_CDP_PORTS: Final = re.compile(r"^Interface: (?P<port>[^,]+),\s*Port ID \(outgoing port\): (?P<remote>.*?)\s*$")
_SERIAL: Final = re.compile(r"\([A-Z0-9]+\)\Z")
_NOT_SAID: Final = frozenset({"not advertised", "- not advertised", "-", "null"})

_TABLE: Final = re.compile(r"Device ID +(?P<port>Local Intf) +(?P<hold>Hold-time) +Capability +(?P<remote>Port ID)")
_UNNAMED: Final = "not advertised"

_WORDS: Final = {
    "local intf": "port",
    "local port id": "port",
    "chassis id": "chassis_id",
    "port id": "remote_port",
    "port description": "port_description",
    "system name": "name",
}


def lldp(text: str, dialect: Dialect, *, table: str = "") -> tuple[Neighbour, ...]:
    """The neighbours that LLDP saw. ``table`` tells the ports of entries that do not tell their own."""
    rows = list(_rows(table))
    entries = ({**entry, "port": entry.get("port") or _port_of(entry, rows)} for entry in _lldp_entries(text))
    return tuple(_made(entry, "lldp", dialect) for entry in entries if entry["port"])


def lacks_ports(text: str) -> bool:
    """Whether LLDP's details leave out where they were seen."""
    return any("chassis_id" in entry and "port" not in entry for entry in _lldp_entries(text))


class _Row(NamedTuple):
    """A row of ``show lldp neighbors``; ``device`` is a name or a chassis, cut to ``width``."""

    device: str
    port: str
    remote_port: str
    width: int


def _rows(table: str) -> Iterator[_Row]:
    starts: tuple[int, int, int] | None = None
    for line in table.splitlines():
        if head := _TABLE.match(line):
            starts = (head.start("port"), head.start("hold"), head.start("remote"))
        elif starts is not None and len(line) > starts[2]:
            width, hold, remote = starts
            yield _Row(line[:width].strip(), line[width:hold].strip(), line[remote:].strip(), width)


def _port_of(entry: dict[str, str], rows: list[_Row]) -> str:
    """The one local port where the table has a neighbour; an empty text where it has it nowhere, or at several."""
    name = entry.get("name", "")
    devices = (name, name.partition(".")[0]) if name else (_UNNAMED, entry.get("chassis_id", ""))
    ports = {
        row.port
        for row in rows
        if row.remote_port == entry.get("remote_port")
        and row.device in {device[: row.width].strip() for device in devices}
    }
    return ports.pop() if len(ports) == 1 else ""


def _lldp_entries(text: str) -> Iterator[dict[str, str]]:
    entry: dict[str, str] = {}
    port = ""
    for line in text.splitlines():
        if match := _EOS_PORT.match(line):
            port = match["port"]
        elif _begins(line, entry) or (port and _EOS_ENTRY.match(line)):
            yield entry
            entry = {"port": port} if port else {}
        if match := _FIELD.match(line):
            field = _WORDS.get(match["word"].lower().strip())
            value = match["value"].strip('"')
            if field is not None and field not in entry and value.lower() not in _NOT_SAID:
                entry[field] = value
    yield entry


def _begins(line: str, entry: dict[str, str]) -> bool:
    """Whether a new entry begins: at a rule, or with a word that stands first in one.

    IOS begins with the local interface (or lacks it), NX-OS with the chassis.
    """
    word = line.partition(":")[0].strip().lower()
    again = (word == "local intf" and bool(entry)) or (word == "chassis id" and "chassis_id" in entry)
    return again or line.startswith("-----")


def cdp(text: str, dialect: Dialect) -> tuple[Neighbour, ...]:
    """The neighbours that CDP saw."""
    return tuple(_made(entry, "cdp", dialect) for entry in _cdp_entries(text) if entry.get("port"))


def _cdp_entries(text: str) -> Iterator[dict[str, str]]:
    entry: dict[str, str] = {}
    for line in text.splitlines():
        if line.startswith("Device ID:"):
            yield entry
            # NX-OS puts its serial number behind its name.
            entry = {"name": _SERIAL.sub("", line.partition(":")[2].strip())}
        elif line.startswith("System Name:") and (name := line.partition(":")[2].strip()):
            entry["name"] = name
        elif match := _CDP_PORTS.match(line):
            entry |= {"port": match["port"].strip(), "remote_port": match["remote"]}
    yield entry


def _made(entry: dict[str, str], kind: EvidenceKind, dialect: Dialect) -> Neighbour:
    return neighbour(entry, port=dialect.canonical(entry["port"]), kind=kind)
