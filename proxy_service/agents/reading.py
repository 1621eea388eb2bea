"""Bytes of a report to objects. What one report says wrongly harms no other: it is left out and named.

Texts in reports come from devices, and may be anything: they are made safe to show, not refused. Facts are kept as
the very text that was sent, since a site's own tools read them: msgspec sees that it is JSON without making objects of
it, which is a third of the time of a post. Only their outer shape and their size are limited.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

import msgspec
import orjson
from pydantic import TypeAdapter, ValidationError

from device_profiles.names import OBSERVED
from device_profiles.problems import Problem, problems_of
from device_profiles.wire import WIRE_SCHEMA, Report
from proxy_service.problems import Slug, invalid, refused_at

REPORT: Final = TypeAdapter(Report)


class _Envelope(msgspec.Struct):
    """A post of reports as JSON, each report taken apart into the texts of its fields."""

    schema: Any = None
    reports: list[dict[str, msgspec.Raw]] = []
    seen: dict[str, Any] = {}
    leases: dict[str, int] | None = None
    released: dict[str, int] = {}
    needs_s: float = 0.0


_ENVELOPE: Final = msgspec.json.Decoder(_Envelope)


@dataclass(frozen=True, slots=True)
class Received:
    """A report, and its facts as the JSON text that was sent; ``report.facts`` is always None."""

    report: Report
    facts: str | None


@dataclass(frozen=True, slots=True)
class Batch:
    """A post of reports. ``unreadable`` are those that were left out; ``last_seq`` counts them, too."""

    reports: tuple[Received, ...]
    seen: Mapping[str, str]
    unreadable: tuple[Problem, ...]
    last_seq: int
    leases: Mapping[str, int] | None = None
    released: Mapping[str, int] = field(default_factory=dict)
    needs_s: float = 0.0


def read_batch(body: bytes) -> Batch:
    """The reports in a body. Raises :class:`Refused` where the envelope itself cannot be read."""
    try:
        envelope = _ENVELOPE.decode(body)
    except msgspec.ValidationError:
        raise invalid([Problem("reports", "is a list of reports, seen and leases are mappings")]) from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise invalid([Problem("", "the body is not JSON")]) from None
    if envelope.schema not in (WIRE_SCHEMA, WIRE_SCHEMA - 1):
        message = f"this service speaks schema {WIRE_SCHEMA}; bring the older side up to date"
        raise refused_at(Slug.NOT_IN_THIS_VERSION, "schema", message)
    batch = _read(envelope.reports, {node: at for node, at in envelope.seen.items() if isinstance(at, str)})
    leases, released, needs_s = envelope.leases, envelope.released, envelope.needs_s
    return batch if leases is None else replace(batch, leases=leases, released=released, needs_s=needs_s)


def _read(items: list[dict[str, msgspec.Raw]], seen: Mapping[str, str]) -> Batch:
    reports: list[Received] = []
    unreadable: list[Problem] = []
    last_seq = 0
    for index, item in enumerate(items):
        last_seq = max(last_seq, _seq(index, item))
        try:
            facts = _text(item.pop("facts", None))
            values = {name: orjson.loads(memoryview(text)) for name, text in item.items()}
            reports.append(Received(REPORT.validate_python(values, context=OBSERVED), facts))
        except ValidationError as error:
            first = problems_of(error)[0]
            unreadable.append(Problem(f"reports.{index}.{first.path}", first.message))
        except ValueError:  # of orjson, of the decoder of UTF-8, or ours
            unreadable.append(Problem(f"reports.{index}", "is no report: texts are UTF-8, and facts a mapping"))
    return Batch(tuple(reports), seen, tuple(unreadable), last_seq)


def _seq(index: int, item: Mapping[str, msgspec.Raw]) -> int:
    try:
        return int(bytes(item["seq"]))
    except (KeyError, ValueError):
        raise invalid([Problem(f"reports.{index}.seq", "is missing")]) from None


def _text(facts: msgspec.Raw | None) -> str | None:
    """Facts as they were sent. Raises ValueError where they are no mapping."""
    text = str(memoryview(facts), "utf-8") if facts is not None else "null"
    if text == "null":
        return None
    if not text.startswith("{"):
        raise ValueError
    return text
