"""How devices are reached, and how many at a time: what opens one, and the turnstile before it."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol

from agents.clock import Clock
from device_profiles.profile import Profile
from drivers.access import Access
from drivers.contract import Connection, Driver
from drivers.credentials import Credential


class OpenDriver(Protocol):
    """How a device is reached: a connection, and the driver that its profile names over it."""

    async def __call__(
        self, access: Access, *, profile: Profile, credential: Credential | None, pin: str | None
    ) -> tuple[Driver, Connection]:
        """Open both. Raises :class:`~drivers.errors.DeviceError`; leaves nothing open then."""


async def open_by_registry(
    access: Access, *, profile: Profile, credential: Credential | None, pin: str | None
) -> tuple[Driver, Connection]:
    """Open a device by its scheme and its profile's driver."""
    from drivers.registry import driver_class  # noqa: PLC0415 -- not paid for where a test brings its own devices
    from drivers.transports import open_connection  # noqa: PLC0415 -- likewise

    driver = driver_class(profile.driver)
    connection = await open_connection(access, credential=credential, pin=pin, timeout_s=profile.connect_timeout_s)
    return driver(connection, profile), connection


class Turnstile:
    """Lets a few connect at a time, so that hundreds of handshakes at once do not run each other out of time.

    A place is given back after ``hold_s`` even without an answer: devices that hang delay no others for long.
    """

    def __init__(self, clock: Clock, *, places: int = 24, hold_s: float = 1.0) -> None:
        self._clock = clock
        self._free = places
        self._hold_s = hold_s
        self._waiting: deque[asyncio.Future[None]] = deque()

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """Wait for a place."""
        if self._free == 0:
            waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.append(waiter)
            try:
                await waiter
            except asyncio.CancelledError:
                if waiter.done() and not waiter.cancelled():
                    self._give()
                raise
        else:
            self._free -= 1
        given = False

        def give_once() -> None:
            nonlocal given
            if not given:
                given = True
                self._give()

        timer = self._clock.call_later(self._hold_s, give_once)
        try:
            yield
        finally:
            timer.cancel()
            give_once()

    def _give(self) -> None:
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(None)
                return
        self._free += 1
