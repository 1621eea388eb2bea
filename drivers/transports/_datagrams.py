"""Requests and answers in datagrams: one after the other, sent again when nothing comes, not faster than allowed."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from device_profiles.names import printable
from drivers.access import Access
from drivers.errors import Garbled, Unreachable, Unsupported
from drivers.sending import may_send
from drivers.snmp.ber import Malformed

T = TypeVar("T")
_HIGHEST_NUMBER: Final = 2**31 - 1
_TRIES: Final = 3
_SHARE: Final = 5
"""One try may take this part of the time that a connection may take to open."""
OPTIONS: Final = ("timeout", "tries", "rate")


@dataclass(frozen=True, slots=True, kw_only=True)
class Manners:
    """How a device is asked: how long an answer is awaited, how often a request is sent, how many a second (0: any)."""

    timeout_s: float
    tries: int = _TRIES
    rate_per_s: float = 0.0


def manners_of(access: Access, *, timeout_s: float) -> Manners:
    """What the access says (``?timeout=1&tries=2&rate=20``). Raises :class:`~drivers.errors.Unsupported`."""
    said = dict(access.options)
    try:
        found = Manners(
            timeout_s=float(said.get("timeout", timeout_s / _SHARE)),
            tries=int(said.get("tries", _TRIES)),
            rate_per_s=float(said.get("rate", 0)),
        )
    except ValueError:
        raise Unsupported(f"{access}: timeout, tries and rate are numbers") from None
    if not (0 < found.timeout_s <= 60 and 0 < found.tries <= 10 and found.rate_per_s >= 0):
        raise Unsupported(f"{access}: timeout is up to 60 s, tries are 1 to 10, rate is not negative")
    return found


def only(access: Access, *known: str) -> dict[str, str]:
    """The options of an access. Raises :class:`~drivers.errors.Unsupported` for one that nobody knows."""
    said = dict(access.options)
    unknown = sorted(set(said) - {*OPTIONS, *known})
    if unknown:
        raise Unsupported(f"{access}: there is no option {printable(unknown[0], most=40)}")
    return said


class Pace:
    """So many a second and no more; 0 is any number."""

    def __init__(self, rate_per_s: float) -> None:
        self._rate_per_s = rate_per_s
        self._next_at = 0.0

    async def turn(self) -> None:
        """Come back when the next may be sent."""
        if not self._rate_per_s:
            return
        loop = asyncio.get_running_loop()
        wait_s = self._next_at - loop.time()
        self._next_at = max(self._next_at, loop.time()) + 1 / self._rate_per_s
        if wait_s > 0:
            await asyncio.sleep(wait_s)


class _Socket(asyncio.DatagramProtocol):
    """The datagrams of one device, given to whoever waits."""

    def __init__(self) -> None:
        self.heard: Callable[[bytes], None] = lambda _: None
        self.failed: Callable[[Exception], None] = lambda _: None

    def datagram_received(self, data: bytes, addr: tuple[Any, ...]) -> None:
        """Connected: only datagrams of the device's own address come."""
        del addr
        self.heard(data)

    def error_received(self, exc: Exception) -> None:
        """A refusal of the network."""
        self.failed(exc)


class Datagrams:
    """One device's datagrams. ``ask`` is called by one at a time; others wait."""

    def __init__(self, access: Access, manners: Manners, transport: asyncio.DatagramTransport, ears: _Socket) -> None:
        self._access = access
        self._manners = manners
        self._transport = transport
        self._ears = ears
        self._turn = asyncio.Lock()
        self._number = random.randrange(_HIGHEST_NUMBER)  # noqa: S311 -- no secret, only another one each time
        self._pace = Pace(manners.rate_per_s)

    @property
    def closed(self) -> bool:
        """Whether the socket is gone."""
        return self._transport.is_closing()

    def number(self) -> int:
        """The number of a new request."""
        self._number = self._number % _HIGHEST_NUMBER + 1
        return self._number

    async def ask(self, data: bytes, take: Callable[[bytes], T | None]) -> T:
        """Send until an answer comes. ``take`` makes one of a datagram: None where it is not the one awaited.

        Raises ``Unreachable`` where none comes, ``Garbled`` for one that is no message.
        """
        async with self._turn:
            for _ in range(self._manners.tries):
                await self._pace.turn()
                try:
                    async with asyncio.timeout(self._manners.timeout_s):
                        return await self._once(data, take)
                except TimeoutError:
                    continue
        raise Unreachable(
            f"{self._access} did not answer {self._manners.tries} requests within {self._manners.timeout_s:g} s each"
        )

    async def _once(self, data: bytes, take: Callable[[bytes], T | None]) -> T:
        if self.closed:
            raise Unreachable(f"the connection to {self._access} was closed")
        waiting: asyncio.Future[T] = asyncio.get_running_loop().create_future()

        def heard(came: bytes) -> None:
            try:
                found = take(came)
            except Malformed as error:
                _fail(waiting, Garbled(f"{self._access}: the answer is no SNMP message: {error}"))
                return
            if found is not None and not waiting.done():
                waiting.set_result(found)

        self._ears.heard = heard
        self._ears.failed = lambda error: _fail(waiting, _lost(self._access, error))
        may_send()
        self._transport.sendto(data)
        try:
            return await waiting
        finally:
            self._ears.heard, self._ears.failed = lambda _: None, lambda _: None

    def close(self) -> None:
        """Close the socket."""
        self._transport.abort()


def _fail(waiting: asyncio.Future[T], error: Exception) -> None:
    if not waiting.done():
        waiting.set_exception(error)


def _lost(access: Access, error: Exception) -> Unreachable:
    text = error.strerror if isinstance(error, OSError) else ""
    return Unreachable(f"{access}: {printable(text or str(error))}")


async def dial(access: Access, manners: Manners) -> Datagrams:
    """A socket that is connected to the device. Raises ``Unreachable``."""
    loop = asyncio.get_running_loop()
    try:
        transport, ears = await loop.create_datagram_endpoint(_Socket, remote_addr=(access.host, access.port))
    except OSError as error:
        raise _lost(access, error) from None
    return Datagrams(access, manners, transport, ears)
