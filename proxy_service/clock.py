"""Time as the service keeps it: aware datetimes in code, one sortable text in the database and in answers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


def now() -> datetime:
    """The time, with its offset."""
    return datetime.now(UTC)


def text(moment: datetime) -> str:
    """``2026-11-20T10:00:00.000000Z``: texts of this form sort as the times do."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def now_text(*, plus_s: float = 0.0) -> str:
    """The time, or the time in ``plus_s`` seconds, as text."""
    return text(now() + timedelta(seconds=plus_s))


def moment(written: str) -> datetime:
    """The time that :func:`text` wrote."""
    return datetime.fromisoformat(written)


def age_s(written: str) -> float:
    """How many seconds ago ``written`` was."""
    return (now() - moment(written)).total_seconds()
