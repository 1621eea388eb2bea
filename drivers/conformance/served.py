"""The same faults on a connection that serves resources: requests and responses as HTTP/1.1 writes them."""

from __future__ import annotations

import re
from typing import Any, Final

from drivers.conformance.spoken import Answer, SpokenWire
from drivers.conformance.wire import Clock, Fault
from drivers.contract import Connection
from drivers.errors import Garbled
from drivers.rest.logins import LogIn
from drivers.rest.messages import Request, Response
from drivers.rest.served import Served, served_of

_REQUEST: Final = re.compile(rb"([A-Z]+) (\S+) HTTP/1\.1")
_STATUS: Final = re.compile(rb"HTTP/1\.1 (\d{3}) ?[ -~]*")
_HEADER: Final = re.compile(rb"([!-9;-~]+): ([ -~]*)")
_END: Final = b"\r\n\r\n"


class ServedWire(SpokenWire):
    """A wire to what serves resources (see :class:`drivers.rest.served.Served`)."""

    def __init__(
        self, inner: Connection, clock: Clock, fault: Fault, sessions: int | None, *, timeout_s: float
    ) -> None:
        self._served = served_of(inner)
        super().__init__(inner, clock, fault, sessions, timeout_s=timeout_s, answer=_answering(self._served))

    def log_in_by(self, log_in: LogIn) -> None:
        """The login is the connection's, which is below the wire."""
        self._served.log_in_by(log_in)

    async def exchange(self, request: Request) -> Response:
        """One request and its response, over the wire."""
        message = _written(f"{request.method} {request.path} HTTP/1.1", request.headers, request.body)
        first, headers, body = await self.over(message, _split, about=f"{request}: ")
        match = _STATUS.fullmatch(first)
        if match is None:
            raise Garbled(f"{request}: the answer is no HTTP")
        return Response(status=int(match[1]), headers=headers, body=body)


def _answering(served: Served) -> Answer:
    async def answer(sent: bytes) -> bytes | None:
        split = _split(sent)
        if split is None:
            return None
        first, headers, body = split
        match = _REQUEST.fullmatch(first)
        if match is None:
            raise Garbled("what was sent is no HTTP")
        method: Any = match[1].decode()
        found = await served.exchange(Request(method=method, path=match[2].decode(), headers=headers, body=body))
        return _written(f"HTTP/1.1 {found.status}", found.headers, found.body)

    return answer


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
