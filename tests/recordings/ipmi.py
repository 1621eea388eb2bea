"""What ipmitool printed of a controller, put back into the bytes that it was printed from, and read by the driver.

The inventory becomes FRU memories behind locator records, the LAN settings become parameters; so the parsers that read
real controllers read these. What is compared are the parts with their names and numbers, and the MAC addresses.
"""

import asyncio
import json
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

from device_profiles.catalogue import all_profiles
from drivers.ipmi.fru import Area, Fru, read_fru
from drivers.ipmi.messages import Answer, NetFn, Request
from drivers.vendors.ipmi.driver import Ipmi
from tests.recordings.deviations import DEVIATIONS
from tests.recordings.meaning import Fact
from tests.recordings.outcome import Outcome
from tests.recordings.shared_data import FOLDER

PROFILE = "ipmi"
HEAD = re.compile(r"FRU Device Description : (.*) \(ID (\d+)\)")
LINE = re.compile(r" ?([A-Z][\w .+-]*?)\s*: ?(.*)")
AREAS = {"Chassis": "chassis", "Board": "board", "Product": "product"}
# The fields of each area in the order of the standard, in ipmitool's words.
FIELDS = {
    "Board": ("Mfg", "Product", "Serial", "Part Number", "FRU ID"),
    "Product": ("Manufacturer", "Name", "Part Number", "Version", "Serial", "Asset Tag", "FRU ID"),
    "Chassis": ("Part Number", "Serial"),
}
OURS = {
    "Mfg": "manufacturer",
    "Manufacturer": "manufacturer",
    "Product": "name",
    "Name": "name",
    "Serial": "serial",
    "Part Number": "part",
    "Version": "version",
}
LAN = {"IP Address": 3, "MAC Address": 5, "Subnet Mask": 6, "Default Gateway IP": 12}
MISSING = Answer(0xCB)


class Printed:
    """A controller made of what was printed of one (:class:`drivers.ipmi.messages.Commanded`)."""

    identity = ""
    closed = False

    def __init__(self, inventory: str, lan: str) -> None:
        self.parts = {number: (label, _memory(rows)) for number, label, rows in _parts(inventory)}
        self.lan = {LAN[match[1]]: match[2] for match in map(LINE.match, lan.splitlines()) if match and match[1] in LAN}
        self.records = [_locator(place, number, label) for place, (number, (label, _)) in enumerate(self.parts.items())]

    async def exchange(self, request: Request) -> Answer:
        netfn, command, data = request.netfn, request.command, request.data
        if (netfn, command) == (NetFn.APP, 0x01):
            return Answer(0, bytes(15))
        if (netfn, command) == (NetFn.TRANSPORT, 0x02) and data[1] in self.lan:
            return Answer(0, b"\x11" + _parameter(self.lan[data[1]]))
        if netfn == NetFn.STORAGE and command in (0x10, 0x11):
            return self._memory(command, data)
        if netfn == NetFn.STORAGE and command in (0x20, 0x22, 0x23):
            return self._record(command, data)
        return Answer(0xC1)

    def _memory(self, command: int, data: bytes) -> Answer:
        memory = self.parts.get(data[0], ("", b""))[1]
        if not memory:
            return MISSING
        if command == 0x10:
            return Answer(0, len(memory).to_bytes(2, "little") + b"\x00")
        at = int.from_bytes(data[1:3], "little")
        part = memory[at : at + data[3]]
        return Answer(0, bytes((len(part),)) + part)

    def _record(self, command: int, data: bytes) -> Answer:
        if command == 0x20:
            return Answer(0, bytes((0x51,)) + len(self.records).to_bytes(2, "little") + bytes(11))
        if command == 0x22:
            return Answer(0, b"\x01\x00")
        number = int.from_bytes(data[2:4], "little")
        following = number + 1 if number + 1 < len(self.records) else 0xFFFF
        return Answer(0, following.to_bytes(2, "little") + self.records[number][data[4] : data[4] + data[5]])

    async def stream(self, command: str) -> Any:
        raise AssertionError(command)

    async def close(self) -> None:
        self.closed = True


def _parts(text: str) -> Iterator[tuple[int, str, list[tuple[str, str]]]]:
    """Each part: its number, what it is called, and its lines."""
    for block in re.split(r"\n\s*\n", text):
        lines = block.strip().splitlines()
        if lines and (head := HEAD.match(lines[0])):
            rows = [match.groups() for match in map(LINE.match, lines[1:]) if match]
            yield int(head[2]), head[1], rows


def _memory(rows: list[tuple[str, str]]) -> bytes:
    """A FRU memory with these fields; nothing where there are none."""
    areas: dict[str, bytes] = {}
    for word, fields in FIELDS.items():
        said = {name.removeprefix(f"{word} "): text for name, text in rows if name.startswith(f"{word} ")}
        extra = [text for name, text in rows if name == f"{word} Extra"]
        if said or extra:
            head = {"Board": bytes((1, 0, 25, 0, 0, 0)), "Product": bytes((1, 0, 25)), "Chassis": bytes((1, 0, 17))}
            areas[word] = _area(head[word], [*(said.get(field, "") for field in fields), *extra])
    if not areas:
        return b""
    header, at, body = bytearray((1, 0, 0, 0, 0, 0, 0)), 8, b""
    for place, word in ((2, "Chassis"), (3, "Board"), (4, "Product")):
        if word in areas:
            header[place] = at // 8
            body, at = body + areas[word], at + len(areas[word])
    return bytes(header) + bytes((-sum(header) % 256,)) + body


