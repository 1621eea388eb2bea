"""What a recorded answer means, in a form that two readings of it can be compared in: ours, and another parser's rows.

The rows are mapped here on their own, by the names of their fields as the other parser documents them, and not by the
code that is judged.
"""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

OWN = re.compile(r"(?i)static|permanent|self|management|cpu|system|static cpu|igmp|router")
NOT_PORTS = re.compile(
    r"(?i)drop|sup-eth.*|m(anagement|gmt)\d.*|fc\d.*|.*\.\d+|0|"
    r"|(vlan|lo|null|tu|nve|bdi|irb|ve|cpu|switch|router|control)[a-z-]*[ ]?\d*(\.\d+)?"
)
UP = {"up", "connected", "enabled", "forward", "monitoring"}


class Fact(NamedTuple):
    """One thing that an answer says: of what kind, and the thing itself."""

    kind: str
    value: tuple[Any, ...]


def first(row: dict[str, Any], *names: str) -> str:
    """The first of some fields that says something."""
    for name in names:
        value = row.get(name, "")
        text = value if isinstance(value, str) else "".join(value)
        if text and text not in ("None", "--", "-", "N/A"):
            return text.strip()
    return ""


def address(text: str) -> str:
    digits = re.sub(r"[^0-9a-f]", "", text.lower())
    return ":".join(digits[at : at + 2] for at in range(0, 12, 2)) if len(digits) == 12 else text.strip()


def number(text: str) -> int | None:
    return int(text) if text.isdecimal() and 0 < int(text) < 4095 else None


def links(rows, canonical) -> Iterator[Fact]:
    for row in rows:
        port = canonical(first(row, "local_interface", "local_port", "interface").partition(",")[0])
        name = first(row, "neighbor_name", "neighbor", "identity") or first(row, "chassis_id", "mac_address")
        if port and name:
            yield Fact("links", (port, address(name)))


def macs(rows, canonical) -> Iterator[Fact]:
    for row in rows:
        mac = address(first(row, "destination_address", "mac_address", "mac"))
        kind = first(row, "type", "status")
        if OWN.search(kind) or any(row.get(name) for name in ("address_not_valid", "local", "invalid", "disabled")):
            continue
        ports = row.get("destination_port") or row.get("ports") or row.get("logical_interface")
        ports = ports or row.get("on_interface") or row.get("interface") or row.get("port") or ""
        for port in ports if isinstance(ports, list) else ports.split(","):
            name = canonical(port.strip())
            if not NOT_PORTS.fullmatch(name):
                yield Fact("macs", (mac, number(first(row, "vlan_id", "vid")), name))


def vlans(rows, canonical) -> Iterator[Fact]:
    for row in rows:
        vlan = number(first(row, "vlan_id", "tag"))
        name = re.sub(r" by port.*", "", first(row, "vlan_name", "name"))
        if vlan is not None:
            yield Fact("vlans", (vlan, name))


def identity(rows, canonical) -> Iterator[Fact]:
    for row in rows[:1]:
        texts = {
            "version": ("software_version", "sw_version", "os", "junos_version", "image", "version", "os_version"),
            "serial": ("serial", "serial_number"),
            "hostname": ("hostname", "name"),
        }
        for what, names in texts.items():
            value = next((row[name] for name in names if row.get(name)), "")
            text = value if isinstance(value, str) else value[0]
            if text:
                yield Fact("facts", (what, text.split()[0]))


def switching(rows, canonical) -> Iterator[Fact]:
    """Which port carries which VLAN, and whether with a tag; only of tables that say both."""
    for row in rows:
        port = canonical(first(row, "interface", "port"))
        rules = row.get("egress_rule") or [row.get("type", "")]
        vlan = row.get("vlan_id", [])
        for vid, rule in zip([vlan] if isinstance(vlan, str) else vlan, rules, strict=False):
            if rule.lower() in ("tagged", "untagged", "qtagged", "default") and number(vid):
                yield Fact("switching", (port, number(vid), rule.lower() in ("tagged", "qtagged")))


def states(rows, canonical) -> Iterator[Fact]:
    for row in rows:
        port = canonical(first(row, "interface", "port")).partition("-Trk")[0]
        state = first(row, "link_status", "linkstate", "status", "link", "intstate").lower()
        if port and state and not NOT_PORTS.fullmatch(port):
            yield Fact("ports", (port, state.split(":")[0] in UP))


TABLES = (
    (r"lldp (neighbor|remote|info remote)|cdp nei|isdp|ip neighbor", links),
    (r"\bmac|bridge host|fdb|ethernet-switching table|bridge address", macs),
    (r"vlans?( brief| description)?$|interface vlan print|running-config vlan|vlan all$", vlans),
    (r"show version|show system$|system (id|identity|resource|routerboard)", identity),
    (r"interfaces switchport$|vlan port$", switching),
    (r"interfaces?( status| brief| port| alias)$", states),
)


def expected(command: str, rows: list[dict[str, Any]], canonical) -> Iterator[Fact]:
    """What the rows of a command say."""
    for pattern, read in TABLES:
        if re.search(pattern, command):
            return read(rows, canonical)
    return iter(())


def found(document: dict[str, Any], canonical) -> Iterator[Fact]:
    """What a probe says."""
    for link in document["links"]:
        name = link["b"]["name"] or link["b"]["chassis_id"]
        yield Fact("links", (link["a"]["port"], address(name)))
    for entry in document["fdb"]:
        yield Fact("macs", (entry["mac"], entry["vlan"], entry["port"]))
    for vlan, shown in document["observed"]["vlans"].items():
        yield Fact("vlans", (int(vlan), shown.get("name", "")))
    yield from carried(document["observed"]["ports"])
    for port, shown in document["operation"].get("ports", {}).items():
        if "oper_up" in shown and not NOT_PORTS.fullmatch(port):
            yield Fact("ports", (port, shown["oper_up"]))
    facts = document["facts"]
    told = (
        ("version", facts.get("platform_version")),
        ("serial", facts.get("dmi", {}).get("system", {}).get("serial_number")),
        ("hostname", facts.get("fqdn")),
    )
    yield from (Fact("facts", (what, text.split()[0])) for what, text in told if text)
    for part in facts.get("inventory", ()):
        yield Fact("parts", tuple(part.get(word, "") for word in ("name", "text", "model", "serial")))


def carried(ports: dict[str, Any]) -> Iterator[Fact]:
    """Which port carries which VLAN with a tag, and which without."""
    for name, port in ports.items():
        trunk, native = port.get("trunk_vlans", []), port.get("native_vlan")
        untagged = port.get("access_vlan") or (native if isinstance(native, int) else None)
        if untagged is not None:
            yield Fact("switching", (name, untagged, False))
        yield from (Fact("switching", (name, vlan, True)) for vlan in ([] if trunk == "all" else trunk))
