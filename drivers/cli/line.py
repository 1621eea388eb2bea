"""A slow line and a slow device on a clock of its own: what an exchange costs in line time, without waiting for it.

A serial line carries ten bits for a byte (start, eight, stop), so ``baud / 10`` bytes a second in each direction. The
device takes its time to open a session and for each line that it is sent. All of that is added up on a
:class:`VirtualClock`, which a session takes for its own clock (``CliSession(clock=...)``); nothing sleeps.
"""

from __future__ import annotations

from typing import Final

from drivers.contract import ByteStream

BITS_PER_BYTE: Final = 10


class VirtualClock:
    """Seconds that pass only when somebody says so."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        """The time now."""
        return self.now_s

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.now_s += seconds


class TimedLine:
    """A :class:`drivers.contract.ByteStream` that books what its bytes, lines and opening take on a virtual clock."""

    def __init__(
        self,
        stream: ByteStream,
        clock: VirtualClock,
        *,
        baud: int | None = None,
        open_s: float = 0.0,
        per_line_s: float = 0.0,
    ) -> None:
        self._stream = stream
        self._clock = clock
        self._byte_s = BITS_PER_BYTE / baud if baud else 0.0
        self._per_line_s = per_line_s
        self.sent_bytes = 0
        self.received_bytes = 0
        self.lines = 0
        clock.advance(open_s)

    async def send(self, data: bytes) -> None:
        """Send ``data``, and book it."""
        ends = data.count(b"\n") or data.count(b"\r")
        self.lines += ends
        self.sent_bytes += len(data)
        self._clock.advance(len(data) * self._byte_s + ends * self._per_line_s)
        await self._stream.send(data)

    async def receive(self) -> bytes:
        """The next bytes, booked."""
        data = await self._stream.receive()
        self.received_bytes += len(data)
        self._clock.advance(len(data) * self._byte_s)
        return data

    async def close(self) -> None:
        """Close the line."""
        await self._stream.close()
