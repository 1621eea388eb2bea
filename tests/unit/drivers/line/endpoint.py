"""The near end of a line in memory: a test says what comes, and sees what was sent."""

import asyncio

from drivers.errors import Unreachable


class MemoryEndpoint:
    """An :class:`drivers.line.endpoint.Endpoint`."""

    def __init__(self, speed: int | None = None) -> None:
        self.speed = speed
        self.greets = False
        self.sent = bytearray()
        self.breaks: list[float] = []
        self.closed = False
        self._came: asyncio.Queue[bytes | Exception] = asyncio.Queue()

    def say(self, data: bytes) -> None:
        self._came.put_nowait(data)

    def unplug(self) -> None:
        self._came.put_nowait(Unreachable("the adapter was unplugged"))

    async def read(self) -> bytes:
        data = await self._came.get()
        if isinstance(data, Exception):
            raise data
        return data

    async def write(self, data: bytes) -> None:
        self.sent += data

    async def set_speed(self, baud: int) -> None:
        self.speed = baud

    async def send_break(self, seconds: float) -> None:
        self.breaks.append(seconds)

    async def close(self) -> None:
        self.closed = True
