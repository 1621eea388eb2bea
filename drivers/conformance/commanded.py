"""The same faults on a connection to a management controller: a frame has a length and a checksum."""

from __future__ import annotations

from typing import Final

from drivers.conformance.spoken import Answer as Answered
from drivers.conformance.spoken import SpokenWire
from drivers.conformance.wire import Clock, Fault
from drivers.contract import Connection
from drivers.errors import Garbled
from drivers.ipmi.messages import Answer, Commanded, Request, commanded_of

_HEAD: Final = 2


class CommandedWire(SpokenWire):
    """A wire to a controller."""

    def __init__(
        self, inner: Connection, clock: Clock, fault: Fault, sessions: int | None, *, timeout_s: float
    ) -> None:
        answer = _answering(commanded_of(inner))
        super().__init__(inner, clock, fault, sessions, timeout_s=timeout_s, answer=answer)

    async def exchange(self, request: Request) -> Answer:
        """One request and its answer, over the wire."""
        body = await self.over(_framed(bytes((request.netfn, request.command)) + request.data), _body)
        if not body:
            raise Garbled(f"{request.doing}: the answer is no message")
        return Answer(body[0], body[1:])


def _answering(bmc: Commanded) -> Answered:
    async def answer(sent: bytes) -> bytes | None:
        body = _body(sent)
        if not body:
            return None
        found = await bmc.exchange(Request(body[0], body[1], body[2:]))
        return _framed(bytes((found.code,)) + found.data)

    return answer


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
