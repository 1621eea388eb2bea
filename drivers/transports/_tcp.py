"""Plain TCP as byte streams: one connection per stream, and no byte of it is ours."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Final

from device_profiles.names import printable
from drivers.access import Access
from drivers.contract import ByteStream
from drivers.errors import Unreachable, Unsupported
from drivers.sending import may_send

_CHUNK_BYTES: Final = 1 << 16


class Stream:
    """A :class:`drivers.contract.ByteStream` over one TCP connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @property
    def closed(self) -> bool:
        """Whether the connection is gone."""
        return self._writer.is_closing() or self._reader.at_eof()

    async def send(self, data: bytes) -> None:
        """Send all of ``data``."""
        may_send()
        try:
            self._writer.write(data)
            await self._writer.drain()
        except OSError as error:
            raise _lost(error) from None

    async def receive(self) -> bytes:
        """The next bytes, at least one; ``b""`` when the far end is gone."""
        try:
            return await self._reader.read(_CHUNK_BYTES)
        except OSError as error:
            raise _lost(error) from None

    async def close(self) -> None:
        """Close the connection at once."""
        self._writer.transport.abort()
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()


def _lost(error: OSError) -> Unreachable:
    return Unreachable(f"the connection was lost: {printable(error.strerror or str(error))}")


class Connection:
    """A device behind a TCP port (see :class:`drivers.contract.Connection`).

    The TCP connection that was opened first becomes the first stream; each further stream dials again.
    """

    identity = ""

    def __init__(self, access: Access, *, timeout_s: float, first: Stream) -> None:
        self._access = access
        self._timeout_s = timeout_s
        self._first: Stream | None = first
        self._streams: list[Stream] = [first]
        self.closed = False

    async def stream(self, command: str) -> ByteStream:
        """A stream. Raises ``Unsupported`` for a command: a TCP port runs none by itself."""
        if command:
            raise Unsupported(f"{self._access} runs no command: it is a port with a protocol of its own")
        if self.closed:
            raise Unreachable(f"the connection to {self._access} was closed")
        self._streams = [stream for stream in self._streams if not stream.closed]
        found, self._first = self._first, None
        if found is None or found.closed:
            found = await dial(self._access, timeout_s=self._timeout_s)
            self._streams.append(found)
        return found

    async def close(self) -> None:
        """Close all streams."""
        self.closed = True
        for stream in self._streams:
            await stream.close()


async def dial(access: Access, *, timeout_s: float) -> Stream:
    """A TCP connection. Raises ``Unreachable``."""
    try:
        async with asyncio.timeout(timeout_s):
            reader, writer = await asyncio.open_connection(access.host, access.port)
    except TimeoutError:
        raise Unreachable(f"{access} did not answer within {timeout_s:g} s") from None
    except OSError as error:
        raise Unreachable(f"{access}: {printable(error.strerror or str(error))}") from None
    return Stream(reader, writer)
