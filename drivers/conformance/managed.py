"""The same faults on a connection to an SNMP agent: its messages as BER writes them."""

from __future__ import annotations

from typing import Final

from drivers.conformance.spoken import Answer, SpokenWire
from drivers.conformance.wire import Clock, Fault
from drivers.contract import Connection
from drivers.errors import Garbled
from drivers.snmp import ber
from drivers.snmp.ber import Malformed, Message
from drivers.snmp.managed import Managed, Manager, managed_of
from drivers.snmp.pdu import RESPONSE, Kind, Request, Response

_VERSION: Final = 1


class ManagedWire(SpokenWire, Manager):
    """A wire to an SNMP agent."""

    def __init__(
        self, inner: Connection, clock: Clock, fault: Fault, sessions: int | None, *, timeout_s: float
    ) -> None:
        answer = _answering(managed_of(inner))
        SpokenWire.__init__(self, inner, clock, fault, sessions, timeout_s=timeout_s, answer=answer)
        Manager.__init__(self)
        self._number = 0

    async def exchange(self, request: Request) -> Response:
        """One request and its response, over the wire."""
        self._number += 1
        number = self._number
        sent = ber.encode(request, version=_VERSION, community=_context(request), number=number)
        data = await self.over(sent, lambda data: data if _is_whole(data) else None)
        try:
            message = ber.decode(data)
        except Malformed as error:
            raise Garbled(f"the answer is no SNMP message: {error}") from None
        if message.number != number or message.tag != RESPONSE:
            raise Garbled("the answer is none to what was asked")
        return Response(message.status, message.index, message.bindings)


def _answering(managed: Managed) -> Answer:
    async def answer(sent: bytes) -> bytes | None:
        if not _is_whole(sent):
            return None
        message = ber.decode(sent)
        kind = Kind(message.tag)
        request = Request(
            kind=kind,
            bindings=message.bindings,
            repetitions=message.index if kind is Kind.BULK else 0,
            vlan=int(message.community) if message.community else None,
        )
        found = await managed.exchange(request)
        told = Message(_VERSION, b"", RESPONSE, message.number, found.status, found.index, list(found.bindings))
        return ber.encode_message(RESPONSE, told)

    return answer


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
