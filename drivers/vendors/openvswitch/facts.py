"""What the switch is and holds, in ohai's words (design, section 5)."""

from __future__ import annotations

import re
from typing import Any, Final

from device_profiles.facts import FACTS_SCHEMA
from drivers.errors import Garbled
from drivers.vendors.openvswitch.tables import Row, documents, mapping, optional, rows
from drivers.vendors.openvswitch.words import line

SYSTEM: Final = " && ".join(
    (
        line("uname", "-n"),
        line("uname", "-s"),
        line("uname", "-r"),
        line("uname", "-m"),
        line("cat", "/proc/uptime"),
        line("ovs-vsctl", "--version"),
    )
)
TABLES: Final = " && ".join(
    (
        line(
            *("ovs-vsctl", "--timeout=10", "-f", "json"),
            *("--", "--columns=ovs_version,external_ids,system_type,system_version", "list", "Open_vSwitch"),
            *("--", "--columns=name,datapath_type,datapath_id", "list", "Bridge"),
        ),
        line("ip", "-j", "address"),
    )
)

_NAME: Final = re.compile(r"^(.*?)(\d*)$", re.DOTALL)
_ENCAPSULATIONS: Final = {"ether": "Ethernet", "loopback": "Loopback", "none": "none"}


def parse(system: str, tables: bytes) -> dict[str, Any]:
    """Facts from the answers to :data:`SYSTEM` and :data:`TABLES`. Raises :class:`~drivers.errors.Garbled`."""
    found = documents(tables)
    lines = system.splitlines()
    try:
        hostname, kernel_name, release, machine, uptime, version = lines[:6]
        switch = rows(found[0])[0]
        identity = mapping(switch["external_ids"])
        return {
            "schema": FACTS_SCHEMA,
            "platform": "openvswitch",
            "platform_version": optional(switch["ovs_version"]) or version.split()[-1],
            "hostname": hostname.partition(".")[0],
            "fqdn": hostname,
            "uptime_seconds": int(float(uptime.split()[0])),
            "kernel": {"name": kernel_name, "release": release, "machine": machine},
            "dmi": {
                "system": {
                    "manufacturer": "Open vSwitch",
                    "product_name": "Open vSwitch",
                    "serial_number": identity.get("system-id", ""),
                }
            },
            "network": {"interfaces": {row["ifname"]: _interface(row) for row in found[2] if row}},
            "bridges": {row["name"]: _bridge(row) for row in rows(found[1])},
        }
    except (KeyError, TypeError, ValueError, IndexError):
        raise Garbled("the switch's facts are not as they are printed elsewhere: nothing was concluded") from None


def _interface(row: Row) -> dict[str, Any]:
    kind, number = _NAME.match(row["ifname"]).groups()  # type: ignore[union-attr]  # the pattern matches any text
    link_type = row.get("link_type", "")
    return {
        "addresses": _addresses(row),
        "state": row.get("operstate", "UNKNOWN").lower(),
        "mtu": str(row["mtu"]),
        "type": kind,
        "number": number,
        "encapsulation": _ENCAPSULATIONS.get(link_type, link_type),
        "flags": row.get("flags", []),
    }


def _addresses(row: Row) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if "address" in row:
        found[row["address"]] = {"family": "lladdr"}
    for entry in row.get("addr_info", ()):
        if "local" in entry:
            found[entry["local"]] = {
                "family": entry["family"],
                "prefixlen": str(entry["prefixlen"]),
                "scope": entry.get("scope", ""),
            }
    return found


def _bridge(row: Row) -> dict[str, Any]:
    return {"datapath_type": row["datapath_type"] or "system", "datapath_id": optional(row["datapath_id"])}
