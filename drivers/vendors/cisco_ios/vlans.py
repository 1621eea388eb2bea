"""Lists of VLANs as IOS-like systems write and print them, and their tables of VLANs.

A list in a command is cut so that a line stays within the columns of the device: the first line replaces, further ones
``add``. A running configuration has the same form, cut where the device likes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from device_profiles.names import printable
from device_profiles.scalars import expand_vlans, vlan_ranges
from device_profiles.state import Vlan
from drivers.errors import Garbled

LONGEST_LIST: Final = 100
"""Columns of a VLAN list in a command: what fits behind the longest command on an 80-column line, wrapped once."""

_ROW: Final = re.compile(r"^(?P<number>\d{1,4}) +(?P<name>\S.*?) +(?P<status>active|suspended|act/\S+|sus/\S+)(?: |$)")
_VTP_DOMAIN: Final = re.compile(r"(?im)^VTP Domain Name *: *(\S*)")
_VTP_MODE: Final = re.compile(r"(?im)^VTP Operating Mode *: *(?:Primary )?(\S+)")
_LONGEST_NAME: Final = 200
_DEAD: Final = re.compile(r"\Aact/unsup|\Asus/unsup")


def parse_list(words: str) -> frozenset[int]:
    """``1,2,10-12`` as numbers. Raises ValueError."""
    found = expand_vlans(words.replace(" ", ""))
    if not found or isinstance(found, str):
        raise ValueError("no list of VLANs")
    return frozenset(found)


def lists(vlans: Iterable[int], *, columns: int = LONGEST_LIST) -> list[str]:
    """Numbers as lists, each of at most ``columns`` characters."""
    found: list[str] = []
    for span in vlan_ranges(vlans):
        if found and len(found[-1]) + 1 + len(span) <= columns:
            found[-1] += f",{span}"
        else:
            found.append(span)
    return found


def trunk_lines(vlans: Sequence[int]) -> Iterator[str]:
    """The lines that make a trunk carry these VLANs and no others."""
    if not vlans:
        yield "switchport trunk allowed vlan none"
        return
    word = ""
    for part in lists(vlans):
        yield f"switchport trunk allowed vlan {word}{part}"
        word = "add "


def is_shared(text: str) -> bool:
    """Whether the answer to ``show vtp status`` says that VLANs are shared with other switches.

    A server or client with a domain shares them. A switch fresh out of its box is a server without one, and alone.
    """
    domain = _VTP_DOMAIN.search(text)
    modes = _VTP_MODE.findall(text)
    return bool(domain and domain[1]) and any(mode.lower() in ("server", "client") for mode in modes[:1])


def parse_table(text: str, *, command: str) -> dict[int, Vlan]:
    """The VLANs of a table (``show vlan brief``); those that the system cannot use are left out.

    Raises :class:`~drivers.errors.Garbled` where there is no table.
    """
    found: dict[int, Vlan] = {}
    headed = False
    for line in text.splitlines():
        if line.startswith("VLAN"):
            if headed and "Name" not in line:
                break  # a second table: types, not names
            headed = True
        match = _ROW.match(line)
        if match is not None and headed and not _DEAD.match(match["status"]):
            found[int(match["number"])] = Vlan(name=printable(match["name"], most=_LONGEST_NAME))
    if not found:
        raise Garbled(f"'{command}' shows no table of VLANs: nothing was concluded from it")
    return dict(sorted(found.items()))
