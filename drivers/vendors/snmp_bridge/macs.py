"""Which addresses the bridge has learned where (BRIDGE-MIB, Q-BRIDGE-MIB, IEEE8021-Q-BRIDGE-MIB).

A table per VLAN has the VLAN's number where the device numbers its tables so, or tells how it numbers them. Where
neither is so, the address stands there without a VLAN. Addresses of the switch itself, and what was put there by hand,
were not learned and tell nothing of who is at a port.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from device_profiles.operation import MacEntry
from drivers.snmp.polling import Poll, Row
from drivers.vendors.snmp_bridge.interfaces import Interfaces
from drivers.vendors.snmp_bridge.members import HIGHEST, Membership

TABLES: Final = ("dot1qTpFdbTable", "ieee8021QBridgeTpFdbTable", "dot1dTpFdbTable")
_LEARNED: Final = 3
_GROUP: Final = 0x01


def macs(poll: Poll, interfaces: Interfaces, known: Membership) -> tuple[MacEntry, ...]:
    """All addresses that were learned. The table without VLANs counts where there is none with them."""

    def vlan_of(row: Row) -> int | None:
        fid = row["fid"]
        if fid in known.fids:
            return known.fids[fid]
        return fid if 0 < fid <= HIGHEST and (not known.carried or fid in known.carried or not known.fids) else None

    with_vlan = [
        *_entries(poll.rows("dot1qTpFdbTable").values(), "dot1qTpFdb", interfaces, vlan_of),
        *_entries(poll.rows("ieee8021QBridgeTpFdbTable").values(), "ieee8021QBridgeTpFdb", interfaces, vlan_of),
    ]
    plain = _entries(poll.rows("dot1dTpFdbTable").values(), "dot1dTpFdb", interfaces, lambda _: None)
    return sorted_macs(with_vlan or plain)


def macs_of_vlan(poll: Poll, interfaces: Interfaces, vlan: int) -> list[MacEntry]:
    """The addresses in the table of one VLAN, read from that VLAN's own bridge."""
    return list(_entries(poll.rows("dot1dTpFdbTable").values(), "dot1dTpFdb", interfaces, lambda _: vlan))


def sorted_macs(entries: Iterable[MacEntry]) -> tuple[MacEntry, ...]:
    """Each once, in order."""
    return tuple(sorted(set(entries), key=lambda entry: (entry.vlan or 0, entry.mac, entry.port)))


def _entries(
    rows: Iterable[Mapping[str, object]], prefix: str, interfaces: Interfaces, vlan_of: Callable[[Row], int | None]
) -> Iterator[MacEntry]:
    for row in rows:
        found = dict(row)
        if found.get(f"{prefix}Status", _LEARNED) != _LEARNED:
            continue
        number = found.get(f"{prefix}Port", 0)
        port = interfaces.of_base(number) if isinstance(number, int) and number > 0 else None
        mac = str(found["mac"])
        if port is not None and not int(mac[:2], 16) & _GROUP:
            yield MacEntry(mac=mac, vlan=vlan_of(found), port=port.name)
