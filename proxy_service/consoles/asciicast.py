"""A transcript as asciicast v2, the format of asciinema: a header, then ``[seconds, code, data]``, one JSON a line.

``o`` is what the line said, ``m`` a marker: who held the line, who took it over, a break. There is no ``i``: what was
typed is in a transcript only as far as the device sent it back.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator
from typing import Any, Final

import orjson

from device_profiles.console import Bytes, Mark, Record
from device_profiles.names import printable
from proxy_service import clock
from proxy_service.consoles.transcripts import Place

MEDIA_TYPE: Final = "application/x-asciicast"
_COLUMNS: Final = 80
_ROWS: Final = 24


def header(row: Any) -> bytes:
    """The first line."""
    began = clock.moment(row.began_at)
    title = f"{Place.of(row.node)} {began:%Y-%m-%d %H:%M:%S} UTC"
    fields = {"version": 2, "width": _COLUMNS, "height": _ROWS, "timestamp": int(began.timestamp()), "title": title}
    return orjson.dumps(fields) + b"\n"


class Player:
    """Turns records into lines; a character that two records share is shown with the second."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._first_us: int | None = None
        self._last_s = 0.0

    def lines(self, records: Iterable[Record]) -> Iterator[bytes]:
        """The lines of these records, in order."""
        for record in records:
            if isinstance(record, Bytes):
                text = self._decoder.decode(record.data)
                if text:
                    yield self._line(record, "o", text)
            else:
                yield self._line(record, "m", printable(sentence(record)))

    def _line(self, record: Record, code: str, text: str) -> bytes:
        if self._first_us is None:
            self._first_us = record.at_us
        # Agents have different clocks, and clocks are set: time in a transcript never goes back.
        self._last_s = max(self._last_s, (record.at_us - self._first_us) / 1e6)
        return orjson.dumps([round(self._last_s, 6), code, text]) + b"\n"


def sentence(mark: Mark) -> str:
    """A mark for people."""
    if mark.kind == "sent":
        return f"{mark.name} sends: {mark.text}"
    return mark.text or f"{mark.kind} {mark.name}".strip()
