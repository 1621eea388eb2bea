"""Values out of resources. Services leave out what they like, say null, or another type than the schema: then there is
no value, and never an exception.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from device_profiles.names import printable
from drivers.errors import Garbled
from drivers.rest.messages import path_of
from drivers.rest.session import Document

OWN: Final = "@odata.id"
_MAC: Final = re.compile(r"(?:[0-9a-f]{2}[:-]?){5}[0-9a-f]{2}", re.IGNORECASE)
_NO_MAC: Final = frozenset({"00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff"})
_NOTHING: Final = re.compile(
    r"(?i)n/?a|none|null|unknown|not (?:available|specified|applicable|provided)|empty|-+"
    r"|to be filled.*|default string|system (?:serial number|product name|manufacturer)|\(?unspecified\)?"
)
"""What firmware says where it has nothing to say, or nobody has set anything."""
_LONGEST: Final = 200


def at(document: Any, *keys: str | int) -> Any:
    """The value at a way through objects and arrays; None where there is none."""
    for key in keys:
        if isinstance(key, int):
            document = document[key] if isinstance(document, list) and -len(document) <= key < len(document) else None
        else:
            document = document.get(key) if isinstance(document, Mapping) else None
    return document


def pointed(document: Any, pointer: str) -> Any:
    """The value at a pointer (``Oem/Hpe/PostState``, ``ManagedBy/0``); None where there is none."""
    for key in filter(None, pointer.split("/")):
        document = at(document, int(key) if isinstance(document, list) and key.isdecimal() else key)
    return document


def text(document: Any, *keys: str | int) -> str:
    """A text, printable and without blanks around it; empty where there is none, or one that says so (``N/A``)."""
    value = at(document, *keys)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        return ""
    found = printable(value.strip(), most=_LONGEST)
    return "" if _NOTHING.fullmatch(found) else found


def number(document: Any, *keys: str | int) -> float | None:
    """A finite number; None where there is none. Some services write theirs as texts."""
    value = at(document, *keys)
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float) or value - value != 0:
        return None
    return float(value)


def objects(document: Any, *keys: str | int) -> Iterator[Document]:
    """The objects in an array."""
    value = at(document, *keys)
    yield from (item for item in (value if isinstance(value, list) else ()) if isinstance(item, Mapping))


def reference(document: Any, *keys: str | int) -> str:
    """Where a link leads; an empty text where it leads nowhere that could be asked."""
    value = at(document, *keys, OWN)
    if not isinstance(value, str) or not value:
        return ""
    try:
        return path_of(value)
    except Garbled:
        return ""


def references(document: Any, *keys: str | int) -> tuple[str, ...]:
    """Where an array of links leads; a single link counts as an array of one."""
    value = at(document, *keys)
    links = value if isinstance(value, list) else [value]
    return tuple(path for link in links if (path := reference(link)))


def same(path: str) -> str:
    """A path as it is compared: services link to theirs with and without a slash at the end."""
    return path.rstrip("/").lower()


def own(document: Document) -> str:
    """Where a resource says that it is."""
    return reference(document)


def is_absent(document: Document) -> bool:
    """Whether a resource stands for a place in which nothing is."""
    return text(document, "Status", "State") == "Absent"


def mac(value: Any) -> str:
    """A MAC as it is written everywhere; an empty text where it is none, or nobody's."""
    if not isinstance(value, str) or not _MAC.fullmatch(value.strip()):
        return ""
    digits = re.sub("[^0-9a-f]", "", value.lower())
    found = ":".join(digits[place : place + 2] for place in range(0, 12, 2))
    return "" if found in _NO_MAC else found
