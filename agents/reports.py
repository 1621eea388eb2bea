"""Reports as the bytes that go over the wire, made once, when something is new.

They are put together from parts that are serialised each by what does it cheapest: a state by pydantic (which leaves
out what is absent), the rest by orjson. A :class:`~device_profiles.wire.Report` of the schema is what the service reads
them as; a test reads them so too.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

import orjson
from pydantic import TypeAdapter

from device_profiles.state import State
from device_profiles.wire import WIRE_SCHEMA

_STATES: Final = TypeAdapter(State)
_OPTIONS: Final = orjson.OPT_NON_STR_KEYS | orjson.OPT_UTC_Z


def state_json(state: State) -> bytes:
    """A state as JSON, without what is absent."""
    return _STATES.dump_json(state, exclude_none=True)


def digest_of(document: bytes) -> str:
    """A short hash of a serialised document."""
    return hashlib.blake2b(document, digest_size=12).hexdigest()


def dump(document: Any) -> bytes:
    """Anything of the wire as JSON: dataclasses, times, tuples."""
    return orjson.dumps(document, option=_OPTIONS)


def report(*, fence: int, node: str, at: datetime, parts: dict[str, Any]) -> bytes:
    """One report without its seq. ``parts`` are fields of ``Report``; bytes are JSON already; None is left out."""
    body: dict[str, Any] = {"fence": fence, "node": node, "at": at}
    for name, value in parts.items():
        if isinstance(value, bytes):
            body[name] = orjson.Fragment(value)
        elif value is not None:
            body[name] = value
    return orjson.dumps(body, option=_OPTIONS)


def batch(
    reports: Iterable[tuple[int, bytes]], seen: dict[str, datetime], *, more: dict[str, Any] | None = None
) -> bytes:
    """The body of one post, with ``more`` of its fields. Seqs are put in front of bodies that were made long before."""
    bodies = [b'{"seq":%d,%b' % (seq, body[1:]) for seq, body in reports]
    rest = b"," + dump(more)[1:] if more else b"}"
    return b'{"schema":%d,"reports":[%b],"seen":%b%b' % (WIRE_SCHEMA, b",".join(bodies), dump(seen), rest)
