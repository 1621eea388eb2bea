"""What can go wrong, one class each; see :mod:`drivers.conformance.wire` for where and when."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from drivers.conformance.wire import Event, Fault, Stream
from drivers.errors import Unreachable

_TICK_S: Final = 0.5


class Cut(Fault):
    """The connection is lost at event ``at``; with ``whole`` all of it, else one stream."""

    def __init__(self, *, at: int, whole: bool = False) -> None:
        super().__init__(at=at)
        self.whole = whole

    async def event(self, stream: Stream | None, event: Event) -> None:
        """Lose it."""
        del event
        if not self.due():
            return
        if stream is not None:
            if self.whole:
                stream.wire.lost = True
            await stream.break_off()
        raise Unreachable("the connection was lost")


class CutAfter(Fault):
    """The connection is lost after ``at`` bytes of an answer."""

    async def arrived(self, stream: Stream, data: bytes) -> bytes:
        """As much as still got through."""
        kept = data[: self.at]
        self.at -= len(kept)
        if len(kept) < len(data) and not self.happened:
            self.happened = True
            await stream.break_off()
        return kept


class Silence(Fault):
    """After ``at`` bytes of answers nothing comes any more, for ``patience_s`` at most, in which a deadline must end
    it.
    """

    def __init__(self, *, at: int = 0, patience_s: float) -> None:
        super().__init__(at=at)
        self.patience_s = patience_s
        self.endless = False
        """Whether nobody's deadline ended the wait."""
        self.waited_s = 0.0

    async def event(self, stream: Stream | None, event: Event) -> None:
        """Once it has begun, nothing is heard."""
        if event == "receiving" and stream is not None and self.at <= 0:
            await self._wait(stream)

    async def arrived(self, stream: Stream, data: bytes) -> bytes:
        """The last that is heard."""
        kept = data[: self.at]
        self.at -= len(kept)
        if self.at <= 0 and not kept:
            await self._wait(stream)
        return kept

    async def _wait(self, stream: Stream) -> None:
        self.happened = True
        while self.waited_s < self.patience_s:
            self.waited_s += _TICK_S
            await stream.wire.clock.pass_by(_TICK_S)
        self.endless = True
        await stream.break_off()


class Slow(Fault):
    """Answers come in pieces of ``size`` bytes, each after ``delay_s``; so does the prompt that ends them."""

    def __init__(self, *, size: int, delay_s: float) -> None:
        super().__init__()
        self.size = size
        self.delay_s = delay_s

    async def arrived(self, stream: Stream, data: bytes) -> bytes:
        """One piece; the rest is held back."""
        self.happened = True
        await stream.wire.clock.pass_by(self.delay_s)
        stream.held = data[self.size :]
        return data[: self.size]


class Garbled(Fault):
    """What arrives is not what the device said, but for the last ``spare`` bytes, where its prompt stands."""

    lulls = True

    def __init__(self, garble: Callable[[bytes], bytes], *, spare: int = 64) -> None:
        super().__init__()
        self.garble = garble
        self.spare = spare

    async def arrived(self, stream: Stream, data: bytes) -> bytes:
        """The garbled bytes."""
        del stream
        body = data[: max(0, len(data) - self.spare)]
        if not body:
            return data
        self.happened = True
        return self.garble(body) + data[len(body) :]


class Cancel(Fault):
    """Whoever uses the wire is cancelled at event ``at``. ``task`` is set by who runs the operation."""

    task: asyncio.Task[object] | None = None

    async def event(self, stream: Stream | None, event: Event) -> None:
        """Cancel, and give way so that it happens here."""
        del stream, event
        if self.due() and self.task is not None:
            self.task.cancel()
            await asyncio.sleep(0)


class Paged(Fault):
    """Answers stop after every ``lines`` lines at ``prompt`` until ``key`` is sent, as on a terminal of that height."""

    lulls = True

    def __init__(self, *, prompt: bytes, key: bytes, lines: int = 4) -> None:
        super().__init__()
        self.prompt = prompt
        self.key = key
        self.lines = lines
        self._rest: dict[Stream, bytes] = {}

    async def arrived(self, stream: Stream, data: bytes) -> bytes:
        """One page and the pager's prompt, or the last page."""
        found = data.splitlines(keepends=True)
        if len(found) <= self.lines + 1:
            return data
        self.happened = True
        self._rest[stream] = b"".join(found[self.lines :])
        return b"".join(found[: self.lines]) + self.prompt

    async def leaving(self, stream: Stream, data: bytes) -> bytes:
        """The key that turns the page is for the pager; the next page is then what arrives."""
        if stream not in self._rest:
            return data
        stream.held = self._rest.pop(stream)
        return b"" if data == self.key else data


class Looking(Fault):
    """Somebody else looks at the device before each line that is sent; lines sent together are sent apart."""

    def __init__(self, look: Callable[[], Awaitable[None]]) -> None:
        super().__init__()
        self.look = look

    async def leaving(self, stream: Stream, data: bytes) -> bytes:
        """Look, send a line, look again ... and leave the last line to be sent."""
        self.happened = True
        *lines, last = data.splitlines(keepends=True) or [b""]
        for line in lines:
            await self.look()
            await stream.inner.send(line)
        await self.look()
        return last
