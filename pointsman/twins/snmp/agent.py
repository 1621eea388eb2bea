"""A device served: in this process at the seam of :class:`~drivers.snmp.managed.Managed`, or by v1 and v2c on UDP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final, cast

from drivers.contract import ByteStream
from drivers.errors import Unreachable, Unsupported
from drivers.snmp import ber
from drivers.snmp.ber import Malformed, Message
from drivers.snmp.managed import Manager
from drivers.snmp.pdu import RESPONSE, Kind, Request, Response, Status
from drivers.snmp.values import NULL, Counter64, Missing
from pointsman.twins.snmp.cells import Device

_VERSION_1: Final = 0
_AS_VERSION_1: Final[Mapping[int, Status]] = {
    Status.WRONG_VALUE: Status.BAD_VALUE,
    Status.WRONG_ENCODING: Status.BAD_VALUE,
    Status.WRONG_TYPE: Status.BAD_VALUE,
    Status.WRONG_LENGTH: Status.BAD_VALUE,
    Status.INCONSISTENT_VALUE: Status.BAD_VALUE,
    Status.NO_ACCESS: Status.NO_SUCH_NAME,
    Status.NOT_WRITABLE: Status.NO_SUCH_NAME,
    Status.NO_CREATION: Status.NO_SUCH_NAME,
    Status.INCONSISTENT_NAME: Status.NO_SUCH_NAME,
    Status.AUTHORIZATION_ERROR: Status.NO_SUCH_NAME,
}
"""RFC 3584, section 4.4; every other error is genErr."""


class Direct(Manager):
    """A connection to a device in this process."""

    def __init__(self, device: Device, *, identity: str = "") -> None:
        super().__init__()
        self.device = device
        self.identity = identity
        self.closed = False

    async def stream(self, command: str) -> ByteStream:
        """Refused: SNMP has no command line."""
        del command
        raise Unsupported("SNMP has no command line")

    async def exchange(self, request: Request) -> Response:
        """One request."""
        await asyncio.sleep(0)
        if self.closed:
            raise Unreachable("the connection was closed")
        return self.device.answer(request)

    async def close(self) -> None:
        """Close it. Never raises."""
        self.closed = True


class Server(asyncio.DatagramProtocol):
    """An agent on UDP. ``reads`` and ``writes`` are its communities; another one is not answered."""

    def __init__(self, device: Device, *, reads: str = "public", writes: str = "private") -> None:
        self.device = device
        self.heard = 0
        self._reads, self._writes = reads.encode(), writes.encode()
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It listens."""
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[Any, ...]) -> None:
        """Answer, where the community may ask."""
        self.heard += 1
        try:
            message = ber.decode(data)
        except Malformed:
            return
        if self._transport is not None and message.community in (self._reads, self._writes):
            self._transport.sendto(self._answer(message), addr)

    def _answer(self, message: Message) -> bytes:
        if message.tag == Kind.SET and message.community != self._writes:
            found = Response(Status.NO_ACCESS, 1, message.bindings)
        else:
            depth = message.index if message.tag == Kind.BULK else 0
            request = Request(kind=Kind(message.tag), bindings=message.bindings, repetitions=depth)
            found = self.device.answer(request)
        if message.version == _VERSION_1:
            found = as_version_1(found, message)
        answer = Message(
            message.version,
            message.community,
            RESPONSE,
            message.number,
            found.status,
            found.index,
            list(found.bindings),
        )
        return ber.encode_message(RESPONSE, answer)


def as_version_1(found: Response, message: Message) -> Response:
    """An answer as SNMPv1 has it: errors in the place of what later versions say with a value."""
    asked = [(name, NULL) for name, _ in message.bindings]
    for place, (_, value) in enumerate(found.bindings, start=1):
        if isinstance(value, Missing | Counter64):
            return Response(Status.NO_SUCH_NAME, place, asked)
    if found.status <= Status.GEN_ERR:
        return found
    return Response(_AS_VERSION_1.get(found.status, Status.GEN_ERR), found.index, message.bindings)


@asynccontextmanager
async def serving(server: Server, *, port: int = 0) -> AsyncIterator[str]:
    """The address (``127.0.0.1:port``) on which a server answers."""
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: server, local_addr=("127.0.0.1", port))
    try:
        host, found = transport.get_extra_info("sockname")[:2]
        yield f"{host}:{found}"
    finally:
        transport.close()
