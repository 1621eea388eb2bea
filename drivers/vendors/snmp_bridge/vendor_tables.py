"""VLANs and their ports in tables of vendors, on devices that do not have them in Q-BRIDGE-MIB."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from drivers.snmp.decoding import bits_of
from drivers.snmp.polling import Poll
from drivers.vendors.snmp_bridge.interfaces import Interfaces
from drivers.vendors.snmp_bridge.members import HIGHEST, Membership

TABLES: Final = (
    *("rcVlanTable", "rcVlanPortTable", "snVLanByPortCfgTable", "snVLanByPortMemberTable"),
    *("extremeVlanIfTable", "extremeVlanOpaqueTable", "jnxExVlanTable", "jnxExVlanPortGroupTable", "jnxL2aldVlanTable"),
    *("vlanTable", "vpaTable", "alcatel7VlanTable", "alcatel7VpaTable"),
    *("hwL2VlanMIBTable", "hwL2IfTable", "hwL2IfHybridPortTable", "tplinkVlanConfigTable", "tplinkVlanPortConfigTable"),
)
_UNTAGGED_FOUNDRY: Final = 2
_UNTAGGED_JUNIPER: Final = 2
_TRUNK_JUNIPER: Final = 2
_TRUNK_HUAWEI, _ACCESS_HUAWEI, _HYBRID_HUAWEI = 1, 2, 3
_HIGH_VLANS: Final = 2048
_TRUNK_TPLINK: Final = 1
_RANGE: Final = re.compile(r"(?P<head>\D*(?:\d+/)*)(?P<first>\d+)-(?:\D*(?:\d+/)*)(?P<last>\d+)")
_MOST_PORTS: Final = 1000
_DEFAULT_ALCATEL: Final = 1
"""vpaType: the VLAN of the port itself, which has no tag; 2 is one with a tag."""


def nortel(poll: Poll, interfaces: Interfaces, found: Membership) -> None:
    """RAPID-CITY-MIB: Nortel, Avaya and Extreme's switches of that line."""
    ports = {row["ifIndex"]: row for row in poll.rows("rcVlanPortTable").values()}
    for row in poll.rows("rcVlanTable").values():
        vlan = row["vlan"]
        found.names[vlan] = row.get("rcVlanName", "")
        for number in _from_zero(row.get("rcVlanPortMembers", b"")):
            port = interfaces.of_base(number) or interfaces.by_index.get(number)
            if port is None:
                continue
            told = ports.get(port.index, {})
            found.add(port.index, vlan, tagged=_nortel_tags(told, vlan))
    for index, row in ports.items():
        if 0 < row.get("rcVlanPortDefaultVlanId", 0) <= HIGHEST:
            found.pvid[index] = row["rcVlanPortDefaultVlanId"]


def _nortel_tags(told: Mapping[str, Any], vlan: int) -> bool:
    """rcVlanPortPerformTagging: all with a tag, all without, the port's own VLAN only, all but its own."""
    own = told.get("rcVlanPortDefaultVlanId") == vlan
    return {1: True, 2: False, 3: own, 4: not own}.get(told.get("rcVlanPortPerformTagging", 2), False)


def _from_zero(data: bytes) -> frozenset[int]:
    return frozenset(bits_of(data, first=0))


def foundry(poll: Poll, interfaces: Interfaces, found: Membership) -> None:
    """FOUNDRY-SN-SWITCH-GROUP-MIB: Foundry, Brocade and Ruckus."""
    for row in poll.rows("snVLanByPortCfgTable").values():
        found.names[row["vlan"]] = row.get("snVLanByPortCfgVLanName", "")
    for row in poll.rows("snVLanByPortMemberTable").values():
        if row["port"] in interfaces.by_index and row["vlan"] in found.names:
            tagged = row.get("snVLanByPortMemberTagMode") != _UNTAGGED_FOUNDRY
            found.add(row["port"], row["vlan"], tagged=tagged)
            if not tagged:
                found.pvid[row["port"]] = row["vlan"]


