"""Connections without a byte stream on a wire of faults: what they exchange is put into bytes, and goes over streams.

Each exchange is a message that is sent and one that is answered, on a stream of its own, so that it can be cut,
delayed, garbled and cancelled at each event like the lines of a session. What the bytes look like is the business of
whoever speaks: an SNMP message, HTTP, a frame with a checksum.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from drivers.conformance.wire import Clock, Fault, Wire
from drivers.contract import ByteStream, Connection
from drivers.errors import Unreachable

T = TypeVar("T")
Answer = Callable[[bytes], Awaitable[bytes | None]]
"""What is answered to all that was sent so far; None where that is not whole yet."""


class SpokenWire(Wire):
    """A wire over which messages are exchanged, one at a time; an answer is awaited for ``timeout_s``."""

    def __init__(
        self, inner: Connection, clock: Clock, fault: Fault, sessions: int | None, *, timeout_s: float, answer: Answer
    ) -> None:
        super().__init__(_Spoken(inner, answer), clock, fault, sessions)
        self._timeout_s = timeout_s
        self._turn = asyncio.Lock()

    async def over(self, message: bytes, whole: Callable[[bytes], T | None], *, about: str = "") -> T:
        """Send a message; what ``whole`` makes of the answer, as soon as that is one. Raises ``Unreachable``."""
        async with self._turn:
            line = await self.stream("")
            try:
                async with asyncio.timeout(self._timeout_s):
                    return await _answered(line, message, whole, about)
            except TimeoutError:
                raise Unreachable(f"{about}no answer within {self._timeout_s:g} s") from None
            finally:
                await line.close()


async def _answered(line: ByteStream, message: bytes, whole: Callable[[bytes], T | None], about: str) -> T:
    await line.send(message)
    data = b""
    while (found := whole(data)) is None:
        part = await line.receive()
        if not part:
            raise Unreachable(f"{about}the connection was lost")
        data += part
    return found


class _Spoken:
    """A connection, as one whose streams carry messages."""

    def __init__(self, inner: Connection, answer: Answer) -> None:
        self._inner = inner
        self._answer = answer

    @property
    def identity(self) -> str:
        return self._inner.identity

    @property
    def closed(self) -> bool:
        return self._inner.closed

    async def stream(self, command: str) -> ByteStream:
        del command
        return _Messages(self._answer)

    async def close(self) -> None:
        await self._inner.close()


class _Messages:
    """A byte stream of messages."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._sent = b""
        self._answers: asyncio.Queue[bytes] = asyncio.Queue()

    async def send(self, data: bytes) -> None:
        self._sent += data
        sent = self._sent
        answered = await self._answer(sent)
        if answered is not None:
            self._sent = b""
            self._answers.put_nowait(answered)

    async def receive(self) -> bytes:
        return await self._answers.get()

    async def close(self) -> None:
        self._answers.put_nowait(b"")
