"""One SSH channel as a byte stream.

asyncssh calls us when bytes arrive, and one reader waits for them: cheaper than its own pair of stream objects, and
bounded, because reading from the channel stops while more is held than a reader has taken.
"""

from __future__ import annotations

import asyncio
from typing import Final

import asyncssh
from asyncssh.packet import SSHPacketLogger

from drivers.errors import Unreachable
from drivers.sending import may_send

_MOST_HELD_BYTES: Final = 1 << 18


class Channel(asyncssh.SSHClientSession[bytes]):
    """A :class:`drivers.contract.ByteStream` over an SSH channel; one task reads, one sends."""

    def __init__(self) -> None:
        self._channel: asyncssh.SSHClientChannel[bytes] | None = None
        self._held: list[bytes] = []
        self._held_bytes = 0
        self._paused = False
        self._ended = False
        self._why = ""
        self._arrived: asyncio.Future[None] | None = None
        self._writable: asyncio.Future[None] | None = None

    # What asyncssh tells us.

    def connection_made(self, chan: asyncssh.SSHClientChannel[bytes]) -> None:
        """The channel is there."""
        self._channel = chan
        without_packet_log(chan)

    def data_received(self, data: bytes, datatype: asyncssh.DataType) -> None:
        """Bytes of the command's output; its error output is a part of it."""
        del datatype
        self._held.append(data)
        self._held_bytes += len(data)
        if self._held_bytes > _MOST_HELD_BYTES and not self._paused and self._channel is not None:
            self._paused = True
            self._channel.pause_reading()
        self._wake()

    def eof_received(self) -> bool:
        """The command closed its output."""
        self._ended = True
        self._wake()
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """The channel is gone."""
        self._ended = True
        self._why = "the connection was lost" if exc is not None else "the stream was closed"
        self._wake()
        if self._writable is not None and not self._writable.done():
            self._writable.set_result(None)

    def pause_writing(self) -> None:
        """The device does not take more for now."""
        if self._writable is None:
            self._writable = asyncio.get_running_loop().create_future()

    def resume_writing(self) -> None:
        """The device takes more again."""
        if self._writable is not None and not self._writable.done():
            self._writable.set_result(None)
        self._writable = None

    # What a session asks of us.

    async def send(self, data: bytes) -> None:
        """Send all of ``data``; returns when the channel's buffer has room again."""
        if self._channel is None or self._ended or self._channel.is_closing():
            raise Unreachable(self._why or "the stream was closed")
        may_send()
        try:
            self._channel.write(data)
        except (OSError, asyncssh.Error):
            raise Unreachable("the stream was closed") from None
        if self._writable is not None:
            await self._writable
            if self._ended:
                raise Unreachable(self._why or "the stream was closed")

    async def receive(self) -> bytes:
        """The next bytes, at least one; ``b""`` when the far end is gone."""
        if not self._held and not self._ended:
            self._arrived = asyncio.get_running_loop().create_future()
            try:
                await self._arrived
            finally:
                self._arrived = None
        data = self._held[0] if len(self._held) == 1 else b"".join(self._held)
        self._held.clear()
        self._held_bytes = 0
        if self._paused and self._channel is not None:
            self._paused = False
            self._channel.resume_reading()
        return data

    def resize(self, columns: int, rows: int) -> None:
        """The terminal has another size: that of whoever types (see :class:`drivers.contract.Sized`)."""
        if self._channel is not None and not self._ended:
            self._channel.change_terminal_size(columns, rows)

    def send_break(self, seconds: float) -> None:
        """Have the far end hold its line in the break state (RFC 4335). Raises ``Unreachable``."""
        if self._channel is None or self._ended:
            raise Unreachable(self._why or "the stream was closed")
        try:
            self._channel.send_break(int(seconds * 1000))
        except OSError:
            raise Unreachable("the stream was closed") from None

    async def close(self) -> None:
        """Close the channel at once, whatever is under way on it."""
        if self._channel is not None:
            self._channel.abort()

    def _wake(self) -> None:
        if self._arrived is not None and not self._arrived.done():
            self._arrived.set_result(None)


def without_packet_log(part: SSHPacketLogger) -> None:
    """Keep a connection or channel from wording each of its packets for a log that nobody reads."""
    part.log_sent_packet = part.log_received_packet = _unlogged  # type: ignore[method-assign]


def _unlogged(*packet: object, **note: object) -> None:
    """Take the place of asyncssh's log of packets, which formats them before it looks at its level."""
