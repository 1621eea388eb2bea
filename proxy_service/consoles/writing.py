"""Who may type on a console: one person at a time, by a lease that typing renews, until it is let go or taken over."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from proxy_service import clock
from proxy_service.consoles.watching import Watcher


@dataclass(slots=True)
class Writer:
    """The person who writes. ``holds``: the agent has the line for them, and nothing of automation is on it."""

    watcher: Watcher
    since: str
    ends_at_s: float
    holds: bool = False

    def shown(self) -> dict[str, Any]:
        """For everybody to see."""
        left_s = max(0.0, self.ends_at_s - time.monotonic())
        return {
            "id": self.watcher.id,
            "who": self.watcher.who,
            "since": self.since,
            "holds": self.holds,
            "until": clock.now_text(plus_s=left_s),
        }


class Lease:
    """The pen of a room."""

    def __init__(self, idle_s: float) -> None:
        self._idle_s = idle_s
        self.writer: Writer | None = None

    def is_of(self, watcher: Watcher) -> bool:
        """Whether this one writes."""
        return self.writer is not None and self.writer.watcher is watcher

    def give(self, watcher: Watcher) -> Writer | None:
        """Let ``watcher`` write; who wrote before, if it was somebody else."""
        before = self.writer
        if before is not None and before.watcher is watcher:
            self.renew()
            return None
        self.writer = Writer(watcher, clock.now_text(), time.monotonic() + self._idle_s)
        return before

    def renew(self) -> None:
        """Something was typed."""
        if self.writer is not None:
            self.writer.ends_at_s = time.monotonic() + self._idle_s

    def end(self) -> Writer | None:
        """Nobody writes; who did."""
        before, self.writer = self.writer, None
        return before

    @property
    def is_over(self) -> bool:
        """Whether nothing was typed for too long."""
        return self.writer is not None and time.monotonic() >= self.writer.ends_at_s