def _area(head: bytes, texts: list[str]) -> bytes:
    fields = b"".join(bytes((0xC0 | len(raw),)) + raw for raw in (_text(text) for text in texts))
    body = bytearray(head + fields + b"\xc1")
    body += bytes(-(len(body) + 1) % 8)
    body[1] = (len(body) + 1) // 8
    return bytes(body) + bytes((-sum(body) % 256,))


def _text(text: str) -> bytes:
    raw = text.strip().encode("latin-1", errors="replace")[:63]
    return raw + b" " if len(raw) == 1 else raw  # a field of one character would be the end of all


def _locator(place: int, number: int, label: str) -> bytes:
    name = label.encode("latin-1")[:31]
    body = bytes((0x20, number, 0x80, 0, 0, 0, 0, 0, 0, 0, 0xC0 | len(name))) + name
    return place.to_bytes(2, "little") + bytes((0x51, 0x11, len(body))) + body


def _parameter(text: str) -> bytes:
    return bytes.fromhex(text.replace(":", "")) if ":" in text else IPv4Address(text).packed


@cache
def judged() -> list[Outcome]:
    """All cases."""
    return [asyncio.run(_judge(folder)) for folder in sorted((FOLDER / "ipmi").iterdir())]


def by_profile() -> dict[str, list[Outcome]]:
    """The cases by profile; none where the recordings are absent."""
    return {PROFILE: judged()} if (FOLDER / "ipmi").is_dir() else {}


async def _judge(folder: Path) -> Outcome:
    said, printed = json.loads((folder / "expected.json").read_text()), _printed(folder)
    facts = dict(await Ipmi(printed, all_profiles()[PROFILE]).facts())
    parts = [await read_fru(printed, number, label=label) for number, (label, _) in printed.parts.items()]
    known = [part for part in parts if part is not None]
    expected = set(_expected(said))
    serials = {fact.value[0] for fact in expected if fact.kind == "parts"}
    found = {fact for part in known for fact in _part(part) if fact.value[0] in serials}
    found &= expected | {fact for fact in found if any(fact.value[:2] == each.value[:2] for each in expected)}
    labels = {fact.value[0] for fact in expected if fact.kind == "components"}
    found |= set(_components([part.product.name for part in known if part.product], labels))
    system = facts["dmi"]["system"]
    if "facts" in {fact.kind for fact in expected}:
        found |= {Fact("facts", ("serial", system["serial_number"])), Fact("facts", ("model", system["product_name"]))}
    macs = {*facts["chassis"]["slots"]["1"]["macs"], facts.get("macaddress", "")} - {""}
    explained = DEVIATIONS.get((PROFILE, folder.name), {})
    return Outcome(PROFILE, folder.name, expected, found | {Fact("macs", (mac,)) for mac in macs}, explained=explained)


def _printed(folder: Path) -> Printed:
    texts = [file.read_text() for file in sorted(folder.glob("*.txt"))]
    inventory = next((text for text in texts if "FRU Device Description" in text), "")
    return Printed(inventory, next((text for text in texts if "MAC Address" in text and text != inventory), ""))


def _part(part: Fru) -> Iterator[Fact]:
    """A part by its serial number: which area says what."""
    serial = next((area.serial for area in (part.product, part.board) if area is not None and area.serial), "")
    for word, area in (("Board", part.board), ("Product", part.product)):
        if area is not None:
            yield from _area_facts(serial, word, area)


def _area_facts(serial: str, word: str, area: Area) -> Iterator[Fact]:
    for name in FIELDS[word]:
        value = getattr(area, OURS.get(name, ""), "") if name in OURS else ""
        if value:
            yield Fact("parts", (serial, f"{word} {name}", value))
    if area.extra:
        yield Fact("parts", (serial, f"{word} Extra", area.extra[-1]))


def _expected(said: dict[str, Any]) -> Iterator[Fact]:
    for key, value in said.items():
        if key.startswith("test_get_ipmi_fru"):
            serial = value.get("Product Serial") or value.get("Board Serial", "")
            for name, text in value.items():
                if name.split(" ")[0] in AREAS and "Date" not in name:
                    yield Fact("parts", (serial, name, text))
        elif key.startswith("test_get_mac_addresses"):
            yield from (Fact("macs", (mac.lower(),)) for mac in value)
        elif key.startswith("test_get_components"):
            yield from _components([each["label"] for each in value], None)
        elif key.startswith("test_get_base_info"):
            yield Fact("facts", ("serial", value["serial_number"]))
            yield Fact("facts", ("model", value["model_name"]))


def _components(names: list[str], known: set[str] | None) -> Iterator[Fact]:
    """The components of each name, counted; of those that are ``known`` where that is said."""
    counts = Counter(" ".join(name.split()).casefold() for name in names)
    yield from (Fact("components", (name, count)) for name, count in counts.items() if known is None or name in known)
