"""When steps with an impact may be taken: a window opens by a cron expression, in a timezone, and stays open a while.

A window that could never open (the 30th of February, a duration of nothing) is refused where it is declared: it would
hold steps back for ever without anybody having meant it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Annotated, ClassVar, Final, Literal
from zoneinfo import ZoneInfo

from annotated_types import MaxLen, MinLen
from cronsim import CronSim, CronSimError
from pydantic import AfterValidator, BeforeValidator, ConfigDict, WithJsonSchema

from device_profiles.state import STRICT

WindowImpact = Literal["flap", "outage", "data"]
ALL_IMPACTS: Final[tuple[WindowImpact, ...]] = ("flap", "outage", "data")
_DURATION: Final = re.compile(r"^(?=\d)(?:(\d{1,2})d)?(?:(\d{1,4})h)?(?:(\d{1,5})m)?(?:(\d{1,7})s)?$")
_LONGEST_S: Final = 31 * 86_400
_NEVER: Final = "the window never opens: no day is ever like that"
_JUST_SOME_TIME: Final = datetime(2026, 1, 1, tzinfo=UTC)


def _seconds(value: object) -> int:
    """``2h``, ``1h30m`` or a number of seconds."""
    seconds = value if isinstance(value, int) and not isinstance(value, bool) else None
    if isinstance(value, str) and (match := _DURATION.match(value)):
        days, hours, minutes, rest = (int(part or 0) for part in match.groups())
        seconds = ((days * 24 + hours) * 60 + minutes) * 60 + rest
    if seconds is None:
        raise ValueError("a duration is like 90m, 2h or 1d12h")
    if seconds == 0:
        raise ValueError("the window never opens: its duration is nothing; say how long it is, like 2h")
    if not 0 < seconds <= _LONGEST_S:
        raise ValueError("a window is open for at most 31 days")
    return seconds


def _cron(text: str) -> str:
    fields = text.split()
    if len(fields) != 5:
        raise ValueError("a cron expression has five fields: minute, hour, day, month, weekday, like 0 2 * * *")
    try:
        next(CronSim(text, _JUST_SOME_TIME))
    except StopIteration:
        raise ValueError(_NEVER) from None
    except CronSimError as error:
        # What was written is not repeated; cronsim names the field, also where only the month has no such day.
        raise ValueError(
            _NEVER if _is_cron([*fields[:3], "*", fields[4]]) else f"is no cron: {error}".lower()
        ) from None
    return text


def _is_cron(fields: list[str]) -> bool:
    try:
        CronSim(" ".join(fields), _JUST_SOME_TIME)
    except CronSimError:
        return False
    return True


def _timezone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        raise ValueError("no such timezone is known here; one is like Europe/Berlin") from None
    return name


Duration = Annotated[
    int,
    BeforeValidator(_seconds),
    WithJsonSchema(
        {"anyOf": [{"type": "integer", "minimum": 1}, {"type": "string", "pattern": _DURATION.pattern}]},
        mode="validation",
    ),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """When steps of these ``impacts`` may be taken. ``duration`` in seconds, counted from each opening."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    cron: Annotated[str, MaxLen(100), AfterValidator(_cron)]
    duration: Duration
    impacts: Annotated[tuple[WindowImpact, ...], MinLen(1), MaxLen(3)] = ALL_IMPACTS
    timezone: Annotated[str, MinLen(1), MaxLen(60), AfterValidator(_timezone)] = "UTC"

    def is_open(self, now: datetime) -> bool:
        """Whether it is open at ``now`` (with an offset)."""
        opened = _last_opening(self, now.replace(second=0, microsecond=0))
        return opened is not None and now < opened + timedelta(seconds=self.duration)

    def next_opening(self, now: datetime) -> datetime:
        """When it opens next after ``now``, in its own timezone."""
        found: datetime = next(CronSim(self.cron, now.astimezone(ZoneInfo(self.timezone))))
        return found


@lru_cache(maxsize=1024)
def _last_opening(window: Window, minute: datetime) -> datetime | None:
    """The last opening at or before a minute, UTC; None where there was none as far back as it could still be open."""
    # Reckoned in UTC: a night in which the clocks are changed makes no window longer or shorter.
    begin = minute.astimezone(UTC) - timedelta(seconds=window.duration)
    coming = CronSim(window.cron, (minute + timedelta(minutes=1)).astimezone(ZoneInfo(window.timezone)), reverse=True)
    last = next(coming, None)
    return None if last is None or last.astimezone(UTC) < begin else last.astimezone(UTC)
