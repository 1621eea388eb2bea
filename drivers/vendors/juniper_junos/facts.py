"""What the switch is, in ohai's words, from ``show version``, ``show chassis hardware`` and ``show interfaces``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from device_profiles.facts import FACTS_SCHEMA
from device_profiles.names import printable
from drivers.errors import Garbled
from drivers.switching.describing import first
from drivers.vendors.juniper_junos.dialect import HEADER_BYTES, Dialect
from drivers.vendors.juniper_junos.operating import interfaces

_HOST: Final = r"(?m)^Hostname: *(\S+)"
_MODEL: Final = r"(?m)^Model: *(\S+)"
_SERIAL: Final = r"(?m)^Serial Number: *(\S+)"
_VERSIONS: Final = (
    r"(?m)^Junos: *(\S+)",
    # Before Junos 13 and on hosts of virtual machines no line is the version alone; a release is like 13.2X51-D35.3.
    r"(?m)^JUNOS .*?(?:Software Suite|Base OS boot|Software Release) *\[(\d+\.\d+[A-Z][^\]\s]*)\]",
    r"(?m)^JUNOS .*?\[(\d+\.\d+[A-Z][^\]\s]*)\]",
    r"(?m)^JUNOS .*?\[([^\]\s]+)\]",
)
_BOOTED: Final = re.compile(r"System booted: .*\((?P<span>[^)]+) ago\)")
_SPAN: Final = re.compile(r"(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?\s*(?:(\d+):(\d+)(?::(\d+))?)?\Z")
_SECONDS: Final = (31_536_000, 604_800, 86_400, 3600, 60, 1)
_COLUMNS: Final = ("Version", "Part number", "Serial number", "Description")
_PARTLESS: Final = frozenset({"BUILTIN", ""})
_MEMBER: Final = re.compile(r"FPC \d+\Z")


def parse(version: str, hardware: str, uptime: str, *, dialect: Dialect, host: str) -> dict[str, Any]:
    """Facts. ``host`` is what the prompt shows. Raises ``Garbled`` where ``show version`` tells no version."""
    release = first(_VERSIONS, version)
    if not release:
        raise Garbled("'show version' tells no version: nothing was concluded from it")
    parts = list(inventory(hardware))
    chassis = next((part for part in parts if part["name"] == "Chassis"), {})
    name = first((_HOST,), version) or host.rpartition("@")[2]
    found: dict[str, Any] = {
        "schema": FACTS_SCHEMA,
        "platform": dialect.quirks.platform,
        "platform_version": release,
        "hostname": name.partition(".")[0],
        "fqdn": name,
        "dmi": {
            "system": {
                "manufacturer": dialect.quirks.manufacturer,
                "product_name": first((_MODEL,), version) or chassis.get("text", ""),
                "serial_number": chassis.get("serial", "") or first((_SERIAL,), version),
            }
        },
    }
    members = [part["serial"] for part in parts if _MEMBER.match(part["name"]) and part["serial"] not in _PARTLESS]
    if chassis.get("text") == "Virtual Chassis" and members:
        found["chassis"] = {"members": [{"serial_number": serial} for serial in members]}
    if (booted := _BOOTED.search(uptime)) is not None and (seconds := _seconds(booted["span"])) is not None:
        found["uptime_seconds"] = seconds
    if parts:
        found["inventory"] = parts
    return found


def inventory(text: str) -> Iterator[dict[str, str]]:
    """The parts of ``show chassis hardware``, whose columns stand where its head says."""
    starts: list[int] = []
    for line in text.splitlines():
        if line.startswith("Item ") and all(word in line for word in _COLUMNS):
            starts = [0, *(line.index(word) for word in _COLUMNS)]
        elif starts and line.strip() and not line.startswith(("{", "fpc", "node")):
            cells = [line[low:high].strip() for low, high in zip(starts, (*starts[1:], None), strict=True)]
            yield dict(zip(("name", "version", "model", "serial", "text"), map(printable, cells), strict=True))


def network(text: str, dialect: Dialect) -> dict[str, Any]:
    """The fact ``network.interfaces``."""
    found: dict[str, Any] = {}
    for name, item in interfaces(text).items():
        if not dialect.names.is_port(name):
            continue
        kind, _, number = name.partition("-")
        found[name] = {
            "state": "up" if item.enabled and item.up else "down",
            "type": kind.rstrip("0123456789"),
            "number": number or kind.lstrip("abcdefghijklmnopqrstuvwxyz"),
            "encapsulation": "Ethernet",
            "addresses": {item.mac: {"family": "lladdr"}} if item.mac else {},
            **({"mtu": str(item.mtu - HEADER_BYTES)} if item.mtu is not None else {}),
        }
    return found


def _seconds(span: str) -> int | None:
    match = _SPAN.match(span.strip())
    if match is None:
        return None
    return sum(int(number or 0) * unit for number, unit in zip(match.groups(), _SECONDS, strict=True))
