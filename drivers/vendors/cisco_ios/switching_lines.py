"""The lines that make an interface's switching so.

A port changes in an order in which it never carries a VLAN that it shall carry neither before nor after: what belongs
to the new mode is set while it has no effect yet, then the mode, then what belonged to the old mode is taken away. A
trunk's list is changed by ``add`` and ``remove``, which leave alone what others put there.

Where IOS negotiates, a port is told a mode before anything else and loses it after all else: whoever is cut off between
two lines must not leave a port that has VLANs and no mode, which nobody may write over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from device_profiles.scalars import VLAN_MAX, VLAN_MIN
from device_profiles.state import Port
from drivers.errors import Unsupported
from drivers.switching.modes import carried, native_lines, written_back
from drivers.vendors.cisco_ios.dialect import Dialect
from drivers.vendors.cisco_ios.vlans import lists, trunk_lines

CLEAR: Final = (
    "no switchport mode",
    "no switchport access vlan",
    "no switchport trunk allowed vlan",
    "no switchport trunk native vlan",
)

ACCESS: Final = "switchport mode access"

_NUMBERS: Final = re.compile(r"( [\d,-]+)+\Z")


def lines(before: Port, after: Port, dialect: Dialect) -> tuple[str, ...]:
    """The lines that bring an interface's switching from ``before`` to ``after``, both complete.

    Raises :class:`~drivers.errors.Unsupported` for what cannot be said on this device.
    """
    match after.mode:
        case "access":
            return tuple(_to_access(before, after, dialect))
        case "trunk":
            return tuple(_to_trunk(before, after, dialect))
        case "other":
            return (*_back_to_switching(before), *CLEAR, *written_back(after))
        case None:
            return tuple(_to_nothing(before, dialect))


def _to_nothing(before: Port, dialect: Dialect) -> Iterator[str]:
    yield from _back_to_switching(before)
    if dialect.negotiates and before.mode == "trunk":
        yield ACCESS
    if not dialect.negotiates:
        yield CLEAR[0]
    yield from CLEAR[1:]
    yield from _without_strange(before)
    if dialect.negotiates:
        yield CLEAR[0]


def _moded(before: Port, dialect: Dialect) -> Iterator[str]:
    """Where nothing is said a port is at most in the VLAN of an access port of which nothing is said, or negotiates."""
    if before.mode is None and dialect.negotiates:
        yield ACCESS


def _to_access(before: Port, after: Port, dialect: Dialect) -> Iterator[str]:
    yield from _back_to_switching(before)
    yield from _moded(before, dialect)
    yield f"switchport access vlan {after.access_vlan}"
    if before.mode == "access":
        return
    yield ACCESS
    yield from CLEAR[2:]
    yield from _without_strange(before)


def _to_trunk(before: Port, after: Port, dialect: Dialect) -> Iterator[str]:
    if before.mode == "trunk":
        yield from _changed(before, after, dialect)
        return
    has = carried(after)
    yield from _back_to_switching(before)
    yield from _moded(before, dialect)
    yield from ("switchport trunk allowed vlan all",) if after.trunk_vlans == "all" else trunk_lines(sorted(has))
    yield _native(after, has, dialect)
    yield from dialect.words.trunk_needs
    yield "switchport mode trunk"
    yield CLEAR[1]
    yield from _without_strange(before)


def _changed(before: Port, after: Port, dialect: Dialect) -> Iterator[str]:
    """A trunk that stays one: what is new first, then the native VLAN, then what goes."""
    had, has = carried(before), carried(after)
    added, gone = has - had, had - has
    native = (
        _native(after, has, dialect)
        if after.native_vlan != before.native_vlan or (after.native_vlan == "none" and VLAN_MIN in added)
        else ""
    )
    if after.trunk_vlans == "all":
        if before.trunk_vlans != "all":
            yield "switchport trunk allowed vlan all"
        if native:
            yield native
        return
    drops_first = native and after.native_vlan == "none"
    if drops_first:
        yield native
    yield from (f"switchport trunk allowed vlan add {part}" for part in lists(added))
    if native and not drops_first:
        yield native
    if before.trunk_vlans == "all":
        yield from trunk_lines(sorted(has))
    elif gone and not has:
        yield from trunk_lines(())
    else:
        yield from (f"switchport trunk allowed vlan remove {part}" for part in lists(gone))


def _native(port: Port, has: frozenset[int], dialect: Dialect) -> str:
    if isinstance(port.native_vlan, int):
        return f"switchport trunk native vlan {port.native_vlan}"
    if dialect.words.drops_untagged:
        return dialect.words.drops_untagged
    if port.trunk_vlans == "all":
        raise Unsupported("a trunk of all VLANs that drops untagged frames cannot be configured on this device")
    # Untagged frames are dropped where their VLAN is not in the list: any VLAN outside of it will do.
    free = next(vlan for vlan in (VLAN_MIN, *range(VLAN_MAX, VLAN_MIN, -1)) if vlan not in has)
    return f"switchport trunk native vlan {free}"


def _back_to_switching(before: Port) -> Iterator[str]:
    words = native_lines(before)
    if words[:1] == ("no switchport",):
        if len(words) > 1:
            raise Unsupported("the port routes and has an address: make it a switch port by hand first")
        yield "switchport"


def _without_strange(before: Port) -> Iterator[str]:
    """Take away lines that the schema has no words for: each without its numbers, as IOS-like systems take it."""
    for line in native_lines(before):
        if line.startswith("switchport ") and not any(line.startswith(clear[3:]) for clear in CLEAR):
            yield f"no {_NUMBERS.sub('', line)}"
