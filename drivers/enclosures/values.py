"""Words of controllers as our values."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from device_profiles.operation import Health
from device_profiles.state import Power

_MAC: Final = re.compile(r"(?<![0-9A-Fa-f:])(?:[0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}(?![0-9A-Fa-f:])")
_UNSET: Final = frozenset({"00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff"})
_NOTHING: Final = frozenset(
    {"", "n/a", "na", "none", "unknown", "[unknown]", "[unknown]:", "not available", "[absent]"}
)
_HEALTH: Final[dict[str, Health]] = {
    "ok": "ok",
    "good": "ok",
    "normal": "ok",
    "other": "warning",
    "degraded": "warning",
    "warning": "warning",
    "non-critical": "warning",
    "failed": "critical",
    "critical": "critical",
    "not ok": "critical",
    "non-recoverable error": "critical",
    "predictive failure": "warning",
}


def told(text: str | None) -> str:
    """A text; empty where the controller says that it does not know."""
    found = (text or "").strip()
    return "" if found.lower() in _NOTHING else found


def power_of(text: str | None) -> Power | None:
    """``on`` or ``off`` in whatever capitals; None while it changes, and where nothing is told."""
    return {"on": "on", "off": "off"}.get((text or "").strip().lower())  # type: ignore[return-value]  # its values are


def health_of(text: str | None) -> Health | None:
    """How well something is."""
    return _HEALTH.get((text or "").strip().lower())


def macs_in(text: str) -> Iterator[str]:
    """The MACs in a text, in lower case, without those that stand for none."""
    return (mac for mac in (each.lower() for each in _MAC.findall(text)) if mac not in _UNSET)


def number_in(text: str | None) -> float | None:
    """The first number in a text."""
    found = re.search(r"-?\d+(?:\.\d+)?", text or "")
    return float(found[0]) if found else None
