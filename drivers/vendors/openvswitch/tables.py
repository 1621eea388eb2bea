"""What ``ovs-vsctl -f json`` and ``ip -j`` print, as rows.

The JSON form of a table is that of RFC 7047 section 5.1: an optional value is ``["set", []]`` or the bare value, a
set of several ``["set", [...]]``, a map ``["map", [[key, value], ...]]``, a reference ``["uuid", "..."]``.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any, TypeVar

import orjson

from drivers.errors import Garbled

Row = dict[str, Any]
T = TypeVar("T")


class Made:
    """What was made of earlier answers, to be had again where it would be made of equal parts.

    From one answer to the next most rows are as they were, and comparing a row is much cheaper than reading it.
    """

    def __init__(self) -> None:
        self._earlier: dict[Hashable, tuple[tuple[Any, ...], Any]] = {}
        self._now: dict[Hashable, tuple[tuple[Any, ...], Any]] = {}

    def begin(self) -> None:
        """Begin with an answer: only what the last one used is still known."""
        self._earlier, self._now = self._now, {}

    def of(self, key: Hashable, make: Callable[..., T], *parts: Any) -> T:
        """What ``make`` makes of ``parts``, from what else it likes; ``key`` is the same from answer to answer."""
        held = self._earlier.get(key)
        if held is None or held[0] != parts:
            held = (parts, make(*parts))
        self._now[key] = held
        found: T = held[1]
        return found


def lines(data: bytes) -> list[bytes]:
    """The lines of an answer that say something."""
    return [line for line in data.splitlines() if line.strip()]


def document(line: bytes) -> Any:
    """The JSON document of one line. Raises :class:`~drivers.errors.Garbled`."""
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError:
        raise Garbled("the switch's answer is not the JSON that was asked for: nothing was concluded from it") from None


def documents(data: bytes) -> list[Any]:
    """The JSON documents of an answer, one a line. Raises ``Garbled``."""
    return [document(line) for line in lines(data)]


def rows(table: Any) -> list[Row]:
    """The rows of one table. Raises ``Garbled``."""
    try:
        headings = table["headings"]
        return [dict(zip(headings, cells, strict=True)) for cells in table["data"]]
    except (KeyError, TypeError, ValueError):
        raise Garbled("the switch's answer is not a table of ovs-vsctl: nothing was concluded from it") from None


def read_rows(line: bytes) -> list[Row]:
    """The rows of the table in one line. Raises ``Garbled``."""
    return rows(document(line))


def by_uuid(line: bytes) -> dict[str, Row]:
    """The rows of the table in one line, by their UUIDs. Raises ``Garbled``."""
    return {row["_uuid"][1]: row for row in read_rows(line)}


def links(line: bytes) -> dict[str, Row]:
    """The rows of ``ip -j link`` by interface. Raises ``Garbled``."""
    try:
        return {row["ifname"]: row for row in document(line) if row}
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
