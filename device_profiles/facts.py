"""What a device is and holds, in ohai's words where ohai has one (design, section 5).

Facts are a document of plain JSON values with a schema version: ``platform``, ``platform_version``, ``hostname``,
``uptime_seconds``, ``network.interfaces.<name>``, ``dmi.system`` and so on. ``mtu`` is a string, as ohai's is.
They are kept as they are; only their outer shape and size are checked, since a site's own tools read them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, Final

import orjson

Facts = Mapping[str, Any]

FACTS_SCHEMA: Final = 1
LARGEST_FACTS_BYTES: Final = 2_000_000

VOLATILE: Final = frozenset({"uptime_seconds", "uptime", "idletime", "ohai_time"})
"""Facts that move by themselves: not part of the hash, so that an unchanged device is an unchanged document."""


def digest(document: Any) -> str:
    """A short, stable hash of a JSON document, volatile facts left out."""
    steady = {k: v for k, v in document.items() if k not in VOLATILE} if isinstance(document, Mapping) else document
    return hashlib.blake2b(orjson.dumps(steady, option=orjson.OPT_SORT_KEYS), digest_size=12).hexdigest()


def pick(facts: Facts, path: str) -> Any:
    """The fact at a dotted path (``network.interfaces.p1.mtu``); KeyError names the first part that is missing.

    The longest key that fits is taken at each step, so names with dots in them are found.
    """
    value: Any = facts
    rest = path.split(".") if path else []
    while rest:
        for length in range(len(rest), 0, -1):
            key = ".".join(rest[:length])
            if isinstance(value, Mapping) and key in value:
                value, rest = value[key], rest[length:]
                break
        else:
            raise KeyError(rest[0])
    return value