def extreme(poll: Poll, interfaces: Interfaces, found: Membership) -> None:
    """EXTREME-VLAN-MIB."""
    vlan_of: dict[int, int] = {}
    for row in poll.rows("extremeVlanIfTable").values():
        vlan = row.get("extremeVlanIfVlanId", 0)
        if 0 < vlan <= HIGHEST:
            vlan_of[row["vlanIf"]] = vlan
            found.names[vlan] = row.get("extremeVlanIfDescr", "")
    for row in poll.rows("extremeVlanOpaqueTable").values():
        known = vlan_of.get(row["vlanIf"])
        for column, tagged in (("extremeVlanOpaqueTaggedPorts", True), ("extremeVlanOpaqueUntaggedPorts", False)):
            for number in bits_of(row.get(column, b"")):
                # EXTREME-VLAN-MIB: port 5 of slot 2 is the interface 2005.
                port = interfaces.by_index.get(row["slot"] * 1000 + number)
                if port is not None and known is not None:
                    found.add(port.index, known, tagged=tagged)


def juniper_numbers(poll: Poll) -> dict[int, int]:
    """What the rows of Q-BRIDGE-MIB are numbered by, to VLAN; nothing where that is the VLAN itself.

    EX switches before ELS number them as their own table of VLANs, which says what their tags are.
    """
    used = {
        row["vlan"] for table in ("dot1qVlanStaticTable", "dot1qVlanCurrentTable") for row in poll.rows(table).values()
    }
    for prefix in ("jnxExVlan", "jnxL2aldVlan"):
        numbers = {row["vlanIndex"]: row.get(f"{prefix}Tag", 0) for row in poll.rows(f"{prefix}Table").values()}
        if used & set(numbers) and not (used <= set(numbers.values()) and prefix == "jnxL2aldVlan"):
            return numbers
    return {}


def juniper_names(poll: Poll, found: Membership) -> dict[int, int]:
    """Take over the VLANs of Juniper's own tables with their names; their tags by the numbers of the rows."""
    tags: dict[int, int] = {}
    for prefix in ("jnxExVlan", "jnxL2aldVlan"):
        for row in poll.rows(f"{prefix}Table").values():
            vlan = row.get(f"{prefix}Tag", 0)
            if 0 < vlan <= HIGHEST:
                tags[row["vlanIndex"]] = vlan
                found.names[vlan] = found.names.get(vlan) or row.get(f"{prefix}Name", "")
    return tags


def juniper(poll: Poll, interfaces: Interfaces, found: Membership) -> None:
    """JUNIPER-VLAN-MIB: EX before ELS, where it tells of ports; it says more of them than Q-BRIDGE-MIB there."""
    groups = poll.rows("jnxExVlanPortGroupTable").values()
    tags = juniper_names(poll, found) if groups else {}
    for row in groups:
        port, known = interfaces.of_base(row["basePort"]), tags.get(row["vlanIndex"])
        if port is None or known is None:
            continue
        tagged = row.get("jnxExVlanPortTagness") != _UNTAGGED_JUNIPER
        found.add(port.index, known, tagged=tagged)
        if row.get("jnxExVlanPortAccessMode") == _TRUNK_JUNIPER:
            found.trunks.add(port.index)
        if not tagged:
            found.pvid[port.index] = known


