"""Which transceiver is in which port, by ENTITY-MIB (RFC 6933).

A pluggable transceiver is an entity with a serial number whose texts say what it is. Its port is the interface that
entAliasMappingTable gives for it; else for the one entity that it contains, or that contains it; else the interface
that it is named after. Where none of these leads to just one interface, it is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from drivers.snmp.polling import Poll, Row
from drivers.vendors.snmp_bridge.interfaces import Interface, Interfaces

TABLES: Final = ("entPhysicalTable", "entAliasMappingTable")
_IF_INDEX: Final = (1, 3, 6, 1, 2, 1, 2, 2, 1, 1)
_CONTAINERS: Final = frozenset({3, 5, 11})
"""entPhysicalClass: chassis, container, stack."""
_PLUGGABLE: Final = re.compile(
    r"(?i)(?:^|[^a-z])(?:x?[qo]?sfp|xfp|gbic|cfp\d?|xcvr|transceiver|optics?|\d+g?base-?[a-z]{2,3}\d*)(?![a-z])"
)
_TEXTS: Final = ("entPhysicalDescr", "entPhysicalModelName", "entPhysicalName")
_WORDS: Final = {
    "type": "entPhysicalDescr",
    "vendor": "entPhysicalMfgName",
    "model": "entPhysicalModelName",
    "serial_number": "entPhysicalSerialNum",
}


def transceivers(poll: Poll, interfaces: Interfaces) -> dict[int, dict[str, str]]:
    """What is plugged into ports, by ifIndex."""
    rows = {row["entity"]: row for row in poll.rows("entPhysicalTable").values()}
    children: dict[int, list[int]] = {}
    for entity, row in rows.items():
        children.setdefault(row.get("entPhysicalContainedIn", 0), []).append(entity)
    aliases = _aliases(poll)
    found: dict[int, dict[str, str]] = {}
    for entity, row in rows.items():
        if _is_pluggable(row):
            places = _places(entity, rows, children)
            port = next((aliases[place] for place in places if place in aliases), None) or _named(row, interfaces)
            if port in interfaces.by_index:
                found.setdefault(port, {word: row[column] for word, column in _WORDS.items() if row.get(column)})
    return found


def _is_pluggable(row: Row) -> bool:
    if not row.get("entPhysicalSerialNum") or row.get("entPhysicalClass") in _CONTAINERS:
        return False
    return any(_PLUGGABLE.search(row.get(text, "")) for text in _TEXTS)


def _aliases(poll: Poll) -> dict[int, int]:
    """Entity to ifIndex, where it is the entity of just one interface."""
    found: dict[int, set[int]] = {}
    for row in poll.rows("entAliasMappingTable").values():
        told = row.get("entAliasMappingIdentifier", ())
        if told[: len(_IF_INDEX)] == _IF_INDEX and len(told) == len(_IF_INDEX) + 1:
            found.setdefault(row["entity"], set()).add(told[-1])
    return {entity: min(indexes) for entity, indexes in found.items() if len(indexes) == 1}


def _places(entity: int, rows: Mapping[int, Row], children: Mapping[int, list[int]]) -> Iterator[int]:
    """Itself, the one that it contains, and the one that contains it alone."""
    yield entity
    inside = children.get(entity, [])
    if len(inside) == 1:
        yield inside[0]
    parent = rows[entity].get("entPhysicalContainedIn", 0)
    if len(children.get(parent, ())) == 1:
        yield parent


def _named(row: Row, interfaces: Interfaces) -> int:
    for text in (row.get("entPhysicalName", ""), row.get("entPhysicalDescr", "")):
        words = (text, *text.split()[-1:])
        found: Interface | None = next((each for word in words if (each := interfaces.named(word)) is not None), None)
        if found is not None:
            return found.index
    return 0
