"""The WebSocket to a console, as a person's program sees it."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Any, Final
from urllib.parse import quote

import orjson
from websockets.asyncio.client import ClientConnection, connect, unix_connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException

from agents.tls import fault_of
from pointsman.client import authorities
from pointsman.endpoint import Endpoint
from pointsman.problems import PointsmanError, ServiceAway, ServiceRefused
from pointsman.show.text import safe

_OPEN_S: Final = 45.0
"""Opening a console has the agent open its line, which may take its time."""
_ABNORMAL: Final = 1006


class Closed(Exception):
    """The stream ended; ``code`` is its close code."""

    def __init__(self, code: int) -> None:
        super().__init__(f"closed with {code}")
        self.code = code


class ConsoleStream:
    """An open console."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket

    async def next(self) -> bytes | dict[str, Any]:
        """Bytes of the line, or a message. Raises :class:`Closed`."""
        try:
            frame = await self._socket.recv()
        except ConnectionClosed as closed:
            raise Closed(closed.rcvd.code if closed.rcvd is not None else _ABNORMAL) from None
        if isinstance(frame, bytes):
            return frame
        message: dict[str, Any] = orjson.loads(frame)
        return message

    async def type(self, data: bytes) -> None:
        """Type on the line. Raises :class:`Closed`."""
        await self._send(data)

    async def say(self, kind: str, **more: Any) -> None:
        """Say something to the service. Raises :class:`Closed`."""
        await self._send(orjson.dumps({"type": kind, **more}).decode())

    async def _send(self, frame: bytes | str) -> None:
        try:
            await self._socket.send(frame)
        except ConnectionClosed as closed:
            raise Closed(closed.rcvd.code if closed.rcvd is not None else _ABNORMAL) from None


@contextlib.asynccontextmanager
async def open_stream(endpoint: Endpoint, node: str, *, slot: str = "") -> AsyncIterator[ConsoleStream]:
    """The console of a node, or of the machine in a slot of it.

    Raises :class:`~pointsman.problems.ServiceAway`, ``ServiceRefused``.
    """
    query = f"?slot={quote(slot, safe='')}" if slot else ""
    socket = await _connect(endpoint, f"/v1/nodes/{quote(node, safe='')}/console{query}")
    try:
        yield ConsoleStream(socket)
    finally:
        await socket.close()


async def _connect(endpoint: Endpoint, path: str) -> ClientConnection:
    options: dict[str, Any] = {"open_timeout": _OPEN_S, "close_timeout": 1.0, "max_size": 1 << 22, "compression": None}
    if endpoint.token:
        options["additional_headers"] = {"authorization": f"Bearer {endpoint.token}"}
    socket_path = endpoint.url.removeprefix("unix:")
    if endpoint.url.startswith("https:"):
        options["ssl"] = authorities(endpoint)
    try:
        if socket_path != endpoint.url:
            return await unix_connect(socket_path, f"ws://pointsman{path}", **options)
        return await connect("ws" + endpoint.url.removeprefix("http") + path, **options)
    except InvalidStatus as refused:
        raise _refused(refused) from None
    except (WebSocketException, OSError, TimeoutError) as error:
        fault = fault_of(error, authority="--ca-file")
        if fault is not None:
            raise ServiceAway(f"cannot talk to the service at {endpoint.url}: {fault}") from None
        why = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise ServiceAway(
            f"cannot reach the service at {endpoint.url}: {why}: "
            "start it with `pointsman serve`, or name another with --service"
        ) from None


def _refused(refused: InvalidStatus) -> PointsmanError:
    status = refused.response.status_code
    try:
        problem = orjson.loads(refused.response.body or b"")
        detail = str(problem["detail"])
    except (orjson.JSONDecodeError, KeyError, TypeError):
        sentence = f"the service answered {status} to a WebSocket: is there a proxy that does not pass them on?"
        return ServiceRefused(sentence, slug="", status=status)
    slug = str(problem.get("type", "")).rsplit("/", 1)[-1]
    return ServiceRefused(safe(detail), slug=slug, status=status, more=problem)
