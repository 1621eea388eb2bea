"""Sizes for people, and out of what arrays print."""

from __future__ import annotations

import re
from typing import Final

from drivers.errors import Garbled

_UNITS: Final = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")
_SIZE: Final = re.compile(r"(\d+(?:\.\d+)?)\s*(?:([KMGTPE])?(i)?B?)", re.IGNORECASE)
_STEP: Final = 1024
_POWERS: Final = {letter: power for power, letter in enumerate("KMGTPE", 1)}


def human(size: int | None) -> str:
    """``10 GiB`` where that is exact, else with a digit behind the point."""
    if size is None:
        return "of unknown size"
    value, power = float(size), 0
    while value >= _STEP and power < len(_UNITS) - 1:
        value, power = value / _STEP, power + 1
    text = f"{value:.1f}".removesuffix(".0") if size % _STEP**power else f"{size // _STEP**power}"
    return f"{text} {_UNITS[power]}"


def size_of(text: str, *, base: int = 1024) -> int:
    """``8.13TB`` in bytes; ``base`` is what a K is on this array. Raises :class:`~drivers.errors.Garbled`."""
    match = _SIZE.fullmatch(text.strip())
    if match is None:
        raise Garbled(f"'{text[:40]!r}' is no size: nothing was concluded from it")
    number, letter, binary = match.groups()
    power = _POWERS[letter.upper()] if letter else 0
    return round(float(number) * float((_STEP if binary else base) ** power))
