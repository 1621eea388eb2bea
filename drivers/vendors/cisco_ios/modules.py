"""The modules of a chassis from ``show module`` (NX-OS), for switches that tell no inventory.

Tables stand below each other, each under a head that names its columns; those of modules begin with ``Mod``, those of
fabric modules behind them with ``LFM``. A type may fill its column, so a model is told by how it is written and by
being the last word before the status; a narrow terminal puts the status into the next line, and a module without power
has no model.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from device_profiles.names import printable

_MODULES: Final = re.compile(r"(?:Mod|LFM) +Ports +Module-Type +Model")
_SERIALS: Final = re.compile(r"(?:Mod|LFM) +MAC-Address\(es\) +Serial-Num")
_ANY: Final = re.compile(r"[A-Z]\w+ +[A-Z]\S+ ")
_ROW: Final = re.compile(
    r"(?P<slot>\d+) +\d+ +(?P<text>\S.*?)(?: +(?P<model>[A-Z][\w+.-]*[\d-][\w+.-]*))?(?: +[a-z][\w-]*(?: \*)?)?\s*\Z"
)
_SERIAL: Final = re.compile(r"(?P<slot>\d+) +\S.* (?P<serial>[A-Z0-9]{6,})\s*\Z")


def modules(text: str) -> Iterator[dict[str, str]]:
    """The modules, as parts of an inventory: ``name`` (``Slot 1``), ``text``, ``model`` and ``serial``."""
    serials = {match["slot"]: match["serial"] for match in _rows(text, _SERIALS, _SERIAL)}
    for match in _rows(text, _MODULES, _ROW):
        yield {
            "name": f"Slot {match['slot']}",
            "text": printable(match["text"]),
            "model": printable(match["model"] or ""),
            "serial": serials.get(match["slot"], ""),
        }


def _rows(text: str, head: re.Pattern[str], row: re.Pattern[str]) -> Iterator[re.Match[str]]:
    below = False
    for line in text.splitlines():
        if _ANY.match(line):
            below = head.match(line) is not None
        elif below and (match := row.match(line)):
            yield match
