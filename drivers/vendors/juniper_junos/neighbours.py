"""Neighbours from ``show lldp neighbors``, whose columns stand where its head says.

Older Junos has no column ``Parent Interface``, and a chassis id may be cut off nowhere but at the next column.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from device_profiles.links import Neighbour
from drivers.switching.describing import neighbour
from drivers.vendors.juniper_junos.dialect import Dialect

_HEAD: Final = re.compile(r"^Local Interface\b.*\bChassis Id\b.*\bPort info\b", re.IGNORECASE)
_COLUMN: Final = re.compile(r"\S+(?: \S+)*")
_FIELDS: Final = {"chassis id": "chassis_id", "system name": "name", "port info": "remote_port"}


def lldp(text: str, dialect: Dialect) -> tuple[Neighbour, ...]:
    """The neighbours that LLDP saw. A port of a LAG is named by itself."""
    return tuple(
        neighbour({field: row.get(column, "") for column, field in _FIELDS.items()}, port=dialect.canonical(port))
        for row in _rows(text)
        if (port := row.get("local interface", ""))
    )


def _rows(text: str) -> Iterator[dict[str, str]]:
    columns: list[tuple[str, int]] = []
    for line in text.splitlines():
        if _HEAD.match(line):
            columns = [(match[0].lower(), match.start()) for match in _COLUMN.finditer(line)]
        elif columns and line.strip() and not line.startswith("{"):
            yield _row(line, columns)


def _row(line: str, columns: list[tuple[str, int]]) -> dict[str, str]:
    """The cells of a line. One that is wider than its column pushes those behind it aside."""
    words = line.split(None, len(columns) - 1)
    ends = [start for _, start in columns[1:]] + [len(line) + 1]
    aligned = all(line[start - 1 : start] in ("", " ") for _, start in columns[1:])
    if aligned:
        return {name: line[start:end].strip() for (name, start), end in zip(columns, ends, strict=True)}
    return dict(zip((name for name, _ in columns), words, strict=False))
