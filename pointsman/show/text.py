"""Values as short, safe text.

Names and messages come from devices and from other people; a neighbour may call itself ``\\x1b]0;...`` or ``[red]``.
Whatever is printed goes through :func:`safe`, and is handed to rich as text without markup.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from device_profiles.names import printable
from device_profiles.scalars import vlan_ranges

NOTHING: Final = "-"
LONGEST: Final = 2000

_SPANS: Final = ((86400, "d"), (3600, "h"), (60, "min"))


def safe(value: object) -> str:
    """``value`` on one line, control and direction characters escaped, shortened where it is endless."""
    return printable(str(value), most=LONGEST)


def value_text(value: Any) -> str:
    """A declared or observed value as people write it."""
    if value is None:
        return NOTHING
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        if value and all(isinstance(item, int) and not isinstance(item, bool) for item in value):
            return ",".join(vlan_ranges(value))
        return ",".join(value_text(item) for item in value) or "none"
    if isinstance(value, Mapping):
        return " ".join(f"{safe(key)}={value_text(item)}" for key, item in value.items()) or NOTHING
    return safe(value)


def yes_no(value: bool | None) -> str:
    """A status as a word."""
    return "unknown" if value is None else ("yes" if value else "no")


def parse_time(text: object) -> datetime | None:
    """The time that an answer of the service holds, or None."""
    try:
        return datetime.fromisoformat(str(text)).astimezone(UTC)
    except ValueError:
        return None


def ago(text: object, *, now: datetime | None = None) -> str:
    """How long ago a time was: ``12 s ago``."""
    at = parse_time(text)
    if at is None:
        return NOTHING
    seconds = ((now or datetime.now(UTC)) - at).total_seconds()
    if seconds < 0:
        return "in " + _span(-seconds)
    return "now" if seconds < 1 else f"{_span(seconds)} ago"


def _span(seconds: float) -> str:
    for length, unit in _SPANS:
        if seconds >= length:
            return f"{int(seconds // length)} {unit}"
    return f"{int(seconds)} s"
