"""Lists of VLANs as Comware-like systems write them: ``1 10 20 to 30``, at most ten spans in a command."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from device_profiles.scalars import expand_vlans, vlan_ranges
from drivers.switching.modes import EVERY

_MOST_SPANS: Final = 10


def parse_list(words: str) -> frozenset[int]:
    """``1 10 20 to 30`` or ``all`` as numbers. Raises ValueError."""
    if words == "all":
        return EVERY
    found = expand_vlans(words.replace(" to ", "-").replace(" ", ","))
    if not found or isinstance(found, str):
        raise ValueError("no list of VLANs")
    return frozenset(found)


def lists(vlans: Iterable[int]) -> list[str]:
    """Numbers as lists, each short enough for a command."""
    spans = [span.replace("-", " to ") for span in vlan_ranges(vlans)]
    return [" ".join(spans[start : start + _MOST_SPANS]) for start in range(0, len(spans), _MOST_SPANS)]
