"""What a line is made of: bytes both ways, a speed, a break. One implementation per kind of port."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final, Protocol, runtime_checkable

BREAK_S: Final = 0.3
"""How long a break lasts: longer than a character at 300 baud, as IOS and boot loaders want it."""


class Endpoint(Protocol):
    """The near end of a line, open. Only one :class:`~drivers.line.line.Line` uses it."""

    @property
    def speed(self) -> int | None:
        """Bits a second; None where the way has no speed that we know (a plain TCP port)."""

    async def write(self, data: bytes) -> None:
        """Hand over all of ``data``. Raises :class:`~drivers.errors.Unreachable`."""

    async def read(self) -> bytes:
        """The next bytes, at least one; ``b""`` when the line is gone. Raises ``Unreachable``."""

    async def set_speed(self, baud: int) -> None:
        """Go to another speed. Raises ``Unsupported`` where this end cannot, ``Unreachable``."""

    async def send_break(self, seconds: float) -> None:
        """Hold the line in its break state. Raises ``Unsupported`` where this end cannot, ``Unreachable``."""

    async def close(self) -> None:
        """Let the port go. Never raises."""


class Closing(Protocol):
    """What can be let go."""

    async def close(self) -> None:
        """Let it go. Never raises."""


@asynccontextmanager
async def opening(opened: Closing) -> AsyncIterator[None]:
    """What is done with a port or a session before it is somebody's: where that fails, it is let go."""
    try:
        yield
    except BaseException:
        await opened.close()
        raise


@runtime_checkable
class Greeting(Protocol):
    """An endpoint whose far end speaks to whoever opens it, as a terminal server's login does.

    What it says before anybody holds the line is for the first who does.
    """

    greets: bool


@runtime_checkable
class Proved(Protocol):
    """An endpoint whose own box showed who it is before anything was told to it."""

    @property
    def proof(self) -> str:
        """What it showed; words with blanks between them, where there were several boxes on the way."""
