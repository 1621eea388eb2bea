"""Bytes of a report to objects. What one report says wrongly harms no other: it is left out and named.

Texts in reports come from devices, and may be anything: they are made safe to show, not refused. Facts are kept as
they are, since a site's own tools read them; only their size is limited.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson
from pydantic import TypeAdapter, ValidationError

from device_profiles.facts import LARGEST_FACTS_BYTES
from device_profiles.names import OBSERVED
from device_profiles.problems import Problem, problems_of
from device_profiles.wire import WIRE_SCHEMA, Report
from proxy_service.problems import Slug, invalid, refused_at

REPORT: Final = TypeAdapter(Report)
_FACTS: Final = TypeAdapter(Mapping[str, Any])


@dataclass(frozen=True, slots=True)
class Batch:
    """A post of reports. ``unreadable`` are those that were left out; ``last_seq`` counts them, too."""

    reports: tuple[Report, ...]
    seen: Mapping[str, str]
    unreadable: tuple[Problem, ...]
    last_seq: int


def read_batch(body: bytes) -> Batch:
    """The reports in a body. Raises :class:`Refused` where the envelope itself cannot be read."""
    try:
        raw = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise invalid([Problem("", "the body is not JSON")]) from None
    if not isinstance(raw, dict) or raw.get("schema") not in (WIRE_SCHEMA, WIRE_SCHEMA - 1):
        message = f"this service speaks schema {WIRE_SCHEMA}; bring the older side up to date"
        raise refused_at(Slug.NOT_IN_THIS_VERSION, "schema", message)
    items, seen = raw.get("reports", []), raw.get("seen", {})
    if not isinstance(items, list) or not isinstance(seen, dict):
        raise invalid([Problem("reports", "is a list, and seen a mapping")])
    return _read(items, {str(node): at for node, at in seen.items() if isinstance(at, str)})


def _read(items: list[Any], seen: Mapping[str, str]) -> Batch:
    reports: list[Report] = []
    unreadable: list[Problem] = []
    last_seq = 0
    for index, item in enumerate(items):
        if not isinstance(item, dict) or not isinstance(item.get("seq"), int):
            raise invalid([Problem(f"reports.{index}.seq", "is missing")])
        last_seq = max(last_seq, item["seq"])
        try:
            reports.append(REPORT.validate_python(item, context=OBSERVED))
        except ValidationError as error:
            first = problems_of(error)[0]
            unreadable.append(Problem(f"reports.{index}.{first.path}", first.message))
    return Batch(tuple(reports), seen, tuple(unreadable), last_seq)


def facts_text(facts: Mapping[str, Any]) -> str | None:
    """Facts as JSON; None where they are too large to keep."""
    text = orjson.dumps(facts)
    return text.decode() if len(text) <= LARGEST_FACTS_BYTES else None
