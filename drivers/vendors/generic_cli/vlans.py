"""Tables of VLANs: their names, and, where the table says so, which ports carry them with and without a tag."""

from __future__ import annotations

import re
from typing import Final

from device_profiles.names import printable
from device_profiles.state import Vlan
from drivers.vendors.generic_cli import values
from drivers.vendors.generic_cli.findings import Findings
from drivers.vendors.generic_cli.index import Row
from drivers.vendors.generic_cli.names import Names, is_port
from drivers.vendors.generic_cli.words import VLAN, Reading

_TAGGED: Final = frozenset({"tagged", "qtagged", "tg", "t", "tag"})
_UNTAGGED: Final = frozenset({"untagged", "default", "ut", "u", "untag"})
_MARKED: Final = re.compile(r"(?P<port>\S+)\((?P<mark>[ut])\)")
_BY_PORT: Final = re.compile(r"(?i)\s+by (port|protocol).*\Z")
"""FastIron writes how a VLAN is made behind its name."""


def note_vlans(reading: Reading, found: Findings, names: Names) -> None:
    """Take over what a table says of VLANs."""
    for row in reading.rows:
        text = reading.text(row, VLAN, "id")
        number = values.vlan(text)
        if number is None:
            if values.said(text):
                found.doubt(f"VLAN {printable(text)} is none that frames can carry: it was left out")
            continue
        _note_name(reading, row, number, found)
        for meaning, tagged in (("tagged", True), ("untagged", False)):
            for part in reading.texts(row, VLAN, meaning):
                for name in values.ports(part):
                    _note_port(names.canonical(name), number, found, tagged=tagged)
        _note_listed(reading, row, number, found, names)
        _note_marked(reading, row, number, found, names)


def _note_name(reading: Reading, row: Row, number: int, found: Findings) -> None:
    said = _BY_PORT.sub("", reading.text(row, VLAN, "name"))
    name = printable(said, most=500) or None if reading.is_whole(said) else None
    known = found.vlans.get(number)
    if known is None or known.name is None:
        found.vlans[number] = Vlan(name=name)
    elif name is not None and known.name != name and reading.template in _PER_PARENT:
        found.vlans[number] = Vlan()
        found.doubt(f"VLAN {number} has several names: none was taken")


_PER_PARENT: Final = frozenset({"mikrotik_routeros_interface_vlan_print_detail"})
"""Where a VLAN is an interface on some port, so that one number may stand there several times."""


def _note_listed(reading: Reading, row: Row, number: int, found: Findings, names: Names) -> None:
    """Ports beside their VLAN, with a word for each of them or for all that says how they carry it."""
    listed = reading.texts(row, VLAN, "port")
    tags = reading.texts(row, VLAN, "tagging")
    if not listed or not tags:
        return
    if len(tags) != len(listed):
        tags = tags[:1] * len(listed)
    for name, tag in zip(listed, tags, strict=True):
        word = tag.strip().lower()
        if word in _TAGGED or word in _UNTAGGED:
            for each in values.ports(name):
                _note_port(names.canonical(each), number, found, tagged=word in _TAGGED)


def _note_marked(reading: Reading, row: Row, number: int, found: Findings, names: Names) -> None:
    """Members that bear a mark of their tag (AlliedWare Plus); capitals are not meant: Huawei's (U) is up."""
    for text in reading.texts(row, VLAN, "members"):
        match = _MARKED.fullmatch(text.strip())
        if match is not None:
            _note_port(names.canonical(match["port"]), number, found, tagged=match["mark"] == "t")


def _note_port(name: str, number: int, found: Findings, *, tagged: bool) -> None:
    if not is_port(name):
        return
    switching = found.port(name).switching
    (switching.tagged if tagged else switching.untagged).add(number)
