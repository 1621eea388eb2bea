"""The findings of a probe, for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from device_profiles.scalars import vlan_ranges
from pointsman.show.output import note, print_table, say


def show(found: Mapping[str, Any]) -> None:
    """Print facts, ports, VLANs, links, how many addresses there are, and the warnings."""
    facts = found["facts"]
    system = facts.get("dmi", {}).get("system", {})
    words = (system.get("manufacturer"), system.get("product_name"), facts.get("platform_version"))
    say(f"{facts.get('hostname') or 'a device'}: {' '.join(word for word in words if word) or found['profile']}")
    if system.get("serial_number"):
        say(f"serial number {system['serial_number']}")
    _vlans(found["observed"])
    _ports(found["observed"], found["operation"])
    _links(found["links"])
    say()
    say(f"{len(found['fdb'])} MAC addresses are known behind its ports")
    for warning in found["warnings"]:
        note(f"warning: {warning}")


def _vlans(observed: Mapping[str, Any]) -> None:
    rows = [(str(number), vlan.get("name", "")) for number, vlan in observed["vlans"].items()]
    if rows:
        say()
        print_table(("vlan", "name"), rows, empty="")


def _ports(observed: Mapping[str, Any], operation: Mapping[str, Any]) -> None:
    running = operation.get("ports", {})
    rows = []
    for name in dict.fromkeys((*observed["ports"], *running)):
        port, shown = observed["ports"].get(name, {}), running.get(name, {})
        up = shown.get("oper_up")
        state = "" if up is None else "up" if up else "down"
        rows.append((name, state, port.get("mode", ""), _carried(port), port.get("description", "")))
    if rows:
        say()
        print_table(("port", "state", "mode", "vlans", "description"), rows, empty="")


def _carried(port: Mapping[str, Any]) -> str:
    if port.get("mode") == "access":
        return str(port.get("access_vlan", ""))
    if port.get("mode") == "other":
        return str(port.get("native", ""))
    trunk = port.get("trunk_vlans")
    listed = trunk if isinstance(trunk, str) else ",".join(vlan_ranges(trunk or ()))
    native = port.get("native_vlan")
    return f"{listed} native {native}".strip() if native is not None else listed


def _links(links: list[Mapping[str, Any]]) -> None:
    rows = [
        (
            link["a"]["port"],
            link["b"]["name"] or link["b"]["chassis_id"],
            link["b"]["port"],
            link["evidence"][0]["kind"],
        )
        for link in links
    ]
    if rows:
        say()
        print_table(("port", "neighbour", "its port", "seen by"), rows, empty="")
