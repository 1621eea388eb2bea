"""SNMP recordings, probed as devices and compared with what other systems' discovery made of the same recording.

Their findings are mapped here on their own, from their names for things: ports by ifName, VLANs by number, ports of
VLANs by the number of the bridge's port, neighbours by the name that they send.
"""

import asyncio
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from device_profiles.catalogue import all_profiles
from drivers.errors import DeviceError
from drivers.snmp.playing import play
from drivers.snmp.values import oid
from pointsman.probe.detection import detect_managed
from pointsman.probe.document import document
from pointsman.probe.reading import examine
from tests.recordings.meaning import Fact, address
from tests.recordings.outcome import Outcome, by_platform
from tests.recordings.shared_data import FOLDER
from tests.recordings.snmp_deviations import DEVIATIONS

SNMP = FOLDER / "snmp"
SWITCHES = SNMP / "librenms" / "switch"
EXPECTED = SNMP / "librenms" / "expected"
TOPOLOGY = SNMP / "topology"
HIDDEN = "<private>"
NOT_COMPARED = {"", HIDDEN, "None"}
LOCAL_ONLY = re.compile(r"^(vlan|loopback|null|lo|mgmt|cpu|irb|.*\.\d+$)", re.IGNORECASE)


def cases() -> list[Path]:
    """The recordings that another system's findings are there for."""
    files = [file for file in sorted(SWITCHES.glob("*.snmprec")) if (EXPECTED / f"{file.stem}.json").is_file()]
    return files + [file for file in sorted(TOPOLOGY.rglob("*.snmprec")) if goldens(file)]


def goldens(file: Path) -> list[dict[str, Any]]:
    """The adjacencies that were found from this walk, one list for all scenarios of its network."""
    manifest = (file.parent.parent / "manifest.yaml").read_text(encoding="utf-8")
    match = re.search(rf"device_id: (\S+)\s+walk_file: \S*{re.escape(file.stem)}\.txt", manifest)
    found = [json.loads(each.read_text()) for each in (file.parent.parent / "golden").glob("*.json")]
    device = match[1] if match else ""
    return [
        link | {"device": device}
        for golden in found
        for link in golden["adjacencies"]
        if plain(link["source_device"]) == plain(device)
    ]


def plain(name: str) -> str:
    """A name without domain, marks and capitals."""
    return re.sub(r"[^a-z0-9]", "", name.lower().partition(".")[0])


@cache
def judged() -> list[Outcome]:
    """All cases."""
    return asyncio.run(_judge())


def by_profile() -> dict[str, list[Outcome]]:
    """The cases by the profile that was found to fit."""
    return by_platform(judged())


async def _judge() -> list[Outcome]:
    return [await _probe(file) for file in cases()]


async def _probe(file: Path) -> Outcome:
    managed = play(file)
    fit = await detect_managed(managed, all_profiles())
    outcome = Outcome(fit.profile.name, file.stem, explained=DEVIATIONS.get(file.stem, {}))
    try:
        shown = document(fit.profile, await examine(managed, fit.profile))
    except DeviceError as error:
        outcome.error = str(error)
        return outcome
    if TOPOLOGY in file.parents:
        outcome.expected = set(of_topology(goldens(file)))
        outcome.found = {fact for fact in links(shown) if fact.kind == "links"}
        outcome.expected, outcome.found = alike(outcome.expected, outcome.found)
        return outcome
    theirs = json.loads((EXPECTED / f"{file.stem}.json").read_text())
    base = await base_ports(managed)
    outcome.expected = set(of_librenms(theirs, base))
    kinds = {fact.kind for fact in outcome.expected} | asked(theirs)
    told = {fact.value[0] for fact in outcome.expected if fact.kind == "facts"}
    unjudged = {fact.value[0] for fact in of_ports(theirs)} - {fact.value[0] for fact in expected_of(outcome, "ports")}
    ours = {fact for fact in ours_of(shown) if fact.kind in kinds}
    ours -= {fact for fact in ours if fact.kind == "ports" and fact.value[0] in unjudged}
    outcome.found = {fact for fact in ours if fact.kind != "facts" or fact.value[0] in told}
    outcome.expected, outcome.found = alike(outcome.expected, outcome.found)
    return outcome


def expected_of(outcome: Outcome, kind: str) -> set[Fact]:
    return {fact for fact in outcome.expected if fact.kind == kind}


def of_ports(theirs: dict[str, Any]) -> Iterator[Fact]:
    """All interfaces that the other system knows, also those of which it tells no state."""
    for port in discovered(theirs, "ports", "ports"):
        yield Fact("ports", (port["ifName"] or port["ifDescr"],))


async def base_ports(managed) -> dict[int, str]:
    """The bridge's numbers of ports, by the recording's own tables."""
    base, name, descr = (
        oid(text) for text in ("1.3.6.1.2.1.17.1.4.1.2", "1.3.6.1.2.1.31.1.1.1.1", "1.3.6.1.2.1.2.2.1.2")
    )
    found = await managed.walk([base, name, descr])
    return {
        number[0]: bytes(found[name].get((int(index),), b"") or found[descr].get((int(index),), b"")).decode("latin-1")
        for number, index in found[base].items()
    }


def asked(theirs: dict[str, Any]) -> set[str]:
    """Kinds that the other system looked for, also where it found nothing."""
    return {kind for kind, module in (("vlans", "vlans"), ("macs", "fdb-table")) if theirs.get(module)}


