"""Time that only passes when nobody has anything to do: minutes of waiting take no time, and a run repeats exactly.

The event loop asks its selector to wait; ours lets the clock jump by that much instead. Nothing in a trial is outside
of the loop (the store commits on it as well), so what happens depends on the schedule alone.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from agents.clock import Timer

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


class Stuck(Exception):
    """Nothing waits for a time, and nothing else can happen any more."""


class _Jumping(selectors.SelectSelector):
    def __init__(self) -> None:
        super().__init__()
        self.now = 1000.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        found = super().select(0)
        if not found and timeout is None:
            raise Stuck
        if not found and timeout:
            self.now += timeout
        return found


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop whose time jumps."""

    def __init__(self) -> None:
        self._jumping = _Jumping()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.now


class WorldClock:
    """The agent's clock: its time of day may be set wrong (``ahead_s``), its intervals are those of the loop."""

    def __init__(self) -> None:
        self.ahead_s = 0.0

    def now(self) -> datetime:
        return EPOCH + timedelta(seconds=self.monotonic() + self.ahead_s)

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()

    def elapsed(self) -> float:
        return self.monotonic()

    def call_later(self, delay_s: float, act: Callable[[], None]) -> Timer:
        return asyncio.get_running_loop().call_later(delay_s, act)

    async def sleep(self, delay_s: float) -> None:
        await asyncio.sleep(delay_s)


def run(main: Any) -> Any:
    """Run a coroutine in a time of its own."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main)
