"""What ``ovs-vsctl -f json`` and ``ip -j`` print, as rows.

The JSON form of a table is that of RFC 7047 section 5.1: an optional value is ``["set", []]`` or the bare value, a
set of several ``["set", [...]]``, a map ``["map", [[key, value], ...]]``, a reference ``["uuid", "..."]``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from drivers.errors import Garbled

Row = dict[str, Any]


def documents(data: bytes) -> list[Any]:
    """The JSON documents of an answer, one a line. Raises :class:`~drivers.errors.Garbled`."""
    try:
        return [orjson.loads(line) for line in data.splitlines() if line.strip()]
    except orjson.JSONDecodeError:
        raise Garbled("the switch's answer is not the JSON that was asked for: nothing was concluded from it") from None


def rows(document: Any) -> list[Row]:
    """The rows of one table. Raises ``Garbled``."""
    try:
        headings = document["headings"]
        return [dict(zip(headings, cells, strict=True)) for cells in document["data"]]
    except (KeyError, TypeError, ValueError):
        raise Garbled("the switch's answer is not a table of ovs-vsctl: nothing was concluded from it") from None


def links(document: Any) -> dict[str, Row]:
    """The rows of ``ip -j link`` by interface. Raises ``Garbled``."""
    try:
        return {row["ifname"]: row for row in document if row}
    except (KeyError, TypeError):
        raise Garbled("the switch's answer is not that of 'ip -j link': nothing was concluded from it") from None


def elements(cell: Any) -> Sequence[Any]:
    """The elements of a set; an optional value is a set of none or one. References come as their UUID."""
    if not isinstance(cell, list):
        return (cell,)
    kind, content = cell
    if kind == "uuid":
        return (content,)
    return [element[1] if isinstance(element, list) else element for element in content]


def optional(cell: Any) -> Any:
    """An optional value; None where it is not set."""
    found = elements(cell)
    return found[0] if found else None


def mapping(cell: Any) -> dict[str, str]:
    """A map of strings."""
    return dict(cell[1])
