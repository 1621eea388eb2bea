"""A console of an agent with a line in memory, and the service's end of its stream."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

from agents.client import ServiceAway
from agents.console.dialling import StreamEnded
from agents.console.session import Session
from agents.console.sources import Source
from device_profiles.console import AGENT_SAYS, SERVICE_SAYS, Bytes, From, Mark, Stored, unpack_bytes
from drivers.errors import Unreachable
from drivers.line.line import Line
from tests.unit.drivers.line.endpoint import MemoryEndpoint


class ServiceEnd:
    """The service, as one stream: it stores everything that comes, and says so when it is told to."""

    def __init__(self) -> None:
        self.records: list[Bytes | Mark] = []
        self.hellos: list[Any] = []
        self.stored = 0
        self.away = False
        self._frames: asyncio.Queue[bytes | str | int] = asyncio.Queue()
        self._changed = asyncio.Event()

    @contextlib.asynccontextmanager
    async def dial(self, path: str) -> AsyncIterator["ServiceEnd"]:
        if self.away:
            raise ServiceAway("nobody is there")
        self._frames = asyncio.Queue()
        yield self

    # What the agent calls.

    async def send(self, frame: bytes | str) -> None:
        if isinstance(frame, bytes):
            self.records.append(unpack_bytes(frame))
        else:
            said = AGENT_SAYS.validate_json(frame)
            if isinstance(said, Mark):
                self.records.append(said)
            else:
                self.hellos.append(said)
                self.say(From(after=self.stored))
        self._changed.set()

    async def receive(self) -> bytes | str:
        frame = await self._frames.get()
        if isinstance(frame, int):
            raise StreamEnded(frame)
        return frame

    # What a test does.

    def say(self, message: Any) -> None:
        self._frames.put_nowait(SERVICE_SAYS.dump_json(message).decode())

    def type(self, data: bytes) -> None:
        self._frames.put_nowait(data)

    def end(self, code: int) -> None:
        self._frames.put_nowait(code)

    def store(self) -> None:
        """Everything that came is on disk."""
        self.stored = self.records[-1].seq
        self.say(Stored(seq=self.stored))

    async def until(self, holds: Any) -> None:
        async with asyncio.timeout(10):
            while not holds():
                self._changed.clear()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(0.01):
                        await self._changed.wait()

    @property
    def shown(self) -> bytes:
        seen = {record.seq: record for record in self.records}
        return b"".join(record.data for _, record in sorted(seen.items()) if isinstance(record, Bytes))

    def marks(self, kind: str) -> list[str]:
        seen = {record.seq: record for record in self.records}
        return [record.text for _, record in sorted(seen.items()) if isinstance(record, Mark) and record.kind == kind]


class Stage:
    """A session, its line, and what can happen to both."""

    def __init__(self, *, texts: tuple[str, ...] = (), silent: bool = False) -> None:
        self.ends = [MemoryEndpoint()]
        self.service = ServiceEnd()
        self.freed = 0
        self.unplugged = False
        self.source = Source(kind="line", access="serial:/dev/ttyS0", texts=texts, silent=silent, open=self.open)
        self.session: Session

    @property
    def end(self) -> MemoryEndpoint:
        return self.ends[-1]

    @property
    def line(self) -> Line:
        return self._opened.line

    async def open(self) -> "Opened":
        if self.unplugged:
            raise Unreachable("no such port")
        self._opened = Opened(self.end)
        return self._opened

    def free(self) -> None:
        self.freed += 1


class Opened:
    """A line that is borrowed."""

    def __init__(self, end: MemoryEndpoint) -> None:
        self.line = Line(end, name="con1")
        self.line.start()

    async def give_back(self) -> None:
        await self.line.close()


@contextlib.asynccontextmanager
async def a_session(*, texts: tuple[str, ...] = (), stored: int = 0, silent: bool = False) -> AsyncIterator[Stage]:
    stage = Stage(texts=texts, silent=silent)
    stage.service.stored = stored
    stage.session = Session(
        "con1",
        "ab12",
        stage.source,
        await stage.open(),
        dial=stage.service.dial,
        agent=lambda: "edge-1",
        freed=stage.free,
    )
    task = asyncio.create_task(stage.session.run())
    try:
        await stage.service.until(lambda: stage.service.hellos)
        yield stage
    finally:
        stage.session.end()
        await task
