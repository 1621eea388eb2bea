"""IPMI over LAN (RMCP+, IPMI v2.0): sessions in a child process, deadlines kept by our loop.

The credential is ``user:password``, or the password alone where the access names the user (``ipmi://admin@192.0.2.1``).
The login is by cipher suite 17 (SHA-256) where the controller has it, else by 3 (SHA-1); the access may say which
(``?cipher=3``), how long an answer may take (``?timeout=10``), and in which order the controller has the bytes of its
GUID (``?guid=smbios``, ``rfc4122`` or ``ipmi``), which is otherwise told by its version. The GUID is shown in the
login, before anything that was made with the password is sent, and is what a pin is held against.
"""

from __future__ import annotations

import asyncio
import itertools
import socket
from collections.abc import Callable
from typing import Any, Final

from drivers.access import Access
from drivers.contract import ByteStream
from drivers.credentials import Credential
from drivers.errors import AuthFailed, DeviceError, SecretRefused, Unreachable, Unsupported, WrongDevice
from drivers.ipmi.children import Address, Child, Failed, children
from drivers.ipmi.guid import ORDERS, bytes_of, uuid_of
from drivers.ipmi.messages import Answer, Request
from drivers.sending import may_send

_CIPHERS: Final = {"3": 3, "17": 17}
_ANSWER_S: Final = 10.0
_LONGEST_PASSWORD: Final = 20
"""More is cut off by a controller, or refused (IPMI v2.0, section 22.30)."""
_NUMBERS: Final = itertools.count(1)


class Connection:
    """A session with a controller (:class:`drivers.contract.Connection`, :class:`~drivers.ipmi.messages.Commanded`)."""

    def __init__(self, access: Access, child: Child, address: Address, *, answer_s: float) -> None:
        self._access = access
        self._child = child
        self._address = address
        self._answer_s = answer_s
        self._number = next(_NUMBERS)
        self._is_lost = False
        self._is_closed = False
        self.identity = ""

    @property
    def closed(self) -> bool:
        """Whether the session is gone."""
        return self._is_lost or self._is_closed or self._child.is_dead

    async def log_in(self, user: str, password: str, *, pin: str | None, timeout_s: float) -> None:
        """Log in. Raises ``AuthFailed``, ``WrongDevice``, ``Busy``, ``Unreachable``."""
        order = self._access.option("guid")
        host, port = self._address
        suite = _CIPHERS.get(self._access.option("cipher"))
        pins = [each.hex() for each in bytes_of(pin, order)] if pin else []
        line = {"address": host, "port": port, "user": user, "password": password, "pins": pins, "suite": suite}
        answer = await self._ask(timeout_s, do="open", **line)
        guid = bytes.fromhex(answer["guid"])
        # A pin that is a UUID tells the order of the bytes as well; that it is this one the child has seen to.
        self.identity = pin if pin and pins else uuid_of(guid, order)
        if pin and not pins:
            shown = self.identity
            raise WrongDevice(f"{self._access} shows {shown or 'no GUID'}, and shall show {pin}", shown=shown)

    async def exchange(self, request: Request) -> Answer:
        """One request and its answer (see :class:`~drivers.ipmi.messages.Commanded`)."""
        may_send()
        if self.closed:
            raise Unreachable(f"{self._access}: the session was lost")
        answer = await self._ask(
            self._answer_s,
            do="ask",
            netfn=int(request.netfn),
            command=request.command,
            data=request.data.hex(),
            resend_s=request.resend_s,
        )
        return Answer(answer["code"], bytes.fromhex(answer["data"]))

    async def _ask(self, timeout_s: float, **line: Any) -> dict[str, Any]:
        try:
            return await self._child.ask(timeout_s, bmc=self._number, **line)
        except Failed as failed:
            self._is_lost = True
            raise self._error(failed) from None
        except Unreachable as error:
            self._is_lost = True
            raise Unreachable(f"{self._access}: {error}") from None

    def _error(self, failed: Failed) -> DeviceError:
        if failed.kind is WrongDevice:
            shown = uuid_of(failed.guid, self._access.option("guid"))
            return WrongDevice(f"{self._access} shows {shown or 'no GUID'}, and another is pinned", shown=shown)
        if failed.kind is AuthFailed:
            return AuthFailed(f"{self._access} refuses the login: check the user, and credentials ({failed})")
        if failed.kind is Unreachable and str(failed) == "timeout":
            return Unreachable(f"{self._access} does not answer")
        return failed.kind(f"{self._access}: {failed}")

    async def attach(self, hear: Callable[[dict[str, Any]], None], *, most: int) -> None:
        """From here on the session carries the machine's serial line, which was activated.

        ``hear`` is called with ``heard``, characters in hex, and with ``lost``, a reason. The controller takes ``most``
        characters at once.
        """
        self._child.listen(self._number, hear)
        await self._ask(self._answer_s, do="attach", most=most)

    async def say(self, data: bytes) -> None:
        """Send characters on the serial line; nothing is a break. Returns when the controller has taken them."""
        may_send()
        if self.closed:
            raise Unreachable(f"{self._access}: the session was lost")
        await self._ask(self._answer_s, do="say", data=data.hex())

    async def stream(self, command: str) -> ByteStream:
        """Refused: a controller has no command line here."""
        del command
        raise Unsupported(f"{self._access} has no command line: IPMI asks and answers")

    async def close(self) -> None:
        """Log out. Never raises."""
        if not self._is_closed:
            self._is_closed = True
            self._child.listen(self._number, None)
            self._child.tell(do="close", bmc=self._number)
            await children().give_back(self._child, self._address)


async def connect(access: Access, *, credential: Credential | None, pin: str | None, timeout_s: float) -> Connection:
    """Log in to a controller. Raises what :func:`drivers.transports.open_connection` says."""
    _check(access)
    user, password = _who(access, credential)
    address = await _resolve(access, timeout_s)
    child = await children().take(address)
    connection = Connection(access, child, address, answer_s=_seconds(access))
    try:
        await connection.log_in(user, password, pin=pin, timeout_s=timeout_s)
    except BaseException:
        await connection.close()
        raise
    return connection


def _check(access: Access) -> None:
    for name, value in access.options:
        known = {"cipher": value in _CIPHERS, "guid": value in ORDERS, "timeout": value.replace(".", "", 1).isdecimal()}
        if not known.get(name, False):
            raise Unsupported(f"{access}: an option is cipher=3 or 17, guid=smbios, rfc4122 or ipmi, or timeout=10")


def _seconds(access: Access) -> float:
    return float(access.option("timeout") or _ANSWER_S) or _ANSWER_S


def _who(access: Access, credential: Credential | None) -> tuple[str, str]:
    """The user and the password. Raises ``SecretRefused``."""
    if credential is None:
        raise SecretRefused(f"{access}: name the user and the password in credentials, as user:password")
    user, password = access.user, credential.password
    if not user and ":" in password:
        user, _, password = password.partition(":")
    if len(password.encode()) > _LONGEST_PASSWORD:
        raise SecretRefused(f"{access}: a password of IPMI has {_LONGEST_PASSWORD} bytes at most")
    return user, password


async def _resolve(access: Access, timeout_s: float) -> Address:
    """The address of a name: looked up here, since the child must not wait for it."""
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(timeout_s):
            found = await loop.getaddrinfo(access.host, access.port, type=socket.SOCK_DGRAM)
    except (OSError, TimeoutError):
        raise Unreachable(f"{access}: there is no address for this name") from None
    return str(found[0][4][0]), access.port
