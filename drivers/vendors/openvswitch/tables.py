"""What ``ovs-vsctl -f json`` and ``ip -j`` print, as rows.

The JSON form of a table is that of RFC 7047 section 5.1: an optional value is ``["set", []]`` or the bare value, a
set of several ``["set", [...]]``, a map ``["map", [[key, value], ...]]``, a reference ``["uuid", "..."]``.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any, NamedTuple, TypeVar

import orjson

from drivers.errors import Garbled

Row = dict[str, Any]
T = TypeVar("T")


class Device(NamedTuple):
    """What is read of a network device of the kernel. ``up``: administratively; ``carrier``: the link."""

    mtu: int
    up: bool
    carrier: bool


class Made:
    """What was made of earlier answers, to be had again where it would be made of the same.

    From one answer to the next most rows are as they were, and looking a row's text up is much cheaper than reading it.
    What is kept is that text and what was made of it: a row's own objects take ten times the memory.
    """

    def __init__(self) -> None:
        self._earlier: dict[Hashable, tuple[Hashable, Any]] = {}
        self._now: dict[Hashable, tuple[Hashable, Any]] = {}

    def begin(self) -> None:
        """Begin with an answer: only what the last one used is still known."""
        self._earlier, self._now = self._now, {}

    def of(self, make: Callable[..., T], *told: Hashable) -> T:
        """What ``make``, a pure function, makes of what was told."""
        key = (make, told)
        # With the key it was found by: answers that say the same share their text.
        held = self._earlier.get(key) or (key, make(*told))
        self._now[held[0]] = held
        found: T = held[1]
        return found

    def of_rows(self, make: Callable[[tuple[str, ...], str], T], line: bytes) -> list[T]:
        """What ``make`` makes of the headings and the text of each row (see :func:`row`) of the table in a line.

        Raises :class:`~drivers.errors.Garbled`.
        """
        table = document(line)
        headings = self.of(_headings, _text(table["headings"]))
        return [self.of(make, headings, _text(cells)) for cells in table["data"]]


def _text(cells: list[Any]) -> str:
    # No bytes: those of orjson keep the kilobyte that they were written into.
    return orjson.dumps(cells).decode()


def _headings(text: str) -> tuple[str, ...]:
    return tuple(orjson.loads(text))


def row(headings: tuple[str, ...], text: str) -> Row:
    """A row from its text. Raises ValueError where it is not of these headings."""
    return dict(zip(headings, orjson.loads(text), strict=True))


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


def links(line: bytes) -> dict[str, Device]:
    """The devices of ``ip -j link`` by name. Raises ``Garbled``."""
    try:
        return {each["ifname"]: _device(each) for each in document(line) if each}
    except (KeyError, TypeError):
        raise Garbled("the switch's answer is not that of 'ip -j link': nothing was concluded from it") from None


def _device(link: Row) -> Device:
    flags = link["flags"]
    return Device(mtu=link["mtu"], up="UP" in flags, carrier="LOWER_UP" in flags)


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
