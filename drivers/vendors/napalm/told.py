"""What NAPALM's getters mean in our words. Shapes of getters: napalm.readthedocs.io, "NetworkDriver"."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from device_profiles.facts import FACTS_SCHEMA
from device_profiles.links import Neighbour
from device_profiles.names import printable
from device_profiles.operation import MacEntry, PortOperation
from device_profiles.profile import Profile
from device_profiles.state import Port, State, Vlan

_VLANS: Final = range(1, 4095)
_UNSAID: Final = frozenset({"", "unknown", "none", "n/a", "not advertised", "null", "- not advertised"})
_SEPARATORS: Final = re.compile(r"[^0-9a-f]")
_BIT: Final = 1_000_000
"""NAPALM tells speeds in Mbit/s."""

Canonical = Callable[[str], str | None]
"""The canonical name of a port; None for what is none (a VLAN's interface, a loopback)."""
Told = Mapping[str, Mapping[str, Any]]


def canonical_by(profile: Profile, pattern: str) -> Canonical:
    """Names by the profile's rules; what ``pattern`` (where there is one) does not fit is no port."""

    def canonical(name: str) -> str | None:
        found = profile.port_names.canonical(name.strip())
        return found if not pattern or re.fullmatch(pattern, found) else None

    return canonical


def state(vlans: Told, interfaces: Told, canonical: Canonical) -> State:
    """VLANs with their names, and descriptions and admin state of ports."""
    ports = {
        port: Port(description=said(told.get("description")) or None, enabled=bool(told["is_enabled"]))
        for port, told in ports_of(interfaces, canonical).items()
    }
    named = {
        int(number): Vlan(name=said(told.get("name")) or None)
        for number, told in vlans.items()
        if int(number) in _VLANS
    }
    return State(vlans=dict(sorted(named.items())), ports=dict(sorted(ports.items())))


def operation(interfaces: Told, canonical: Canonical) -> dict[str, PortOperation]:
    """How ports run."""
    return {
        port: PortOperation(
            oper_up=bool(told["is_up"]),
            speed_bps=int(told["speed"] * _BIT) if (told.get("speed") or 0) > 0 and told["is_up"] else None,
        )
        for port, told in ports_of(interfaces, canonical).items()
    }


def ports_of(interfaces: Told, canonical: Canonical) -> Told:
    """The ports among interfaces; a port itself stands above a unit of it that has its name (``ge-0/0/0.0``)."""
    named = sorted(interfaces.items(), key=lambda item: canonical(item[0]) == item[0])
    return {port: told for name, told in named if (port := canonical(name)) is not None}


def macs(table: Sequence[Mapping[str, Any]], canonical: Canonical) -> tuple[MacEntry, ...]:
    """Learned addresses behind ports."""
    found = {
        MacEntry(mac=mac(told["mac"]), vlan=int(told["vlan"]) if int(told["vlan"]) in _VLANS else None, port=port)
        for told in table
        if not told.get("static") and (port := canonical(told["interface"])) is not None
    }
    return tuple(sorted(found, key=lambda entry: (entry.port, entry.vlan or 0, entry.mac)))


def neighbours(lldp: Mapping[str, Sequence[Mapping[str, Any]]], profile: Profile) -> tuple[Neighbour, ...]:
    """Who LLDP sees."""
    found: dict[Neighbour, None] = {}
    for name, there in lldp.items():
        for told in there:
            remote_port = mac(said(told.get("remote_port")))
            description = said(told.get("remote_port_description"))
            neighbour = Neighbour(
                port=printable(profile.port_names.canonical(name.strip())),
                kind="lldp",
                name=said(told.get("remote_system_name")),
                chassis_id=mac(said(told.get("remote_chassis_id"))),
                remote_port=remote_port,
                port_description="" if description == said(told.get("remote_port")) else description,
            )
            if neighbour.name or neighbour.chassis_id or neighbour.remote_port:
                found[neighbour] = None
    return tuple(sorted(found, key=lambda each: (each.port, each.chassis_id, each.remote_port)))


def facts(told: Mapping[str, Any], interfaces: Told, profile: Profile) -> dict[str, Any]:
    """What the device is, in ohai's words."""
    name = said(told.get("fqdn")) or said(told.get("hostname"))
    made: dict[str, Any] = {
        "schema": FACTS_SCHEMA,
        "platform": profile.name,
        "platform_version": said(told.get("os_version")),
        "hostname": (said(told.get("hostname")) or name).partition(".")[0],
        "fqdn": name,
        "dmi": {
            "system": {
                "manufacturer": said(told.get("vendor")) or profile.vendor,
                "product_name": said(told.get("model")),
                "serial_number": said(told.get("serial_number")),
            }
        },
        "network": {"interfaces": {name: _interface(each) for name, each in sorted(interfaces.items())}},
    }
    if (uptime := told.get("uptime")) is not None and uptime >= 0:
        made["uptime_seconds"] = int(uptime)
    return made


def _interface(told: Mapping[str, Any]) -> dict[str, Any]:
    mtu = told.get("mtu") or -1
    return {
        "state": "up" if told["is_up"] else "down",
        "encapsulation": "Ethernet",
        "addresses": {address: {"family": "lladdr"}} if (address := mac(said(told.get("mac_address")))) else {},
        **({"mtu": str(mtu)} if mtu > 0 else {}),
    }


def said(text: Any) -> str:
    """A text that says something; an empty one for what NAPALM puts where a device said nothing."""
    found = printable(str(text if text is not None else "").strip())
    return "" if found.lower() in _UNSAID else found


def mac(text: str) -> str:
    """A MAC address as we write it; any other text as it is."""
    digits = _SEPARATORS.sub("", text.lower())
    looks = re.fullmatch(r"[0-9A-Fa-f]{2}([:.-]?[0-9A-Fa-f]{2}){5}", text) is not None
    return ":".join(digits[at : at + 2] for at in range(0, 12, 2)) if looks else text
