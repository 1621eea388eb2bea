"""A web server for twins: one function from request to response, on a port of the loopback, with TLS or without.

The function is the twin, and the same that tests call in the same process. What HTTP there is, is httptools' to read.
A response of None is none: the twin says nothing, and the connection hangs.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import functools
import ssl
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final, Self, cast

import httptools
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from drivers.rest.certificates import fingerprint
from drivers.rest.messages import Request, Response

Answer = Callable[[Request], Response | None]

_ALWAYS: Final = dt.timedelta(days=3650)


class Web:
    """A twin on the loopback: ``async with Web(answer, secure=True) as web``. ``scheme`` stands before its address."""

    def __init__(self, answer: Answer, *, secure: bool = False, port: int = 0) -> None:
        self.answer = answer
        self.secure = secure
        self.port = port
        self.connections: set[_Connection] = set()
        self._server: asyncio.Server | None = None

    @property
    def address(self) -> str:
        """``127.0.0.1:PORT``."""
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        """``https://127.0.0.1:PORT``."""
        return f"{'https' if self.secure else 'http'}://{self.address}"

    @property
    def identity(self) -> str:
        """The fingerprint of its certificate; an empty text where it has none."""
        return certificate().fingerprint if self.secure else ""

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        context = await asyncio.to_thread(certificate) if self.secure else None
        self._server = await loop.create_server(
            self._protocol, "127.0.0.1", self.port, ssl=None if context is None else context.context
        )
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._server is not None:
            self._server.close()
            self.hang_up()
            await self._server.wait_closed()

    def _protocol(self) -> asyncio.Protocol:
        return _Connection(self)

    def hang_up(self) -> None:
        """Cut all connections."""
        for connection in tuple(self.connections):
            connection.transport.abort()


class _Connection(asyncio.Protocol):
    """One connection; what httptools finds in it comes by its ``on_`` methods."""

    transport: asyncio.Transport

    def __init__(self, web: Web) -> None:
        self._web = web
        self._parser: Any = httptools.HttpRequestParser(self)
        self._begin()

    def _begin(self) -> None:
        self._path = b""
        self._headers: dict[str, str] = {}
        self._body = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self._web.connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self._web.connections.discard(self)

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self.transport.abort()

    def on_url(self, url: bytes) -> None:
        self._path += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        method: Any = self._parser.get_method().decode()
        request = Request(
            method=method, path=self._path.decode("latin-1"), headers=self._headers, body=bytes(self._body)
        )
        self._begin()
        response = self._web.answer(request)
        if response is not None and not self.transport.is_closing():
            self.transport.write(_written(response, bodiless=method == "HEAD"))


def _written(response: Response, *, bodiless: bool) -> bytes:
    status = HTTPStatus(response.status)
    lines = [f"HTTP/1.1 {status.value} {status.phrase}"]
    if response.status not in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED):
        lines.append(f"content-length: {len(response.body)}")
    lines += (f"{name}: {value}" for name, value in response.headers.items())
    return "\r\n".join((*lines, "", "")).encode("latin-1") + (b"" if bodiless else response.body)


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate that is signed by itself, and the context that shows it."""

    context: ssl.SSLContext
    fingerprint: str


@functools.cache
def certificate(name: str = "twin") -> Certificate:
    """The certificate of all twins of this process (or of those called ``name``)."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - _ALWAYS)
        .not_valid_after(now + _ALWAYS)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory(prefix="pointsman-twin-") as folder:
        file = Path(folder) / "twin.pem"
        file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
        context.load_cert_chain(file)
    return Certificate(context, fingerprint(made.public_bytes(serialization.Encoding.DER)))
