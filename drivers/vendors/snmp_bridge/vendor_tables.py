"""VLANs and their ports in tables of vendors, on devices that do not have them in Q-BRIDGE-MIB."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from drivers.snmp.decoding import bits_of
from drivers.snmp.polling import Poll
from drivers.vendors.snmp_bridge.interfaces import Interfaces
from drivers.vendors.snmp_bridge.members import HIGHEST, Membership

TABLES: Final = (
    *("rcVlanTable", "rcVlanPortTable", "snVLanByPortCfgTable", "snVLanByPortMemberTable"),
    *("extremeVlanIfTable", "extremeVlanOpaqueTable", "jnxExVlanTable", "jnxExVlanPortGroupTable", "jnxL2aldVlanTable"),
    *("vlanTable", "vpaTable", "alcatel7VlanTable", "alcatel7VpaTable"),
)
_UNTAGGED_FOUNDRY: Final = 2
_UNTAGGED_JUNIPER: Final = 2
_TRUNK_JUNIPER: Final = 2
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


def juniper(poll: Poll, interfaces: Interfaces, found: Membership) -> None:
    """JUNIPER-VLAN-MIB (EX before ELS) and JUNIPER-L2ALD-MIB, whose rows are not numbered as VLANs are."""
    tags: dict[int, int] = {}
    for prefix in ("jnxExVlan", "jnxL2aldVlan"):
        for row in poll.rows(f"{prefix}Table").values():
            vlan = row.get(f"{prefix}Tag", 0)
            if 0 < vlan <= HIGHEST:
                tags[row["vlanIndex"]] = vlan
                found.names.setdefault(vlan, row.get(f"{prefix}Name", ""))
    for row in poll.rows("jnxExVlanPortGroupTable").values():
        port, known = interfaces.of_base(row["basePort"]), tags.get(row["vlanIndex"])
        if port is None or known is None:
            continue
        tagged = row.get("jnxExVlanPortTagness") != _UNTAGGED_JUNIPER
        found.add(port.index, known, tagged=tagged)
        if row.get("jnxExVlanPortAccessMode") == _TRUNK_JUNIPER:
            found.trunks.add(port.index)
        if not tagged:
            found.pvid[port.index] = known


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
