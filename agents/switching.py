"""When the switching of a port cannot be set as declared: mode and VLANs converge together or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from device_profiles.state import Port


class Wrong(NamedTuple):
    """The field that shows it, a reason and a sentence."""

    field: str
    reason: str
    message: str


def switching_problem(declared: Mapping[str, Any], shown: Port | None, *, unmodelled: bool) -> Wrong | None:
    """Why these fields cannot be set on a port that shows ``shown`` (None: a bundle yet to be made); None: they can."""
    mode = declared.get("mode")
    current = shown.mode if shown is not None else None
    if current == "other" and not unmodelled:
        sentence = "the port is in a mode that is not modelled here; writing over it needs allow: [unmodelled]"
        return Wrong(next(iter(declared)), "Unmodelled", sentence)
    if mode == "access" and "access_vlan" not in declared and not (current == "access" and shown and shown.access_vlan):
        return Wrong("access_vlan", "Incomplete", "an access port needs its access_vlan: declare it")
    return _without_mode(declared, current) if mode is None else None


def _without_mode(declared: Mapping[str, Any], current: str | None) -> Wrong | None:
    for name in ("trunk_vlans", "native_vlan"):
        if name in declared and current != "trunk":
            return Wrong(name, "ModeNotDeclared", "the port is no trunk on the device: declare mode: trunk beside it")
    if "access_vlan" in declared and current != "access":
        sentence = "the port is no access port on the device: declare mode: access beside it"
        return Wrong("access_vlan", "ModeNotDeclared", sentence)
    return None
