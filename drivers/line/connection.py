"""A device at the far end of a line, as every driver is given one.

A stream is a hold of the line: it begins before the login, and lets the line go when it is closed. The line itself
stays open while anybody has it (a person at its console, say) and is closed, as a plug is pulled, when the last one
leaves.
"""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final, Protocol

from drivers.access import Access
from drivers.cli.line import BITS_PER_BYTE
from drivers.contract import ByteStream
from drivers.credentials import Credential, Login
from drivers.errors import Unreachable, Unsupported, WrongDevice
from drivers.line.holding import Held, Holder
from drivers.line.line import Line
from drivers.line.ports import line_name
from drivers.line.served_access import is_served
from drivers.line.shared import Borrowed, borrow, speed_of

AUTOMATION: Final = Holder("the agent")
"""How passes are called to people who wait for the line."""
_PATIENCE: Final = 0.5
"""How much of the time to connect is spent waiting for somebody else to let the line go."""


class LineEnded(Unreachable):
    """The line was lost before it was ours."""


class Has(Protocol):
    """A line that somebody has (see :class:`drivers.line.shared.Borrowed`)."""

    @property
    def line(self) -> Line:
        """The line."""

    async def give_back(self) -> None:
        """Have it no more. Never raises."""


class LineStream:
    """A hold of a line (see :class:`drivers.contract.ByteStream`, and :class:`drivers.giving_way.Shared`)."""

    def __init__(self, has: Has, held: Held) -> None:
        self._has = has
        self._held = held
        self.send = held.send
        self.receive = held.receive

    @property
    def closed(self) -> bool:
        """Whether the hold is over: closed, taken over, or the line was lost."""
        return self._held.closed

    def on_wanted(self, call: Callable[[Holder], None]) -> None:
        """Have ``call`` called when somebody waits for the line."""
        self._held.on_wanted(call)

    async def close(self) -> None:
        """Let the line go."""
        await self._held.close()
        await self._has.give_back()


class LineConnection:
    """A device on a line (see :class:`drivers.contract.Connection`).

    ``first`` is the line, open; ``again`` gets it anew for a stream after the first.
    """

    def __init__(self, login: Login, *, first: Has, again: Callable[[], Awaitable[Has]], wait_s: float) -> None:
        self._first: Has | None = first
        self._again = again
        self._wait_s = wait_s
        self._streams: list[LineStream] = []
        self._closed = False
        self.login = login
        self.identity = first.line.name
        """Which line it is: more a line cannot prove."""

    @property
    def closed(self) -> bool:
        """Whether the connection is gone: closed, or the line was lost before anybody used it."""
        return self._closed or (self._first is not None and self._first.line.closed)

    async def stream(self, command: str) -> ByteStream:
        """A hold of the line. Raises ``Unsupported`` for a command, ``LineBusy`` where somebody else holds the line."""
        if command:
            raise Unsupported(f"the line {self.identity} runs no command without a login: use ssh:// for this")
        if self._closed:
            raise Unreachable(f"the connection to {self.identity} was closed")
        try:
            stream = await self._hold()
        except LineEnded:
            stream = await self._hold()  # it ended with the session of whom we waited for, and is opened anew
        self._streams = [each for each in self._streams if not each.closed]
        self._streams.append(stream)
        return stream

    async def _hold(self) -> LineStream:
        has, self._first = self._first, None
        if has is None:
            has = await self._again()
        try:
            return LineStream(has, await has.line.acquire(AUTOMATION, wait_s=self._wait_s))
        except BaseException as error:
            await has.give_back()
            if isinstance(error, Unreachable) and has.line.closed:
                raise LineEnded(str(error)) from None
            raise

    async def close(self) -> None:
        """Let the line go."""
        self._closed = True
        if self._first is not None:
            await self._first.give_back()
        for stream in self._streams:
            await stream.close()


def device_user(access: Access) -> str:
    """Who we are on the device; a line whose own box asks has that one's user before the host."""
    return access.option("user") or ("" if has_own_box(access) else access.user)


def has_own_box(access: Access) -> bool:
    """Whether a line's user and ``login`` are for what serves it."""
    return is_served(access) or bool(access.option("login"))


async def connect(
    access: Access, *, credential: Credential | None, pin: str | None, timeout_s: float
) -> LineConnection:
    """A connection over the line at ``access``, which is opened unless somebody has it open.

    What a line proves about its far end is which line it is, so another one than ``pin`` is not even opened. Raises
    what :func:`drivers.transports.open_connection` says.
    """
    name = await asyncio.to_thread(line_name, access)
    if pin is not None and pin != name:
        raise WrongDevice(f"{access} is the line {name}, and shall be {pin}", shown=name)
    first = await borrow(access, timeout_s=timeout_s)
    return over(first, access, user=device_user(access), secret=credential, timeout_s=timeout_s)


def over(first: Borrowed, access: Access, *, user: str, secret: Credential | None, timeout_s: float) -> LineConnection:
    """A connection to the device at the far end of a borrowed line; ``user`` and ``secret`` are the device's."""
    speed = first.line.speed or speed_of(access)
    login = Login(user=user, secret=secret, asked=True, line=True)
    if speed:
        login = dataclasses.replace(login, bytes_per_s=speed / BITS_PER_BYTE)
    again = partial(borrow, access, timeout_s=timeout_s)
    return LineConnection(login, first=first, again=again, wait_s=timeout_s * _PATIENCE)
