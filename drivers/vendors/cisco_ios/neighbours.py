"""Neighbours from ``show lldp neighbors detail`` and ``show cdp neighbors detail``.

Both are paragraphs of ``word: value`` lines. IOS 12 and some 15 leave the local interface out of LLDP's details; such
an entry does not say where the neighbour is, and is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from device_profiles.links import EvidenceKind, Neighbour
from drivers.switching.describing import neighbour
from drivers.vendors.cisco_ios.dialect import Dialect

_FIELD: Final = re.compile(r"^\s*(?:- )?(?P<word>[A-Za-z][A-Za-z ()-]*?)\s*:\s*(?P<value>.*?)\s*$")
_EOS_PORT: Final = re.compile(r"^Interface (?P<port>\S+) detected (?P<number>\d+) LLDP neighbors")
_EOS_ENTRY: Final = re.compile(r"^\s+Neighbor .*age \d+ seconds")
_CDP_PORTS: Final = re.compile(r"^Interface: (?P<port>[^,]+),\s*Port ID \(outgoing port\): (?P<remote>.*?)\s*$")
_SERIAL: Final = re.compile(r"\([A-Z0-9]+\)\Z")
_NOT_SAID: Final = frozenset({"not advertised", "- not advertised", "-", "null"})

_WORDS: Final = {
    "local intf": "port",
    "local port id": "port",
    "chassis id": "chassis_id",
    "port id": "remote_port",
    "port description": "port_description",
    "system name": "name",
}


def lldp(text: str, dialect: Dialect) -> tuple[Neighbour, ...]:
    """The neighbours that LLDP saw."""
    return tuple(_made(entry, "lldp", dialect) for entry in _lldp_entries(text) if entry.get("port"))


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
