"""A person's terminal: a pty of the kernel, on one side the program, on the other what is shown and typed."""

import asyncio
import contextlib
import os
import pty
import termios
from collections.abc import AsyncIterator, Callable

from pointsman.console.terminal import Terminal


class Screen:
    """What a terminal shows, and its keyboard."""

    def __init__(self, master: int, slave: int) -> None:
        self._master = master
        self._slave = slave
        self.shown = ""
        self._changed = asyncio.Event()
        self.terminal = Terminal(stdin=slave, stdout=slave, stderr=slave)

    def take(self) -> None:
        self.shown += os.read(self._master, 65536).decode()
        self._changed.set()

    def type(self, keys: bytes) -> None:
        os.write(self._master, keys)

    async def until(self, text: str) -> None:
        """Wait until a text is shown; what was shown up to it is forgotten."""
        await self.holds(lambda: text in self.shown)
        self.shown = self.shown.partition(text)[2]

    async def holds(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(10):
            while not condition():
                self._changed.clear()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(0.05):
                        await self._changed.wait()

    @property
    def descriptor(self) -> int:
        """The program's side of the terminal."""
        return self._slave

    @property
    def settings(self) -> list[object]:
        return list(termios.tcgetattr(self._slave))


@contextlib.asynccontextmanager
async def a_screen() -> AsyncIterator[Screen]:
    master, slave = pty.openpty()
    screen = Screen(master, slave)
    loop = asyncio.get_running_loop()
    loop.add_reader(master, screen.take)
    try:
        yield screen
    finally:
        loop.remove_reader(master)
        os.close(master)
        os.close(slave)
