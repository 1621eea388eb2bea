"""Serial over LAN by IPMI as a line (``sol+ipmi://admin@192.0.2.1``): a machine's serial port, behind its controller.

The session is that of :mod:`drivers.transports.ipmi`, in the watched child process; what travels on it is acknowledged
there. A controller has one serial line, for one session at a time. Whoever has it keeps it: it is never taken from
them, and where the controller tells who they are, that is said. When the line is closed it is given back, since some
controllers keep a dead session's for a minute.

Speed and framing of the port are the controller's own settings. Characters that come are kept until they are read, up
to a bound; a line that speaks beyond it is lost.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from dataclasses import replace
from ipaddress import IPv4Address
from typing import Any, Final

from device_profiles.names import printable
from drivers.access import Access
from drivers.credentials import Credential
from drivers.errors import AuthFailed, DeviceError, Garbled, LineBusy, SecretRefused, Unreachable, Unsupported
from drivers.ipmi.messages import Code, NetFn, Request, refused, try_to_ask, whole
from drivers.line.endpoint import opening
from drivers.line.sol_proofs import pinned
from drivers.transports.ipmi import Connection, connect

_MOST_UNREAD_BYTES: Final = 1 << 20
_HEAD_BYTES: Final = 4
_MOST_AT_ONCE: Final = 200
"""More than a line of a terminal is seldom sent, and some controllers take less than they say."""
_FEW: Final = 16
"""What is sent at once where the controller does not say how much it takes."""
_LEAVING_S: Final = 2.0
_PORT: Final = 623
_OURS: Final = frozenset({"login", "user", "baud"})
"""Options of a line that are none of IPMI's."""
_ACTIVATE, _DEACTIVATE, _WHOSE, _SESSION, _USER = 0x48, 0x49, 0x4B, 0x3D, 0x46
_SERIAL_1: Final = b"\x01\x01"
"""The payload serial over LAN, and its first instance (table 24-2)."""
_SEALED: Final = 0xC0
"""Encrypted and authenticated, as the session is."""
_TAKEN, _DISABLED, _TOO_MANY, _NO_ENCRYPTION = 0x80, 0x81, 0x82, 0x83
_NONE: Final = (Unsupported, "it has no serial-over-LAN")
_REFUSALS: Final[Mapping[int, tuple[type[DeviceError], str]]] = {
    _DISABLED: (
        Unsupported,
        (
            "serial-over-LAN is switched off there: `ipmitool sol set enabled true`, and `ipmitool sol payload enable` "
            "for this user, switch it on"
        ),
    ),
    _TOO_MANY: (LineBusy, "it carries no more serial lines at once: wait until one is given back"),
    _NO_ENCRYPTION: (Unsupported, "it carries the line without encryption only, and a password may be on it"),
    Code.INVALID_COMMAND: _NONE,
    Code.NOT_PRESENT: _NONE,
    Code.PRIVILEGE: (AuthFailed, "this user may not use its serial-over-LAN: `ipmitool sol payload enable`"),
}
"""What is told of the codes with which a controller does not give its line."""


def with_secret(access: Access) -> Credential:
    """The secret of the controller. Raises ``SecretRefused`` where nobody named it."""
    if access.secret is None:
        raise SecretRefused(f"{access}: name the controller's secret: ?login=file:NAME, or the node's credentials")
    return access.secret


def for_line(access: Access, credential: Credential | None) -> Access:
    """The access with the secret of its controller: its own (``?login=``), or else the node's."""
    return access if access.secret is not None else replace(access, secret=credential)


