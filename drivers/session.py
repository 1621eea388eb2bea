"""Commands over a byte stream: what makes a command line a thing that can be asked.

One command is sent at a time, in the frame that the profile gives; its answer ends with a mark that carries a nonce of
this session, so that nothing a device prints can end its own answer early, and nothing that is left from one command
can be taken for the answer to the next. A session that is in doubt (no answer in time, a cancelled caller, an answer
without end) closes its stream, and opens a new one at the next command.
"""

from __future__ import annotations

import asyncio
import re
import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from device_profiles.names import printable
from device_profiles.profile import Shell
from drivers.contract import ByteStream
from drivers.errors import Garbled, Unreachable
from drivers.giving_way import GivingWay

LARGEST_ANSWER_BYTES: Final = 8 << 20
_LONGEST_MARK_BYTES: Final = 256
"""How far back a mark may begin that ends in the bytes that came last."""
LINE_SHARE: Final = 1.5
"""How much longer than its bytes take on a slow line an answer may take."""
_HELLO: Final = ":"
"""The first command on a fresh stream does nothing; what came before its mark is a banner."""

StreamFactory = Callable[[], Awaitable[ByteStream]]


@dataclass(frozen=True, slots=True)
class Reply:
    """What a command printed, as it was sent, and its exit status (0 where the device has none)."""

    data: bytes
    status: int
    elapsed_s: float

    @property
    def text(self) -> str:
        """The answer as text. What is no UTF-8 stays visible as U+FFFD, one for each byte run; compare ``data``."""
        return self.data.decode("utf-8", "replace")

    @property
    def line(self) -> str:
        """The last line that says something, safe to show: where a command says why it failed."""
        lines = [line for line in self.text.splitlines() if line.strip()]
        return printable(lines[-1].strip(), most=200) if lines else ""

    def strict_text(self) -> str:
        """The answer as text. Raises :class:`~drivers.errors.Garbled` where it is no UTF-8."""
        try:
            return self.data.decode("utf-8")
        except UnicodeDecodeError:
            raise Garbled("the device's answer is not UTF-8: nothing was concluded from it") from None


class ShellSession:
    """A command line on a device. Safe to use from several tasks: commands wait for each other.

    ``waited_s`` is all the time that commands of this session took on the device and the way to it.
    """

    def __init__(
        self, stream_factory: StreamFactory, *, shell: Shell, timeout_s: float, bytes_per_s: float | None = None
    ) -> None:
        self._open = stream_factory
        self._timeout_s = timeout_s
        self._bytes_per_s = bytes_per_s
        self._lock = asyncio.Lock()
        self._way = GivingWay(self._lock, self._drop)
        self._stream: ByteStream | None = None
        self._deadline: asyncio.Timeout | None = None
        self._nonce = secrets.token_hex(8)
        self._before, self._after = _frame(shell, self._nonce)
        self._done = re.compile(shell.done.replace("{nonce}", self._nonce).encode())
        self.waited_s = 0.0

    async def run(self, command: str, *, timeout_s: float | None = None) -> Reply:
        """Run one command and wait for its answer.

        Raises :class:`~drivers.errors.Unreachable` (lost, or no answer within the time) or ``Garbled`` (an answer
        without end). A caller that is cancelled meanwhile leaves a closed stream, never half an answer.
        """
        limit_s = self._timeout_s if timeout_s is None else timeout_s
        async with self._lock:
            started = time.monotonic()
            try:
                async with asyncio.timeout(limit_s) as self._deadline:
                    if self._stream is not None and self._way.is_over:
                        await self._drop()  # somebody took the line over while nothing was asked
                    stream = self._stream or await self._fresh()
                    data, status = await self._exchange(stream, command)
            except TimeoutError:
                await self._drop()
                raise Unreachable(f"no answer to {_shown(command)} in {limit_s:g} s") from None
            except BaseException:
                await self._drop()
                raise
            finally:
                self._way.used()
                elapsed_s = time.monotonic() - started
                self.waited_s += elapsed_s
            return Reply(data, status, elapsed_s)

    async def close(self) -> None:
        """Close the stream. Never raises; a later command opens a new one."""
        await self._way.stop()
        await self._drop()

    async def _fresh(self) -> ByteStream:
        self._stream = stream = await self._open()
        await self._exchange(stream, _HELLO)
        self._way.watch(stream)
        return stream

    async def _exchange(self, stream: ByteStream, command: str) -> tuple[bytes, int]:
        sent = b"".join((self._before, command.encode(errors="surrogateescape"), self._after))
        self._carry(len(sent))
        await stream.send(sent)
        answer = bytearray()
        while True:
            data = await stream.receive()
            if not data:
                last = Reply(bytes(answer), 0, 0.0).line
                raise Unreachable(f"the device ended the session during {_shown(command)}{last and f': {last}'}")
            searched = max(0, len(answer) - _LONGEST_MARK_BYTES)
            answer += data
            self._carry(len(data))
            mark = self._done.search(answer, searched)
            if mark is not None:
                return bytes(answer[: mark.start()]), int(mark.groupdict().get("status") or 0)
            if len(answer) > LARGEST_ANSWER_BYTES:
                raise Garbled(f"the answer to {_shown(command)} has no end: {LARGEST_ANSWER_BYTES >> 20} MB were read")

    def _carry(self, count: int) -> None:
        """Give what a slow line needs for ``count`` bytes, where it is known how slow it is."""
        if self._bytes_per_s and self._deadline is not None and (when := self._deadline.when()) is not None:
            self._deadline.reschedule(when + LINE_SHARE * count / self._bytes_per_s)

    async def _drop(self) -> None:
        stream, self._stream = self._stream, None
        if stream is not None:
            await stream.close()


def _frame(shell: Shell, nonce: str) -> tuple[bytes, bytes]:
    """What is sent before and after a command."""
    before, after = shell.frame.format(command="\0", nonce=nonce).split("\0")
    return before.encode(), after.encode()


def _shown(command: str) -> str:
    """A command as an error message names it."""
    return f"'{printable(command, most=60)}'"
