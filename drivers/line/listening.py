"""What everybody may hear of a line: each byte with its time, its direction and who held the line.

A listener has a bounded buffer of its own, so that one who is slow holds up neither the line nor the others: it loses
its oldest bytes, and the next chunk says how many.
"""

from __future__ import annotations

import asyncio
import dataclasses
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal, Self

from drivers.errors import DeviceError

Direction = Literal["in", "out"]
BUFFER_BYTES: Final = 256 << 10
"""What a listener may be behind: four minutes of a full line at 9600 baud."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Bytes of a line. ``holder`` is the name of who held it then; empty: nobody did.

    ``lost`` is how many bytes before these this listener lost, because it was too slow.
    """

    at_monotonic: float
    direction: Direction
    data: bytes
    holder: str
    lost: int = 0


class Listener:
    """The chunks of a line from now on: ``async for``. It ends when it is closed, or the line is.

    Where the line is lost, what was heard is given out first, and then the error is raised.
    """

    def __init__(self, leave: Callable[[Listener], None], *, most_bytes: int) -> None:
        self._leave = leave
        self._most_bytes = most_bytes
        self._chunks: deque[Chunk] = deque()
        self._bytes = 0
        self._lost = 0
        self._came = asyncio.Event()
        self._over = False
        self._error: DeviceError | None = None

    def __aiter__(self) -> Self:
        """The listener itself."""
        return self

    async def __anext__(self) -> Chunk:
        """The next chunk. Raises :class:`~drivers.errors.DeviceError` where the line was lost."""
        while not self._chunks:
            if self._over:
                if self._error is not None:
                    raise self._error
                raise StopAsyncIteration
            self._came.clear()
            await self._came.wait()
        chunk = self._chunks.popleft()
        self._bytes -= len(chunk.data)
        lost, self._lost = self._lost, 0
        return dataclasses.replace(chunk, lost=lost) if lost else chunk

    def hear(self, chunk: Chunk) -> None:
        """Put a chunk into the buffer; the oldest go where it is full."""
        self._chunks.append(chunk)
        self._bytes += len(chunk.data)
        while self._bytes > self._most_bytes and len(self._chunks) > 1:
            gone = self._chunks.popleft()
            self._bytes -= len(gone.data)
            self._lost += len(gone.data)
        self._came.set()

    def end(self, error: DeviceError | None) -> None:
        """There is no more to hear."""
        self._over, self._error = True, error
        self._came.set()

    def close(self) -> None:
        """Listen no longer."""
        self._leave(self)
        self.end(None)
