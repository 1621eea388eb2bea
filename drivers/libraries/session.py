"""A library's handle on a device (a connection of netmiko, a driver of NAPALM), open over many calls.

It is opened when it is first used: a stream of ours, the login on it, a bridge, and then what the library does to make
itself ready, in a thread. A session that is in doubt (a call that failed in any way, a cancelled caller) closes its
stream, and the next call opens a new one.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from typing import Final, Generic, TypeVar

from device_profiles.cli import Cli
from drivers.cli.grammar import grammar_of
from drivers.cli.login import enter
from drivers.cli.talk import Talk
from drivers.contract import ByteStream
from drivers.credentials import Login
from drivers.errors import DeviceError, Unreachable
from drivers.giving_way import GivingWay
from drivers.libraries.bridge import Bridge
from drivers.libraries.failures import mapped
from drivers.libraries.pool import Pool
from drivers.session import StreamFactory

H = TypeVar("H")
T = TypeVar("T")
_OPENING: Final = 3.0
"""Opening takes many commands: so many times what one may take."""
_GOODBYE_S: Final = 1.0


class LibrarySession(Generic[H]):
    """Calls of one library to one device. Safe to use from several tasks: calls wait for each other.

    ``prepare`` makes the handle, in a thread; ``cli`` says how a line asks for a login, where it asks. ``waited_s`` is
    all the time that calls took; ``opened`` is how many sessions were opened on the device.
    """

    def __init__(
        self,
        stream_factory: StreamFactory,
        *,
        prepare: Callable[[Bridge, Login], H],
        cli: Cli,
        timeout_s: float,
        login: Login,
        pool: Pool,
    ) -> None:
        self._open = stream_factory
        self._prepare = prepare
        self._cli = cli
        self._grammar = grammar_of(cli)
        self._timeout_s = timeout_s
        self._login = login
        self._pool = pool
        self._lock = asyncio.Lock()
        self._way = GivingWay(self._lock, self._leave)
        self._stream: ByteStream | None = None
        self._bridge: Bridge | None = None
        self.handle: H | None = None
        self.waited_s = 0.0
        self.opened = 0

    async def call(self, work: Callable[[H], T], *, doing: str) -> T:
        """What ``work`` gives, called in a thread with the handle.

        Raises only :class:`~drivers.errors.DeviceError`: what the library raises is mapped. A caller that is cancelled
        meanwhile leaves a closed stream.
        """
        async with self._lock:
            started = time.monotonic()
            if self._way.is_over:
                await self._drop()  # somebody took the line over while nothing was asked
            try:
                handle = self.handle if self.handle is not None else await self._fresh()
                return await self._within(lambda: work(handle), doing=doing, timeout_s=self._timeout_s)
            except BaseException:
                await self._drop()
                raise
            finally:
                self._way.used()
                self.waited_s += time.monotonic() - started

    async def close(self) -> None:
        """Log out of a line, and close the stream. Never raises; a later call opens one."""
        await self._way.stop()
        if self._lock.locked():
            await self._drop()
        else:
            await self._leave()

    async def _leave(self) -> None:
        """Log out of a line, which stays, and let the stream go."""
        if self._stream is not None and self._login.line and self._cli.logout:
            with contextlib.suppress(DeviceError, TimeoutError):
                async with asyncio.timeout(_GOODBYE_S):
                    await self._stream.send((self._cli.logout + self._cli.login.enter).encode())
        await self._drop()

    async def _fresh(self) -> H:
        limit_s = _OPENING * self._timeout_s
        try:
            async with asyncio.timeout(limit_s):
                stream = await self._entered(await self._open())
        except TimeoutError:
            raise Unreachable(f"no answer to the login in {limit_s:g} s") from None
        self._stream, self._bridge = stream, Bridge(stream)
        bridge = self._bridge
        self.opened += 1
        self.handle = await self._within(
            lambda: self._prepare(bridge, self._login), doing="opening a session", timeout_s=limit_s
        )
        self._way.watch(stream)
        return self.handle

    async def _entered(self, stream: ByteStream) -> ByteStream:
        """The stream behind the login, where the line asks for one: a password is said once, and by our rules."""
        if self._login.asked:
            try:
                talk = Talk(stream, self._grammar, bytes_per_s=self._login.bytes_per_s, line=self._login.line)
                await enter(talk, self._login)
            except BaseException:
                await stream.close()
                raise
        return stream

    async def _within(self, work: Callable[[], T], *, doing: str, timeout_s: float) -> T:
        bridge = self._bridge
        if bridge is None:
            raise Unreachable("the session was closed")

        def guarded() -> T:
            with mapped(self._pool.library, doing=doing, bridge=bridge, secrets=self._login.texts):
                return work()

        return await self._pool.call(guarded, device=self, timeout_s=timeout_s, cut=bridge.close, doing=doing)

    async def _drop(self) -> None:
        bridge, self._bridge = self._bridge, None
        self.handle = self._stream = None
        if bridge is not None:
            await bridge.close()