def huawei(poll: Poll, interfaces: Interfaces, found: Membership) -> None:
    """HUAWEI-L2VLAN-MIB and HUAWEI-L2IF-MIB, whose ports have numbers of their own."""
    ports = {row["port"]: row for row in poll.rows("hwL2IfTable").values()}
    hybrid = {row["port"]: _untagged_huawei(row) for row in poll.rows("hwL2IfHybridPortTable").values()}
    for row in poll.rows("hwL2VlanMIBTable").values():
        vlan = row["vlan"]
        if not 0 < vlan <= HIGHEST:
            continue
        found.names[vlan] = row.get("hwL2VlanName") or row.get("hwL2VlanDescr", "")
        for number in bits_of(row.get("hwL2VlanPortList", b"")):
            told = ports.get(number, {})
            port = interfaces.by_index.get(told.get("hwL2IfPortIfIndex", 0)) or interfaces.of_base(number)
            if port is None:
                continue
            kind, own = told.get("hwL2IfPortType"), told.get("hwL2IfPVID") == vlan
            untagged = kind == _ACCESS_HUAWEI or own
            if kind == _HYBRID_HUAWEI and number in hybrid:
                untagged = vlan in hybrid[number]
            found.add(port.index, vlan, tagged=not untagged)
    for told in ports.values():
        index, vlan = told.get("hwL2IfPortIfIndex", 0), told.get("hwL2IfPVID", 0)
        if found.names and 0 < vlan <= HIGHEST:
            found.pvid[index] = vlan
            if told.get("hwL2IfPortType") == _TRUNK_HUAWEI:
                found.trunks.add(index)


def _untagged_huawei(row: Mapping[str, Any]) -> frozenset[int]:
    low, high = (row.get(f"hwL2IfHybridUnTaggedVlanList{half}", ()) for half in ("Low", "High"))
    return frozenset((*low, *(vlan + _HIGH_VLANS for vlan in high)))


def tplink(poll: Poll, interfaces: Interfaces, found: Membership) -> None:
    """TPLINK-DOT1Q-VLAN-MIB, whose members are written as people write them (``1/0/1-4,1/0/9,LAG1``)."""
    rows = poll.rows("tplinkVlanPortConfigTable").values()
    called = {row["vlanPortNumber"]: row["ifIndex"] for row in rows if row.get("vlanPortNumber")}
    for row in poll.rows("tplinkVlanConfigTable").values():
        if not 0 < row["vlan"] <= HIGHEST:
            continue
        found.names[row["vlan"]] = row.get("dot1qVlanDescription", "")
        for column, tagged in (("vlanTagPortMemberAdd", True), ("vlanUntagPortMemberAdd", False)):
            for name in _listed(row.get(column, "")):
                port = interfaces.by_index.get(called.get(name, 0)) or interfaces.named(name)
                if port is not None:
                    found.add(port.index, row["vlan"], tagged=tagged)
    for row in rows:
        if found.names and row["ifIndex"] in interfaces.by_index and 0 < row.get("vlanPortPvid", 0) <= HIGHEST:
            found.pvid[row["ifIndex"]] = row["vlanPortPvid"]
            if row.get("vlanPortType") == _TRUNK_TPLINK:
                found.trunks.add(row["ifIndex"])


def _listed(text: str) -> Iterator[str]:
    """The names in a list of ports; ``1/0/1-4`` are four, ``1/0/3-1/0/5`` three."""
    for part in filter(None, (each.strip() for each in text.split(","))):
        match = _RANGE.fullmatch(part)
        if match is None or int(match["last"]) - int(match["first"]) > _MOST_PORTS:
            yield part
        else:
            yield from (f"{match['head']}{number}" for number in range(int(match["first"]), int(match["last"]) + 1))


def alcatel(poll: Poll, interfaces: Interfaces, found: Membership) -> None:
    """ALCATEL-IND1-VLAN-MGR-MIB of releases 6 and 7."""
    for names, column, ports, kind in (
        ("vlanTable", "vlanDescription", "vpaTable", "vpaType"),
        ("alcatel7VlanTable", "alcatel7VlanDescription", "alcatel7VpaTable", "alcatel7VpaType"),
    ):
        for row in poll.rows(names).values():
            if 0 < row["vlan"] <= HIGHEST:
                found.names[row["vlan"]] = row.get(column, "")
        for row in poll.rows(ports).values():
            if row["ifIndex"] in interfaces.by_index and row["vlan"] in found.names:
                tagged = row.get(kind) != _DEFAULT_ALCATEL
                found.add(row["ifIndex"], row["vlan"], tagged=tagged)
                if not tagged:
                    found.pvid[row["ifIndex"]] = row["vlan"]
