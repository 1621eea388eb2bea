"""The switching of an interface: what its statements say, and what it shall be."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from device_profiles.names import printable
from device_profiles.scalars import VLAN_MAX, VLAN_MIN, vlan_ranges
from device_profiles.state import Port
from drivers.errors import Unsupported
from drivers.vendors.juniper_junos.statements import Tree, at, statements, value

PLAIN: Final = Port(mode="trunk", native_vlan="none", trunk_vlans=())
"""What a LAG carries that nobody declares anything for: nothing."""
FIELDS: Final = frozenset({"mode", "access_vlan", "native_vlan", "trunk_vlans"})
DEFAULT: Final = "default"
"""The VLAN of ports that are in none."""

_SEPARATOR: Final = "; "
_LONGEST_NATIVE: Final = 500
_RANGE: Final = re.compile(r"(\d{1,4})(?:-(\d{1,4}))?\Z")
_ELSEWHERE: Final = frozenset(("vlan-tagging", "flexible-vlan-tagging", "stacked-vlan-tagging", "encapsulation"))
_SILENT: Final = frozenset(("description", "disable"))
"""What a unit may say without doing anything."""
_STRANGE: Final = frozenset(("inter-switch-link", "vlan-rewrite", "isolated", "community-vlans"))
_MODES: Final = ("interface-mode", "port-mode")


class Unknown(ValueError):
    """A VLAN that the configuration does not define."""


@dataclass(frozen=True, slots=True)
class Members:
    """The VLANs that a port is made a member of elsewhere than at the port itself, and its words of other kinds."""

    vlans: frozenset[int] = frozenset()
    words: tuple[str, ...] = ()


NOWHERE: Final = Members()


def read(name: str, said: Tree, numbers: Mapping[str, int], elsewhere: Members = NOWHERE) -> dict[str, Any]:
    """The switching fields that an interface's statements say; nothing where it does not switch and does nothing else.

    ``numbers`` are the VLANs by name. Unit 0 is the one that switches.
    """
    units = at(said, "unit")
    family = at(units, "0", "family")
    strange = [word for word in said if word in _ELSEWHERE]
    own = at(family, "ethernet-switching")
    if "ethernet-switching" not in family:
        does = any(set(unit) - _SILENT for unit in units.values())
        return _other(name, said, elsewhere) if does or strange or elsewhere.words else {}
    if strange or set(units) != {"0"} or set(family) != {"ethernet-switching"} or elsewhere.words:
        return _other(name, said, elsewhere)
    mode = next((found for word in _MODES if (found := value(own, word))), "access")
    if mode not in ("access", "trunk") or _STRANGE & set(own) or _STRANGE & set(at(own, "interface-mode", mode)):
        return _other(name, said, elsewhere)
    try:
        return _access(own, numbers, elsewhere) if mode == "access" else _trunk(said, own, numbers, elsewhere)
    except Unknown:
        return _other(name, said, elsewhere)


def _access(own: Tree, numbers: Mapping[str, int], elsewhere: Members) -> dict[str, Any]:
    vlans = _members(own, numbers) | elsewhere.vlans
    if len(vlans) > 1:
        raise Unknown("an access port in several VLANs")
    return {"mode": "access", "access_vlan": next(iter(vlans), numbers.get(DEFAULT, VLAN_MIN))}


def _trunk(said: Tree, own: Tree, numbers: Mapping[str, int], elsewhere: Members) -> dict[str, Any]:
    every = "all" in at(own, "vlan", "members")
    vlans = _members(own, numbers) | elsewhere.vlans
    enhanced, older = value(said, "native-vlan-id"), value(own, "native-vlan-id")
    native: int | str = "none"
    if older is not None:
        native = number_of(older, numbers)
    elif enhanced is not None and (every or number_of(enhanced, numbers) in vlans):
        native = number_of(enhanced, numbers)
    carried: Any = "all" if every else tuple(sorted(vlans - {native}))
    return {"mode": "trunk", "native_vlan": native, "trunk_vlans": carried}


def _members(own: Tree, numbers: Mapping[str, int]) -> frozenset[int]:
    found: set[int] = set()
    for word in at(own, "vlan", "members"):
        if word == "all":
            continue
        match = _RANGE.match(word)
        if match is not None and match[2]:
            found |= set(range(_checked(match[1]), _checked(match[2]) + 1))
        else:
            found.add(number_of(word, numbers))
    return frozenset(found)


def number_of(word: str, numbers: Mapping[str, int]) -> int:
    """The number of a VLAN that a statement names or numbers. Raises :class:`Unknown`."""
    if word in numbers:
        return numbers[word]
    if not word.isdecimal():
        raise Unknown(word)
    return _checked(word)


def _checked(word: str) -> int:
    number = int(word)
    if not VLAN_MIN <= number <= VLAN_MAX:
        raise Unknown(word)
    return number


def _other(name: str, said: Tree, elsewhere: Members) -> dict[str, Any]:
    own = {word: below for word, below in said.items() if word in _ELSEWHERE or word in ("unit", "native-vlan-id")}
    lines = [*statements(own, "interfaces", name), *elsewhere.words] if own else elsewhere.words
    return {"mode": "other", "native": printable(_SEPARATOR.join(lines), most=_LONGEST_NATIVE)}


def native_lines(port: Port) -> tuple[str, ...]:
    """The statements that ``mode: other`` was read from."""
    return tuple((port.native or "").split(_SEPARATOR)) if port.mode == "other" and port.native else ()


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


def listed(port: Port) -> frozenset[int]:
    """The VLANs that a port's statements name, one by one."""
    vlans: Iterable[int] = () if isinstance(port.trunk_vlans, str) else port.trunk_vlans or ()
    singles = (vlan for vlan in (port.access_vlan, port.native_vlan) if isinstance(vlan, int))
    return frozenset((*vlans, *singles))


def spoken(port: Port) -> str:
    """Switching in a few words for people."""
    if port.mode is None:
        return "not configured"
    if port.mode == "access":
        return f"access VLAN {port.access_vlan}"
    if port.mode == "other":
        return f"as it was ({port.native})"
    carried = "all VLANs" if port.trunk_vlans == "all" else ", ".join(vlan_ranges(port.trunk_vlans or ())) or "no VLAN"
    native = "" if port.native_vlan in (None, "none") else f", native {port.native_vlan}"
    return f"trunk of {carried}{native}"
