"""Trees of Redfish resources, probed as devices and compared with the trees themselves.

What a tree holds is gathered here without following a link: every resource by its own type and path. So what a driver
does not find because it followed the wrong link, or none, is missing; and what it makes up is surplus.
"""

import asyncio
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from device_profiles.catalogue import all_profiles
from drivers.errors import DeviceError
from drivers.rest.playing import find, play
from pointsman.probe.detection import detect_served
from pointsman.probe.document import document
from pointsman.probe.reading import examine
from tests.recordings.meaning import Fact
from tests.recordings.outcome import Outcome, by_platform
from tests.recordings.shared_data import FOLDER

TREES = FOLDER / "redfish"
POWER = {"On": "on", "Off": "off"}


def cases() -> list[Path]:
    """Every tree that is there."""
    return [path for path in sorted(TREES.glob("*")) if path.is_dir() and find(path) is not None]


@cache
def judged() -> list[Outcome]:
    """All cases."""
    return asyncio.run(_judge())


def by_profile() -> dict[str, list[Outcome]]:
    """The cases by the profile that was found to fit."""
    return by_platform(judged())


async def _judge() -> list[Outcome]:
    return [await _probe(path) for path in cases()]


async def _probe(path: Path) -> Outcome:
    played = play(path)
    fit = await detect_served(played, all_profiles())
    outcome = Outcome(fit.profile.name, path.name, expected=set(theirs_of(path)))
    try:
        shown = document(fit.profile, await examine(played, fit.profile))
    except DeviceError as error:
        outcome.error = str(error)
    else:
        outcome.found = set(ours_of(shown))
    return outcome


def theirs_of(path: Path) -> Iterator[Fact]:
    """What stands in a tree, by the types of its resources."""
    resources = [json.loads(file.read_text()) for file in path.rglob("index.json")]
    systems = [each for each in resources if is_a(each, "ComputerSystem")]
    if systems:
        yield Fact("slots", (len(systems),))
    for each in systems:
        serial = word(each, "SerialNumber")
        yield Fact("power", (serial, POWER.get(each.get("PowerState"), "")))
        yield Fact("blades", (serial, word(each, "Model")))
        if word(each, "UUID"):
            yield Fact("uuids", (word(each, "UUID").lower(),))
    for each in resources:
        place = each.get("@odata.id", "")
        if is_a(each, "EthernetInterface") and "/Systems/" in place:
            yield Fact("macs", (word(each, "MACAddress").lower(),))
        if is_a(each, "Outlet"):
            yield Fact("outlets", (each["Id"], POWER.get(each.get("PowerState"), "")))
        if is_a(each, "PowerDistribution"):
            yield Fact("pdus", (word(each, "SerialNumber"), word(each, "Model")))
        if not systems and is_a(each, "Volume"):
            yield Fact("volumes", (each.get("CapacityBytes"),))


def word(resource: dict[str, Any], name: str) -> str:
    return str(resource.get(name) or "").strip()


def is_a(resource: dict[str, Any], kind: str) -> bool:
    return str(resource.get("@odata.type", "")).startswith(f"#{kind}.v") and bool(resource.get("Id"))


def ours_of(shown: dict[str, Any]) -> Iterator[Fact]:
    """What the probe says."""
    slots = shown["facts"].get("chassis", {}).get("slots", {})
    power = {key: each.get("power", "") for key, each in shown["observed"].get("slots", {}).items()}
    if slots:
        yield Fact("slots", (len(power),))
    for key, slot in slots.items():
        yield Fact("blades", (slot["serial_number"], slot["product_name"]))
        yield Fact("power", (slot["serial_number"], power[key]))
        yield from (Fact("uuids", (slot["uuid"],)) for _ in range("uuid" in slot))
        yield from (Fact("macs", (mac,)) for mac in slot["macs"])
    for key, outlet in shown["observed"].get("outlets", {}).items():
        yield Fact("outlets", (key, outlet.get("power", "")))
    for volume in shown["observed"].get("volumes", {}).values():
        yield Fact("volumes", (volume.get("size"),))
    if "power" in shown["facts"]:
        system = shown["facts"]["dmi"]["system"]
        yield Fact("pdus", (system["serial_number"], system["product_name"]))
