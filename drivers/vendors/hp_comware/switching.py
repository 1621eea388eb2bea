"""The switching of an interface: what its lines say, and what it shall be."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, Final

from device_profiles.names import printable
from device_profiles.scalars import VLAN_MIN, vlan_ranges
from device_profiles.state import Port
from drivers.errors import Unsupported
from drivers.vendors.hp_comware.dialect import Dialect
from drivers.vendors.hp_comware.vlans import EVERY, parse_list

PLAIN: Final = Port(mode="trunk", native_vlan="none", trunk_vlans=())
"""What a LAG carries that nobody declares anything for: nothing."""
FIELDS: Final = frozenset({"mode", "access_vlan", "native_vlan", "trunk_vlans"})

_OWN: Final = re.compile(
    r"(undo )?(port (link-type|access|default|trunk|hybrid|vlan-mapping|vlan-stacking)|(port )?(voice-vlan|voice vlan)"
    r"|qinq|vlan[- ]mapping|mac-vlan|dot1q)\b"
)
_ROUTES: Final = re.compile(r"port link-mode route\Z|undo portswitch\Z")
_ADDRESS: Final = re.compile(r"(ip|ipv6) address ")
_LINK_TYPE: Final = re.compile(r"port link-type (\S+)\Z")
_ACCESS: Final = re.compile(r"port (?:access|default) vlan (\d+)\Z")
_TRUNK: Final = re.compile(r"(undo )?port trunk (?:permit|allow-pass) vlan (.+)\Z")
_PVID: Final = re.compile(r"port (?:trunk|hybrid) pvid vlan (\d+)\Z")
_HYBRID: Final = re.compile(
    r"(undo )?port hybrid (?:vlan (?P<vlans>[\d to]+?)(?: (?P<how>tagged|untagged))?"
    r"|(?P<way>tagged|untagged) vlan (?P<list>.+))\Z"
)
_SEPARATOR: Final = "; "
_LONGEST_NATIVE: Final = 500


class Unreadable(ValueError):
    """A line that says something of VLANs, and cannot be read."""


def read(lines: Sequence[str], dialect: Dialect) -> dict[str, Any]:
    """The switching fields that an interface's lines say. Raises :class:`Unreadable`."""
    routes = [line for line in lines if _ROUTES.match(line)]
    if routes:
        return _other((*routes, *(line for line in lines if _ADDRESS.match(line))))
    said = [line for line in lines if _OWN.match(line)]
    found = _Lines()
    for line in said:
        found.take(line)
    mode = found.mode or (dialect.quirks.unsaid if not said or dialect.quirks.unsaid == "access" else "")
    if mode == "dynamic":
        return {}
    if mode == "hybrid" and not found.strange:
        return found.hybrid() | {"native": _native(said)} if found.is_trunk else _other(said)
    if found.strange or mode not in ("access", "trunk"):
        return _other(said)
    return found.access() if mode == "access" else found.trunk()


class _Lines:
    """The lines of one interface, added up."""

    def __init__(self) -> None:
        self.mode = ""
        self.strange = False
        self._vlan = self._pvid = VLAN_MIN
        self._permitted = frozenset((VLAN_MIN,))
        self._tagged = frozenset[int]()
        self._untagged = frozenset((VLAN_MIN,))

    def take(self, line: str) -> None:
        """Read one line. Raises :class:`Unreadable`."""
        try:
            self._take(line)
        except ValueError:
            raise Unreadable(line) from None

    def _take(self, line: str) -> None:
        if match := _LINK_TYPE.match(line):
            self.mode = match[1]
        elif match := _ACCESS.match(line):
            self._vlan = int(match[1])
        elif match := _PVID.match(line):
            self._pvid = int(match[1])
        elif match := _TRUNK.match(line):
            listed = parse_list(match[2])
            self._permitted = self._permitted - listed if match[1] else self._permitted | listed
        elif match := _HYBRID.match(line):
            listed = parse_list(match["vlans"] or match["list"])
            self._tagged, self._untagged = self._tagged - listed, self._untagged - listed
            if not match[1] and (match["how"] or match["way"]) == "tagged":
                self._tagged |= listed
            elif not match[1]:
                self._untagged |= listed
        else:
            self.strange = True

    def access(self) -> dict[str, Any]:
        return {"mode": "access", "access_vlan": self._vlan}

    def trunk(self) -> dict[str, Any]:
        return self._carrying(self._permitted)

    @property
    def is_trunk(self) -> bool:
        """Whether a hybrid port does what a trunk does."""
        return self._untagged == {self._pvid} or (not self._untagged and self._pvid not in self._tagged)

    def hybrid(self) -> dict[str, Any]:
        return self._carrying(self._tagged | self._untagged)

    def _carrying(self, vlans: frozenset[int]) -> dict[str, Any]:
        native: int | str = self._pvid if self._pvid in vlans else "none"
        carried: Any = "all" if vlans == EVERY else tuple(sorted(vlans - {native}))
        return {"mode": "trunk", "native_vlan": native, "trunk_vlans": carried}


def _native(lines: Iterable[str]) -> str:
    return printable(_SEPARATOR.join(lines), most=_LONGEST_NATIVE)


def _other(lines: Iterable[str]) -> dict[str, Any]:
    return {"mode": "other", "native": _native(lines)}


def native_lines(port: Port) -> tuple[str, ...]:
    """The lines that a port was read from that is no plain access port or trunk."""
    return tuple(port.native.split(_SEPARATOR)) if port.native else ()


def is_said(port: Port) -> bool:
    """Whether anything of the switching group is said."""
    return any(getattr(port, field) is not None for field in FIELDS)


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
    """The switching of a port, and nothing else of it but whether it is open."""
    return Port(
        enabled=port.enabled,
        mode=port.mode,
        access_vlan=port.access_vlan,
        native_vlan=port.native_vlan,
        trunk_vlans=port.trunk_vlans,
        native=port.native,
    )


def carried(port: Port) -> frozenset[int]:
    """The VLANs of a trunk, its native one as well."""
    if port.trunk_vlans == "all":
        return EVERY
    native = {port.native_vlan} if isinstance(port.native_vlan, int) else set()
    return frozenset(port.trunk_vlans or ()) | native


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
