"""Neighbours from LLDP's details: paragraphs of ``word : value`` lines, each under the port that it is about."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from device_profiles.links import Neighbour
from drivers.switching.describing import neighbour
from drivers.vendors.hp_comware.dialect import Dialect

_PORT: Final = re.compile(
    r"\s*(?:LLDP neighbor-information of port \d+ ?\[(?P<comware>[^\]]+)\]|(?P<vrp>\S+) has \d+ neighbor)"
)
_FIELD: Final = re.compile(r"^\s*(?P<word>[A-Za-z][A-Za-z ]*?)\s*:\s*(?P<value>.*?)\s*$")
_FIRST: Final = "neighbor index"
_NOT_SAID: Final = frozenset({"", "--", "not received", "n/a"})

_WORDS: Final = {
    "chassis id": "chassis_id",
    "chassisid": "chassis_id",
    "port id": "remote_port",
    "portid": "remote_port",
    "port description": "port_description",
    "system name": "name",
    "sysname": "name",
}


def lldp(text: str, dialect: Dialect) -> tuple[Neighbour, ...]:
    """The neighbours that LLDP saw, by whichever of its agents."""
    made = (neighbour(entry, port=dialect.canonical(entry["port"])) for entry in _entries(text) if len(entry) > 1)
    return tuple(dict.fromkeys(made))


def _entries(text: str) -> Iterator[dict[str, str]]:
    entry: dict[str, str] = {}
    for line in text.splitlines():
        if head := _PORT.match(line):
            if "port" in entry:
                yield entry
            entry = {"port": head["comware"] or head["vrp"]}
            continue
        match = _FIELD.match(line)
        if match is None or "port" not in entry:
            continue
        word = match["word"].lower()
        if word.endswith(_FIRST):
            if len(entry) > 1:
                yield entry
            entry = {"port": entry["port"]}
        field = _WORDS.get(word)
        if field is not None and field not in entry and match["value"].lower() not in _NOT_SAID:
            entry[field] = match["value"]
    if "port" in entry:
        yield entry
