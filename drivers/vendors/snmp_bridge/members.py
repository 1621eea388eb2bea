"""What is known of VLANs and the ports that carry them, in whichever way a device told it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

HIGHEST: Final = 4094
ALL: Final = frozenset(range(1, HIGHEST + 1))


@dataclass(slots=True)
class Membership:
    """What is known of VLANs and their ports."""

    names: dict[int, str] = field(default_factory=dict)
    """VLANs that are configured."""
    carried: set[int] = field(default_factory=set)
    tagged: dict[int, set[int]] = field(default_factory=dict)
    """ifIndex to VLANs."""
    untagged: dict[int, set[int]] = field(default_factory=dict)
    pvid: dict[int, int] = field(default_factory=dict)
    trunks: set[int] = field(default_factory=set)
    """Ports that are told to be trunks, whatever they carry."""
    everything: set[int] = field(default_factory=set)
    """Trunks that carry all VLANs there may be."""
    untold: set[int] = field(default_factory=set)
    """Trunks of which nothing tells what they carry."""
    dynamic: dict[int, str] = field(default_factory=dict)
    """Ports whose mode is none of ours, in the device's words."""
    fids: dict[int, int] = field(default_factory=dict)
    """Number of a forwarding table to VLAN."""
    as_text: bool = False
    """Whether the device writes lists of ports as text, which no document says."""
    shared: dict[int, frozenset[int]] = field(default_factory=dict)
    """Number of a forwarding table to the VLANs that learn into it, where they are several."""

    def add(self, port: int, vlan: int, *, tagged: bool) -> None:
        """A port carries a VLAN."""
        (self.tagged if tagged else self.untagged).setdefault(port, set()).add(vlan)

    def only_one(self, port: int, vlans: frozenset[int]) -> int | None:
        """The one of ``vlans`` that a port carries; None where that is not one."""
        found = (self.tagged.get(port, set()) | self.untagged.get(port, set())) & vlans
        return found.pop() if len(found) == 1 else None

    @property
    def tells_ports(self) -> bool:
        """Whether it is told who carries what."""
        return bool(self.tagged or self.untagged or self.trunks)

    def take_ports(self, other: Membership) -> None:
        """What another table tells of ports, and of VLANs beside."""
        if other.tells_ports:
            self.names = {
                **other.names,
                **{vlan: name or other.names.get(vlan, "") for vlan, name in self.names.items()},
            }
            self.tagged, self.untagged = other.tagged, other.untagged
            self.pvid = {**other.pvid, **self.pvid}
            self.trunks, self.everything, self.untold = other.trunks, other.everything, other.untold
