"""The switching of a port: mode and VLANs, as they were read, as they shall be, and in words for people."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from device_profiles.names import printable
from device_profiles.paths import Path
from device_profiles.scalars import VLAN_MAX, VLAN_MIN, vlan_ranges
from device_profiles.state import Port
from drivers.errors import Unsupported

FIELDS: Final = frozenset({"mode", "access_vlan", "native_vlan", "trunk_vlans"})
EVERY: Final = frozenset(range(VLAN_MIN, VLAN_MAX + 1))
PLAIN: Final = Port(mode="trunk", native_vlan="none", trunk_vlans=())
"""What a LAG carries that nobody declares anything for: nothing."""

_ORDERED: Final = ("mode", "access_vlan", "native_vlan", "trunk_vlans")
_SEPARATOR: Final = "; "
_LONGEST_NATIVE: Final = 500
_CUT: Final = "…"


def access(vlan: int) -> dict[str, Any]:
    """The fields of an access port."""
    return {"mode": "access", "access_vlan": vlan}


def trunk(carried: frozenset[int], *, untagged: int | str) -> dict[str, Any]:
    """The fields of a trunk that carries these VLANs. A VLAN of untagged frames that it does not carry is none."""
    native = untagged if untagged in carried else "none"
    vlans: Any = "all" if carried == EVERY else tuple(sorted(carried - {native}))
    return {"mode": "trunk", "native_vlan": native, "trunk_vlans": vlans}


def other(lines: Iterable[str]) -> dict[str, Any]:
    """The fields of a port whose switching the schema has no words for: the device's own."""
    return {"mode": "other", "native": native(lines)}


def native(lines: Iterable[str]) -> str:
    """The device's own words, as ``native`` holds them."""
    return printable(_SEPARATOR.join(lines), most=_LONGEST_NATIVE)


def native_lines(port: Port) -> tuple[str, ...]:
    """The lines that ``native`` was made of."""
    return tuple(port.native.split(_SEPARATOR)) if port.native else ()


def written_back(port: Port, *, never: str = "?\\") -> tuple[str, ...]:
    """The lines that ``native`` was made of, to be sent again.

    Raises :class:`~drivers.errors.Unsupported` where they hold what is ``never`` sent, or were cut.
    """
    lines = native_lines(port)
    if (port.native or "").endswith(_CUT) or not all(is_sendable(line, never=never) for line in lines):
        shown = (port.native or "")[:60]
        raise Unsupported(f"the port is configured as '{shown}', which could not be put back if need be")
    return lines


def is_sendable(text: str, *, never: str) -> bool:
    """Whether a command line takes ``text`` as it is: plain text without characters that mean something there."""
    return text.isascii() and set(never).isdisjoint(text)


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
        native_vlan = base.native_vlan if wanted.native_vlan is None else wanted.native_vlan
        return Port(mode="trunk", native_vlan=native_vlan, trunk_vlans=vlans)
    raise Unsupported(f"ports.{name} has no mode that its VLANs go with, and nobody declares ports.{name}.mode")


def fresh(name: str, wanted: Port | None) -> Port:
    """The switching that a new LAG starts with. Raises ``Unsupported`` as :func:`settled` does."""
    if wanted is None or not is_said(wanted):
        return PLAIN
    return settled(name, wanted=wanted, before=Port())


def of(port: Port) -> Port:
    """The switching of a port, and nothing else of it."""
    return Port(**{field: getattr(port, field) for field in (*_ORDERED, "native")})


def carried(port: Port) -> frozenset[int]:
    """The VLANs of a trunk, its native one as well."""
    if port.trunk_vlans == "all":
        return EVERY
    own = {port.native_vlan} if isinstance(port.native_vlan, int) else set()
    return frozenset(port.trunk_vlans or ()) | own


def words(port: Port) -> tuple[str, ...]:
    """The elements of a port's trunk VLANs, as paths name them."""
    return ("all",) if port.trunk_vlans == "all" else tuple(map(str, port.trunk_vlans or ()))


def elements(port: str, of_trunk: Iterable[str]) -> tuple[Path, ...]:
    """The paths of elements of a port's trunk VLANs."""
    ordered = sorted(of_trunk, key=lambda word: (len(word), word))
    return tuple(("ports", port, "trunk_vlans", word) for word in ordered)


def paths(port: str) -> tuple[Path, ...]:
    """The paths of all that is a port's switching."""
    return tuple(("ports", port, field) for field in _ORDERED)


def spoken(port: Port) -> str:
    """Switching in a few words for people."""
    if port.mode is None:
        return "not configured"
    if port.mode == "access":
        return f"access VLAN {port.access_vlan}"
    if port.mode == "other":
        return f"as it was ({port.native})"
    listed = "all VLANs" if port.trunk_vlans == "all" else ", ".join(vlan_ranges(port.trunk_vlans or ())) or "no VLAN"
    untagged = "" if port.native_vlan in (None, "none") else f", native {port.native_vlan}"
    return f"trunk of {listed}{untagged}"
