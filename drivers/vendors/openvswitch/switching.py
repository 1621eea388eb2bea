"""Modes of a port in Open vSwitch's columns, both ways.

============================  =====================================================
schema                        columns of Port
============================  =====================================================
access, access_vlan 10        ``vlan_mode=access tag=10``
trunk, native none            ``vlan_mode=trunk trunks=...``
trunk, native_vlan 5          ``vlan_mode=native-untagged tag=5 trunks=...``
trunk_vlans of none           ``trunks=4095``: an empty column would mean *all*, and no frame of ours is in 4095
trunk_vlans all               ``trunks`` empty; with native none ``1-4095``, because an empty column also carries
                              untagged frames, as VLAN 0
(not configured)              nothing set: Open vSwitch then carries everything, but nobody decided that
other                         all else (native-tagged, dot1q-tunnel, VLAN 0 ...): the columns in ``native``
============================  =====================================================

Where ``vlan_mode`` is not set, ovs-vswitchd takes a port with a tag for access and one with trunks for a trunk, and so
do we. ``native_vlan`` is carried whether ``trunks`` lists it or not (ovs-vswitchd forces it in).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from device_profiles.names import printable
from device_profiles.scalars import VLAN_MAX, VLAN_MIN, vlan_ranges
from device_profiles.state import Port
from drivers.errors import Unsupported
from drivers.vendors.openvswitch.tables import Row, elements, optional

NOTHING: Final = 4095
"""The VLAN number that stands for "carries no VLAN"; 802.1Q reserves it."""
COLUMNS: Final = ("vlan_mode", "tag", "trunks", "cvlans")
UNSET: Final = ("vlan_mode=[]", "tag=[]", "trunks=[]", "cvlans=[]")

_EVERY: Final = tuple(range(VLAN_MIN, VLAN_MAX + 1))
_EVERY_WORD: Final = f"{VLAN_MIN}-{NOTHING}"
_LONGEST_NATIVE: Final = 500
_NATIVE_WORD: Final = re.compile(r"(vlan_mode=[a-z0-9-]{1,20}|(tag|trunks|cvlans)=[0-9][0-9,-]*)\Z")


def read(row: Row) -> dict[str, Any]:
    """The switching fields of a row of Port, as :class:`~device_profiles.state.Port` names them."""
    tag = optional(row["tag"])
    trunks = tuple(sorted(elements(row["trunks"])))
    mode = optional(row["vlan_mode"])
    if mode is None and tag is None and not trunks:
        return {}
    usual = None
    if mode == "access" or (mode is None and tag is not None):
        usual = _access(tag)
    elif mode in ("trunk", None):
        usual = _trunk(trunks, native="none")
    elif mode == "native-untagged" and _is_vlan(tag):
        usual = _trunk(trunks, native=tag)
    return usual or {"mode": "other", "native": _words(row)}


def _access(tag: int | None) -> dict[str, Any] | None:
    return {"mode": "access", "access_vlan": tag} if _is_vlan(tag) else None


def _trunk(trunks: tuple[int, ...], *, native: int | str) -> dict[str, Any] | None:
    if not trunks:
        # With vlan_mode=trunk and no trunks untagged frames are carried as VLAN 0: no native VLAN, and not dropped.
        return {"mode": "trunk", "trunk_vlans": "all", "native_vlan": None if native == "none" else native}
    if trunks == (*_EVERY, NOTHING):
        return {"mode": "trunk", "trunk_vlans": "all", "native_vlan": native}
    listed = tuple(vlan for vlan in trunks if vlan != NOTHING)
    if not all(map(_is_vlan, listed)):
        return None
    return {"mode": "trunk", "trunk_vlans": listed, "native_vlan": native}


def _is_vlan(tag: int | None) -> bool:
    return tag is not None and VLAN_MIN <= tag <= VLAN_MAX


def _words(row: Row) -> str:
    words = []
    for column in COLUMNS:
        found = elements(row[column])
        if found:
            numbers = column in ("trunks", "cvlans")
            words.append(f"{column}={','.join(vlan_ranges(found)) if numbers else found[0]}")
    return printable(" ".join(words), most=_LONGEST_NATIVE)


def columns(port: Port) -> tuple[str, ...]:
    """The words that set these switching fields, complete; where the port has none, those that clear all.

    Raises :class:`~drivers.errors.Unsupported` for ``mode: other`` whose words cannot be written back.
    """
    match port.mode:
        case None:
            return UNSET
        case "access":
            return ("vlan_mode=access", f"tag={port.access_vlan}", "trunks=[]", "cvlans=[]")
        case "trunk":
            return (*_native_columns(port), f"trunks={_trunks_word(port)}", "cvlans=[]")
        case "other":
            return _written_back(port.native or "")


def _native_columns(port: Port) -> tuple[str, str]:
    if isinstance(port.native_vlan, int):
        return ("vlan_mode=native-untagged", f"tag={port.native_vlan}")
    return ("vlan_mode=trunk", "tag=[]")


def _trunks_word(port: Port) -> str:
    if port.trunk_vlans == "all":
        return _EVERY_WORD if port.native_vlan == "none" else "[]"
    return ",".join(vlan_ranges(port.trunk_vlans or ())) or str(NOTHING)


def is_said(port: Port) -> bool:
    """Whether anything of the switching group is said."""
    said = (port.mode, port.access_vlan, port.native_vlan, port.trunk_vlans)
    return any(value is not None for value in said)


def trunk_words(port: Port) -> tuple[str, ...]:
    """The elements of a port's trunk VLANs, as paths name them."""
    if port.trunk_vlans == "all":
        return ("all",)
    return tuple(map(str, port.trunk_vlans or ()))


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


