"""What a console said and the service has not on its disk yet: numbered, bounded, sent again from where it is asked."""

from __future__ import annotations

import asyncio
import dataclasses
from collections import deque
from collections.abc import Callable
from typing import Any, Final

from device_profiles.console import Bytes, Mark, MarkKind, Record

MOST_BYTES: Final = 1 << 20
_MARK_BYTES: Final = 100
_LARGEST_BYTES: Final = 4096
_TOGETHER_US: Final = 50_000


class Spool:
    """Records in order. ``now_us`` is the time in microseconds since 1970."""

    def __init__(self, now_us: Callable[[], int], *, most_bytes: int = MOST_BYTES) -> None:
        self._now_us = now_us
        self._most_bytes = most_bytes
        self._records: deque[Record] = deque()
        self._bytes = 0
        self._lost = 0
        self._numbered = False
        self._handed_out = 0
        self.last = 0
        self.news = asyncio.Event()

    @property
    def first(self) -> int:
        """The oldest record that is here; 0 where nothing was ever agreed with the service."""
        if not self._numbered:
            return 0
        return self._records[0].seq if self._records else self.last + 1

    def say(self, data: bytes) -> None:
        """Bytes of the line. What follows closely on what was not handed out yet is one record with it."""
        now_us, last = self._now_us(), self._records[-1] if self._records else None
        if (
            isinstance(last, Bytes)
            and last.seq > self._handed_out
            and now_us - last.at_us <= _TOGETHER_US
            and len(last.data) < _LARGEST_BYTES
        ):
            self._records[-1] = Bytes(last.seq, last.at_us, last.data + data)
            self._bytes += len(data)
            self.news.set()
        else:
            self._put(Bytes(self.last + 1, now_us, data))

    def mark(self, kind: MarkKind, **more: Any) -> None:
        """Something that happened to it."""
        self._put(Mark(seq=self.last + 1, at_us=self._now_us(), kind=kind, **more))

    def _put(self, record: Record) -> None:
        self.last = record.seq
        self._records.append(record)
        self._bytes += _size(record)
        while self._bytes > self._most_bytes and len(self._records) > 1:
            self._lose()
        self.news.set()

    def _lose(self) -> None:
        """Drop the oldest record; a mark with its number says how much is missing before the next."""
        gone = self._records.popleft()
        self._bytes -= _size(gone)
        if isinstance(gone, Mark) and gone.kind == "lost":
            gone = self._records.popleft()
            self._bytes -= _size(gone)
        self._lost += len(gone.data) if isinstance(gone, Bytes) else 0
        text = f"{self._lost} bytes were lost while the service was away"
        mark = Mark(seq=gone.seq, at_us=gone.at_us, kind="lost", text=text)
        self._records.appendleft(mark)
        self._bytes += _size(mark)

    def begin_after(self, seq: int) -> None:
        """The service has records up to ``seq``: a session that it does not know numbers its own from there."""
        if not self._numbered:
            self._records = deque(_renumbered(record, record.seq + seq) for record in self._records)
            self.last += seq
            self._handed_out = 0
            self._numbered = True
        self.stored(seq)

    def stored(self, seq: int) -> None:
        """What is up to ``seq`` is on the service's disk."""
        while self._records and self._records[0].seq <= seq:
            self._bytes -= _size(self._records.popleft())
        if not self._records:
            self._lost = 0

    def after(self, seq: int) -> list[Record]:
        """What is here after ``seq``: from now on just so."""
        if not self._records or self._records[-1].seq <= seq:
            return []
        self._handed_out = self._records[-1].seq
        return [record for record in self._records if record.seq > seq]


def _renumbered(record: Record, seq: int) -> Record:
    return dataclasses.replace(record, seq=seq)


def _size(record: Record) -> int:
    return len(record.data) if isinstance(record, Bytes) else _MARK_BYTES
