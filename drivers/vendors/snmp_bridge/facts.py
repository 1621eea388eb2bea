"""What the switch is, in ohai's words: from the profile's sources, and from ENTITY-MIB where it has it.

The chassis is the entity of class chassis with a serial number that is contained in nothing, or in a stack; a stack
has several, of which the first counts as the device and all are told.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from typing import Any, Final

from device_profiles.facts import FACTS_SCHEMA
from device_profiles.snmp.enterprises import enterprise_of
from device_profiles.snmp.schema import Facts as Sources
from drivers.snmp.facts import facts_of, names_of
from drivers.snmp.polling import Poll, Row
from drivers.vendors.snmp_bridge.interfaces import UP, Interfaces, in_order
from drivers.vendors.snmp_bridge.neighbours import CHASSIS_ID_KINDS, identity_of

TABLES: Final = ("entPhysicalTable", "ipAdEntTable")
SCALARS: Final = (
    *("sysDescr", "sysObjectID", "sysName", "sysLocation", "sysContact"),
    *("dot1dBaseBridgeAddress", "lldpLocSysName", "lldpLocChassisIdSubtype", "lldpLocChassisId"),
)
__all__ = ["SCALARS", "TABLES", "facts", "names_of"]
_CHASSIS: Final = 3
_STACK: Final = 11
_MODULE: Final = 9
_TOLD: Final = {
    "serial": ("entPhysicalSerialNum",),
    "model": ("entPhysicalModelName", "entPhysicalName", "entPhysicalDescr"),
    "vendor": ("entPhysicalMfgName",),
    "hardware": ("entPhysicalHardwareRev",),
    "version": ("entPhysicalSoftwareRev", "entPhysicalFirmwareRev"),
}


def facts(
    poll: Poll, interfaces: Interfaces, sources: Sequence[Sources], *, platform: str, vendor: str
) -> dict[str, Any]:
    """The document. ``sources`` are the variant's, which count most, and the profile's, for what nothing else tells."""
    special, general = sources
    told = facts_of(poll, special)
    chassis = _of_class(poll, _CHASSIS)
    for word, columns in _TOLD.items():
        found = next((row[column] for row in _bodies(poll) for column in columns if row.get(column)), "")
        if found and word not in told:
            told[word] = found
    told = facts_of(poll, general) | told
    name = told.get("name") or poll.value("sysName") or poll.value("lldpLocSysName") or ""
    return {
        "schema": FACTS_SCHEMA,
        "platform": platform,
        "platform_version": told.get("version", ""),
        "hostname": name.partition(".")[0],
        "fqdn": name,
        **({} if poll.uptime_s is None else {"uptime_seconds": int(poll.uptime_s)}),
        "dmi": {
            "system": {
                "manufacturer": told.get("vendor") or vendor or enterprise_of(poll.value("sysObjectID", ())),
                "product_name": told.get("model", ""),
                "serial_number": told.get("serial", ""),
                **({"version": told["hardware"]} if "hardware" in told else {}),
            }
        },
        "macaddress": told.get("base_mac") or poll.value("dot1dBaseBridgeAddress") or "",
        "snmp": _snmp(poll),
        **_told_by_lldp(poll),
        "chassis": {"members": [_member(row) for row in chassis]},
        "network": {"interfaces": _interfaces(poll, interfaces)},
    }


def _bodies(poll: Poll) -> list[Row]:
    """What may be the device itself: its chassis, else its stack, else its first module."""
    found = [*_of_class(poll, _CHASSIS), *_of_class(poll, _STACK), *_of_class(poll, _MODULE)[:1]]
    rows = poll.rows("entPhysicalTable").values()
    return found or [row for row in rows if row.get("entPhysicalContainedIn") == 0]


def _of_class(poll: Poll, number: int) -> list[Row]:
    return [row for row in poll.rows("entPhysicalTable").values() if row.get("entPhysicalClass") == number]


def _told_by_lldp(poll: Poll) -> dict[str, Any]:
    """What the device calls itself to its neighbours: by this they know it."""
    told = identity_of(poll.value("lldpLocChassisId", b""), poll.value("lldpLocChassisIdSubtype"), CHASSIS_ID_KINDS)
    return {"lldp": {"chassis_id": told}} if told else {}


def _snmp(poll: Poll) -> dict[str, str]:
    object_id = poll.value("sysObjectID")
    found = {
        "sys_descr": poll.value("sysDescr", ""),
        "sys_object_id": ".".join(map(str, object_id)) if object_id else "",
        "sys_location": poll.value("sysLocation", ""),
        "sys_contact": poll.value("sysContact", ""),
    }
    return {word: text for word, text in found.items() if text}


def _member(row: Row) -> dict[str, str]:
    columns = {
        "name": "entPhysicalName",
        "description": "entPhysicalDescr",
        "model": "entPhysicalModelName",
        "serial_number": "entPhysicalSerialNum",
        "version": "entPhysicalSoftwareRev",
    }
    return {word: row[column] for word, column in columns.items() if row.get(column)}


def _interfaces(poll: Poll, interfaces: Interfaces) -> dict[str, Any]:
    addresses = _addresses(poll)
    found = {}
    for each in in_order(interfaces.by_index.values()):
        own = dict(addresses.get(each.index, {}))
        if each.mac:
            own = {each.mac.hex(":").upper(): {"family": "lladdr"}} | own
        found[each.name] = {
            "state": "up" if each.row.get("ifOperStatus") == UP else "down",
            "type": str(each.kind),
            "number": str(each.index),
            "encapsulation": "Ethernet" if each.is_ethernet else "",
            "description": each.row.get("ifDescr", ""),
            "alias": each.row.get("ifAlias", ""),
            "addresses": own,
            **({"mtu": str(each.row["ifMtu"])} if each.row.get("ifMtu", 0) > 0 else {}),
        }
    return found


def _addresses(poll: Poll) -> dict[int, dict[str, Any]]:
    found: dict[int, dict[str, Any]] = {}
    for row in poll.rows("ipAdEntTable").values():
        entry: dict[str, Any] = {"family": "inet"}
        if "ipAdEntNetMask" in row:
            try:
                entry["prefixlen"] = str(ipaddress.IPv4Network(f"0.0.0.0/{row['ipAdEntNetMask']}").prefixlen)
            except ValueError:
                entry["netmask"] = row["ipAdEntNetMask"]
        found.setdefault(row.get("ipAdEntIfIndex", 0), {})[row["address"]] = entry
    return found
