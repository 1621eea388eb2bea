"""Sessions with powermand: a line, and the lines that answer it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from device_profiles.names import printable
from drivers.contract import ByteStream
from drivers.errors import Busy, Garbled, Rejected, Unreachable

_PROMPT: Final = b"powerman> "
_LINE: Final = re.compile(r"(\d{3}) ?(.*)")
_GREETING: Final = re.compile(r"001 (.*)")
_MOST_BYTES: Final = 4 << 20
IN_PROGRESS: Final = 208
WITH_ERRORS: Final = frozenset({210, 211})
"""A command, or a query, of which a part failed."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: its last line's code and text, and the lines before it, by code."""

    code: int
    text: str
    told: tuple[tuple[int, str], ...]

    @property
    def is_good(self) -> bool:
        """Whether all went well."""
        return self.code < 200

    def lines(self, code: int) -> list[str]:
        """The lines of one code."""
        return [text for each, text in self.told if each == code]

    @property
    def why(self) -> str:
        """What powermand says where it did not go well."""
        told = [text for code, text in self.told if code not in (302, 303, 305)]
        return printable("; ".join((self.text, *told)), most=200)


class Session:
    """One session, opened when it is needed, and given up whenever an answer was not read to its end."""

    def __init__(self, stream: Callable[[], Awaitable[ByteStream]], *, timeout_s: float) -> None:
        self._open_stream = stream
        self._timeout_s = timeout_s
        self._stream: ByteStream | None = None
        self._held = b""
        self._turn = asyncio.Lock()
        self.version = ""

    async def ask(self, line: str) -> Reply:
        """Send a line and read its answer, whatever that says. Raises ``Unreachable``, ``Garbled`` or ``Busy``."""
        async with self._turn:
            try:
                async with asyncio.timeout(self._timeout_s):
                    if self._stream is None:
                        await self._begin()
                    reply = await self._exchange(line)
            except TimeoutError:
                await self.close()
                raise Unreachable(f"'{line}': powermand did not answer within {self._timeout_s:g} s") from None
            except BaseException:
                await self.close()
                raise
        if reply.code == IN_PROGRESS:
            raise Busy(f"'{line}': another command is under way on the device")
        return reply

    async def run(self, line: str, *, doing: str) -> Reply:
        """Send a line that must succeed. Raises ``Rejected`` with what powermand says."""
        reply = await self.ask(line)
        if not reply.is_good:
            raise Rejected(f"{doing}: powermand says {reply.code} {reply.why}")
        return reply

    async def close(self) -> None:
        """Hang up. Never raises."""
        stream, self._stream, self._held = self._stream, None, b""
        if stream is not None:
            await stream.close()

    async def _begin(self) -> None:
        self._stream = await self._open_stream()
        greeting = _GREETING.fullmatch(await self._line())
        if greeting is None:
            raise Garbled("what answers here is no powermand: it does not greet as one")
        self.version = printable(greeting[1], most=60)
        await self._prompt()
        reply = await self._exchange("exprange")
        if not reply.is_good:
            raise Garbled(f"powermand {self.version} does not expand its ranges: {reply.code} {reply.why}")

    async def _exchange(self, line: str) -> Reply:
        if self._stream is None:
            raise Unreachable("the session was closed")
        await self._stream.send(f"{line}\r\n".encode())
        told: list[tuple[int, str]] = []
        while True:
            found = await self._line()
            match = _LINE.fullmatch(found)
            if match is None or not 100 <= int(match[1]) < 400:
                raise Garbled(f"'{line}': the line '{printable(found, most=60)}' is none of powerman's")
            code, text = int(match[1]), match[2].strip()
            if code < 300:
                await self._prompt()
                return Reply(code, text, tuple(told))
            told.append((code, text))

    async def _line(self) -> str:
        """The next line."""
        while b"\n" not in self._held:
            await self._more()
        line, _, self._held = self._held.partition(b"\n")
        return line.decode("utf-8", "replace").rstrip("\r")

    async def _prompt(self) -> None:
        """An answer is whole when the prompt has come behind it, and nothing else."""
        while len(self._held) < len(_PROMPT) and _PROMPT.startswith(self._held):
            await self._more()
        if self._held != _PROMPT:
            raise Garbled(f"powermand shows '{printable(repr(self._held), most=60)}' in the place of its prompt")
        self._held = b""

    async def _more(self) -> None:
        if self._stream is None:
            raise Unreachable("the session was closed")
        if len(self._held) > _MOST_BYTES:
            raise Garbled("an answer of powermand has no end")
        data = await self._stream.receive()
        if not data:
            raise Unreachable("powermand closed the session")
        self._held += data
