"""What the PDU is, in ohai's words, with ``power.outlets`` and ``power.inputs``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from device_profiles.facts import FACTS_SCHEMA
from device_profiles.snmp.schema import Facts as Sources
from drivers.snmp.facts import facts_of
from drivers.snmp.polling import Poll
from drivers.vendors.snmp_pdu.seeing import Seen, SeenOutlet

SCALARS: Final = ("sysDescr", "sysObjectID", "sysName", "sysLocation", "sysContact")


def facts(poll: Poll, seen: Seen, sources: Sources, *, platform: str, vendor: str) -> dict[str, Any]:
    """The document."""
    told = facts_of(poll, sources)
    name = str(told.get("name") or poll.value("sysName") or "")
    made: dict[str, Any] = {
        "schema": FACTS_SCHEMA,
        "platform": platform,
        "platform_version": told.get("version", ""),
        "hostname": name.partition(".")[0],
        "fqdn": name,
        "dmi": {
            "system": {
                "manufacturer": told.get("vendor") or vendor,
                "product_name": told.get("model", ""),
                "serial_number": told.get("serial", ""),
                **({"version": told["hardware"]} if "hardware" in told else {}),
            }
        },
        "snmp": _snmp(poll),
        "power": {
            "outlet_count": len(seen.outlets),
            "switched_count": sum(outlet.switch is not None for outlet in seen.outlets.values()),
            "outlets": {key: _outlet(outlet) for key, outlet in seen.outlets.items()},
            "inputs": {key: {"kind": each.kind, "name": each.name or ""} for key, each in seen.inputs.items()},
        },
    }
    if poll.uptime_s is not None:
        made["uptime_seconds"] = int(poll.uptime_s)
    if "base_mac" in told:
        made["macaddress"] = told["base_mac"]
    return made


def _outlet(outlet: SeenOutlet) -> Mapping[str, Any]:
    return {"name": outlet.name, "switched": outlet.switch is not None, **outlet.told}


def _snmp(poll: Poll) -> dict[str, str]:
    object_id = poll.value("sysObjectID")
    found = {
        "sys_descr": poll.value("sysDescr", ""),
        "sys_object_id": ".".join(map(str, object_id)) if object_id else "",
        "sys_location": poll.value("sysLocation", ""),
        "sys_contact": poll.value("sysContact", ""),
    }
    return {word: text for word, text in found.items() if text}
