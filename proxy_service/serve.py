"""Running the service: one application on a TCP port and a Unix socket, in one process and one event loop.

``async with Service(settings) as service`` serves until the block is left, whoever owns the loop: the command line, the
demo, a test. Stopping ends all streams first, so it takes no longer than the calls that are really working.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import stat
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import structlog
import uvicorn

from proxy_service.app import create_app, stop_waiting
from proxy_service.settings import Settings
from proxy_service.tls import Certificate

GRACE_S: Final = 10
BACKLOG: Final = 1024
SWITCH_S: Final = 0.0005
LARGEST_FRAME: Final = 1 << 20
"""Of a WebSocket, in bytes."""
_SOCKET_MODE: Final = 0o660
log = structlog.get_logger(__name__)


class _Held(set[Any]):
    """What uvicorn has open, connections or calls; and somebody may wait for the last of them."""

    def __init__(self) -> None:
        super().__init__()
        self._less = asyncio.Event()

    def remove(self, item: Any) -> None:
        super().remove(item)
        self._less.set()

    def discard(self, item: Any) -> None:
        super().discard(item)
        self._less.set()

    async def none(self) -> None:
        """Wait until nothing is open."""
        while self:
            self._less.clear()
            await self._less.wait()


class _Server(uvicorn.Server):
    """A server that leaves signals to whoever runs it, says when it listens, and sleeps until it is asked to end."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()
        self._end = asyncio.Event()
        self._connections = self.server_state.connections = _Held()
        self._calls = self.server_state.tasks = _Held()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listening.set()

    async def main_loop(self) -> None:
        """In place of a look at the clock ten times a second, for headers that are not sent."""
        await self._end.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """As uvicorn's, which looks ten times a second whether the last call is over, and at least twice."""
        for closing in (*self.servers, *(sockets or ())):
            closing.close()
        for connection in list(self._connections):
            connection.shutdown()
        try:
            async with asyncio.timeout(GRACE_S):
                await self._connections.none()
                await self._calls.none()
        except TimeoutError:
            log.warning("calls are cut off", calls=len(self._calls), after_s=GRACE_S)
            for call in list(self._calls):
                call.cancel()
            for connection in list(self._connections):
                connection.transport.abort()

    def end(self) -> None:
        """Let :meth:`serve` come to its end."""
        self.should_exit = True
        self._end.set()


class Service:
    """The service, running from ``__aenter__`` to ``__aexit__``.

    Raises ``OSError`` where an address is taken, and :class:`~proxy_service.tls.BadCertificate`. TLS is spoken on the
    port; who comes by the Unix socket is on this machine.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.app = create_app(settings)
        self._sockets: list[socket.socket] = []
        self._stack = contextlib.AsyncExitStack()

    @property
    def url(self) -> str:
        """The address of the TCP listener."""
        host, port = self._sockets[0].getsockname()[:2]
        scheme = "http" if self.settings.tls_cert is None else "https"
        return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"

    @property
    def socket_path(self) -> Path | None:
        """The Unix socket, where there is one."""
        return self.settings.unix_socket

    @property
    def admin_token(self) -> str:
        """The token that the first start made, read from its file."""
        return self.settings.admin_token_file.read_text(encoding="utf-8").strip()

    async def __aenter__(self) -> Self:
        self.settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        # The store's threads give the interpreter's lock away at every call of the database. At the default of 5 ms a
        # unit of ten calls waits 50 ms for a busy event loop; a shorter interval costs a fraction of a per cent.
        sys.setswitchinterval(SWITCH_S)
        async with contextlib.AsyncExitStack() as stack:
            certificate = _certificate(self.settings)
            self._sockets = [stack.enter_context(_tcp(self.settings.host, self.settings.port))]
            if self.settings.unix_socket is not None:
                self._sockets.append(stack.enter_context(_unix(self.settings.unix_socket)))
            await stack.enter_async_context(self.app.router.lifespan_context(self.app))
            if certificate is None:
                await stack.enter_async_context(self._serving(self._sockets))
            else:
                await stack.enter_async_context(_following(certificate))
                await stack.enter_async_context(self._serving(self._sockets[:1], certificate))
                if self._sockets[1:]:
                    await stack.enter_async_context(self._serving(self._sockets[1:]))
            log.info("service started", url=self.url, unix_socket=str(self.socket_path or ""))
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()
        log.info("service stopped")

    @contextlib.asynccontextmanager
    async def _serving(
        self, sockets: list[socket.socket], certificate: Certificate | None = None
    ) -> AsyncIterator[None]:
        server = _Server(
            uvicorn.Config(
                self.app,
                log_config=None,
                access_log=False,
                lifespan="off",
                http="httptools",
                ws="websockets-sansio",
                ws_max_size=LARGEST_FRAME,
                ws_ping_interval=self.settings.keep_s,
                server_header=False,
                date_header=False,
                proxy_headers=False,
                backlog=BACKLOG,
                ssl_context_factory=None if certificate is None else lambda _config, _default: certificate.context,
            )
        )
        running = asyncio.create_task(server.serve(sockets=sockets))
        listening = asyncio.create_task(server.listening.wait())
        try:
            await asyncio.wait([running, listening], return_when=asyncio.FIRST_COMPLETED)
            if not listening.done():
                await running
            yield
        finally:
            listening.cancel()
            stop_waiting(self.app)
            server.end()
            await running


def _certificate(settings: Settings) -> Certificate | None:
    return None if settings.tls_cert is None else Certificate(settings.tls_cert, settings.tls_key)


@contextlib.asynccontextmanager
async def _following(certificate: Certificate) -> AsyncIterator[None]:
    """Show renewed certificates for the length of a block."""
    task = asyncio.create_task(certificate.follow())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _tcp(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol is named because asyncio switches Nagle's algorithm off only where it reads TCP there; with the
    # algorithm on, every answer on a held connection waits 40 ms for an acknowledgement.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
    except BaseException:
        listener.close()
        raise
    return listener


@contextlib.contextmanager
def _unix(path: Path) -> Iterator[socket.socket]:
    """A listener at ``path``, in place of what a killed process left there; gone afterwards."""
    if path.exists() and stat.S_ISSOCK(path.stat().st_mode):
        path.unlink()
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(str(path))
        path.chmod(_SOCKET_MODE)
        try:
            yield listener
        finally:
            path.unlink(missing_ok=True)
