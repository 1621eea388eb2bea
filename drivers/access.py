"""The URLs by which a device is reached: ``ssh://root@10.8.0.11``, ``rfc2217://10.8.0.254:2003`` and so on.

A password or community in a URL is refused: it belongs into ``credentials``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final
from urllib.parse import SplitResult, parse_qsl, urlsplit

from drivers.credentials import Credential
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
    "ipmi": 623,
    "https": 443,
    "http": 80,
    "redfish+https": 443,
    "redfish+http": 80,
    "line+ssh": 22,
    "sol+ipmi": 623,
    "sol+redfish+https": 443,
    "sol+redfish+http": 80,
}


WITHOUT_HOST: Final = frozenset({"serial"})
"""Schemes whose devices are found by a path on this machine, which stands for the host."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """One way to a device, taken apart. ``path`` stands behind the host, ``options`` are the URL's query.

    What serves a line may want a login of its own and has an identity of its own: ``secret`` is what is told to it, and
    ``pin`` is what it must show before. Neither stands in the URL (an option ``login`` names the secret): whoever opens
    the line puts them here.
    """

    scheme: str
    host: str
    port: int
    path: str = ""
    user: str = field(default="", repr=False)
    options: tuple[tuple[str, str], ...] = ()
    secret: Credential | None = field(default=None, repr=False, compare=False)
    pin: str | None = field(default=None, compare=False)

    def option(self, name: str, default: str = "") -> str:
        """The value of an option; the last one counts."""
        return dict(self.options).get(name, default)

    def __str__(self) -> str:
        if self.scheme in WITHOUT_HOST:
            return f"{self.scheme}:{self.host}"
        # What stands before the host in snmp:// is a community, which is a secret.
        who = f"{self.user}@" if self.user and self.scheme != "snmp" else ""
        return f"{self.scheme}://{who}{self.host}:{self.port}{self.path and '/'}{self.path}"


def parse_access(url: str) -> Access:
    """``url`` taken apart. Raises :class:`Unsupported` for what is no URL of a device."""
    try:
        parts = urlsplit(url)
        port = parts.port or DEFAULT_PORTS.get(parts.scheme, 0)
    except ValueError:
        raise Unsupported("an access is a URL like ssh://admin@192.0.2.1") from None
    if parts.scheme in WITHOUT_HOST:
        return _by_path(parts)
    if not parts.scheme or not parts.hostname:
        raise Unsupported("an access is a URL like ssh://admin@192.0.2.1")
    if parts.password is not None:
        raise Unsupported("a password does not belong into an access URL: name it in credentials")
    return Access(
        scheme=parts.scheme,
        host=parts.hostname,
        port=port,
        path=parts.path.strip("/"),
        user=parts.username or "",
        options=tuple(parse_qsl(parts.query)),
    )


def _by_path(parts: SplitResult) -> Access:
    if parts.netloc or not parts.path.startswith("/"):
        raise Unsupported("a serial port is named by its path, like serial:/dev/ttyUSB0?baud=9600")
    return Access(scheme=parts.scheme, host=parts.path, port=0, options=tuple(parse_qsl(parts.query)))
