"""Recordings with the answers of NAPALM and Genie: what each of them found, as facts.

NAPALM's recordings of EOS and NX-OS are what their APIs answer, and those of Junos are NETCONF: no command line printed
them, so a driver of a command line is not judged by them.
"""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from tests.recordings.meaning import NOT_PORTS, Fact, address, number
from tests.recordings.shared_data import FOLDER

NAPALM = {"cisco_ios": FOLDER / "cli" / "napalm" / "ios"}
GENIE = {"cisco_nxos": FOLDER / "cli" / "genie" / "nxos"}
OF_THE_SWITCH = ("01:00:5e", "ff:ff:ff", "33:33:00")


class Trial(NamedTuple):
    """What a device answered, and what another parser found in it."""

    name: str
    answers: tuple[tuple[str, str], ...]
    expected: set[Fact]


def others(platform: str, canonical) -> Iterator[Trial]:
    """The cases of a platform."""
    if platform in NAPALM:
        yield from _napalm(NAPALM[platform], canonical)
    if platform in GENIE:
        yield from _genie(GENIE[platform], canonical)


def _napalm(folder: Path, canonical) -> Iterator[Trial]:
    for getter, read in _GETTERS.items():
        for case in sorted((folder / getter).glob("*")):
            answers = tuple((_command(file), file.read_text(errors="replace")) for file in sorted(case.glob("*.txt")))
            result = json.loads((case / "expected_result.json").read_text())
            yield Trial(f"{getter}/{case.name}", answers, set(read(result, canonical)))


def _command(file: Path) -> str:
    words = file.stem.replace("__", "_").replace("_", " ")
    return words.replace("mac address table", "mac address-table").replace("running config", "running-config")


def _macs(result: list[dict[str, Any]], canonical) -> Iterator[Fact]:
    for entry in result:
        port, mac = canonical(entry["interface"]), entry["mac"].lower()
        if not entry["static"] and not NOT_PORTS.fullmatch(port) and not mac.startswith(OF_THE_SWITCH):
            yield Fact("macs", (mac, entry["vlan"] if entry["vlan"] > 0 else None, port))


def _links(result: dict[str, Any], canonical) -> Iterator[Fact]:
    for port, seen in result.items():
        for each in seen:
            name = each["remote_system_name"] or each["remote_chassis_id"]
            yield Fact("links", (canonical(port), address(name)))


def _vlans(result: dict[str, Any], canonical) -> Iterator[Fact]:
    yield from (Fact("vlans", (int(vid), vlan["name"])) for vid, vlan in result.items() if not 1002 <= int(vid) <= 1005)


def _facts(result: dict[str, Any], canonical) -> Iterator[Fact]:
    yield Fact("facts", ("serial", result["serial_number"]))
    yield Fact("facts", ("hostname", result["hostname"]))
    version = re.search(r"Version ([^,\s]+)", result["os_version"])
    if version is not None:
        yield Fact("facts", ("version", version[1]))


_GETTERS: dict[str, Callable[[Any, Any], Iterator[Fact]]] = {
    "get_mac_address_table": _macs,
    "get_lldp_neighbors_detail": _links,
    "get_vlans": _vlans,
    "get_facts": _facts,
}


def _genie(folder: Path, canonical) -> Iterator[Trial]:
    for parser, (command, read) in _PARSERS.items():
        for answer in sorted((folder / parser).glob("*.expected.json")):
            name = answer.name.removesuffix(".expected.json")
            text = (answer.parent / f"{name}.txt").read_text(errors="replace")
            answers = (("show version", "NXOS: version 0.0\n"), (command, text))
            yield Trial(f"{parser}/{name}", answers, set(read(json.loads(answer.read_text()), canonical)))


def _genie_parts(result: dict[str, Any], canonical) -> Iterator[Fact]:
    for slots in result.get("slot", {}).values():
        for slot, kinds in slots.items():
            for kind, part in kinds.items():
                yield Fact("parts", (f"Slot {slot}", kind, part.get("model", ""), part.get("serial_number", "")))


def _genie_macs(result: dict[str, Any], canonical) -> Iterator[Fact]:
    for vlan, table in result.get("mac_table", {}).get("vlans", {}).items():
        for mac, entry in table["mac_addresses"].items():
            for interface in entry.get("interfaces", {}).values():
                port = canonical(interface["interface"])
                if interface.get("mac_type") == "dynamic" and not NOT_PORTS.fullmatch(port):
                    yield Fact("macs", (address(mac), number(vlan), port))


_PARSERS: dict[str, tuple[str, Callable[[Any, Any], Iterator[Fact]]]] = {
    "ShowMacAddressTable": ("show mac address-table", _genie_macs),
    "ShowModule": ("show module", _genie_parts),
}
