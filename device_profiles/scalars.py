"""Canonical forms of single values, so that equal means equal.

VLAN ranges are expanded and sorted, sizes are bytes, times are UTC. Each type takes what people write and what
JSON carries, and holds only the canonical form.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Annotated, Final, Literal

from annotated_types import Ge, Le
from pydantic import AfterValidator, BeforeValidator, Strict, WithJsonSchema

VLAN_MIN: Final = 1
VLAN_MAX: Final = 4094

VlanId = Annotated[int, Ge(VLAN_MIN), Le(VLAN_MAX)]
VlanNumber = Annotated[int, Strict(), Ge(VLAN_MIN), Le(VLAN_MAX)]

_RANGE = re.compile(r"^(\d{1,4})(?:-(\d{1,4}))?$")
_SIZE = re.compile(r"^(\d{1,15})\s?(B|KiB|MiB|GiB|TiB|PiB|kB|MB|GB|TB|PB)?$")
_UNITS: Final = {
    "B": 1,
    **{unit: 1024**power for power, unit in enumerate(("KiB", "MiB", "GiB", "TiB", "PiB"), 1)},
    **{unit: 1000**power for power, unit in enumerate(("kB", "MB", "GB", "TB", "PB"), 1)},
}


def _vlan_span(item: object) -> range:
    if isinstance(item, bool) or not isinstance(item, int | str):
        raise ValueError(f"a VLAN is a number or a range like 200-210, not {type(item).__name__}")  # noqa: TRY004 -- pydantic wants ValueError
    match = _RANGE.match(str(item))
    if match is None:
        raise ValueError("a VLAN is a number or a range like 200-210")
    low = int(match[1])
    high = int(match[2] or low)
    if not VLAN_MIN <= low <= high <= VLAN_MAX:
        raise ValueError(f"VLANs go from {VLAN_MIN} to {VLAN_MAX}, lower number first")
    return range(low, high + 1)


def expand_vlans(items: object) -> tuple[int, ...] | Literal["all"]:
    """``[100, "200-202"]`` or ``"100,200-202"`` to ``(100, 200, 201, 202)``; the word ``all`` stays a word."""
    if items == "all":
        return "all"
    parts: Iterable[object]
    if isinstance(items, str):
        parts = [part.strip() for part in items.split(",") if part.strip()]
    elif isinstance(items, int):
        parts = [items]
    elif isinstance(items, Sequence | set | frozenset):
        parts = items
    else:
        raise ValueError("a list of VLANs, or the word all")  # noqa: TRY004 -- pydantic wants ValueError
    return tuple(sorted({vlan for part in parts for vlan in _vlan_span(part)}))


def vlan_ranges(vlans: Iterable[int]) -> list[str]:
    """``(100, 200, 201, 202)`` to ``["100", "200-202"]``: the short form that people and CLIs use."""
    spans: list[list[int]] = []
    for vlan in sorted(vlans):
        if spans and vlan == spans[-1][1] + 1:
            spans[-1][1] = vlan
        else:
            spans.append([vlan, vlan])
    return [str(low) if low == high else f"{low}-{high}" for low, high in spans]


def _size(value: object) -> object:
    if isinstance(value, str) and (match := _SIZE.match(value)):
        return int(match[1]) * _UNITS[match[2] or "B"]
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise ValueError("a size is a number of bytes or like 100GiB, 2TB")


def _utc(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError("a time needs its offset, like 2026-11-20T10:00:00Z")
    return value.astimezone(UTC)


def _sorted_words(value: object) -> object:
    if isinstance(value, list | tuple | set | frozenset) and all(isinstance(word, str) for word in value):
        return tuple(sorted({str(word) for word in value}))
    return value


SortedWords = BeforeValidator(_sorted_words)
# What people may write is wider than what is held, and the JSON Schema is for what they write.
_VLANS_WRITTEN: Final = {
    "anyOf": [
        {"const": "all"},
        {"type": "integer", "minimum": VLAN_MIN, "maximum": VLAN_MAX},
        {"type": "string", "pattern": r"^\d{1,4}(-\d{1,4})?(\s*,\s*\d{1,4}(-\d{1,4})?)*$"},
        {
            "type": "array",
            "items": {
                "anyOf": [
                    {"type": "integer", "minimum": VLAN_MIN, "maximum": VLAN_MAX},
                    {"type": "string", "pattern": _RANGE.pattern},
                ]
            },
        },
    ]
}
_SIZE_WRITTEN: Final = {"anyOf": [{"type": "integer", "minimum": 1}, {"type": "string", "pattern": _SIZE.pattern}]}

VlanSet = Annotated[
    tuple[int, ...] | Literal["all"],
    BeforeValidator(expand_vlans),
    WithJsonSchema(_VLANS_WRITTEN, mode="validation"),
]
Size = Annotated[int, BeforeValidator(_size), Ge(1), WithJsonSchema(_SIZE_WRITTEN, mode="validation")]

_FINGERPRINT: Final = re.compile(r"^(?:sha256(?: fingerprint)?[:=])?((?:[0-9a-f]{2}:?){31}[0-9a-f]{2})$", re.IGNORECASE)


def _fingerprint(text: str) -> str:
    """``SHA256 Fingerprint=ab:cd...``, with colons or without, to ``SHA256:AB:CD:...``."""
    match = _FINGERPRINT.match(text.strip())
    if match is None:
        raise ValueError("a certificate's fingerprint is SHA256: and 64 hexadecimal digits")
    return f"SHA256:{bytes.fromhex(match[1].replace(':', '')).hex(':').upper()}"


CertificateFingerprint = Annotated[str, AfterValidator(_fingerprint)]
Time = Annotated[datetime, AfterValidator(_utc)]
