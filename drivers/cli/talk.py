"""One open line to a device: what is sent, what comes back, and how we know that an answer is whole.

An answer ends where the last line is the device's prompt. A device may print that text within an answer, too, so a
prompt counts only when it is *proven*: the line that is sent next is echoed right behind it. Within a row of commands
the next command proves the one before; at the end of the row a comment with a nonce does. What a device prints can
therefore never end its own answer early: at worst nothing is proven within the time, and the caller gets an error.
"""

from __future__ import annotations

import asyncio
import secrets
from typing import Final

from drivers.cli.grammar import LONGEST_PROMPT_BYTES, Grammar, Prompt
from drivers.cli.screen import rendered
from drivers.contract import ByteStream
from drivers.errors import Garbled, Unreachable
from drivers.session import LINE_SHARE

LARGEST_ANSWER_BYTES: Final = 8 << 20
_MOST_QUESTIONS: Final = 8


class Talk:
    """A stream, and the bytes that came since the last command was sent.

    ``deadline`` is moved by what a slow line needs for the bytes that came, where ``bytes_per_s`` says how slow it is.
    On a serial ``line`` every line ends as its Enter key does.
    """

    def __init__(
        self, stream: ByteStream, grammar: Grammar, *, bytes_per_s: float | None = None, line: bool = False
    ) -> None:
        self.stream = stream
        self.grammar = grammar
        self.deadline: asyncio.Timeout | None = None
        self.host: bytes | None = None
        self._bytes_per_s = bytes_per_s
        self._newline = grammar.cli.login.enter if line else None
        self._came = bytearray()
        self._pages = 0
        self._questions = 0

    async def send(self, line: str) -> None:
        """Send a command; what came before is forgotten."""
        self._came.clear()
        self._pages = self._questions = 0
        await self.say(line + self.grammar.cli.newline)

    async def say(self, text: str) -> None:
        """Send ``text`` as it is, in the middle of an answer."""
        if self._newline is not None:
            text = text.replace("\r\n", "\n").replace("\n", self._newline)
        await self.stream.send(text.encode())

    async def receive(self) -> None:
        """Wait for more bytes. Raises :class:`~drivers.errors.Unreachable` at the end of the stream, or ``Garbled``."""
        data = await self.stream.receive()
        if not data:
            raise Unreachable("the device ended the session")
        self._came += data
        if len(self._came) > LARGEST_ANSWER_BYTES:
            raise Garbled(f"the device's answer has no end: {LARGEST_ANSWER_BYTES >> 20} MB were read")
        if self._bytes_per_s and self.deadline is not None and (when := self.deadline.when()) is not None:
            self.deadline.reschedule(when + LINE_SHARE * len(data) / self._bytes_per_s)

    @property
    def text(self) -> bytes:
        """What came, as lines, without the lines that the device prints whenever it likes."""
        return self.grammar.quiet(rendered(bytes(self._came)))

    @property
    def is_at_new_line(self) -> bool:
        """Whether a new line came, and nothing else."""
        return b"\n" in self._came and not self._came.strip()

    @property
    def last_line(self) -> bytes:
        """The line that the cursor is on."""
        line = rendered(bytes(self._came[self._start_of_last_line() :]))
        return line if line.strip() else self._line_before_noise()

    def _start_of_last_line(self) -> int:
        start = self._came.rfind(b"\n") + 1
        return max(start, len(self._came) - 2 * LONGEST_PROMPT_BYTES)

    def _line_before_noise(self) -> bytes:
        """The prompt, where a log message was printed behind it; it is not drawn again then."""
        if not self.grammar.cli.noise:
            return b""
        recent = rendered(bytes(self._came[-4 * LONGEST_PROMPT_BYTES :]))
        quiet = self.grammar.quiet(recent)
        return b"" if quiet == recent else quiet.rstrip(b"\n").rpartition(b"\n")[2]

    def prompt(self) -> Prompt | None:
        """The prompt that the line shows now; None where it shows none."""
        if self.grammar.cli.echo and b"\n" not in self._came:
            return None  # the echo of what was sent is not over
        return self.grammar.prompt(self.last_line, self.host)

    async def answer(self) -> tuple[bytes, Prompt]:
        """Wait for the prompt; pages are turned and questions answered.

        Returns what came before the prompt, rendered and with its echo. Raises ``Unreachable``, ``Garbled``.
        """
        while True:
            await self.receive()
            prompt = self.prompt()
            if prompt is not None:
                return self._before(prompt), prompt
            line = self.last_line
            if not await self.turn_page(line):
                await self._answer_question(line)

    def _before(self, prompt: Prompt) -> bytes:
        text = self.text.rstrip(b" \n")
        return text[: len(text) - len(prompt.line)]

    async def turn_page(self, line: bytes) -> bool:
        """Turn the page where ``line`` is the pager; whether it was. Raises ``Garbled`` where there is no last page."""
        pager = self.grammar.cli.pager
        if pager is None or self.grammar.pager is None or not self.grammar.pager.fullmatch(line.rstrip(b" ")):
            return False
        self._pages += 1
        if self._pages > pager.most_pages:
            raise Garbled(f"the device's answer has no end: {pager.most_pages} pages were read")
        del self._came[self._start_of_last_line() :]
        await self.say(pager.key)
        return True

    async def _answer_question(self, line: bytes) -> None:
        for asked in self.grammar.questions:
            if asked.pattern.fullmatch(line.rstrip(b" ")):
                self._questions += 1
                if self._questions > _MOST_QUESTIONS:
                    raise Garbled("the device asks without end: nothing was concluded from it")
                self._came += b"\n"
                await self.say(asked.answer)
                return

    async def prove(self, before: bytes = b"") -> tuple[bytes, Prompt]:
        """Have the prompt that the line shows proven; wait on where it was only a text.

        ``before`` is what :meth:`answer` returned. Returns what came before the proven prompt, and the prompt. Who
        has had a line from the middle of a prompt on sees only its end; the next prompt shows what it was the end of.
        """
        cli = self.grammar.cli
        comment = cli.comment.replace("{nonce}", secrets.token_hex(6))
        shown = comment.encode() if cli.echo else b""
        first = self.last_line.rstrip(b" ")
        line_start = max(self._came.rfind(first), 0)
        await self.say(comment + cli.newline)
        while True:
            await self.receive()
            prompt = self.grammar.prompt(self.last_line, self.host)
            if prompt is None:
                continue
            proof = _squeezed((first if prompt.line.endswith(first) else prompt.line) + shown)
            line = self.grammar.quiet(rendered(bytes(self._came[line_start:])))
            if _squeezed(line) == proof + _squeezed(prompt.line):
                return before, prompt
            lines = self.text.rstrip(b" \n").rsplit(b"\n", 2)
            if len(lines) == 3 and _squeezed(lines[1]) == proof:
                return lines[0] + b"\n", prompt

    async def close(self) -> None:
        """Close the stream. Never raises."""
        await self.stream.close()


def _squeezed(line: bytes) -> bytes:
    return line.translate(None, b" \n")
