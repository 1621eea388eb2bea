"""Single values as devices print them, in the forms of the schema. What cannot be read is None: nothing is guessed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final, Literal

from device_profiles.names import printable
from device_profiles.scalars import VLAN_MAX, VLAN_MIN

_MAC: Final = re.compile(r"(?i)[0-9a-f]{2}(?:[:\- .]?[0-9a-f]{2}){5}")
_VLANS: Final = re.compile(r"(\d+)(?:\s*(?:-|to)\s*(\d+))?")
_SPEED: Final = re.compile(r"(?i)(?:a-|auto-?)?\(?(\d+(?:\.\d+)?)\s*(k|m|g|t)?(?:ig|bps|bit|b/s|b|igfd)?")
_UNITS: Final = {"": 10**6, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12}
_SPAN: Final = re.compile(
    r"(?i)(\d+)\s*(y(?:ea)?r?|w(?:ee)?k?|d(?:ay)?|h(?:ou)?r?|m(?:in(?:ute)?)?|s(?:ec(?:ond)?)?)(?:\(?s\)?)?(?![a-z])"
)
_SECONDS: Final = {"y": 31_536_000, "w": 604_800, "d": 86_400, "h": 3600, "m": 60, "s": 1}
_CLOCK: Final = re.compile(r"(?:(\d+)\s*(?:,|days?,?|d)?\s*)?(\d+):(\d+):(\d+)")
_PORTS: Final = re.compile(r"(?P<head>.*?)(?P<low>\d+)\s*(?:-|to)\s*(?P<tail>[A-Za-z]*[\d/]*?)(?P<high>\d+)")
NOTHING: Final = frozenset({"", "-", "--", "---", "n/a", "na", "none", "null", "(null)", "unknown", "not advertised"})
"""How tables say that there is nothing."""


def said(text: str) -> str:
    """``text``, or an empty one where a table says that there is nothing."""
    text = text.strip()
    return "" if text.lower() in NOTHING else text


def is_mac(text: str) -> bool:
    """Whether a text is a MAC address, in whatever form."""
    return _MAC.fullmatch(text.strip()) is not None


def mac(text: str) -> str:
    """A MAC address in lower case with colons; anything else as it is, safe to show."""
    if not is_mac(text):
        return printable(text.strip())
    digits = re.sub(r"[^0-9a-f]", "", text.lower())
    return ":".join(digits[index : index + 2] for index in range(0, 12, 2))


_MAC_WORD: Final = re.compile(
    r"(?i)(?<![\w.:-])((?:[0-9a-f]{4}[.-]){2}[0-9a-f]{4}|(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}|[0-9a-f]{6}-[0-9a-f]{6})(?![\w.:-])"
)
_ROW_OF_VLAN: Final = re.compile(r"\s{0,4}(\d{1,4})\s+[A-Za-z]\S{2,}\s")


def mac_in(line: str) -> str | None:
    """The MAC address that stands in a line, as it is written there."""
    match = _MAC_WORD.search(line)
    return match[1] if match is not None else None


def vlan_at_start(line: str) -> str | None:
    """The number that a line begins with, where a word follows: how a table of VLANs begins its rows."""
    match = _ROW_OF_VLAN.match(line)
    return match[1] if match is not None else None


def vlan(text: str) -> int | None:
    """The number of a VLAN; None for what is none that frames can carry (0, 4095, a word)."""
    text = text.strip()
    if not text.isdecimal():
        return None
    number = int(text)
    return number if VLAN_MIN <= number <= VLAN_MAX else None


def vlans(texts: Iterable[str]) -> tuple[int, ...] | Literal["all"] | None:
    """Numbers and ranges of VLANs; None where a text is no list of them."""
    found: set[int] = set()
    for text in texts:
        word = text.strip().lower().rstrip(",").replace("(default vlan)", "")
        if word in ("all", "1-4094", "1-4095"):
            return "all"
        if word == "no" or not said(word):
            continue
        rest = _VLANS.sub("", word)
        if rest.strip(" ,;\n") != "":
            return None
        for low, high in _VLANS.findall(word):
            found.update(range(int(low), int(high or low) + 1))
    return tuple(sorted(number for number in found if VLAN_MIN <= number <= VLAN_MAX))


def ports(text: str) -> Iterator[str]:
    """The ports of a list: ``fa3-4,gi1``, ``0/48,56,60``, ``ethe 1/1/3 to 1/1/5 ethe 1/2/1``.

    An element without a head of its own takes that of the one before it (``0/48,56`` is 0/48 and 0/56).
    """
    head = ""
    for part in re.split(r",|\s+(?=[A-Za-z]*(?:ethe|lag)\b)", re.sub(r"(?i)\bethe(?:rnet)?\s+", "ethe ", text)):
        word = part.strip().removeprefix("ethe ").strip()
        if not word:
            continue
        if word.isdecimal() or re.fullmatch(r"\d+\s*-\s*\d+", word):
            word = head + word
        match = _PORTS.fullmatch(word)
        if match is None:
            yield word
            head = re.sub(r"\d+$", "", word)
            continue
        head = match["head"]
        yield from (f"{head}{number}" for number in range(int(match["low"]), int(match["high"]) + 1))


def speed(text: str, *, unit: int = 10**6) -> int | None:
    """A speed in bits per second; a bare number counts in ``unit``."""
    match = _SPEED.match(text.strip())
    if match is None:
        return None
    letter = (match[2] or "").lower()
    return int(float(match[1]) * (_UNITS[letter] if letter else unit)) or None


def duplex(text: str) -> Literal["full", "half"] | None:
    """``Full``, ``a-full``, ``fdx``, ``1000FDx``."""
    word = text.lower()
    if "full" in word or "fdx" in word or word.endswith("fd"):
        return "full"
    return "half" if "half" in word or "hdx" in word or word.endswith("hd") else None


def number(text: str) -> int | None:
    """A whole number; None for anything else."""
    text = text.strip().replace(",", "")
    return int(text) if text.isdecimal() else None


def uptime(text: str) -> int | None:
    """Seconds in ``1 week(s), 2 day(s)``, ``6w5d11h``, ``70,03:16:47`` (days, hours, minutes, seconds)."""
    clock = _CLOCK.fullmatch(text.strip())
    if clock is not None:
        days, hours, minutes, seconds = (int(part or 0) for part in clock.groups())
        return days * 86_400 + hours * 3600 + minutes * 60 + seconds
    spans = _SPAN.findall(text)
    return sum(int(count) * _SECONDS[unit[0].lower()] for count, unit in spans) if spans else None
