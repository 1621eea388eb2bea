"""One open console: the line is heard all the time, what it says goes to the service, what the writer types to it.

The tap goes on while the service is away; what it heard waits in the spool, and the same stream is dialled again. A
line that is lost (an adapter that was unplugged) is opened again, and both are said in the transcript. A person's hold
is given up when the service is away for longer than a moment: nobody can type then, and automation waits.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from typing import Any, Final

import structlog
from pydantic import ValidationError

from agents.backoff import Backoff
from agents.client import ServiceError
from agents.console.dialling import Dial, Stream, StreamEnded
from agents.console.keyboard import Keyboard
from agents.console.sent import SentLines
from agents.console.sources import OpenLine, Source
from agents.console.spool import Spool
from agents.console.veil import Veil
from device_profiles.console import (
    AGENT_SAYS,
    CLOSE_ENDED,
    CLOSE_NO_STREAM,
    CONSOLE_SCHEMA,
    SERVICE_SAYS,
    Break,
    Bytes,
    End,
    From,
    Hello,
    Hold,
    Release,
    Resize,
    Stored,
    pack_bytes,
)
from drivers.contract import Sized
from drivers.errors import DeviceError
from drivers.line.holding import Holder
from drivers.line.listening import Chunk, Listener

log = structlog.get_logger(__name__)

_GATHER_S: Final = 0.02
"""How soon after bytes the next are sent: a slow line gives a few at a time, each of which were a frame."""
_LOOK_S: Final = 0.5
"""How often it is looked who holds the line, where nothing is said on it."""
_ALONE_S: Final = 15.0
"""For how long a person holds the line while the service is away."""
_GIVE_UP_S: Final = 600.0
"""For how long the service is dialled in vain."""


class Session:
    """One console, from its request to its end. ``freed`` is called when a person has let the line go."""

    def __init__(
        self,
        node: str,
        stream: str,
        source: Source,
        opened: OpenLine,
        *,
        dial: Dial,
        agent: Callable[[], str],
        freed: Callable[[], None],
    ) -> None:
        self.node = node
        self.stream = stream
        self._source = source
        self._opened: OpenLine | None = opened
        # From the very first byte on: a session of its own greets at once.
        self._listener = opened.line.listen()
        self._dial = dial
        self._agent = agent
        began_us, began_s = time.time_ns() // 1000, time.monotonic()
        # A clock that is set in the middle of a session moves nothing in its transcript.
        self.spool = Spool(lambda: began_us + int((time.monotonic() - began_s) * 1e6))
        self._veil = Veil(source.texts)
        self._sent = SentLines(source, self.spool.mark)
        self._holder: Holder | None = None
        self._keyboard = Keyboard(self._tell_holder, self.spool.mark, freed)
        self._over = asyncio.Event()
        self._again = asyncio.Event()
        self._alone: asyncio.TimerHandle | None = None

    def dial_now(self) -> None:
        """Somebody waits for the stream: do not wait for the next try."""
        self._again.set()

    def end(self) -> None:
        """End soon."""
        self._over.set()

    async def run(self) -> None:
        """Hear and tell until the console is over. Raises nothing but a cancellation."""
        work = [asyncio.create_task(each) for each in (self._hear(), self._tell(), self._keyboard.run())]
        over = asyncio.create_task(self._over.wait())
        try:
            done, _ = await asyncio.wait([*work, over], return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                if task is not over and (error := task.exception()) is not None:
                    log.error("console broken off by a fault", node=self.node, exc_info=error)
        finally:
            if self._alone is not None:
                self._alone.cancel()
            for task in (*work, over):
                task.cancel()
            await asyncio.gather(*work, over, return_exceptions=True)
            await self._keyboard.close()
            if self._opened is not None:
                await self._opened.give_back()

    # The line.

    async def _hear(self) -> None:
        backoff = Backoff(low_s=0.5, high_s=10.0)
        while True:
            if self._opened is None:
                try:
                    self._opened = await self._source.open()
                except DeviceError as error:
                    log.info("line of a console is not back", node=self.node, reason=error.reason)
                    await asyncio.sleep(backoff.next())
                    continue
                self._listener = self._opened.line.listen()
                self.spool.mark("note", text="the line is back")
            backoff.reset()
            self._keyboard.plug(self._opened.line)
            try:
                await self._listen(self._listener)
            except DeviceError as error:
                self.spool.mark("note", text=f"the line was lost: {error}")
            finally:
                self._listener.close()
            await self._keyboard.unplug()
            opened, self._opened = self._opened, None
            await opened.give_back()

    async def _listen(self, listener: Listener) -> None:
        while True:
            try:
                async with asyncio.timeout(_LOOK_S):
                    chunk = await anext(listener)
            except TimeoutError:
                self._look()
                continue
            except StopAsyncIteration:
                return
            self._take(chunk)

    def _look(self) -> None:
        """See who holds the line, and let out what was held back."""
        if self._opened is not None:
            self._tell_holder(self._opened.line.holder)
        if self._veil.holds:
            self.spool.say(self._veil.rest())

    def _take(self, chunk: Chunk) -> None:
        if self._opened is not None and (self._holder is None or chunk.holder != self._holder.name):
            self._tell_holder(self._opened.line.holder)
        if chunk.lost:
            self.spool.mark("lost", text=f"{chunk.lost} bytes were lost: the agent was too slow")
        if chunk.direction == "out":
            self._sent.take(chunk)
        else:
            automation = self._holder is not None and not self._holder.person
            if shown := self._veil.pass_through(chunk.data, hold_back=automation):
                self.spool.say(shown)

    def _tell_holder(self, holder: Holder | None, text: str = "", *, again: bool = False) -> None:
        """Tell who has the line, where that is news, or was asked for ``again``."""
        if holder == self._holder and not text and not again:
            return
        self._holder = holder
        self._sent.forget()
        if holder is None:
            self.spool.mark("holder", text=text or "nobody has the line")
        else:
            words = text or f"{holder.name} has the line"
            self.spool.mark("holder", name=holder.name, person=holder.person, text=words)

    # The service.

    async def _tell(self) -> None:
        backoff = Backoff(low_s=0.2, high_s=5.0)
        last_s = time.monotonic()
        while time.monotonic() - last_s < _GIVE_UP_S:
            self._again.clear()
            try:
                async with self._dial(f"/agents/{self._agent()}/streams/{self.stream}") as stream:
                    self._attended()
                    backoff.reset()
                    await self._speak(stream)
            except StreamEnded as ended:
                if ended.code in (CLOSE_NO_STREAM, CLOSE_ENDED):
                    return
                last_s = time.monotonic()
            except ServiceError as error:
                log.info("console cannot be told", node=self.node, error=str(error))
            self._unattended()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(backoff.next()):
                    await self._again.wait()

    def _attended(self) -> None:
        if self._alone is not None:
            self._alone.cancel()
            self._alone = None

    def _unattended(self) -> None:
        if self._alone is None:
            self._alone = asyncio.get_running_loop().call_later(_ALONE_S, self._keyboard.let_go)

    async def _speak(self, stream: Stream) -> None:
        """Say who we are, and then both ways until the stream ends. Raises :class:`StreamEnded`."""
        line = self._opened.line if self._opened is not None else None
        hello = Hello(
            schema=CONSOLE_SCHEMA,
            node=self.node,
            line=self._source.kind,
            access=self._source.access,
            slot=self._source.slot,
            speed=line.speed if line is not None else None,
            first=self.spool.first,
            last=self.spool.last,
        )
        await stream.send(AGENT_SAYS.dump_json(hello).decode())
        said = _read(await stream.receive())
        if not isinstance(said, From):
            self._obey(said)
            return
        self.spool.begin_after(said.after)
        sending = asyncio.create_task(self._send(stream, said.after))
        hearing = asyncio.create_task(self._receive(stream))
        try:
            await asyncio.wait([sending, hearing], return_when=asyncio.FIRST_COMPLETED)
        finally:
            sending.cancel()
            hearing.cancel()
            results = await asyncio.gather(sending, hearing, return_exceptions=True)
        for result in results:
            if isinstance(result, Exception):
                raise result

    async def _send(self, stream: Stream, after: int) -> None:
        sent_s = 0.0
        while True:
            # A key that comes back is shown at once; what follows closely gathers.
            await asyncio.sleep(max(0.0, sent_s + _GATHER_S - time.monotonic()))
            self.spool.news.clear()
            sent_s = time.monotonic()
            for record in self.spool.after(after):
                frame = pack_bytes(record) if isinstance(record, Bytes) else AGENT_SAYS.dump_json(record).decode()
                await stream.send(frame)
                after = record.seq
            await self.spool.news.wait()

    async def _receive(self, stream: Stream) -> None:
        while not self._over.is_set():
            frame = await stream.receive()
            if isinstance(frame, bytes):
                self._keyboard.type(frame)
            elif (said := _read(frame)) is not None:
                self._obey(said)

    def _obey(self, said: Any) -> None:
        if isinstance(said, Stored):
            self.spool.stored(said.seq)
        elif isinstance(said, Hold):
            self._keyboard.hold(said.who, take=said.take)
        elif isinstance(said, Release):
            self._keyboard.let_go()
        elif isinstance(said, Break):
            self._keyboard.press_break()
        elif isinstance(said, Resize):
            _resize(self._opened, said)
        elif isinstance(said, End):
            self._over.set()


def _resize(opened: object, size: Resize) -> None:
    """Tell a terminal that has a size; a line has none."""
    if isinstance(opened, Sized):
        opened.resize(size.columns, size.rows)


def _read(frame: bytes | str) -> Any:
    """What the service says; None for what a newer one may say."""
    try:
        return SERVICE_SAYS.validate_json(frame)
    except ValidationError:
        log.warning("message of the service is not understood")
        return None
