"""The switching of an interface: what its lines say, and what it shall be."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, Final

from device_profiles.names import printable
from device_profiles.scalars import VLAN_MAX, VLAN_MIN, vlan_ranges
from device_profiles.state import Port
from drivers.errors import Unsupported
from drivers.vendors.cisco_ios.dialect import Dialect
from drivers.vendors.cisco_ios.vlans import EVERY, parse_list

PLAIN: Final = Port(mode="trunk", native_vlan="none", trunk_vlans=())
"""What a LAG carries that nobody declares anything for: nothing."""

_ALLOWED: Final = re.compile(r"switchport trunk allowed vlan (?:(all|none|add|remove|except)\b ?)?(.*)\Z")
_ALL: Final = "no switchport trunk allowed vlan"
_NATIVE: Final = re.compile(r"switchport trunk native vlan (\S+)\Z")
_ACCESS: Final = re.compile(r"switchport access vlan (?!dynamic)(\S+)\Z")
_MODE: Final = re.compile(r"switchport mode (.+)\Z")
_ADDRESS: Final = re.compile(r"(ip|ipv6) address ")
_UNNUMBERED: Final = re.compile(r"no ip address\Z|(ip )?vrf ")
_LONGEST_NATIVE: Final = 500
_SEPARATOR: Final = "; "


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
    """The switching fields that an interface's lines say. Raises :class:`Unreadable`."""
    if routed:
        addresses = [line for line in lines if _ADDRESS.match(line)]
        return _other(["no switchport", *addresses])
    said = [line for line in lines if line.startswith(("switchport ", _ALL)) and not dialect.is_harmless(line)]
    found = _Lines()
    for line in said:
        found.take(line)
    mode = found.mode or ("" if dialect.quirks.unsaid == "dynamic" else "access")
    if not said and not mode:
        return {}
    if found.strange or mode not in ("access", "trunk"):
        return _other(said)
    return found.access() if mode == "access" else found.trunk()


class Unreadable(ValueError):
    """A line that says something of VLANs, and cannot be read."""


class _Lines:
    """The lines of one interface, added up."""

    def __init__(self) -> None:
        self.mode = ""
        self.strange = False
        self._vlan = VLAN_MIN
        self._native: int | str = VLAN_MIN
        self._allowed = EVERY

    def take(self, line: str) -> None:
        """Read one line. Raises :class:`Unreadable`."""
        try:
            self._take(line)
        except ValueError:
            raise Unreadable(line) from None

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
        return {"mode": "access", "access_vlan": self._vlan}

    def trunk(self) -> dict[str, Any]:
        native = self._native if self._native in self._allowed else "none"
        carried: Any = "all" if self._allowed == EVERY else tuple(sorted(self._allowed - {native}))
        return {"mode": "trunk", "native_vlan": native, "trunk_vlans": carried}


def _vlan(number: str) -> int:
    found = int(number)
    if not VLAN_MIN <= found <= VLAN_MAX:
        raise ValueError("no VLAN")
    return found


def _other(lines: Iterable[str]) -> dict[str, Any]:
    return {"mode": "other", "native": printable(_SEPARATOR.join(lines), most=_LONGEST_NATIVE)}


def native_lines(port: Port) -> tuple[str, ...]:
    """The lines that ``mode: other`` was read from."""
    return tuple((port.native or "").split(_SEPARATOR)) if port.mode == "other" and port.native else ()


def is_said(port: Port) -> bool:
    """Whether anything of the switching group is said."""
    return any(value is not None for value in (port.mode, port.access_vlan, port.native_vlan, port.trunk_vlans))


def settled(name: str, *, wanted: Port, before: Port) -> Port:
    """The switching that a port shall have: what is wanted, and what it had where nothing is said.

    A port that becomes a trunk starts from no VLAN and no native VLAN. Raises ``Unsupported``, naming the leaf, where
    something is wanted that goes with a mode that the port does not have and nobody declares.
    """
    mode = wanted.mode or before.mode
    same = before.mode == mode
    if mode == "access":
        vlan = wanted.access_vlan or (before.access_vlan if same else None)
        if vlan is None:
            raise Unsupported(f"ports.{name}.mode is access and nobody declares ports.{name}.access_vlan")
        return Port(mode="access", access_vlan=vlan)
    if mode == "trunk":
        base = before if same else PLAIN
        vlans = base.trunk_vlans if wanted.trunk_vlans is None else wanted.trunk_vlans
        native = base.native_vlan if wanted.native_vlan is None else wanted.native_vlan
        return Port(mode="trunk", native_vlan=native, trunk_vlans=vlans)
    raise Unsupported(f"ports.{name} has no mode that its VLANs go with, and nobody declares ports.{name}.mode")


def of(port: Port) -> Port:
    """The switching of a port, and nothing else of it."""
    return Port(
        mode=port.mode,
        access_vlan=port.access_vlan,
        native_vlan=port.native_vlan,
        trunk_vlans=port.trunk_vlans,
        native=port.native,
    )


def words(port: Port) -> tuple[str, ...]:
    """The elements of a port's trunk VLANs, as paths name them."""
    return ("all",) if port.trunk_vlans == "all" else tuple(map(str, port.trunk_vlans or ()))


def spoken(port: Port) -> str:
    """Switching in a few words for people."""
    if port.mode is None:
        return "not configured"
    if port.mode == "access":
        return f"access VLAN {port.access_vlan}"
    if port.mode == "other":
        return f"as it was ({port.native})"
    listed = "all VLANs" if port.trunk_vlans == "all" else ", ".join(vlan_ranges(port.trunk_vlans or ())) or "no VLAN"
    native = "" if port.native_vlan in (None, "none") else f", native {port.native_vlan}"
    return f"trunk of {listed}{native}"
