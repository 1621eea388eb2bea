"""The same faults on a connection that serves resources: requests and responses are put into bytes, for the wire.

Each exchange goes over a stream of the wire as HTTP/1.1 writes it, so that it can be cut, delayed, garbled and
cancelled at each event like the lines of a session.
"""

from __future__ import annotations

import asyncio
import re
from typing import Any, Final

from drivers.conformance.wire import Clock, Fault, Wire
from drivers.contract import ByteStream, Connection
from drivers.errors import Garbled, Unreachable
from drivers.rest.logins import LogIn
from drivers.rest.messages import Request, Response
from drivers.rest.served import Served, served_of

_REQUEST: Final = re.compile(rb"([A-Z]+) (\S+) HTTP/1\.1")
_STATUS: Final = re.compile(rb"HTTP/1\.1 (\d{3}) ?[ -~]*")
_HEADER: Final = re.compile(rb"([!-9;-~]+): ([ -~]*)")
_END: Final = b"\r\n\r\n"


class ServedWire(Wire):
    """A wire to what serves resources (see :class:`drivers.rest.served.Served`)."""

    def __init__(
        self, inner: Connection, clock: Clock, fault: Fault, sessions: int | None, *, timeout_s: float
    ) -> None:
        super().__init__(_Spoken(inner), clock, fault, sessions)
        self._served = served_of(inner)
        self._timeout_s = timeout_s
        self._turn = asyncio.Lock()

    def log_in_by(self, log_in: LogIn) -> None:
        """The login is the connection's, which is below the wire."""
        self._served.log_in_by(log_in)

    async def exchange(self, request: Request) -> Response:
        """One request and its response, over the wire."""
        async with self._turn:
            line = await self.stream("")
            try:
                async with asyncio.timeout(self._timeout_s):
                    return await _over(line, request)
            except TimeoutError:
                raise Unreachable(f"{request}: no answer within {self._timeout_s:g} s") from None
            finally:
                await line.close()


async def _over(line: ByteStream, request: Request) -> Response:
    await line.send(_written(f"{request.method} {request.path} HTTP/1.1", request.headers, request.body))
    data = b""
    while (split := _split(data)) is None:
        part = await line.receive()
        if not part:
            raise Unreachable(f"{request}: the connection was lost")
        data += part
    first, headers, body = split
    match = _STATUS.fullmatch(first)
    if match is None:
        raise Garbled(f"{request}: the answer is no HTTP")
    return Response(status=int(match[1]), headers=headers, body=body)


def _written(first: str, headers: Any, body: bytes) -> bytes:
    told = {**headers, "content-length": str(len(body))}
    lines = (first, *(f"{name}: {value}" for name, value in told.items()), "", "")
    return "\r\n".join(lines).encode("latin-1") + body


def _split(data: bytes) -> tuple[bytes, dict[str, str], bytes] | None:
    """First line, headers and body of a message; None where it is not whole. What is no message at all is whole."""
    if data and not re.match(rb"[A-Z]", data):
        return data, {}, b""
    head, end, body = data.partition(_END)
    if not end:
        return (data, {}, b"") if len(data) > 1 << 16 else None
    first, *lines = head.split(b"\r\n")
    headers: dict[str, str] = {}
    for line in lines:
        match = _HEADER.fullmatch(line)
        if match is None:
            return b"", {}, b""
        headers[match[1].decode().lower()] = match[2].decode()
    length = headers.pop("content-length", "")
    if not length.isdecimal():
        return b"", {}, b""
    return None if len(body) < int(length) else (first, headers, body[: int(length)])


class _Spoken:
    """A connection that serves, as one whose streams carry messages."""

    def __init__(self, inner: Connection) -> None:
        self._inner = inner
        self._served = served_of(inner)

    @property
    def identity(self) -> str:
        return self._inner.identity

    @property
    def closed(self) -> bool:
        return self._inner.closed

    async def stream(self, command: str) -> ByteStream:
        del command
        return _Messages(self._served)

    async def close(self) -> None:
        await self._inner.close()


class _Messages:
    """A byte stream of messages."""

    def __init__(self, served: Served) -> None:
        self._served = served
        self._sent = b""
        self._answers: asyncio.Queue[bytes] = asyncio.Queue()

    async def send(self, data: bytes) -> None:
        self._sent += data
        split = _split(self._sent)
        if split is None:
            return
        first, headers, body = split
        self._sent = b""
        match = _REQUEST.fullmatch(first)
        if match is None:
            raise Garbled("what was sent is no HTTP")
        method: Any = match[1].decode()
        found = await self._served.exchange(Request(method=method, path=match[2].decode(), headers=headers, body=body))
        self._answers.put_nowait(_written(f"HTTP/1.1 {found.status}", found.headers, found.body))

    async def receive(self) -> bytes:
        return await self._answers.get()

    async def close(self) -> None:
        self._answers.put_nowait(b"")
