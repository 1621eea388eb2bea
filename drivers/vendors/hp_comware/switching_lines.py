"""The lines that make an interface's switching so.

A port that keeps its link type changes in an order in which it never carries a VLAN that it shall carry neither before
nor after. A change of link type passes through VLAN 1, so the port is shut for it, and opened again where it was open.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from device_profiles.scalars import VLAN_MAX, VLAN_MIN
from device_profiles.state import Port
from drivers.errors import Unsupported
from drivers.switching.modes import EVERY, carried, native_lines, written_back
from drivers.vendors.hp_comware.dialect import Dialect, undone
from drivers.vendors.hp_comware.vlans import lists

_NO_TYPE: Final = "undo port link-type"
_NO_HYBRID: Final = "undo port hybrid vlan "
_ALL_BUT_ONE: Final = f"{VLAN_MIN + 1} to {VLAN_MAX}"


def lines(before: Port, after: Port, dialect: Dialect) -> tuple[str, ...]:
    """The lines that bring an interface's switching from ``before`` to ``after``, both complete.

    ``before.enabled`` tells whether the port is open now. Raises :class:`~drivers.errors.Unsupported` for what cannot
    be said on this device.
    """
    if before.mode == after.mode and not before.native and not after.native:
        return tuple(_same(before, after, dialect))
    told = (*_cleared(before, after, dialect), *_anew(after, dialect))
    return ("shutdown", *told, "undo shutdown") if before.enabled else told


def _same(before: Port, after: Port, dialect: Dialect) -> Iterator[str]:
    if after.mode == "access" and before.access_vlan != after.access_vlan:
        yield dialect.words.access.format(vlan=after.access_vlan)
    elif after.mode == "trunk":
        yield from _changed(before, after, dialect)


def _changed(before: Port, after: Port, dialect: Dialect) -> Iterator[str]:
    """A trunk that stays one: what is new first, then the native VLAN, then what goes."""
    had, has = carried(before), carried(after)
    added, gone = has - had, had - has
    pvid = tuple(_pvid(before, after, has, dialect))
    drops = after.native_vlan == "none"
    if drops:
        yield from pvid
    yield from _permit(added, has, dialect)
    if not drops:
        yield from pvid
    yield from (f"undo {line}" for line in _permit(gone, EVERY if not has else frozenset(), dialect))


def _permit(vlans: frozenset[int], every: frozenset[int], dialect: Dialect) -> Iterator[str]:
    if vlans and every == EVERY and (vlans == EVERY or len(vlans) > VLAN_MAX // 2):
        yield dialect.words.permit.format(vlans="all")
    else:
        yield from (dialect.words.permit.format(vlans=part) for part in lists(vlans))


def _pvid(before: Port, after: Port, has: frozenset[int], dialect: Dialect) -> Iterator[str]:
    """The line of a trunk's PVID, where it has to change."""
    if isinstance(after.native_vlan, int):
        if before.native_vlan != after.native_vlan:
            yield dialect.words.pvid.format(vlan=after.native_vlan)
        return
    if has == EVERY:
        raise Unsupported("a trunk of all VLANs that drops untagged frames cannot be configured on this device")
    if before.native_vlan != "none" or has - carried(before):
        # Untagged frames are dropped where their VLAN is not permitted: any VLAN that is not will do.
        free = next(vlan for vlan in (VLAN_MIN, *range(VLAN_MAX, VLAN_MIN, -1)) if vlan not in has)
        yield dialect.words.pvid.format(vlan=free)


def _cleared(before: Port, after: Port, dialect: Dialect) -> Iterator[str]:
    """The port as a new one: without a link type, and all that went with it."""
    words = native_lines(before)
    if any(" address " in line for line in words):
        raise Unsupported("the port routes and has an address: make it a switch port by hand first")
    if "port link-mode route" in words:
        yield "port link-mode bridge"
    elif "undo portswitch" in words:
        yield "portswitch"
    elif dialect.quirks.resets:
        yield from (_taken_back(word) for word in reversed(words) if not _goes_with_type(word))
    else:
        yield from (line for word in reversed(words) if (line := _taken_back(word)))
        # Of its new type, too: a row of lines may be told a second time.
        yield from (line for mode in sorted({str(before.mode), str(after.mode)}) for line in _renewed(mode, dialect))
    if before.mode is not None and (before.mode != "access" or not dialect.quirks.resets):
        yield _NO_TYPE


def _renewed(mode: str, dialect: Dialect) -> Iterator[str]:
    """What goes with a link type as it is on a new port."""
    if mode == "access":
        yield undone(dialect.words.access)
    elif mode == "trunk":
        yield undone(dialect.words.pvid)
        yield f"undo {dialect.words.permit.format(vlans=_ALL_BUT_ONE)}"
        yield dialect.words.permit.format(vlans=VLAN_MIN)


def _goes_with_type(line: str) -> bool:
    return line.startswith(("port ", "undo port "))


def _taken_back(line: str) -> str:
    """The line that takes back a line of the configuration; an empty text where it goes with the link type."""
    if line.startswith(_NO_HYBRID):
        return f"port hybrid untagged vlan {line.removeprefix(_NO_HYBRID)}"
    if line.startswith(("undo ", "port link-type")):
        return ""
    return f"undo {line.rpartition(' ')[0]}" if " pvid vlan " in line else f"undo {line}"


def _anew(after: Port, dialect: Dialect) -> Iterator[str]:
    """A new port's switching."""
    if after.native:
        yield from written_back(after, never="?")
    elif after.mode == "access":
        yield "port link-type access"
        yield dialect.words.access.format(vlan=after.access_vlan)
    elif after.mode == "trunk":
        fresh = Port(mode="trunk", native_vlan=VLAN_MIN, trunk_vlans=())
        yield "port link-type trunk"
        # A trunk has VLAN 1 for its PVID; it is taken away without another in its place, where nothing else needs it.
        if VLAN_MIN not in carried(after):
            yield f"undo {dialect.words.permit.format(vlans=VLAN_MIN)}"
            fresh = Port(mode="trunk", native_vlan="none", trunk_vlans=())
        yield from _changed(fresh, after, dialect)
