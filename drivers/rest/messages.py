"""One request and its response, as HTTP means them and no library makes them.

Names of headers are lower case. A path begins with ``/`` and may have a query; no host is in it, so that nothing which
a device answers can send us elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal
from urllib.parse import urlsplit

import orjson

from device_profiles.names import printable
from drivers.errors import Garbled

Method = Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
Headers = Mapping[str, str]

READS: Final = frozenset({"GET", "HEAD"})
JSON: Final = "application/json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is asked. Neither headers nor body are ever shown: a login may be in both."""

    method: Method
    path: str
    headers: Headers = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)

    def __str__(self) -> str:
        return f"{self.method} {printable(self.path, most=120)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What was answered, whole."""

    status: int
    headers: Headers = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)

    @property
    def is_good(self) -> bool:
        """Whether it is what was asked for, or will be (202)."""
        return 200 <= self.status < 300


def asking(method: Method, path: str, document: object = None, *, headers: Headers | None = None) -> Request:
    """A request, with a JSON document in it where there is one."""
    said = {"accept": JSON, **(headers or {})}
    if document is None:
        return Request(method=method, path=path, headers=said)
    return Request(method=method, path=path, headers=said | {"content-type": JSON}, body=orjson.dumps(document))


def parsed(body: bytes, *, about: str) -> Any:
    """The JSON in a body. Raises :class:`~drivers.errors.Garbled`, naming what was asked."""
    try:
        return orjson.loads(body)
    except ValueError:
        shown = printable(body[:60].decode("utf-8", "replace"), most=60)
        raise Garbled(f"{about}: the answer is no JSON: '{shown}'") from None


def path_of(location: str, *, host: str = "") -> str:
    """The path of a link, whole URL or path. Raises ``Garbled`` where it leads to another host than ``host``.

    An empty ``host`` takes any: recordings keep the names of the devices that they were made of.
    """
    try:
        parts = urlsplit(location)
    except ValueError:
        raise Garbled(f"the link '{printable(location, most=80)}' cannot be read") from None
    if host and parts.hostname and parts.hostname.lower() != host.lower():
        raise Garbled(f"the link '{printable(location, most=80)}' leads to another host, and is not followed")
    path = parts.path or "/"
    if not path.startswith("/") or any(not char.isprintable() or char == " " for char in location):
        raise Garbled(f"the link '{printable(location, most=80)}' is no path on the device")
    return f"{path}?{parts.query}" if parts.query else path
