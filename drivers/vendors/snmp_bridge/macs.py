"""Which addresses the bridge has learned where (BRIDGE-MIB, Q-BRIDGE-MIB, IEEE8021-Q-BRIDGE-MIB, vendors' tables).

A table per VLAN has the VLAN's number where the device numbers its tables so, or tells how it numbers them. Where
neither is so, or several VLANs learn into one table, the address stands there without a VLAN, unless its port carries
only one of them. Addresses of the switch itself, and what was put there by hand, were not learned and tell nothing of
who is at a port.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from device_profiles.operation import MacEntry
from drivers.snmp.polling import Poll, Row
from drivers.vendors.snmp_bridge.interfaces import Interface, Interfaces
from drivers.vendors.snmp_bridge.members import HIGHEST, Membership

_LEARNED: Final = 3
_GROUP: Final = 0x01
_NOBODY: Final = "00:00:00:00:00:00"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Own:
    """A vendor's table: names of the columns, or parts of the index, that are the VLAN, the ifIndex and the status.

    ``learned`` are the numbers by which the status says so; ``vlan_of`` is the table in which the VLAN's number is;
    ``switched`` is the part of the index that tells a VLAN from a VPLS, and what it is for VLANs.
    """

    table: str
    vlan: str
    port: str
    status: str = ""
    learned: frozenset[int] = frozenset({_LEARNED})
    vlan_of: tuple[str, str, str] | None = None
    switched: tuple[str, frozenset[object]] | None = None


_OWN: Final = (
    _Own(table="hwdbDynFdbTable", vlan="vlan", port="hwDynFdbPort", switched=("vsi", frozenset({""}))),
    _Own(
        table="extremeFdbMacExosFdbTable",
        vlan="vlanIf",
        port="extremeFdbMacExosFdbPortIfIndex",
        status="extremeFdbMacExosFdbStatus",
        vlan_of=("extremeVlanIfTable", "vlanIf", "extremeVlanIfVlanId"),
    ),
    # slMacAddressManagement: deleteOnTimeout(3), learned(4).
    _Own(
        table="slMacAddressTable",
        vlan="vlan",
        port="ifIndex",
        status="slMacAddressManagement",
        learned=frozenset({3, 4}),
    ),
    _Own(
        table="alaSlMacAddressGlobalTable",
        vlan="vlan",
        port="ifIndex",
        status="slMacAddressGblManagement",
        learned=frozenset({3, 4}),
        switched=("domain", frozenset({0, 1})),
    ),
)
TABLES: Final = (
    *("dot1qTpFdbTable", "ieee8021QBridgeTpFdbTable", "dot1dTpFdbTable"),
    *(own.table for own in _OWN),
)


def macs(poll: Poll, interfaces: Interfaces, known: Membership) -> tuple[MacEntry, ...]:
    """All addresses that were learned: of the standard's tables with VLANs, else a vendor's, else those without."""

    def vlan_of(row: Row, port: Interface) -> int | None:
        fid = row["fid"]
        if fid in known.shared:
            return known.only_one(port.index, known.shared[fid])
        if fid in known.fids:
            return known.fids[fid]
        return fid if 0 < fid <= HIGHEST and (not known.carried or fid in known.carried or not known.fids) else None

    with_vlan = [
        *_entries(poll.rows("dot1qTpFdbTable").values(), "dot1qTpFdb", interfaces, vlan_of),
        *_entries(poll.rows("ieee8021QBridgeTpFdbTable").values(), "ieee8021QBridgeTpFdb", interfaces, vlan_of),
    ]
    if not with_vlan:
        with_vlan = [entry for own in _OWN for entry in _of_vendor(poll, own, interfaces)]
    plain = _entries(poll.rows("dot1dTpFdbTable").values(), "dot1dTpFdb", interfaces, lambda *_: None)
    return sorted_macs(with_vlan or plain)


def _of_vendor(poll: Poll, own: _Own, interfaces: Interfaces) -> Iterator[MacEntry]:
    vlans: dict[int, int] = {}
    if own.vlan_of is not None:
        table, index, column = own.vlan_of
        vlans = {row[index]: row.get(column, 0) for row in poll.rows(table).values()}
    for row in poll.rows(own.table).values():
        port = interfaces.by_index.get(row.get(own.port, 0))
        learned = not own.status or row.get(own.status, min(own.learned)) in own.learned
        vlan = vlans.get(row[own.vlan], 0) if own.vlan_of is not None else row[own.vlan]
        if own.switched is not None and row[own.switched[0]] not in own.switched[1]:
            vlan = 0
        if port is not None and learned and _is_machine(row["mac"]):
            yield MacEntry(mac=row["mac"], vlan=vlan if 0 < vlan <= HIGHEST else None, port=port.name)


def macs_of_vlan(poll: Poll, interfaces: Interfaces, vlan: int) -> list[MacEntry]:
    """The addresses in the table of one VLAN, read from that VLAN's own bridge."""
    return list(_entries(poll.rows("dot1dTpFdbTable").values(), "dot1dTpFdb", interfaces, lambda *_: vlan))


def sorted_macs(entries: Iterable[MacEntry]) -> tuple[MacEntry, ...]:
    """Each once, in order."""
    return tuple(sorted(set(entries), key=lambda entry: (entry.vlan or 0, entry.mac, entry.port)))


def _is_machine(mac: str) -> bool:
    """Whether it is one machine's address, and not a group's or nobody's."""
    return mac != _NOBODY and not int(mac[:2], 16) & _GROUP


def _entries(
    rows: Iterable[Mapping[str, object]],
    prefix: str,
    interfaces: Interfaces,
    vlan_of: Callable[[Row, Interface], int | None],
) -> Iterator[MacEntry]:
    for row in rows:
        found = dict(row)
        if found.get(f"{prefix}Status", _LEARNED) != _LEARNED:
            continue
        number = found.get(f"{prefix}Port", 0)
        port = interfaces.of_entry(number) if isinstance(number, int) and number > 0 else None
        mac = str(found["mac"])
        if port is not None and _is_machine(mac):
            yield MacEntry(mac=mac, vlan=vlan_of(found, port), port=port.name)