def _written_back(native: str) -> tuple[str, ...]:
    found: dict[str, str] = {}
    for word in native.split():
        if not _NATIVE_WORD.match(word):
            raise Unsupported(f"the port is configured as '{native[:60]}', which could not be put back if need be")
        found[word.partition("=")[0]] = word
    return tuple(found.get(column, f"{column}=[]") for column in COLUMNS)


def settled(name: str, *, wanted: Port, before: Port) -> Port:
    """The switching that a port shall have: what is wanted, and what it had where nothing is said.

    A port that becomes a trunk starts from no VLAN and no native VLAN. Raises ``Unsupported``, naming the leaf, where
    something is wanted that goes with a mode that the port does not have and nobody declares.
    """
    mode = wanted.mode or before.mode
    same = before.mode == mode
    if mode == "access":
        _refuse(name, {"native_vlan": wanted.native_vlan, "trunk_vlans": wanted.trunk_vlans}, "is an access port")
        vlan = wanted.access_vlan or (before.access_vlan if same else None)
        if vlan is None:
            raise Unsupported(f"ports.{name}.mode is access and nobody declares ports.{name}.access_vlan")
        return Port(mode="access", access_vlan=vlan)
    if mode == "trunk":
        _refuse(name, {"access_vlan": wanted.access_vlan}, "is a trunk")
        return _settled_trunk(wanted, before if same else Port(native_vlan="none", trunk_vlans=()))
    fields = {"access_vlan": wanted.access_vlan, "native_vlan": wanted.native_vlan, "trunk_vlans": wanted.trunk_vlans}
    _refuse(name, fields, "has no mode that goes with it, and nobody declares one")
    raise Unsupported(f"ports.{name}.mode cannot be {mode}")


def _settled_trunk(wanted: Port, before: Port) -> Port:
    vlans: Sequence[int] | str | None = wanted.trunk_vlans if wanted.trunk_vlans is not None else before.trunk_vlans
    native = wanted.native_vlan if wanted.native_vlan is not None else before.native_vlan
    if native is None and vlans != "all":
        native = "none"
    return Port(mode="trunk", native_vlan=native, trunk_vlans=vlans)  # type: ignore[arg-type]  # a set of VLANs or "all"


def _refuse(name: str, fields: dict[str, Any], why: str) -> None:
    for field, value in fields.items():
        if value is not None:
            raise Unsupported(f"ports.{name}.{field} is declared, and the port {why}")
