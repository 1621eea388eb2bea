"""The stream of an agent, as its room uses it: what goes out waits in a queue that the route sends from."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from device_profiles.console import SERVICE_SAYS
from proxy_service.consoles.watching import Over

MOST_WAITING_BYTES: Final = 1 << 20
"""What was typed and not taken yet; whoever types more is told that it was too fast."""


class Link:
    """One WebSocket of an agent."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[bytes | str | Over] = asyncio.Queue()
        self._bytes = 0

    def say(self, message: Any) -> None:
        """Send a message of :data:`~device_profiles.console.ServiceSays`."""
        self._queue.put_nowait(SERVICE_SAYS.dump_json(message).decode())

    def send(self, data: bytes) -> bool:
        """Send what was typed; False where too much waits already."""
        if self._bytes + len(data) > MOST_WAITING_BYTES:
            return False
        self._bytes += len(data)
        self._queue.put_nowait(data)
        return True

    def close(self, code: int, reason: str) -> None:
        """End the stream, after what was said before."""
        self._queue.put_nowait(Over(code, reason))

    async def next(self) -> bytes | str | Over:
        """What the route sends next."""
        item = await self._queue.get()
        if isinstance(item, bytes):
            self._bytes -= len(item)
        return item
