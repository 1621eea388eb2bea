"""Which port carries which VLAN, with a tag or without, from whichever tables a device has.

Ports are ifIndex throughout. What a device configures is in its *static* tables; what it carries now, also by GVRP, in
the *current* ones, which count where there is nothing static. Each way of telling is one function here; which one is
used is decided by what a device answers, not by what it is called.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from drivers.snmp.decoding import bits_of
from drivers.snmp.polling import Poll, Row
from drivers.vendors.snmp_bridge import vendor_tables
from drivers.vendors.snmp_bridge.interfaces import Interfaces
from drivers.vendors.snmp_bridge.members import ALL, HIGHEST, Membership
from drivers.vendors.snmp_bridge.vendor_tables import (
    alcatel,
    extreme,
    foundry,
    huawei,
    juniper,
    juniper_names,
    juniper_numbers,
    nortel,
    tplink,
)

_NUMBERS: Final = re.compile(rb"\d+(?:,\d+)*,?")
_ETHERNET_VLAN: Final = 1
_OPERATIONAL: Final = 1
_TRUNKING: Final = 1
_ENCAPSULATIONS: Final = frozenset({1, 2, 3, 4})
"""ISL, 802.10, LANE, 802.1Q; what is none of them negotiates still, or is no trunk."""
_FDDI: Final = frozenset({1002, 1003, 1004, 1005})
_PERMANENT, _DYNAMIC = 2, 3
"""dot1qVlanStatus: permanent, dynamicGvrp."""


def tables() -> tuple[str, ...]:
    """All that is polled for this."""
    return (
        *("dot1qVlanStaticTable", "dot1qVlanCurrentTable", "dot1qPortVlanTable"),
        *("ieee8021QBridgeVlanStaticTable", "ieee8021QBridgeVlanCurrentTable", "ieee8021QBridgePortVlanTable"),
        *("vtpVlanTable", "vmMembershipTable", "vlanTrunkPortTable", "vmVoiceVlanTable"),
        *vendor_tables.TABLES,
    )


def membership(poll: Poll, interfaces: Interfaces) -> Membership:
    """What a device tells, by the first way in which it tells anything of its VLANs.

    Where that tells nothing of ports, the first way that does is taken for them.
    """
    found = Membership()
    for tell in _WAYS:
        told = found if not found.names else Membership()
        tell(poll, interfaces, told)
        if told is not found:
            found.take_ports(told)
        if found.tells_ports:
            break
    if not found.names:
        # RouterOS tells of its VLANs only which one each port puts untagged frames into.
        found.names = dict.fromkeys(sorted(set(found.pvid.values())), "")
    _numbers_of_tables(poll, found)
    found.carried |= set(found.names)
    return found


def _cisco(poll: Poll, _: Interfaces, found: Membership) -> None:
    for row in poll.rows("vtpVlanTable").values():
        kind = row.get("vtpVlanType", 0 if row["vlan"] in _FDDI else _ETHERNET_VLAN)
        if kind == _ETHERNET_VLAN:
            found.names[row["vlan"]] = row.get("vtpVlanName", "")
            if row.get("vtpVlanState", _OPERATIONAL) == _OPERATIONAL:
                found.carried.add(row["vlan"])
    if not found.names:
        return
    trunks = {row["ifIndex"]: row for row in poll.rows("vlanTrunkPortTable").values() if _is_trunk(row)}
    for port, row in trunks.items():
        _cisco_trunk(port, row, found)
    for row in poll.rows("vmMembershipTable").values():
        vlan = row.get("vmVlan", 0)
        if row["ifIndex"] not in trunks and 0 < vlan <= HIGHEST:
            found.add(row["ifIndex"], vlan, tagged=False)
            found.pvid[row["ifIndex"]] = vlan
    for row in poll.rows("vmVoiceVlanTable").values():
        # 4095 is none, 4096 is untagged, 0 is priority only.
        if row["ifIndex"] in found.pvid and row["ifIndex"] not in trunks and 0 < row.get("vmVoiceVlanId", 0) <= HIGHEST:
            found.dynamic[row["ifIndex"]] = f"voice vlan {row['vmVoiceVlanId']}"


def _is_trunk(row: Row) -> bool:
    if "vlanTrunkPortDynamicStatus" in row:
        return bool(row["vlanTrunkPortDynamicStatus"] == _TRUNKING)
    return row.get("vlanTrunkPortEncapsulationOperType") in _ENCAPSULATIONS


def _cisco_trunk(port: int, row: Row, found: Membership) -> None:
    columns = ("", "2k", "3k", "4k")
    allowed = {
        vlan + 1024 * place
        for place, column in enumerate(columns)
        for vlan in row.get(f"vlanTrunkPortVlansEnabled{column}", ())
    } & ALL
    native = row.get("vlanTrunkPortNativeVlan", 0)
    found.trunks.add(port)
    if not any(f"vlanTrunkPortVlansEnabled{column}" in row for column in columns):
        found.untold.add(port)
    if not ALL - allowed:
        found.everything.add(port)
    found.tagged[port] = allowed - {native}
    if 0 < native <= HIGHEST:
        found.untagged[port] = {native}
        found.pvid[port] = native


def _q_bridge(poll: Poll, interfaces: Interfaces, found: Membership) -> None:
    numbers = juniper_numbers(poll)
    tables = _Tables(
        _renumbered(poll.rows("dot1qVlanStaticTable"), numbers),
        _renumbered(poll.rows("dot1qVlanCurrentTable"), numbers),
        "dot1q",
    )
    told = {row["basePort"]: int(row.get("dot1qPvid", 0)) for row in poll.rows("dot1qPortVlanTable").values()}
    pvids = {port: numbers.get(vlan, vlan) for port, vlan in told.items()}
    _bridge(tables, pvids, interfaces, found)
    juniper_names(poll, found)


def _renumbered(rows: Mapping[Any, Row], numbers: Mapping[int, int]) -> dict[int, Row]:
    """Rows by VLAN, the newest of each (TimeFilter: the last). ``numbers``: what else they are numbered by, to VLAN."""
    named = ((numbers.get(row["vlan"], 0) if numbers else row["vlan"], row) for row in rows.values())
    return {vlan: row for vlan, row in named if 0 < vlan <= HIGHEST}


def _ieee8021_q_bridge(poll: Poll, interfaces: Interfaces, found: Membership) -> None:
    tables = _Tables(
        _renumbered(poll.rows("ieee8021QBridgeVlanStaticTable"), {}),
        _renumbered(poll.rows("ieee8021QBridgeVlanCurrentTable"), {}),
        "ieee8021QBridge",
    )
    rows = poll.rows("ieee8021QBridgePortVlanTable").values()
    pvids = {row["basePort"]: row.get("ieee8021QBridgePvid", 0) for row in rows}
    _bridge(tables, pvids, interfaces, found)


@dataclass(frozen=True, slots=True)
class _Tables:
    """The rows of the static and of the current table by VLAN, and what their columns begin with."""

    static: Mapping[int, Row]
    current: Mapping[int, Row]
    prefix: str

    def ports(self, vlan: int) -> tuple[bytes, bytes | None] | None:
        """Who carries a VLAN, and who without a tag where that is told; None where somebody else put it there."""
        # Some devices keep the VLAN of all ports out of the static table, or tell its ports in the current one only.
        row, kind = self.static.get(vlan, {}), "Static"
        if f"{self.prefix}VlanStaticEgressPorts" not in row:
            row, kind = self.current.get(vlan, {}), "Current"
        if row.get(f"{self.prefix}VlanStatus") == _DYNAMIC:
            return None
        columns = (f"{self.prefix}Vlan{kind}{which}Ports" for which in ("Egress", "Untagged"))
        egress, untagged = (row.get(column) for column in columns)
        return egress or b"", untagged


def _bridge(tables: _Tables, pvids: Mapping[int, int], interfaces: Interfaces, found: Membership) -> None:
    found.carried |= set(tables.current)
    prefix = tables.prefix
    names = {vlan: row.get(f"{prefix}VlanStaticName", "") for vlan, row in tables.static.items()}
    lasting = (vlan for vlan, row in tables.current.items() if row.get(f"{prefix}VlanStatus") == _PERMANENT)
    found.names.update(names or dict.fromkeys(tables.current, ""))
    for vlan in lasting:
        found.names.setdefault(vlan, "")
    for number, vlan in pvids.items():
        port = interfaces.of_base(number)
        if port is not None and 0 < vlan <= HIGHEST:
            found.pvid[port.index] = vlan
    told = {vlan: tables.ports(vlan) for vlan in {*tables.static, *tables.current}}
    found.as_text = any(is_text(each[0], interfaces) for each in told.values() if each is not None)
    for vlan, each in told.items():
        if each is not None:
            _carriers(vlan, each, interfaces, found)


def _carriers(vlan: int, lists: tuple[bytes, bytes | None], interfaces: Interfaces, found: Membership) -> None:
    """Note who carries a VLAN, by two PortLists."""
    untagged = None if lists[1] is None else ports_of(lists[1], as_text=found.as_text)
    for number in ports_of(lists[0], as_text=found.as_text):
        port = interfaces.of_base(number)
        if port is not None:
            # Where nothing tells who has no tag, a port's own VLAN is it.
            own = found.pvid.get(port.index) == vlan if untagged is None else number in untagged
            found.add(port.index, vlan, tagged=not own)


def is_text(data: bytes, interfaces: Interfaces) -> bool:
    """Whether a PortList is numbers written as text for sure, as Junos does it (``0,4097,4099``).

    Octets may happen to be digits: text names several ports of the bridge, or one beyond the bitmap's end.
    """
    if not _NUMBERS.fullmatch(data):
        return False
    numbers = _numbers(data)
    named = bool(numbers) and all(number in interfaces.base for number in numbers)
    return named and (b"," in data or max(numbers) > 8 * len(data))


def _numbers(data: bytes) -> frozenset[int]:
    return frozenset(int(part) for part in data.split(b",") if part) - {0}


def ports_of(data: bytes, *, as_text: bool) -> frozenset[int]:
    """The ports of a PortList; ``as_text`` is how the device writes its lists."""
    return _numbers(data) if as_text and _NUMBERS.fullmatch(data) else frozenset(bits_of(data))


_WAYS: Final[tuple[Callable[[Poll, Interfaces, Membership], None], ...]] = (
    _cisco,
    juniper,
    _q_bridge,
    _ieee8021_q_bridge,
    nortel,
    foundry,
    extreme,
    alcatel,
    huawei,
    tplink,
)


def _numbers_of_tables(poll: Poll, found: Membership) -> None:
    """Which VLAN a forwarding table is of, where devices do not number them alike."""
    ways: Iterable[tuple[str, str, str]] = (
        ("jnxExVlanTable", "vlanIndex", "jnxExVlanTag"),
        ("jnxL2aldVlanTable", "jnxL2aldVlanFdbId", "jnxL2aldVlanTag"),
        ("dot1qVlanCurrentTable", "dot1qVlanFdbId", "vlan"),
        ("ieee8021QBridgeVlanCurrentTable", "ieee8021QBridgeVlanFdbId", "vlan"),
    )
    learning: dict[int, set[int]] = {}
    for row in poll.rows("jnxL2aldVlanTable").values():
        if "jnxL2aldVlanFdbId" not in row and 0 < row.get("jnxL2aldVlanTag", 0) <= HIGHEST:
            # Junos numbers a table by its bridge domain, sixteen bits to the left; not every release says so.
            learning.setdefault(row["vlanIndex"] << 16, set()).add(row["jnxL2aldVlanTag"])
    for table, fid, vlan in ways:
        for row in poll.rows(table).values():
            if fid in row and 0 < row.get(vlan, 0) <= HIGHEST:
                learning.setdefault(row[fid], set()).add(row[vlan])
        if learning and table.startswith("jnx"):
            break
    # Several VLANs may learn into one table (shared VLAN learning): which one it was, nothing tells.
    found.fids = {fid: min(vlans) for fid, vlans in learning.items() if len(vlans) == 1}
    found.shared = {fid: frozenset(vlans) for fid, vlans in learning.items() if len(vlans) > 1}
