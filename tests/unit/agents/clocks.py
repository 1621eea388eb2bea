"""A time of day that tests set, while intervals are those of the machine."""

from datetime import UTC, datetime, timedelta

from agents.clock import SystemClock


class DayClock(SystemClock):
    """The time of day stands until it is moved."""

    def __init__(self, text: str = "2026-11-20T12:00:00+00:00") -> None:
        self.time = datetime.fromisoformat(text).astimezone(UTC)

    def now(self) -> datetime:
        return self.time

    def move(self, **by: float) -> None:
        """Let time pass."""
        self.time += timedelta(**by)
