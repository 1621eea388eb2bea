"""Server-sent events, taken out of a stream of bytes (WHATWG HTML, section 9.2.6).

Lines end at a line feed and nowhere else: a library's idea of a line also ends at characters that JSON leaves as they
are (U+2028), and then a text from a device could end an event.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

LARGEST_EVENT_BYTES: Final = 64_000_000


class BadStream(Exception):
    """The far end does not speak events."""


@dataclass(frozen=True, slots=True)
class Event:
    """One event: its number, its name, its data."""

    id: str
    name: str
    data: bytes


class EventParser:
    """Bytes in, events out; a comment keeps the line open and is no event."""

    def __init__(self) -> None:
        self._rest = bytearray()
        self._id = ""
        self._name = ""
        self._data: list[bytes] = []
        self._size = 0

    def feed(self, data: bytes) -> Iterator[Event]:
        """The events that are complete with ``data``. Raises :class:`BadStream` for one that is too large."""
        # Looked for only in what is new: a snapshot of many nodes comes in hundreds of pieces without a line end.
        start = max(len(self._rest) - 1, 0)
        self._rest += data
        if len(self._rest) + self._size > LARGEST_EVENT_BYTES:
            raise BadStream("an event of the service is larger than any can be")
        begin = 0
        while (end := self._rest.find(b"\n", max(start, begin))) >= 0:
            line = bytes(self._rest[begin:end]).removesuffix(b"\r")
            begin = end + 1
            event = self._line(line)
            if event is not None:
                yield event
        del self._rest[:begin]

    def _line(self, line: bytes) -> Event | None:
        if not line:
            return self._finish()
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if name == b"data":
            self._data.append(value)
            self._size += len(value)
        elif name == b"event":
            self._name = value.decode("utf-8", "replace")
        elif name == b"id":
            self._id = value.decode("utf-8", "replace")
        return None

    def _finish(self) -> Event | None:
        event = Event(self._id, self._name or "message", b"\n".join(self._data)) if self._data else None
        self._name, self._data, self._size = "", [], 0
        return event
