"""One physical line: opened once, held by one at a time, heard by any number.

A task of the line reads it all the time, so that a listener hears what a device says while nobody asks it anything (a
boot, a log message). What is sent goes out no faster than the line carries it, a UART's buffer ahead at most: behind a
console server, or a device without flow control, what is sent faster is lost. A line that is lost stays lost; whoever
wants it again opens a new one (:mod:`drivers.line.shared`).
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from drivers.cli.line import BITS_PER_BYTE
from drivers.errors import DeviceError, LineBusy, Unreachable
from drivers.line.endpoint import BREAK_S, Endpoint, Greeting, Proved
from drivers.line.holding import Held, Holder
from drivers.line.listening import BUFFER_BYTES, Chunk, Direction, Listener

_AHEAD_BYTES: Final = 16
"""What is sent ahead of the line: the buffer of a 16550 UART."""
_GREETING_BYTES: Final = 16 << 10
_HANGS_UP_S: Final = 0.3
"""How soon a far end that greets hangs up when somebody logs out there: nobody else is given the line before."""


class Line:
    """A line over an open ``endpoint``; ``name`` is how people call it. Call :meth:`start` before use."""

    def __init__(self, endpoint: Endpoint, *, name: str) -> None:
        self.name = name
        self._endpoint = endpoint
        self._greets = isinstance(endpoint, Greeting) and endpoint.greets
        self._greeting = bytearray() if self._greets else None
        self._holding: Held | None = None
        self._since = 0.0
        self._free_at = 0.0
        self._waiting: list[tuple[Holder, asyncio.Future[Held]]] = []
        self._listeners: set[Listener] = set()
        self._writing = asyncio.Lock()
        self._sent_until = 0.0
        self._reader: asyncio.Task[None] | None = None
        self._error: DeviceError | None = None

    def start(self) -> None:
        """Begin to read."""
        self._reader = asyncio.create_task(self._read(), name=f"line {self.name}")

    @property
    def closed(self) -> bool:
        """Whether the line is gone: it was closed, or lost."""
        return self._error is not None

    @property
    def speed(self) -> int | None:
        """Bits a second; None where nobody knows."""
        return self._endpoint.speed

    @property
    def proof(self) -> str:
        """What the box that serves the line showed of itself; empty where none does."""
        return self._endpoint.proof if isinstance(self._endpoint, Proved) else ""

    @property
    def holder(self) -> Holder | None:
        """Who holds the line now."""
        return self._holding.who if self._holding is not None else None

    async def set_speed(self, baud: int) -> None:
        """Go to another speed. Raises :class:`~drivers.errors.Unsupported`, ``Unreachable``."""
        async with self._writing:
            self._standing()
            await self._endpoint.set_speed(baud)

    async def send_break(self, seconds: float = BREAK_S) -> None:
        """Send a break: what leads into a boot loader, or a login prompt to another speed.

        Raises :class:`~drivers.errors.Unsupported`, ``Unreachable``.
        """
        async with self._writing:
            self._standing()
            await self._endpoint.send_break(seconds)

    # Holding.

    @asynccontextmanager
    async def hold(self, who: Holder, *, wait_s: float) -> AsyncIterator[Held]:
        """Exclusive use of the line for a block. Raises :class:`~drivers.errors.LineBusy` after ``wait_s``."""
        held = await self.acquire(who, wait_s=wait_s)
        try:
            yield held
        finally:
            await held.close()

    @asynccontextmanager
    async def take_over(self, who: Holder) -> AsyncIterator[Held]:
        """The line at once; the holder's stream ends with who took it. Raises ``Unreachable`` for a lost line."""
        held = self.seize(who)
        try:
            yield held
        finally:
            await held.close()

    async def acquire(self, who: Holder, *, wait_s: float) -> Held:
        """The line, until the stream that is returned is closed.

        The holder is told that somebody waits. Raises ``LineBusy``, naming the holder, after ``wait_s``.
        """
        self._standing()
        if self._holding is None and self._free_in_s() <= 0:
            return self._give(who)
        waiter: asyncio.Future[Held] = asyncio.get_running_loop().create_future()
        entry = (who, waiter)
        self._waiting.append(entry)
        if self._holding is not None:
            self._holding.wanted(who)
        elif len(self._waiting) == 1:
            self._give_soon()
        try:
            async with asyncio.timeout(wait_s):
                return await asyncio.shield(waiter)
        except TimeoutError:
            if waiter.done():
                return waiter.result()
            raise self._busy() from None
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled() and waiter.exception() is None:
                await waiter.result().close()
            raise
        finally:
            if entry in self._waiting:
                self._waiting.remove(entry)
                waiter.cancel()

    def seize(self, who: Holder) -> Held:
        """The line at once, until the stream that is returned is closed. Raises ``Unreachable`` for a lost line."""
        self._standing()
        before, self._holding = self._holding, None
        if before is not None:
            before.end(Unreachable(f"{who.name} took the line over"), at_once=True)
        return self._give(who)

    def _give(self, who: Holder) -> Held:
        self._holding = held = Held(who, self._write, self._released)
        self._since = time.monotonic()
        if self._greeting:
            held.hear(bytes(self._greeting))
        self._greeting = None
        if self._waiting:
            held.wanted(self._waiting[0][0])
        return held

    def _released(self, held: Held) -> None:
        if held is not self._holding:
            return
        self._holding = None
        if self._greets:
            self._free_at = time.monotonic() + _HANGS_UP_S
        if self._waiting:
            self._give_soon()

    def _free_in_s(self) -> float:
        return self._free_at - time.monotonic()

    def _give_soon(self) -> None:
        """Give the line to who waits: at once, or when it is sure that the last holder's end was not the line's."""
        if self._free_in_s() > 0:
            asyncio.get_running_loop().call_later(self._free_in_s(), self._give_next)
        else:
            self._give_next()

    def _give_next(self) -> None:
        if self._holding is not None or not self._waiting:
            return
        entry = next((entry for entry in self._waiting if entry[0].person), self._waiting[0])
        self._waiting.remove(entry)
        who, waiter = entry
        waiter.set_result(self._give(who))

    def _busy(self) -> LineBusy:
        who, held_s = self.holder, time.monotonic() - self._since
        name = who.name if who is not None else "somebody"
        return LineBusy(f"{name} has held the line {self.name} for {held_s:.0f} s: wait, or ask them to let it go")

    # Bytes.

    def listen(self, *, most_bytes: int = BUFFER_BYTES) -> Listener:
        """Every byte that is received and sent from now on. Close it when it is no longer wanted."""
        listener = Listener(self._listeners.discard, most_bytes=most_bytes)
        if self._error is not None:
            listener.end(self._error)
        else:
            self._listeners.add(listener)
        return listener

    def _tell(self, direction: Direction, data: bytes, holder: Holder | None) -> None:
        chunk = Chunk(time.monotonic(), direction, data, holder.name if holder is not None else "")
        for listener in self._listeners:
            listener.hear(chunk)

    async def _read(self) -> None:
        try:
            while data := await self._endpoint.read():
                self._tell("in", data, self.holder)
                if self._holding is not None:
                    self._holding.hear(data)
                elif self._greeting is not None:
                    self._greeting += data
                    del self._greeting[:-_GREETING_BYTES]
            self._end(Unreachable(f"the line {self.name} was lost: the far end closed it"))
        except DeviceError as error:
            self._end(error)
        # A port that is gone is let go at once, so that it can be opened anew when it is back.
        await self._endpoint.close()

    async def _write(self, data: bytes, held: Held) -> None:
        if not data:
            return
        async with self._writing:
            size = _AHEAD_BYTES if self.speed else len(data)
            for start in range(0, len(data), size):
                piece = data[start : start + size]
                await self._pace(len(piece))
                held.check()
                self._tell("out", piece, held.who)
                await self._endpoint.write(piece)

    async def _pace(self, count: int) -> None:
        """Wait until the line has carried what was sent before, but for one buffer."""
        speed = self.speed
        if not speed:
            return
        now = time.monotonic()
        byte_s = BITS_PER_BYTE / speed
        ahead_s = self._sent_until - now
        if ahead_s + count * byte_s > _AHEAD_BYTES * byte_s:
            await asyncio.sleep(ahead_s + (count - _AHEAD_BYTES) * byte_s)
        self._sent_until = max(self._sent_until, now) + count * byte_s

    # The end.

    def _standing(self) -> None:
        if self._error is not None:
            raise self._error

    def _end(self, error: DeviceError, *, lost: bool = True) -> None:
        if self._error is not None:
            return
        self._error = error
        if self._holding is not None:
            self._holding.end(error)
        for _, waiter in self._waiting:
            if not waiter.done():
                waiter.set_exception(error)
        self._waiting.clear()
        for listener in tuple(self._listeners):
            listener.end(error if lost else None)
        self._listeners.clear()

    async def close(self) -> None:
        """Let the port go once what was sent last has gone out; holders and listeners end. Never raises."""
        lost = self.closed
        self._end(Unreachable(f"the line {self.name} was closed"), lost=False)
        if self._reader is not None:
            if not lost:  # else it is closing the port by itself
                self._reader.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._reader
        if self.speed and not lost:
            await asyncio.sleep(self._sent_until - time.monotonic())
        await self._endpoint.close()
