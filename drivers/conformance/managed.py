"""The same faults on a connection without a byte stream: a request and its response are put into bytes, for the wire.

Every exchange with an SNMP agent goes over a stream of the wire as messages, so that it can be cut, delayed, garbled
and cancelled at each event like the lines of a session.
"""

from __future__ import annotations

import asyncio
from typing import Final

from drivers.conformance.wire import Clock, Fault, Wire
from drivers.contract import ByteStream, Connection
from drivers.errors import Garbled, Unreachable
from drivers.snmp import ber
from drivers.snmp.ber import Malformed, Message
from drivers.snmp.managed import Managed, Manager, managed_of
from drivers.snmp.pdu import RESPONSE, Kind, Request, Response

_VERSION: Final = 1


class ManagedWire(Wire, Manager):
    """A wire to an SNMP agent. An answer that does not come within ``timeout_s`` is awaited no longer."""

    def __init__(
        self, inner: Connection, clock: Clock, fault: Fault, sessions: int | None, *, timeout_s: float
    ) -> None:
        Wire.__init__(self, _Spoken(inner), clock, fault, sessions)
        Manager.__init__(self)
        self._timeout_s = timeout_s
        self._turn = asyncio.Lock()
        self._number = 0

    async def exchange(self, request: Request) -> Response:
        """One request and its response, over the wire."""
        async with self._turn:
            self._number += 1
            line = await self.stream("")
            try:
                async with asyncio.timeout(self._timeout_s):
                    return await self._over(line, request)
            except TimeoutError:
                raise Unreachable(f"no answer within {self._timeout_s:g} s") from None
            finally:
                await line.close()

    async def _over(self, line: ByteStream, request: Request) -> Response:
        await line.send(ber.encode(request, version=_VERSION, community=_context(request), number=self._number))
        data = b""
        while not _is_whole(data):
            part = await line.receive()
            if not part:
                raise Unreachable("the connection was lost")
            data += part
        try:
            message = ber.decode(data)
        except Malformed as error:
            raise Garbled(f"the answer is no SNMP message: {error}") from None
        if message.number != self._number or message.tag != RESPONSE:
            raise Garbled("the answer is none to what was asked")
        return Response(message.status, message.index, message.bindings)


def _context(request: Request) -> bytes:
    return b"" if request.vlan is None else str(request.vlan).encode()


def _is_whole(data: bytes) -> bool:
    """Whether a message has all the bytes that it says it has; what is no message at all has."""
    if len(data) < 2:
        return False
    if data[0] != 0x30:
        return True
    at, size = 2, data[1]
    if size > 127:
        count = size & 0x7F
        if count > 4 or len(data) < at + count:
            return count > 4
        at, size = at + count, int.from_bytes(data[at : at + count], "big")
    return len(data) >= at + size


class _Spoken:
    """A connection to an agent, as one whose streams carry messages."""

    def __init__(self, inner: Connection) -> None:
        self._inner = inner
        self._managed = managed_of(inner)

    @property
    def identity(self) -> str:
        return self._inner.identity

    @property
    def closed(self) -> bool:
        return self._inner.closed

    async def stream(self, command: str) -> ByteStream:
        del command
        return _Messages(self._managed)

    async def close(self) -> None:
        await self._inner.close()


class _Messages:
    """A byte stream of messages."""

    def __init__(self, managed: Managed) -> None:
        self._managed = managed
        self._sent = bytearray()
        self._answers: asyncio.Queue[bytes] = asyncio.Queue()

    async def send(self, data: bytes) -> None:
        self._sent += data
        if not _is_whole(bytes(self._sent)):
            return
        message = ber.decode(bytes(self._sent))
        self._sent.clear()
        kind = Kind(message.tag)
        request = Request(
            kind=kind,
            bindings=message.bindings,
            repetitions=message.index if kind is Kind.BULK else 0,
            vlan=int(message.community) if message.community else None,
        )
        found = await self._managed.exchange(request)
        answer = Message(_VERSION, b"", RESPONSE, message.number, found.status, found.index, list(found.bindings))
        self._answers.put_nowait(ber.encode_message(RESPONSE, answer))

    async def receive(self) -> bytes:
        return await self._answers.get()

    async def close(self) -> None:
        self._answers.put_nowait(b"")
