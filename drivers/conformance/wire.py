"""What can go wrong between a driver and its device, injected where bytes pass.

A :class:`Wire` stands in for the driver's connection. Every use of it is an *event* (a stream is opened, bytes are
about to be sent, were sent, are awaited, arrived), and the wire's :class:`Fault` is asked at each; so a fault can be
placed at the first, second, third ... event until an operation gets through untouched, and every place was tried.

Time that a fault lets pass is not waited for: it is put on the loop's clock (:class:`Clock`), and deadlines that rest
on that clock expire at once. What the device itself takes goes on as ever.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final, Literal

from drivers.contract import ByteStream, Connection, login_of
from drivers.credentials import Login
from drivers.errors import Unreachable
from drivers.giving_way import Shared, Wanting

_MOMENT_S: Final = 0.05

Event = Literal["opening", "sending", "sent", "receiving", "received"]


@dataclass(slots=True)
class Clock:
    """The running loop's time, which can be put forward; time that passes by itself is added as ever."""

    ahead_s: float = 0.0

    @contextlib.contextmanager
    def driving(self) -> Iterator[None]:
        """Let this clock be the running loop's for the block. Needs a loop that asks its own ``time`` (asyncio's)."""
        loop = asyncio.get_running_loop()
        real = loop.time
        loop.time = lambda: real() + self.ahead_s  # type: ignore[method-assign]
        try:
            yield
        finally:
            loop.time = real  # type: ignore[method-assign]

    async def pass_by(self, seconds: float) -> None:
        """Let time pass, and whatever was waiting for it happen."""
        self.ahead_s += seconds
        await asyncio.sleep(0)
        await asyncio.sleep(0)


class Fault:
    """Something that goes wrong on a wire; this one does not. ``at`` is the number of the event, from 0.

    Where it ``lulls``, a driver may wait for what will never come; once it happened, a device that says nothing for a
    moment has said nothing for as long as anybody waits.
    """

    lulls = False

    def __init__(self, *, at: int = 0) -> None:
        self.at = at
        self.happened = False

    async def event(self, stream: Stream | None, event: Event) -> None:
        """Asked before each event takes its course (``opening`` comes without a stream)."""
        del stream, event

    async def leaving(self, stream: Stream, data: bytes) -> bytes:
        """What the device gets in place of ``data``."""
        del stream
        return data

    async def arrived(self, stream: Stream, data: bytes) -> bytes:
        """What the driver gets in place of ``data``."""
        del stream
        return data

    def due(self) -> bool:
        """Whether this event is the one; counts them."""
        if self.happened or self.at > 0:
            self.at -= 1
            return False
        self.happened = True
        return True


class Stream:
    """A byte stream on a :class:`Wire`."""

    def __init__(self, wire: Wire, inner: ByteStream) -> None:
        self.wire = wire
        self.inner = inner
        self.held = b""
        self.cut = False
        self.closed = False

    async def send(self, data: bytes) -> None:
        """Send, unless the fault says otherwise."""
        await self.wire.pass_on(self, "sending")
        self._whole()
        self.wire.sent += data
        data = await self.wire.fault.leaving(self, data)
        if data:
            await self.inner.send(data)
        await self.wire.pass_on(self, "sent")

    async def receive(self) -> bytes:
        """Receive, what the fault leaves of it."""
        await self.wire.pass_on(self, "receiving")
        if self.cut:
            return b""
        data, self.held = (self.held, b"") if self.held else (await self._next(), b"")
        if data:
            data = await self.wire.fault.arrived(self, data)
        await self.wire.pass_on(self, "received")
        return data

    def on_wanted(self, call: Callable[[Wanting], None]) -> None:
        """Pass on that somebody waits for the line below."""
        if isinstance(self.inner, Shared):
            self.inner.on_wanted(call)

    async def close(self) -> None:
        """Close; the wire counts who does not."""
        self.closed = True
        await self.inner.close()

    async def _next(self) -> bytes:
        if not (self.wire.fault.lulls and self.wire.fault.happened):
            return await self.inner.receive()
        waiting = asyncio.ensure_future(self.inner.receive())
        try:
            while not waiting.done():
                await asyncio.wait({waiting}, timeout=_MOMENT_S)
                if self.held:  # the fault gave it back while a driver that reads ahead was waiting
                    return self.held
                if not waiting.done():
                    await self.wire.clock.pass_by(1.0)
            return waiting.result()
        finally:
            waiting.cancel()
            await asyncio.wait({waiting})

    async def break_off(self) -> None:
        """Cut this stream as a lost connection does."""
        self.cut = True
        await self.inner.close()

    def _whole(self) -> None:
        if self.cut:
            raise Unreachable("the connection was lost")


@dataclass(eq=False)
class Wire:
    """A connection on which things can go wrong (see :class:`drivers.contract.Connection`).

    ``sessions`` is how many streams the device takes at once. ``uses`` counts calls of any kind, so that a plan that
    does input or output is seen. The connection inside belongs to the suite and outlives the wire.
    """

    inner: Connection
    clock: Clock
    fault: Fault = field(default_factory=Fault)
    sessions: int | None = None
    uses: int = 0
    sent: bytearray = field(default_factory=bytearray)
    streams: list[Stream] = field(default_factory=list)
    most_open: int = 0
    lost: bool = False

    @property
    def identity(self) -> str:
        """As the device proved it."""
        return self.inner.identity

    @property
    def login(self) -> Login:
        """Who we are on its lines (see :class:`drivers.contract.Guarded`)."""
        return login_of(self.inner)

    @property
    def closed(self) -> bool:
        """Whether the connection is gone."""
        return self.lost or self.inner.closed

    @property
    def open_streams(self) -> list[Stream]:
        """Streams that nobody has closed."""
        return [stream for stream in self.streams if not stream.closed]

    async def stream(self, command: str) -> ByteStream:
        """A new stream, unless the device takes no more."""
        self.uses += 1
        await self.pass_on(None, "opening")
        if self.closed:
            raise Unreachable("the connection was lost")
        if self.sessions is not None and len(self.open_streams) >= self.sessions:
            raise Unreachable("the device takes no more sessions")
        made = Stream(self, await self.inner.stream(command))
        self.streams.append(made)
        self.most_open = max(self.most_open, len(self.open_streams))
        return made

    async def close(self) -> None:
        """Close all streams; the connection inside stays."""
        self.lost = True
        for stream in self.open_streams:
            await stream.close()

    async def pass_on(self, stream: Stream | None, event: Event) -> None:
        """Let the fault have its say."""
        self.uses += 1
        await self.fault.event(stream, event)
