"""A connection from what people write on the command line: the URL of a device, or ``replay:PATH``."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Final

from device_profiles.profile import Profile
from drivers.access import Access, parse_access
from drivers.contract import Connection
from drivers.credentials import Credential
from drivers.errors import SecretRefused, Unsupported
from drivers.line.shared import SCHEMES
from drivers.rest.playing import find as find_tree
from drivers.snmp.records import find
from drivers.transports import open_connection
from drivers.transports.replay import PROFILE

REPLAY: Final = "replay:"
IPMI: Final = "ipmi"
"""The profile of whatever answers by IPMI."""
_VARIABLE: Final = "POINTSMAN_SECRET_"
_LARGEST_BYTES: Final = 65_536


def is_replay(url: str) -> bool:
    """Whether a URL means a recording."""
    return url.startswith(REPLAY)


def replay_path(url: str) -> Path:
    """The folder or file of ``replay:PATH``."""
    return Path(url.removeprefix(REPLAY).removeprefix("//")).expanduser()


def access_of(url: str, profile: Profile) -> Access:
    """A URL taken apart. Raises :class:`~drivers.errors.Unsupported`."""
    if is_replay(url):
        return Access(scheme="replay", host=str(replay_path(url)), port=0, options=((PROFILE, profile.name),))
    return parse_access(url)


async def connect(url: str, profile: Profile, credential: Credential | None) -> Connection:
    """A connection to the device at ``url``. Whoever answers is accepted: a probe has no node that could pin it.

    Raises :class:`~drivers.errors.DeviceError`.
    """
    access = access_of(url, profile)
    access = replace(access, secret=secret(access.option("login") or None))
    return await open_connection(access, credential=credential, pin=None, timeout_s=profile.connect_timeout_s)


def secret(reference: str | None) -> Credential | None:
    """The secret that ``env:POINTSMAN_SECRET_X`` or ``file:PATH`` names; the caller's own.

    Raises :class:`~drivers.errors.SecretRefused`.
    """
    if reference is None:
        return None
    scheme, _, rest = reference.partition(":")
    if scheme == "env" and rest.startswith(_VARIABLE):
        text = os.environ.get(rest, "")
    elif scheme == "file":
        text = _file(reference, Path(rest).expanduser())
    else:
        raise SecretRefused(f"credentials are named like env:{_VARIABLE}X or file:PATH")
    if not text:
        raise SecretRefused(f"{reference}: there is no such secret, or it is empty")
    return Credential(name=reference, text=text)


def _file(reference: str, file: Path) -> str:
    try:
        if file.stat().st_size > _LARGEST_BYTES:
            raise SecretRefused(f"{reference}: is too large for a secret")
        text = file.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise SecretRefused(f"{reference}: cannot be read: {error.strerror}") from None
    return text if "-----" in text else text.rstrip("\r\n")


def speaks_snmp(url: str) -> bool:
    """Whether a URL means a device that is asked by SNMP, or a recording of one."""
    return url.startswith(("snmp://", "snmpv3://")) or (is_replay(url) and find(replay_path(url)) is not None)


def speaks_ipmi(url: str) -> bool:
    """Whether a URL means a management controller."""
    return url.startswith("ipmi://")


def speaks_redfish(url: str) -> bool:
    """Whether a URL means a Redfish service, or a recording of one."""
    return url.startswith("redfish+") or (is_replay(url) and find_tree(replay_path(url)) is not None)


def community_of(url: str) -> str:
    """The community in ``snmp://community@host``; an empty text where there is none."""
    return (parse_access(url).user if url.startswith("snmp://") else "") or ""


def shown(url: str) -> str:
    """A URL as it may be shown: the community in ``snmp://community@host`` is a secret."""
    scheme, mark, rest = url.partition("://")
    return f"{scheme}{mark}{rest.rpartition('@')[2]}" if scheme == "snmp" and mark else url


def needs_command_line(url: str) -> None:
    """Refuse what no profile can be found for by asking a command line. Raises ``Unsupported``."""
    scheme, colon, _ = url.partition(":")
    if not colon:
        raise Unsupported("a device is named by a URL like ssh://admin@192.0.2.1, a recording by replay:PATH")
    if scheme not in SCHEMES | {"ssh", "replay"}:
        raise Unsupported(f"which profile fits {scheme}:// is not found out by itself: name one by --profile")
