"""Twins behind a serial line that outlives its callers: what a subject is over SSH, at the far end of a cable."""

import asyncio
import contextlib
import dataclasses
from collections.abc import AsyncIterator, Callable

from drivers.cli.line import BITS_PER_BYTE, VirtualClock
from drivers.conformance import Subject
from drivers.conformance.memory import MemoryStream
from drivers.contract import Connection
from drivers.credentials import Login
from drivers.line.connection import LineConnection
from drivers.line.endpoint import Endpoint
from drivers.line.line import Line

SPEED = 9600


class LineShell:
    """A shell on a terminal: a prompt and an echo, until it is told to go without; Ctrl-C brings them back."""

    PROMPT = b"\r\nsw1# "

    def __init__(self, framed: Callable[[bytes], bytes]) -> None:
        self._framed = framed
        self._bare = False
        self._typed = bytearray()

    def __call__(self, data: bytes) -> bytes:
        said = bytearray()
        for start, byte in enumerate(data):
            if byte == 3:
                self._bare = False
                self._typed.clear()
                said += b"^C" + self.PROMPT
            elif self._bare:
                rest, _, after = data[start:].partition(b"\x03")
                said += self._framed(rest)
                return bytes(said) + (self(b"\x03" + after) if _ else b"")
            elif byte in b"\r\n":
                self._bare = b"stty -echo" in self._typed
                self._typed.clear()
                said += b"\r\n" if self._bare else self.PROMPT
            else:
                self._typed.append(byte)
                said.append(byte)
        return bytes(said)


class TwinPort:
    """The near end of a cable to a twin, on a clock of its own; a session that ends begins anew."""

    def __init__(self, open_twin: Callable[[], Connection], clock: VirtualClock) -> None:
        self.speed: int | None = None  # it books the time itself, and is not waited for
        self._open_twin = open_twin
        self._clock = clock
        self._talk: Callable[[bytes], bytes] | None = None
        self._said: asyncio.Queue[bytes] = asyncio.Queue()

    async def write(self, data: bytes) -> None:
        self._carry(len(data))
        if self._talk is None or getattr(getattr(self._talk, "__self__", None), "ended", False):
            stream = await (await self._open_twin()).stream("")
            assert isinstance(stream, MemoryStream)
            self._talk = LineShell(stream.talk) if not hasattr(stream.talk, "__self__") else stream.talk
        said = self._talk(data)
        if said:
            self._said.put_nowait(said)

    async def read(self) -> bytes:
        data = await self._said.get()
        self._carry(len(data))
        return data

    def _carry(self, count: int) -> None:
        self._clock.advance(count * BITS_PER_BYTE / SPEED)

    async def set_speed(self, baud: int) -> None:
        self.speed = baud

    async def send_break(self, seconds: float) -> None:
        self._clock.advance(seconds)

    async def close(self) -> None:
        pass


@dataclasses.dataclass(slots=True)
class Kept:
    """The line, which stays when somebody gives it back: the cable is not pulled."""

    line: Line

    async def give_back(self) -> None:
        pass


async def over(line: Line, *, speed: int | None = SPEED) -> Connection:
    async def again() -> Kept:
        return Kept(line)

    bytes_per_s = speed / BITS_PER_BYTE if speed else None
    login = Login(asked=True, line=True, bytes_per_s=bytes_per_s)
    return LineConnection(login, first=Kept(line), again=again, wait_s=3.0)


@contextlib.asynccontextmanager
async def on_a_line(subject: Subject, **changes: object) -> AsyncIterator[tuple[Subject, Line]]:
    """A subject whose device is at the far end of a line at 9600 baud, on a virtual clock."""
    async with line_to(TwinPort(subject.open, VirtualClock())) as line:

        async def open_line() -> Connection:
            return await over(line)

        yield dataclasses.replace(subject, open=open_line, login=None, few=True, **changes), line


@contextlib.asynccontextmanager
async def line_to(endpoint: Endpoint) -> AsyncIterator[Line]:
    line = Line(endpoint, name="con1")
    line.start()
    try:
        yield line
    finally:
        await line.close()
