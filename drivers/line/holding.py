"""Who may use a line: one holder at a time, people before automation.

A holder is asked to make way by a call that it left with its hold (:meth:`Held.on_wanted`); a session of automation
does so between two rows of commands, when it has logged out. A holder that does not is waited for, as long as the one
who wants the line likes. Taking the line over asks nobody: the holder's stream ends at its next send or receive.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from drivers.errors import DeviceError, Garbled, Unreachable
from drivers.sending import may_send

MOST_UNREAD_BYTES: Final = 8 << 20


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a line, as others are told. ``person``: somebody at a keyboard, for whom automation waits."""

    name: str
    person: bool = False


class Held:
    """A :class:`drivers.contract.ByteStream` over a line, from the hold of it to its end.

    What came before the hold is not in it, but for the greeting of a line whose far end has one
    (:class:`drivers.line.endpoint.Greeting`). ``close`` gives the line to the next who waits.
    """

    def __init__(
        self, who: Holder, write: Callable[[bytes, Held], Awaitable[None]], release: Callable[[Held], None]
    ) -> None:
        self.who = who
        self._write = write
        self._release = release
        self._came = bytearray()
        self._wake = asyncio.Event()
        self._error: DeviceError | None = None
        self._closed = False
        self._wanted_by: Holder | None = None
        self._on_wanted: Callable[[Holder], None] | None = None

    @property
    def closed(self) -> bool:
        """Whether this hold is over: closed, taken over, or the line was lost."""
        return self._closed or self._error is not None

    def on_wanted(self, call: Callable[[Holder], None]) -> None:
        """Have ``call`` called when somebody waits for the line: at once, if somebody does already."""
        self._on_wanted = call
        if self._wanted_by is not None and not self.closed:
            call(self._wanted_by)

    async def send(self, data: bytes) -> None:
        """Send all of ``data``. Raises ``Unreachable`` where the line was taken over, or lost."""
        self.check()
        may_send()
        await self._write(data, self)

    async def receive(self) -> bytes:
        """The next bytes, at least one. Raises ``Unreachable`` where the line was taken over, or lost.

        The last words of a line that was lost are given out first: they may say why.
        """
        while not self._came:
            self.check()
            self._wake.clear()
            await self._wake.wait()
        data = bytes(self._came)
        self._came.clear()
        return data

    async def close(self) -> None:
        """Let the line go. Never raises."""
        if not self._closed:
            self._closed = True
            self._came.clear()
            self._wake.set()
            self._release(self)

    def check(self) -> None:
        """Raise where the hold is over."""
        if self._error is not None:
            raise self._error
        if self._closed:
            raise Unreachable("the line was let go")

    # What the line does with its holder.

    def hear(self, data: bytes) -> None:
        """Bytes came for the holder."""
        self._came += data
        if len(self._came) > MOST_UNREAD_BYTES:
            self._came.clear()
            self.end(Garbled(f"the line speaks without end: {MOST_UNREAD_BYTES >> 20} MB were not read"))
        self._wake.set()

    def end(self, error: DeviceError, *, at_once: bool = False) -> None:
        """The hold is over, and not by its holder's will. ``at_once``: what was not read yet is not for them either."""
        self._error = self._error or error
        if at_once:
            self._came.clear()
        self._wake.set()

    def wanted(self, who: Holder) -> None:
        """Somebody waits for the line."""
        self._wanted_by = who
        if self._on_wanted is not None:
            self._on_wanted(who)
