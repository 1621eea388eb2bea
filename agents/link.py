"""Whether the service is there: said once when it is lost and once when it is back.

Reports and assignments use it both, and each hears of the other's luck: who is the first to get through after an outage
wakes the rest out of their delays.
"""

from __future__ import annotations

import asyncio

import structlog

from agents.client import NotWelcome
from agents.clock import Clock

log = structlog.get_logger(__name__)


class Link:
    """The state of the way to the service."""

    def __init__(self, clock: Clock, *, service: str) -> None:
        self._clock = clock
        self._service = service
        self._waiting: set[asyncio.Event] = set()
        self._mistrusted = ""
        self.away = False
        """Whether the last try failed; read by the store's thread too."""

    def lost(self, error: Exception) -> None:
        """A call failed."""
        if not self.away:
            self.away = True
            what = "service refuses this agent" if isinstance(error, NotWelcome) else "service lost"
            log.warning(what, service=self._service, error=str(error))

    def mistrusted(self, error: Exception) -> None:
        """Somebody answers, and is not believed."""
        if str(error) != self._mistrusted:
            self._mistrusted = str(error)
            log.error("service is not believed", service=self._service, error=str(error))

    def back(self) -> None:
        """A call went well."""
        if self.away:
            self.away = False
            log.info("service is back", service=self._service)
            for waiter in self._waiting:
                waiter.set()

    async def wait(self, delay_s: float) -> None:
        """Wait for ``delay_s`` seconds, or until an outage is over."""
        over = asyncio.Event()
        self._waiting.add(over)
        timer = self._clock.call_later(delay_s, over.set)
        try:
            await over.wait()
        finally:
            self._waiting.discard(over)
            timer.cancel()
