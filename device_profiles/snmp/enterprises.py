"""Who made a device, by the number that its sysObjectID begins with (IANA's registry of private enterprise numbers)."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from pathlib import Path as File
from typing import Final

FILE: Final = File(__file__).parent / "enterprises.toml"
_ENTERPRISES: Final = (1, 3, 6, 1, 4, 1)


def enterprise_of(object_id: tuple[int, ...]) -> str:
    """The maker's name; an empty text where it is none that we know, or only the maker of the agent's software."""
    at = len(_ENTERPRISES)
    if len(object_id) <= at or object_id[:at] != _ENTERPRISES:
        return ""
    return _names().get(object_id[at], "")


@functools.cache
def _names() -> Mapping[int, str]:
    return {int(number): name for number, name in tomllib.loads(FILE.read_text(encoding="utf-8"))["makers"].items()}
