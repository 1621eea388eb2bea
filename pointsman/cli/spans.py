"""Spans of time as people write them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from pointsman.problems import WrongUsage

_SPAN: Final = re.compile(r"^(\d{1,6})(s|m|h|d)$")
_UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def span_of(text: str, *, option: str) -> timedelta:
    """A span of time like ``90s``, ``30m``, ``2h``, ``1d``. Raises WrongUsage that names the option."""
    match = _SPAN.match(text)
    if match is None:
        raise WrongUsage(f"{option} {text!r} is no span of time: 90s, 30m, 2h and 1d are")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


def end_of(*, until: str | None, span: str | None, now: datetime) -> datetime:
    """The end that ``--until`` or ``--for`` gives. Raises WrongUsage."""
    if (until is None) == (span is None):
        raise WrongUsage("say when the pause ends: either --for 2h or --until 2026-11-20T18:00:00Z")
    if span is not None:
        return now + span_of(span, option="--for")
    try:
        end = datetime.fromisoformat(str(until))
    except ValueError:
        raise WrongUsage(f"--until {until!r} is no time like 2026-11-20T18:00:00Z") from None
    if end.tzinfo is None:
        raise WrongUsage(f"--until {until!r} needs its offset, like 2026-11-20T18:00:00Z")
    return end.astimezone(UTC)
