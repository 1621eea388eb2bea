"""Lines behind a TCP port: a console server that passes bytes as they are, and one that speaks telnet."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Final

from device_profiles.names import printable
from drivers.access import Access
from drivers.errors import Unreachable, Unsupported
from drivers.line.negotiation import Negotiation, escaped

_CHUNK_BYTES: Final = 1 << 16


class NobodyListens(Unreachable):
    """The machine is there, and refuses the connection."""


_LINGER_S: Final = 0.2


class TcpPort:
    """A :class:`drivers.line.endpoint.Endpoint` over a TCP connection: no speed, no break."""

    speed: int | None = None
    greets = True

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, name: str) -> None:
        self._reader = reader
        self._writer = writer
        self.name = name

    async def read(self) -> bytes:
        """The next bytes; ``b""`` where the console server hung up."""
        try:
            return await self._reader.read(_CHUNK_BYTES)
        except OSError as error:
            raise self.lost(error) from None

    async def write(self, data: bytes) -> None:
        """Send bytes as they are."""
        try:
            self._writer.write(data)
            await self._writer.drain()
        except OSError as error:
            raise self.lost(error) from None

    async def set_speed(self, baud: int) -> None:
        """Refused: nothing carries it to the console server."""
        raise Unsupported(
            f"the speed of {self.name} is set on its console server; {baud} baud cannot be asked for here"
        )

    async def send_break(self, seconds: float) -> None:
        """Refused: plain bytes have no break."""
        del seconds
        raise Unsupported(f"{self.name} carries no break: use rfc2217:// or telnet://")

    async def close(self) -> None:
        """Hang up, once the console server has taken what was sent: a reset throws away what it has not read yet.

        So the last word of a session (what ends a shell of ours) gets to the device.
        """
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(_LINGER_S):
                self._writer.write_eof()
                while await self._reader.read(_CHUNK_BYTES):
                    pass
        self._writer.transport.abort()
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()

    def lost(self, error: OSError) -> Unreachable:
        """What a socket's error means."""
        return Unreachable(f"the connection to {self.name} was lost: {printable(error.strerror or str(error))}")


class TelnetPort(TcpPort):
    """A line behind telnet (RFC 854): its options are answered, and a break is telnet's own."""

    _BREAK: Final = b"\xff\xf3"

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, name: str) -> None:
        super().__init__(reader, writer, name=name)
        self.negotiation = Negotiation()

    async def read(self) -> bytes:
        """The next characters; telnet's commands are answered."""
        while data := await super().read():
            text, answer = self.negotiation.take(data)
            if answer:
                await super().write(answer)
            if text:
                return text
        return b""

    async def write(self, data: bytes) -> None:
        """Send characters, lines ended as telnet ends them."""
        await super().write(escaped(data, binary=self.negotiation.sends_binary))

    async def send_break(self, seconds: float) -> None:
        """Telnet's break, which has no length of its own."""
        del seconds
        await super().write(self._BREAK)


async def dial(access: Access, *, timeout_s: float) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A TCP connection. Raises :class:`~drivers.errors.Unreachable`, ``Unsupported`` where no port is named."""
    if not access.port:
        raise Unsupported(f"{access.scheme}://{access.host} names no port: write it like {access.scheme}://host:2001")
    try:
        async with asyncio.timeout(timeout_s):
            return await asyncio.open_connection(access.host, access.port)
    except TimeoutError:
        raise Unreachable(f"{access} did not answer within {timeout_s:g} s") from None
    except OSError as error:
        kind = NobodyListens if isinstance(error, ConnectionRefusedError) else Unreachable
        raise kind(f"{access}: {printable(error.strerror or str(error))}") from None
