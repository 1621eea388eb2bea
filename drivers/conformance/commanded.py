"""The same faults on a connection to a management controller: requests and answers are put into bytes, for the wire.

Each exchange goes over a stream of the wire as a message with a length and a checksum, so that it can be cut, delayed,
garbled and cancelled at each event like the lines of a session.
"""

from __future__ import annotations

import asyncio
from typing import Final

from drivers.conformance.wire import Clock, Fault, Wire
from drivers.contract import ByteStream, Connection
from drivers.errors import Garbled, Unreachable
from drivers.ipmi.messages import Answer, Commanded, Request, commanded_of

_HEAD: Final = 2


class CommandedWire(Wire):
    """A wire to a controller. An answer that does not come within ``timeout_s`` is awaited no longer."""

    def __init__(
        self, inner: Connection, clock: Clock, fault: Fault, sessions: int | None, *, timeout_s: float
    ) -> None:
        super().__init__(_Spoken(inner), clock, fault, sessions)
        self._timeout_s = timeout_s
        self._turn = asyncio.Lock()

    async def exchange(self, request: Request) -> Answer:
        """One request and its answer, over the wire."""
        async with self._turn:
            line = await self.stream("")
            try:
                async with asyncio.timeout(self._timeout_s):
                    return await _over(line, request)
            except TimeoutError:
                raise Unreachable(f"no answer within {self._timeout_s:g} s") from None
            finally:
                await line.close()


async def _over(line: ByteStream, request: Request) -> Answer:
    await line.send(_framed(bytes((request.netfn, request.command)) + request.data))
    data = b""
    while (body := _body(data)) is None:
        part = await line.receive()
        if not part:
            raise Unreachable("the connection was lost")
        data += part
    if not body:
        raise Garbled(f"{request.doing}: the answer is no message")
    return Answer(body[0], body[1:])


def _framed(body: bytes) -> bytes:
    return len(body).to_bytes(_HEAD, "big") + body + bytes((-sum(body) % 256,))


def _body(data: bytes) -> bytes | None:
    """What a message holds, None while it is not whole; nothing where it is none."""
    if len(data) < _HEAD:
        return None
    size = int.from_bytes(data[:_HEAD], "big")
    if size > 1 << 10:
        return b""
    body = data[_HEAD : _HEAD + size + 1]
    if len(body) <= size:
        return None
    return b"" if sum(body) % 256 else body[:-1]


class _Spoken:
    """A connection to a controller, as one whose streams carry messages."""

    def __init__(self, inner: Connection) -> None:
        self._inner = inner
        self._bmc = commanded_of(inner)

    @property
    def identity(self) -> str:
        return self._inner.identity

    @property
    def closed(self) -> bool:
        return self._inner.closed

    async def stream(self, command: str) -> ByteStream:
        del command
        return _Messages(self._bmc)

    async def close(self) -> None:
        await self._inner.close()


class _Messages:
    """A byte stream of messages."""

    def __init__(self, bmc: Commanded) -> None:
        self._bmc = bmc
        self._sent = b""
        self._answers: asyncio.Queue[bytes] = asyncio.Queue()

    async def send(self, data: bytes) -> None:
        self._sent += data
        body = _body(self._sent)
        if not body:
            return
        self._sent = b""
        found = await self._bmc.exchange(Request(body[0], body[1], body[2:]))
        self._answers.put_nowait(_framed(bytes((found.code,)) + found.data))

    async def receive(self) -> bytes:
        return await self._answers.get()

    async def close(self) -> None:
        self._answers.put_nowait(b"")