class SolPort:
    """A :class:`drivers.line.endpoint.Endpoint` over a session with a controller. Call :meth:`begin` first."""

    speed: int | None = None

    def __init__(self, connection: Connection, access: Access) -> None:
        self._connection = connection
        self._name = str(access)
        self._port = access.port
        self._came = bytearray()
        self._wake = asyncio.Event()
        self._error: DeviceError | None = None
        self._is_active = False
        self.proof = connection.identity
        """The controller's GUID, as its login proved it."""

    async def begin(self) -> None:
        """Have the controller give us the line. Raises ``LineBusy``, ``Unsupported``, ``AuthFailed``."""
        request = _asking(_ACTIVATE, _SERIAL_1 + bytes((_SEALED, 0, 0, 0)), "opening")
        answer = await self._connection.exchange(request)
        if answer.code == _TAKEN:
            raise LineBusy(f"{self._name}: its serial-over-LAN is in use{await self._by_whom()}: wait, or ask them")
        if (refusal := _REFUSALS.get(answer.code)) is not None:
            kind, sentence = refusal
            raise kind(f"{self._name}: {sentence}")
        if answer.code != Code.OK:
            refused(request, answer.code)
        data = whole(request, answer.data, 10)
        self._is_active = True
        _usual_port(self._name, data[8:10], self._port)
        takes = int.from_bytes(data[4:6], "little") - _HEAD_BYTES
        await self._connection.attach(self._hear, most=min(takes, _MOST_AT_ONCE) if takes > 0 else _FEW)

    async def _by_whom(self) -> str:
        """Who has the line, as far as the controller tells (sections 24.4, 22.20, 22.29): a user, an address."""
        with contextlib.suppress(DeviceError):
            session = await self._told(_WHOSE, _SERIAL_1, least=4)
            if not any(session[:4]):
                return ""
            found = await self._told(_SESSION, b"\xff" + session[:4], least=6)
            if not found:
                return ""
            named = await self._told(_USER, bytes((found[3] & 0x3F,)))
            user = printable(named.split(b"\0")[0].decode("latin-1"), most=16)
            where = f" from {IPv4Address(found[6:10])}" if len(found) >= 10 and any(found[6:10]) else ""
            return f" by {user or 'user number ' + str(found[3] & 0x3F)}{where}"
        return ""

    async def _told(self, command: int, data: bytes, *, least: int = 0) -> bytes:
        """What the controller answers; nothing where it does not know, or knows less."""
        return await try_to_ask(self._connection, _asking(command, data, "asking who has"), least=least) or b""

    def _hear(self, news: dict[str, Any]) -> None:
        """What the child tells of the line."""
        if "lost" in news:
            self._error = self._error or Unreachable(f"the line {self._name} was lost: {news['lost']}")
        elif len(self._came) > _MOST_UNREAD_BYTES:
            self._error = self._error or Garbled(f"the line {self._name} speaks without end")
        else:
            self._came += bytes.fromhex(news["heard"])
        self._wake.set()

    async def read(self) -> bytes:
        """The next characters. Raises ``Unreachable`` when the line is lost."""
        while not self._came:
            if self._error is not None:
                raise self._error
            self._wake.clear()
            await self._wake.wait()
        data = bytes(self._came)
        self._came.clear()
        return data

    async def write(self, data: bytes) -> None:
        """Send characters; returns when the controller has taken them."""
        await self._connection.say(data)

    async def set_speed(self, baud: int) -> None:
        """Refused: it is a setting of the controller."""
        raise Unsupported(f"the speed of {self._name} is a setting of its controller: {baud} baud is set there")

    async def send_break(self, seconds: float) -> None:
        """A break, as long as the controller makes it."""
        del seconds
        await self._connection.say(b"")

    async def close(self) -> None:
        """Give the line back, and log out. Never raises."""
        if self._is_active and self._error is None and not self._connection.closed:
            self._is_active = False
            request = _asking(_DEACTIVATE, _SERIAL_1 + bytes(4), "giving back")
            with contextlib.suppress(DeviceError, TimeoutError):
                async with asyncio.timeout(_LEAVING_S):
                    await self._connection.exchange(request)
        await self._connection.close()


def _asking(command: int, data: bytes, doing: str) -> Request:
    return Request(NetFn.APP, command, data, f"{doing} its serial-over-LAN")


def _usual_port(name: str, told: bytes, port: int) -> None:
    """A line at another port than the session is not spoken. The port has been seen in both orders of bytes."""
    found = {int.from_bytes(told, "little"), int.from_bytes(told, "big")}
    if not found & {0, port, _PORT}:
        raise Unsupported(f"{name}: its serial-over-LAN is at another port, {min(found)}: set it to {_PORT}")


async def open_sol(access: Access, timeout_s: float) -> SolPort:
    """The serial line of the machine behind a controller.

    ``access.secret`` logs in there, and its GUID is held against ``access.pin`` before. Raises what
    :func:`drivers.transports.open_connection` says, and ``LineBusy``.
    """
    options = tuple((name, value) for name, value in access.options if name not in _OURS)
    ipmi = replace(access, scheme="ipmi", options=options)
    pin = pinned(access.pin, "GUID")
    connection = await connect(ipmi, credential=with_secret(access), pin=pin, timeout_s=timeout_s)
    port = SolPort(connection, access)
    try:
        async with opening(port), asyncio.timeout(timeout_s):
            await port.begin()
    except TimeoutError:
        raise Unreachable(f"{access}: its serial-over-LAN did not open within {timeout_s:g} s") from None
    return port
