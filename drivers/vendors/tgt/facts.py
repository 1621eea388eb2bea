"""What the array's machine says of itself."""

from __future__ import annotations

from typing import Final

from drivers.errors import Garbled
from drivers.storage.seen import System

COMMAND: Final = "uname -n && uname -r && cat /proc/uptime && tgtadm --version"


def parse(text: str) -> System:
    """The answer to :data:`COMMAND`. Raises :class:`~drivers.errors.Garbled`."""
    lines = text.splitlines()
    try:
        hostname, _, uptime, version = lines[:4]
        return System(
            hostname=hostname,
            product="tgt",
            version=version.strip(),
            uptime_s=int(float(uptime.split()[0])),
        )
    except (ValueError, IndexError):
        raise Garbled("the array's facts are not as they are printed elsewhere: nothing was concluded") from None
