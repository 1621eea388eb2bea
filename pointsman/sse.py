"""Server-sent events, taken from bytes (WHATWG HTML, section 9.2).

Lines end at a line feed and nowhere else: a library's idea of a line also ends at characters that JSON leaves as they
are (U+2028), and then a text from a device could end an event.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import orjson


@dataclass(frozen=True, slots=True)
class ServerEvent:
    """One event. ``data`` is what its JSON holds."""

    id: str
    name: str
    data: Any


async def parse_events(chunks: AsyncIterator[bytes]) -> AsyncIterator[ServerEvent]:
    """The events in a stream of bytes; comments (which keep the connection open) are left out."""
    number, name, data = "", "message", list[str]()
    async for line in _lines(chunks):
        if not line:
            if data:
                yield ServerEvent(number, name, orjson.loads("\n".join(data)))
            name, data = "message", []
            continue
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "id":
            number = value
        elif field == "event":
            name = value
        elif field == "data":
            data.append(value)


async def _lines(chunks: AsyncIterator[bytes]) -> AsyncIterator[str]:
    rest = b""
    async for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            yield line.removesuffix(b"\r").decode("utf-8", errors="replace")
