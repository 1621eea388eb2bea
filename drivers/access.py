"""The URLs by which a device is reached: ``ssh://root@10.8.0.11``, ``rfc2217://10.8.0.254:2003`` and so on.

A password or community in a URL is refused: it belongs into ``credentials``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from drivers.errors import Unsupported

DEFAULT_PORTS: Final = {
    "ssh": 22,
    "telnet": 23,
    "rfc2217": 2217,
    "ovsdb": 6640,
    "netconf": 830,
    "snmp": 161,
    "snmpv3": 161,
    "powerman": 10101,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """One way to a device, taken apart. ``options`` are the URL's query."""

    scheme: str
    host: str
    port: int
    user: str = field(default="", repr=False)
    options: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        # What stands before the host in snmp:// is a community, which is a secret.
        who = f"{self.user}@" if self.user and self.scheme != "snmp" else ""
        return f"{self.scheme}://{who}{self.host}:{self.port}"


def parse_access(url: str) -> Access:
    """``url`` taken apart. Raises :class:`Unsupported` for what is no URL of a device."""
    try:
        parts = urlsplit(url)
        port = parts.port or DEFAULT_PORTS.get(parts.scheme, 0)
    except ValueError:
        raise Unsupported("an access is a URL like ssh://admin@192.0.2.1") from None
    if not parts.scheme or not parts.hostname:
        raise Unsupported("an access is a URL like ssh://admin@192.0.2.1")
    if parts.password is not None:
        raise Unsupported("a password does not belong into an access URL: name it in credentials")
    return Access(
        scheme=parts.scheme,
        host=parts.hostname,
        port=port,
        user=parts.username or "",
        options=tuple(parse_qsl(parts.query)),
    )
