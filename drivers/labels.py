"""What people wrote on an outlet, read as what it feeds: `web-07/psu0` is the supply `psu0` of `web-07`.

A vendor's own names (`Outlet 7`, `TowerA_Outlet7`) are nobody's. Whether somebody of that name is known is not asked
here: what was written is evidence, and stays as it was sent.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from device_profiles.links import Neighbour

_NOBODY: Final = re.compile(
    r"(?:[\w .-]*?(?:outlet|output|receptacle|socket|plug|port)[\W_]*)?[A-Z]?\d*", re.IGNORECASE
)
_SUPPLY: Final = re.compile(r"(.+?)[ _-]((?:psu?|pwr|power|supply|feed|input|inlet)[ _-]?[A-Z0-9]{0,3})", re.IGNORECASE)


def labels(names: Iterable[tuple[str, str]]) -> Iterator[Neighbour]:
    """Whose names outlets bear, by pairs of an outlet's key and its name."""
    for port, text in names:
        if text and not _NOBODY.fullmatch(text):
            name, supply = _parted(text)
            yield Neighbour(
                port=port, kind="label", medium="power", name=name, remote_port=supply, port_description=text
            )


def _parted(text: str) -> tuple[str, str]:
    """Whom a name names, and which of its supplies."""
    name, slash, supply = text.partition("/")
    if slash:
        return name.strip(), supply.strip()
    found = _SUPPLY.fullmatch(text)
    return (found[1], found[2]) if found else (text, "")
