"""What the switch is, in ohai's words: from the profile's sources, and from ENTITY-MIB where it has it.

The chassis is the entity of class chassis with a serial number that is contained in nothing, or in a stack; a stack
has several, of which the first counts as the device and all are told.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from device_profiles.facts import FACTS_SCHEMA
from device_profiles.snmp.enterprises import enterprise_of
from device_profiles.snmp.schema import Facts as Sources
from drivers.snmp.facts import facts_of, names_of
from drivers.snmp.polling import Poll, Row
from drivers.vendors.snmp_bridge import optics
from drivers.vendors.snmp_bridge.interfaces import UP, Interfaces, in_order
from drivers.vendors.snmp_bridge.neighbours import CHASSIS_ID_KINDS, identity_of

TABLES: Final = (*optics.TABLES, "ipAdEntTable", "ipAddressTable")
SCALARS: Final = (
    *("sysDescr", "sysObjectID", "sysName", "sysLocation", "sysContact"),
    *("dot1dBaseBridgeAddress", "lldpLocSysName", "lldpLocChassisIdSubtype", "lldpLocChassisId"),
)
__all__ = ["SCALARS", "TABLES", "facts", "names_of"]
_IPV4: Final = 4
_PREFIX_ENTRY: Final = len((1, 3, 6, 1, 2, 1, 4, 32, 1, 5))
"""ipAddressPrefixOrigin, whose row ipAddressPrefix points to; zeroDotZero points to none."""
_CHASSIS: Final = 3
_STACK: Final = 11
_MODULE: Final = 9
_TOLD: Final = {
    "serial": ("entPhysicalSerialNum",),
    "model": ("entPhysicalModelName", "entPhysicalName", "entPhysicalDescr"),
    "vendor": ("entPhysicalMfgName",),
    "hardware": ("entPhysicalHardwareRev",),
    "version": ("entPhysicalSoftwareRev",),
}
_LAST: Final = {"version": ("entPhysicalFirmwareRev",)}
"""What counts where nothing else tells: the version of a loader, often."""
_NOTHING: Final = re.compile(r"(?i)n\W?a|none|unknown|not (?:specified|available|applicable)|null|0+|[-.*?]+")
"""What makers write where there is nothing."""


def facts(
    poll: Poll, interfaces: Interfaces, sources: Sequence[Sources], *, platform: str, vendor: str
) -> dict[str, Any]:
    """The document. ``sources`` are the variant's, which count most, and the profile's, for what nothing else tells."""
    special, general = sources
    told = facts_of(poll, special)
    chassis = _of_class(poll, _CHASSIS)
    told = facts_of(poll, general) | _of_entities(poll, _TOLD) | told
    told = _of_entities(poll, _LAST) | told
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


def _of_entities(poll: Poll, columns: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """What the first body that says anything says of each word."""
    bodies = _bodies(poll)
    found = {
        word: next((text for row in bodies for name in names if (text := _text(row.get(name, "")))), "")
        for word, names in columns.items()
    }
    return {word: text for word, text in found.items() if text}


def _text(text: str) -> str:
    return "" if _NOTHING.fullmatch(text) else text


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
    addresses, plugged = _addresses(poll), optics.transceivers(poll, interfaces)
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
            **({"transceiver": plugged[each.index]} if each.index in plugged else {}),
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
    for row in poll.rows("ipAddressTable").values():
        _add_address(found.setdefault(row.get("ipAddressIfIndex", 0), {}), row)
    return found


def _add_address(found: dict[str, Any], row: Row) -> None:
    """An address of the younger table, where the elder one lacks it. Its prefix is a row of another table, whose index
    ends in the length."""
    try:
        address = ipaddress.ip_address(row["address"])
    except ValueError:
        return
    entry = {"family": "inet" if address.version == _IPV4 else "inet6"}
    if prefix := row.get("ipAddressPrefix", ())[_PREFIX_ENTRY:]:
        entry["prefixlen"] = str(prefix[-1])
    found.setdefault(str(address), entry)
