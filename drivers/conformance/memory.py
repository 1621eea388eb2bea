"""A connection to a twin in the same process: bytes in, bytes out, no socket and no waiting."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from drivers.contract import ByteStream
from drivers.errors import Unreachable

Talk = Callable[[bytes], bytes]
"""What a twin's session answers to bytes."""


class MemoryStream:
    """A byte stream whose far end is a function. A twin pushes with :meth:`push`."""

    def __init__(self) -> None:
        self.talk: Talk = lambda _: b""
        self.when_closed: Callable[[], None] = lambda: None
        self._held = bytearray()
        self._closed = False
        self._news = asyncio.Event()

    def push(self, data: bytes) -> None:
        """Let the driver receive ``data``."""
        self._held += data
        self._news.set()

    async def send(self, data: bytes) -> None:
        """Give the twin bytes; it answers at once."""
        if self._closed:
            raise Unreachable("the stream was closed")
        await asyncio.sleep(0)
        self.push(self.talk(data))

    async def receive(self) -> bytes:
        """What the twin said since the last time."""
        while not self._held and not self._closed:
            self._news.clear()
            await self._news.wait()
        data = bytes(self._held)
        self._held.clear()
        return data

    async def close(self) -> None:
        """Hang up."""
        if not self._closed:
            self._closed = True
            self._news.set()
            self.when_closed()


class MemoryConnection:
    """A connection to a twin; ``start`` is given each new stream and the command that shall run on it."""

    def __init__(self, start: Callable[[str, MemoryStream], None], *, identity: str = "") -> None:
        self._start = start
        self._streams: list[MemoryStream] = []
        self.identity = identity
        self.closed = False

    async def stream(self, command: str) -> ByteStream:
        """A new session of the twin."""
        if self.closed:
            raise Unreachable("the connection was closed")
        stream = MemoryStream()
        self._start(command, stream)
        self._streams.append(stream)
        return stream

    async def close(self) -> None:
        """Hang up all sessions."""
        self.closed = True
        for stream in self._streams:
            await stream.close()
