"""The service's events with their JSON, from a stream of bytes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import orjson

from device_profiles.sse import EventParser


@dataclass(frozen=True, slots=True)
class ServerEvent:
    """One event. ``data`` is what its JSON holds."""

    id: str
    name: str
    data: Any


async def parse_events(chunks: AsyncIterator[bytes]) -> AsyncIterator[ServerEvent]:
    """The events in a stream of bytes. Raises :class:`~device_profiles.sse.BadStream`."""
    parser = EventParser()
    async for chunk in chunks:
        for event in parser.feed(chunk):
            yield ServerEvent(event.id, event.name, orjson.loads(event.data))
