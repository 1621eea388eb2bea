"""The WebSocket to the service: dialled by the agent, with its own token, over TCP, TLS or a Unix socket."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from agents.client import ServiceAway
from agents.tls import context_of, fault_of
from device_profiles.names import printable

if TYPE_CHECKING:
    from websockets.asyncio.client import ClientConnection
    from websockets.exceptions import ConnectionClosed

_OPEN_S: Final = 10.0
_CLOSE_S: Final = 1.0
_LARGEST_BYTES: Final = 1 << 20
_ABNORMAL: Final = 1006


class StreamEnded(Exception):
    """The far end closed the stream, or it broke; ``code`` is the close code."""

    def __init__(self, code: int) -> None:
        super().__init__(f"the stream ended with {code}")
        self.code = code


class Stream(Protocol):
    """An open WebSocket."""

    async def send(self, frame: bytes | str) -> None:
        """Send a frame. Raises :class:`StreamEnded`."""

    async def receive(self) -> bytes | str:
        """The next frame. Raises :class:`StreamEnded`."""


Dial = Callable[[str], AbstractAsyncContextManager[Stream]]
"""Opens the stream at a path below ``/v1``. Raises :class:`~agents.client.ServiceError`."""


class _Socket:
    def __init__(self, socket: ClientConnection, closed: type[ConnectionClosed]) -> None:
        self._socket = socket
        self._closed = closed

    async def send(self, frame: bytes | str) -> None:
        try:
            await self._socket.send(frame)
        except self._closed as closed:
            raise _ended(closed) from None

    async def receive(self) -> bytes | str:
        try:
            return await self._socket.recv()
        except self._closed as closed:
            raise _ended(closed) from None


def _ended(closed: ConnectionClosed) -> StreamEnded:
    return StreamEnded(closed.rcvd.code if closed.rcvd is not None else _ABNORMAL)


def dialler(service: str, token: Callable[[], str], *, ca_file: Path | None = None) -> Dial:
    """Dials the service at ``service`` (``http://``, ``https://`` or ``unix:PATH``); ``ca_file``: its authority."""

    @contextlib.asynccontextmanager
    async def dial(path: str) -> AsyncIterator[Stream]:
        # An agent whose consoles nobody opens does not pay for the library.
        from websockets.asyncio.client import connect, unix_connect  # noqa: PLC0415
        from websockets.exceptions import ConnectionClosed, WebSocketException  # noqa: PLC0415

        socket_path = service.removeprefix("unix:")
        base = "ws://pointsman" if socket_path != service else "ws" + service.removeprefix("http").rstrip("/")
        options: dict[str, Any] = {
            "additional_headers": {"authorization": f"Bearer {token()}"},
            "open_timeout": _OPEN_S,
            "close_timeout": _CLOSE_S,
            "max_size": _LARGEST_BYTES,
            "proxy": None,
            "compression": None,
        }
        url = f"{base}/v1{path}"
        if url.startswith("wss:"):
            options["ssl"] = context_of(ca_file)
        opening = unix_connect(socket_path, url, **options) if socket_path != service else connect(url, **options)
        try:
            socket = await opening
        except (WebSocketException, OSError, TimeoutError) as error:
            said = fault_of(error, authority="ca_file") or str(error)
            raise ServiceAway(printable(said) or type(error).__name__) from None
        try:
            yield _Socket(socket, ConnectionClosed)
        finally:
            await socket.close()

    return dial