def of_librenms(theirs: dict[str, Any], base: dict[int, str]) -> Iterator[Fact]:
    """Another system's findings."""
    names = {port["ifIndex"]: port["ifName"] or port["ifDescr"] for port in discovered(theirs, "ports", "ports")}
    for port in theirs["ports"]["poller"]["ports"] if isinstance(theirs["ports"].get("poller"), dict) else ():
        if port.get("ifOperStatus") and port["ifType"] in ("ethernetCsmacd", "ieee8023adLag"):
            yield Fact("ports", (port["ifName"] or port["ifDescr"], port["ifOperStatus"] == "up"))
    for vlan in discovered(theirs, "vlans", "vlans"):
        yield Fact("vlans", (vlan["vlan_vlan"],))
    for entry in discovered(theirs, "vlans", "ports_vlans"):
        if entry["baseport"] in base:
            yield Fact("carries", (base[entry["baseport"]], entry["vlan"], not entry["untagged"]))
    for entry in discovered(theirs, "fdb-table", "ports_fdb"):
        yield Fact("macs", (address(entry["mac_address"]), entry["vlan_vlan"], names.get(entry["ifIndex"], "?")))
    for link in discovered(theirs, "discovery-protocols", "links"):
        yield Fact("links", (link["ifName"] or link["ifDescr"], link["protocol"], link["remote_hostname"]))
    yield from of_hardware(theirs)


def of_hardware(theirs: dict[str, Any]) -> Iterator[Fact]:
    """What the device is, and what is plugged into it."""
    for plugged in discovered(theirs, "transceivers", "transceivers"):
        if plugged.get("serial"):
            yield Fact("optics", (plugged["serial"].strip(),))
    device = theirs["os"]["poller"] if isinstance(theirs["os"].get("poller"), dict) else theirs["os"]["discovery"]
    for word in ("serial", "version", "sysName", "hardware"):
        text = str(device["devices"][0].get(word) or "")
        if text not in NOT_COMPARED:
            yield Fact("facts", (word, text))


def discovered(theirs: dict[str, Any], module: str, table: str) -> list[dict[str, Any]]:
    return theirs.get(module, {}).get("discovery", {}).get(table, [])


def of_topology(adjacencies: list[dict[str, Any]]) -> Iterator[Fact]:
    for link in adjacencies:
        yield Fact("links", (link["source_port"], link["protocol"], link["target_device"]))


def ours_of(shown: dict[str, Any]) -> Iterator[Fact]:
    """What the probe says, in the same words."""
    yield from links(shown)
    for vlan in shown["observed"]["vlans"]:
        yield Fact("vlans", (int(vlan),))
    for name, port in shown["observed"]["ports"].items():
        yield from carried(name, port)
    for name, port in shown["operation"].get("ports", {}).items():
        yield Fact("ports", (name, port.get("oper_up")))
    for entry in shown["fdb"]:
        yield Fact("macs", (entry["mac"], entry["vlan"], entry["port"]))
    for interface in shown["facts"].get("network", {}).get("interfaces", {}).values():
        if "transceiver" in interface:
            yield Fact("optics", (interface["transceiver"]["serial_number"],))
    system = shown["facts"].get("dmi", {}).get("system", {})
    yield Fact("facts", ("serial", system.get("serial_number", "")))
    yield Fact("facts", ("version", shown["facts"].get("platform_version", "")))
    yield Fact("facts", ("hardware", system.get("product_name", "")))
    yield Fact("facts", ("sysName", shown["facts"].get("fqdn", "")))


def links(shown: dict[str, Any]) -> Iterator[Fact]:
    for link in shown["links"]:
        name = link["b"]["name"] or link["b"]["chassis_id"]
        yield Fact("links", (link["a"]["port"], link["evidence"][0]["kind"], name))


def carried(name: str, port: dict[str, Any]) -> Iterator[Fact]:
    if port.get("mode") == "access":
        yield Fact("carries", (name, port["access_vlan"], False))
    if port.get("mode") == "trunk":
        yield from (
            Fact("carries", (name, vlan, True)) for vlan in port.get("trunk_vlans", ()) if isinstance(vlan, int)
        )
        if isinstance(port.get("native_vlan"), int):
            yield Fact("carries", (name, port["native_vlan"], False))
    if port.get("mode") == "other":
        for word, tagged in (("untagged", False), ("tagged", True)):
            match = re.search(rf"\b{word} ([\d,]+)", port.get("native", ""))
            yield from (Fact("carries", (name, int(vlan), tagged)) for vlan in (match[1].split(",") if match else ()))


def alike(expected: set[Fact], found: set[Fact]) -> tuple[set[Fact], set[Fact]]:
    """Both in one spelling: names of neighbours without domain, facts that one says in more words than the other."""
    expected, found = ({_spelled(fact) for fact in facts} for facts in (expected, found))
    for fact in list(found):
        same = [
            other
            for other in expected
            if other.kind == fact.kind in ("facts",)
            and other.value[0] == fact.value[0]
            and _says(other.value[1], fact.value[1])
        ]
        hidden = [
            other
            for other in expected
            if fact.kind == other.kind == "links"
            and other.value[:2] == fact.value[:2]
            and other.value[2] in ("private", "")
        ]
        for other in (*same, *hidden):
            found.discard(fact)
            found.add(other)
    return expected, found


def _spelled(fact: Fact) -> Fact:
    if fact.kind != "links":
        return fact
    port, protocol, name = fact.value
    name = re.sub(r"^chassis-|\(.*\)$", "", name)
    return Fact("links", (address(port), protocol, plain(name)))


def _says(one: str, other: str) -> bool:
    one, other = (re.sub(r"[^a-z0-9]", "", text.lower()) for text in (one, other))
    return bool(one and other) and (one in other or other in one)
