"""Why a node's worker is woken, and when: one small queue, in which all reasons become one.

Wakes that wait are merged: the most important cause wins, the earliest time counts. So a burst of pushed changes is one
pass, a new assignment does not wait for a retry's delay, and nothing queues up behind a device that hangs.
"""

from __future__ import annotations

import asyncio
from typing import Final

from agents.clock import Clock, Timer
from device_profiles.wire import Cause

_CAUSES: Final[tuple[Cause, ...]] = ("poll", "start", "retry", "pushed", "assignment")
_IMPORTANCE: Final = {cause: rank for rank, cause in enumerate(_CAUSES)}


class Wakes:
    """The wakes of one node. Only its worker takes them; anybody on the event loop adds them."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._cause: Cause | None = None
        self._due = 0.0
        self._waiter: asyncio.Future[None] | None = None
        self._timer: Timer | None = None
        self._nudged = False
        self._closed = False

    def add(self, cause: Cause, *, delay_s: float = 0.0) -> None:
        """Wake the worker in ``delay_s`` seconds, or earlier if it is to be woken earlier anyway."""
        due = self._clock.monotonic() + delay_s
        if self._cause is None:
            self._cause, self._due = cause, due
        else:
            self._due = min(self._due, due)
            if _IMPORTANCE[cause] > _IMPORTANCE[self._cause]:
                self._cause = cause
        self._rearm()

    def nudge(self) -> None:
        """Wake the worker now for a request; whatever else waits goes on waiting."""
        self._nudged = True
        self._wake()

    def close(self) -> None:
        """No further wakes: :meth:`next` gives None from now on."""
        self._closed = True
        self._wake()

    async def next(self) -> Cause | None:
        """Wait until a wake is due and take it; None when closed."""
        while not self._closed:
            if self._nudged:
                self._nudged = False
                return "request"
            if self._cause is not None and self._due <= self._clock.monotonic():
                cause, self._cause = self._cause, None
                return cause
            self._waiter = asyncio.get_running_loop().create_future()
            self._rearm()
            try:
                await self._waiter
            finally:
                self._waiter = None
                self._disarm()
        return None

    def _rearm(self) -> None:
        if self._waiter is None or self._cause is None:
            return
        self._disarm()
        delay = self._due - self._clock.monotonic()
        if delay <= 0:
            self._wake()
        else:
            self._timer = self._clock.call_later(delay, self._wake)

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
