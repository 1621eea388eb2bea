"""Access URLs of a node, as far as the service can judge them: a known scheme, harmless characters, no secret."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from device_profiles.problems import Problem

SCHEMES: Final = frozenset(
    {"ssh", "telnet", "snmp", "snmpv3", "redfish+https", "redfish+http", "ipmi", "ovsdb", "netconf", "https", "http"}
    | {"powerman", "tcp", "rfc2217", "serial", "replay", "sol+ipmi", "sol+redfish+https", "sol+redfish+http"}
    | {"line+ssh"}
)
_WITHOUT_HOST: Final = frozenset({"serial", "replay"})
_HARMLESS = re.compile(r"[A-Za-z0-9+._~:/?@&=,%\[\]-]+\Z")
_SECRET = re.compile(r"pass|secret|community|key|token|priv|auth(?!protocol)", re.IGNORECASE)
"""Names of options that hold secrets somewhere; ``key`` of an option, not of a credential reference."""


def access_problems(urls: tuple[str, ...]) -> list[Problem]:
    """What is wrong with a node's access; paths are from the node."""
    return [Problem(f"access.{index}", message) for index, url in enumerate(urls) for message in _wrong(url)]


def _wrong(url: str) -> Iterator[str]:
    if not _HARMLESS.match(url):
        yield "only letters, digits and the marks of a URL are allowed here"
        return
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        yield "is not a URL like ssh://admin@192.0.2.1"
        return
    if parts.scheme not in SCHEMES:
        yield f"the scheme is none of {', '.join(sorted(SCHEMES))}"
    elif not host and parts.scheme not in _WITHOUT_HOST:
        yield "names no host, like ssh://admin@192.0.2.1"
    elif not host and not parts.path:
        yield "names no path, like serial:/dev/ttyUSB0"
    elif parts.password is not None:
        yield "a password does not belong into an access URL; name it in credentials, like env:POINTSMAN_SECRET_SW1"
    elif parts.scheme == "snmp" and parts.username is not None:
        yield "a community does not belong into an access URL; name it in credentials, like env:POINTSMAN_SECRET_SW1"
    elif any(_SECRET.search(name) for name, _ in parse_qsl(parts.query, keep_blank_values=True)):
        yield "a secret does not belong into an access URL; name it in credentials, like env:POINTSMAN_SECRET_SW1"
