"""The switching of an interface, as its statements say it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from device_profiles.scalars import VLAN_MAX, VLAN_MIN
from device_profiles.state import Port
from drivers.switching import modes
from drivers.vendors.juniper_junos.statements import Tree, at, statements, value

DEFAULT: Final = "default"
"""The VLAN of ports that are in none."""

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
    return modes.access(next(iter(vlans), numbers.get(DEFAULT, VLAN_MIN)))


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
    return modes.other(lines)


def listed(port: Port) -> frozenset[int]:
    """The VLANs that a port's statements name, one by one."""
    vlans: Iterable[int] = () if isinstance(port.trunk_vlans, str) else port.trunk_vlans or ()
    singles = (vlan for vlan in (port.access_vlan, port.native_vlan) if isinstance(vlan, int))
    return frozenset((*vlans, *singles))
