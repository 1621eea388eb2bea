"""The user's terminal: raw while a console is on it, and as it was whatever happens.

Where standard input or output is no terminal nothing is read, and what the line says is written as it is.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import termios
import tty
from collections.abc import Callable, Iterator
from typing import Final

from pointsman.show.text import safe

_CHUNK_BYTES: Final = 4096


class Terminal:
    """Standard input, output and error, by their descriptors."""

    def __init__(self, *, stdin: int = 0, stdout: int = 1, stderr: int = 2) -> None:
        self._stdin = stdin
        self._stdout = stdout
        self._stderr = stderr
        self._raw = False
        self._at_line_start = True

    @property
    def is_interactive(self) -> bool:
        """Whether somebody can type here and see what comes."""
        return os.isatty(self._stdin) and os.isatty(self._stdout)

    def size(self) -> tuple[int, int]:
        """Columns and rows."""
        try:
            found = os.get_terminal_size(self._stdout)
        except OSError:
            return 80, 24
        return max(found.columns, 1), max(found.lines, 1)

    @contextlib.contextmanager
    def raw(self, typed: Callable[[bytes], None], resized: Callable[[], None]) -> Iterator[None]:
        """For the length of a block every key is given to ``typed``; the terminal is put back in any case."""
        before = termios.tcgetattr(self._stdin)
        loop = asyncio.get_running_loop()

        def readable() -> None:
            try:
                data = os.read(self._stdin, _CHUNK_BYTES)
            except OSError:
                data = b""
            if not data:
                loop.remove_reader(self._stdin)
            typed(data)

        try:
            tty.setraw(self._stdin, termios.TCSADRAIN)
            self._raw = True
            loop.add_reader(self._stdin, readable)
            loop.add_signal_handler(signal.SIGWINCH, resized)
            yield
        finally:
            loop.remove_signal_handler(signal.SIGWINCH)
            loop.remove_reader(self._stdin)
            self._raw = False
            # What was typed and not read yet was meant for the line, not for the shell.
            termios.tcsetattr(self._stdin, termios.TCSAFLUSH, before)

    async def show(self, data: bytes) -> None:
        """Bytes of the line, as they are."""
        if data:
            self._at_line_start = data.endswith(b"\n")
            await asyncio.to_thread(_write, self._stdout, data)

    def note(self, text: str) -> None:
        """Something beside what the line says: on standard error, on lines of its own."""
        end = "\r\n" if self._raw else "\n"
        begin = end if self._raw and not self._at_line_start else ""
        lines = (f"[{safe(line)}]" for line in text.splitlines())
        self._at_line_start = True
        with contextlib.suppress(OSError):
            _write(self._stderr, (begin + "".join(line + end for line in lines)).encode())


def _write(descriptor: int, data: bytes) -> None:
    """All of ``data``. Raises OSError where nobody reads any more."""
    while data:
        data = data[os.write(descriptor, data) :]
