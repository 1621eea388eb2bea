"""Making way on a line that others want, too: a session lets it go when it has been quiet for a moment.

A session is held over many passes, since logging in takes its time; on a line that a person waits for it must not be.
It is asked by its stream (:class:`Shared`), and leaves between two rows of commands: not within a pass, whose commands
follow each other closely, so that nobody finds a device half way through a change. It logs out before it goes.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final, Protocol, runtime_checkable

from drivers.contract import ByteStream

QUIET_S: Final = 1.0


class Wanting(Protocol):
    """Who waits for a line."""

    @property
    def name(self) -> str:
        """As others are told."""


@runtime_checkable
class Shared(Protocol):
    """A stream that somebody else may want, or take."""

    @property
    def closed(self) -> bool:
        """Whether it was taken, or closed."""

    def on_wanted(self, call: Callable[[Wanting], None]) -> None:
        """Have ``call`` called when somebody waits for it."""


def is_over(stream: ByteStream) -> bool:
    """Whether a stream is known to be gone."""
    return isinstance(stream, Shared) and stream.closed


class GivingWay:
    """Has a session ``leave`` its stream under its ``lock``, when that is wanted and the session has been quiet."""

    def __init__(
        self, lock: asyncio.Lock, leave: Callable[[], Awaitable[None]], *, quiet_s: float | None = None
    ) -> None:
        self._lock = lock
        self._leave = leave
        self._quiet_s = QUIET_S if quiet_s is None else quiet_s
        self._used = 0.0
        self._shared: Shared | None = None
        self._task: asyncio.Task[None] | None = None

    def watch(self, stream: ByteStream) -> None:
        """Leave when somebody wants ``stream``, which is the session's from now on."""
        self.used()
        self._shared = stream if isinstance(stream, Shared) else None
        if self._shared is not None:
            self._shared.on_wanted(self._wanted)

    @property
    def is_over(self) -> bool:
        """Whether the stream that is watched was taken, or closed."""
        return self._shared is not None and self._shared.closed

    def used(self) -> None:
        """The session did something just now."""
        self._used = time.monotonic()

    def _wanted(self, who: Wanting) -> None:
        del who
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._go(), name="making way on a line")

    async def _go(self) -> None:
        while True:
            async with self._lock:
                wait_s = self._used + self._quiet_s - time.monotonic()
                if wait_s <= 0:
                    await self._leave()
                    return
            await asyncio.sleep(wait_s)

    async def stop(self) -> None:
        """Nobody needs to make way any more: the session is closed by somebody else."""
        task, self._task = self._task, None
        if task is not None and not task.done() and task is not asyncio.current_task():
            task.cancel()
            await asyncio.wait({task})
