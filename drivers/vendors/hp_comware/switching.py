"""The switching of an interface, as its lines say it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from device_profiles.scalars import VLAN_MIN
from drivers.switching import modes
from drivers.switching.reading import PortLines
from drivers.vendors.hp_comware.dialect import Dialect
from drivers.vendors.hp_comware.vlans import parse_list

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


def read(lines: Sequence[str], dialect: Dialect) -> dict[str, Any]:
    """The switching fields that an interface's lines say. Raises :class:`~drivers.switching.reading.Unreadable`."""
    routes = [line for line in lines if _ROUTES.match(line)]
    if routes:
        return modes.other((*routes, *(line for line in lines if _ADDRESS.match(line))))
    said = [line for line in lines if _OWN.match(line)]
    found = _Lines()
    for line in said:
        found.take(line)
    mode = found.mode or (dialect.quirks.unsaid if not said or dialect.quirks.unsaid == "access" else "")
    if mode == "dynamic":
        return {}
    if mode == "hybrid" and not found.strange:
        return found.hybrid() | {"native": modes.native(said)} if found.is_trunk else modes.other(said)
    if found.strange or mode not in ("access", "trunk"):
        return modes.other(said)
    return found.access() if mode == "access" else found.trunk()


class _Lines(PortLines):
    """The lines of one interface, added up."""

    def __init__(self) -> None:
        super().__init__()
        self._vlan = self._pvid = VLAN_MIN
        self._permitted = frozenset((VLAN_MIN,))
        self._tagged = frozenset[int]()
        self._untagged = frozenset((VLAN_MIN,))

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
        return modes.access(self._vlan)

    def trunk(self) -> dict[str, Any]:
        return modes.trunk(self._permitted, untagged=self._pvid)

    @property
    def is_trunk(self) -> bool:
        """Whether a hybrid port does what a trunk does."""
        return self._untagged == {self._pvid} or (not self._untagged and self._pvid not in self._tagged)

    def hybrid(self) -> dict[str, Any]:
        return modes.trunk(self._tagged | self._untagged, untagged=self._pvid)
