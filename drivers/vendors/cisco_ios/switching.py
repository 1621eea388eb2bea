"""The switching of an interface, as its lines say it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from device_profiles.scalars import VLAN_MAX, VLAN_MIN
from drivers.switching import modes
from drivers.switching.modes import EVERY
from drivers.switching.reading import PortLines
from drivers.vendors.cisco_ios.dialect import Dialect
from drivers.vendors.cisco_ios.vlans import parse_list

_ALLOWED: Final = re.compile(r"switchport trunk allowed vlan (?:(all|none|add|remove|except)\b ?)?(.*)\Z")
_ALL: Final = "no switchport trunk allowed vlan"
_NATIVE: Final = re.compile(r"switchport trunk native vlan (\S+)\Z")
_ACCESS: Final = re.compile(r"switchport access vlan (?!dynamic)(\S+)\Z")
_MODE: Final = re.compile(r"switchport mode (.+)\Z")
_ADDRESS: Final = re.compile(r"(ip|ipv6) address ")
_UNNUMBERED: Final = re.compile(r"no ip address\Z|(ip )?vrf ")


def is_routed(lines: Sequence[str], *, by_default: bool) -> bool:
    """Whether an interface routes. ``by_default``: it does where nothing is said (and a switch port says so)."""
    if "no switchport" in lines:
        return True
    if "switchport" in lines:
        return False
    if by_default or any(_ADDRESS.match(line) for line in lines):
        return True
    # Old switches say "no ip address" at each port that switches, beside its switchport lines (Catalyst 2950).
    said = any(line.startswith("switchport ") for line in lines)
    return not said and any(_UNNUMBERED.match(line) for line in lines)


def read(lines: Sequence[str], dialect: Dialect, *, routed: bool) -> dict[str, Any]:
    """The switching fields that an interface's lines say. Raises :class:`~drivers.switching.reading.Unreadable`."""
    if routed:
        addresses = [line for line in lines if _ADDRESS.match(line)]
        return modes.other(["no switchport", *addresses])
    said = [line for line in lines if line.startswith(("switchport ", _ALL)) and not dialect.is_harmless(line)]
    found = _Lines()
    for line in said:
        found.take(line)
    mode = found.mode or ("" if dialect.negotiates else "access")
    if not said and not mode:
        return {}
    if found.strange or mode not in ("access", "trunk"):
        return modes.other(said)
    return found.access() if mode == "access" else found.trunk()


class _Lines(PortLines):
    """The lines of one interface, added up."""

    def __init__(self) -> None:
        super().__init__()
        self._vlan = VLAN_MIN
        self._native: int | str = VLAN_MIN
        self._allowed = EVERY

    def _take(self, line: str) -> None:
        if match := _MODE.match(line):
            self.mode = match[1]
        elif match := _ACCESS.match(line):
            self._vlan = _vlan(match[1])
        elif match := _NATIVE.match(line):
            self._native = "none" if match[1] == "tag" else _vlan(match[1])
        elif line == _ALL:
            self._allowed = EVERY
        elif match := _ALLOWED.match(line):
            self._allow(match[1] or "", match[2])
        else:
            self.strange = True

    def _allow(self, word: str, vlans: str) -> None:
        if word in ("all", "none"):
            self._allowed = EVERY if word == "all" else frozenset()
            return
        listed = parse_list(vlans)
        if word == "except":
            self._allowed = EVERY - listed
        else:
            kept = {"add": self._allowed | listed, "remove": self._allowed - listed}
            self._allowed = kept.get(word, listed)

    def access(self) -> dict[str, Any]:
        return modes.access(self._vlan)

    def trunk(self) -> dict[str, Any]:
        return modes.trunk(self._allowed, untagged=self._native)


def _vlan(number: str) -> int:
    found = int(number)
    if not VLAN_MIN <= found <= VLAN_MAX:
        raise ValueError("no VLAN")
    return found
