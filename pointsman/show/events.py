"""Events, a line each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pointsman.show.text import parse_time, value_text


def event_line(item: Mapping[str, Any]) -> str:
    """Number, time, type, whom it is about, and what it says."""
    at = parse_time(item.get("at"))
    time = at.strftime("%Y-%m-%d %H:%M:%S") if at else value_text(item.get("at"))
    subject = item.get("node") or item.get("role")
    words = [f"{item['id']:>6}", time, f"{item['type']:<18}"]
    words += [value_text(subject)] if subject else []
    words += [value_text(item["data"])] if item.get("data") else []
    return "  ".join(words)
