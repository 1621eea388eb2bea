"""Time, as far as behaviour depends on it; tests put a clock in its place that they move by hand."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final, Protocol

_SINCE_BOOT: Final = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


class Timer(Protocol):
    """Something that was put off and can be called off."""

    def cancel(self) -> None:
        """Call it off; harmless when it has happened."""


class Clock(Protocol):
    """Where the agent takes its time from."""

    def now(self) -> datetime:
        """The time of day, UTC: for people and for the service."""

    def monotonic(self) -> float:
        """Seconds that never go back: for intervals."""

    def elapsed(self) -> float:
        """Seconds that never go back, with those in which the machine slept: for leases."""

    def call_later(self, delay_s: float, act: Callable[[], None]) -> Timer:
        """Call ``act`` on the event loop in ``delay_s`` seconds."""

    async def sleep(self, delay_s: float) -> None:
        """Wait ``delay_s`` seconds."""


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    def elapsed(self) -> float:
        # Linux stops CLOCK_MONOTONIC while the machine is suspended (clock_gettime(2)); where there is no
        # CLOCK_BOOTTIME (macOS) it goes on.
        return time.clock_gettime(_SINCE_BOOT)

    def call_later(self, delay_s: float, act: Callable[[], None]) -> Timer:
        return asyncio.get_running_loop().call_later(delay_s, act)

    async def sleep(self, delay_s: float) -> None:
        await asyncio.sleep(delay_s)
