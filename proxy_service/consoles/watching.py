"""Who watches a console: a bounded buffer each, so that a slow reader holds up nobody and is told what it lost."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import Any, Final

from device_profiles.console import CLOSE_ENDED
from proxy_service.callers import Caller

Json = dict[str, Any]

MOST_BEHIND_BYTES: Final = 512 << 10
"""What a watcher may be behind before it loses the oldest."""
MOST_MESSAGES: Final = 1000
"""Messages that a watcher may leave unread before it is sent away: who asks and never listens fills no memory."""
_FRAME_BYTES: Final = 64 << 10


@dataclass(frozen=True, slots=True)
class Over:
    """There is no more to see: the close code, and a word."""

    code: int
    reason: str


class Watcher:
    """One person's place in a room. ``may_write`` is whether the token lets them type there."""

    def __init__(self, number: str, caller: Caller, *, may_write: bool) -> None:
        self.id = number
        self.caller = caller
        self.may_write = may_write
        self._items: deque[bytes | Json | Over] = deque()
        self._bytes = 0
        self._messages = 0
        self._lost = 0
        self._came = asyncio.Event()

    @property
    def who(self) -> str:
        """The name that others see."""
        return self.caller.owner

    def hear(self, data: bytes) -> None:
        """Bytes of the line."""
        self._items.append(data)
        self._bytes += len(data)
        while self._bytes > MOST_BEHIND_BYTES:
            self._drop()
        self._came.set()

    def tell(self, message: Json | Over) -> None:
        """A message; these are never dropped, but who leaves too many unread is sent away."""
        self._messages += 1
        if self._messages > MOST_MESSAGES:
            self._items.clear()
            message = Over(CLOSE_ENDED, "too much was left unread")
        self._items.append(message)
        self._came.set()

    def _drop(self) -> None:
        """Lose the oldest bytes."""
        for index, item in enumerate(self._items):
            if isinstance(item, bytes):
                del self._items[index]
                self._bytes -= len(item)
                self._lost += len(item)
                return

    async def next(self) -> bytes | Json | Over:
        """What to send next: bytes that follow each other come as one."""
        while not self._items:
            self._came.clear()
            await self._came.wait()
        if self._lost:
            lost, self._lost = self._lost, 0
            return {"type": "lost", "bytes": lost}
        first = self._items.popleft()
        if not isinstance(first, bytes):
            self._messages -= 1
            return first
        frame = bytearray(first)
        while self._items and isinstance(self._items[0], bytes) and len(frame) < _FRAME_BYTES:
            frame += self._items.popleft()  # type: ignore[arg-type]
        self._bytes -= len(frame)
        return bytes(frame)
