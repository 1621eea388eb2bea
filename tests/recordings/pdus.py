"""SNMP recordings of PDUs, probed as devices and compared with what another system's discovery made of them.

Their sensors are mapped here on their own, by the variables that they were read from: which outlet, what of it, and
what its numbers mean. Where the other system looks at no outlets, the rows of the vendor's table in the recording
itself tell which there are.
"""

import asyncio
import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from device_profiles.catalogue import all_profiles
from drivers.errors import DeviceError
from drivers.snmp.playing import play
from drivers.snmp.records import load
from drivers.snmp.values import dotted
from pointsman.probe.detection import detect_managed
from pointsman.probe.document import document
from pointsman.probe.reading import examine
from tests.recordings.meaning import Fact
from tests.recordings.outcome import Outcome, by_platform
from tests.recordings.shared_data import FOLDER

PDUS = FOLDER / "snmp" / "librenms" / "pdu"
EXPECTED = FOLDER / "snmp" / "librenms" / "expected"
PRIVATE = "1.3.6.1.4.1."


def last(index: list[int]) -> str:
    """The outlet is the last number, after that of a unit, of which the first is not written."""
    unit = index[0] if len(index) > 1 else 1
    return f"{index[-1]}" if unit == 1 else f"{unit}-{index[-1]}"


def lettered(index: list[int]) -> str:
    return "".join(chr(64 + number) for number in index[:-1]) + str(index[-1])


def chained(index: list[int]) -> str:
    return f"{bytes(index[2:]).decode()}-{index[0]}"


def measured(index: list[int]) -> str:
    return last(index[:2])


ON_IS_1 = {1: "on", 2: "off"}
ON_IS_NOT_0 = {0: "off", 1: "on"}
# (variable below enterprises, what it is of an outlet, how its index names the outlet, words of a state)
OUTLETS: tuple[tuple[str, str, Callable[[list[int]], str], dict[int, str]], ...] = (
    ("318.1.1.4.4.2.1.3", "power", last, ON_IS_1),
    ("318.1.1.32.5.4.1.4", "power", last, ON_IS_NOT_0),
    ("318.1.1.32.5.9.1.5", "amps", last, {}),
    ("318.1.1.32.5.9.1.6", "watts", last, {}),
    ("21317.1.3.2.2.2.2.99.1.2", "amps", last, {}),
    ("21317.1.3.2.2.2.2.99.1.3", "volts", last, {}),
    ("21317.1.3.2.2.2.2.99.1.4", "watts", last, {}),
    ("30932.1.10.1.4.10.1.6", "amps", chained, {}),
    ("30932.1.10.1.4.10.1.7", "volts", chained, {}),
    ("30932.1.10.1.4.10.1.11", "power", chained, ON_IS_NOT_0),
    ("674.10903.200.2.200.130.2.2.1.6", "amps", last, {}),
    ("674.10903.200.2.200.130.2.2.1.8", "watts", last, {}),
    ("28507.43.1.3.1.2.1.3", "power", last, ON_IS_NOT_0),
    ("28507.68.1.3.1.2.1.3", "power", last, ON_IS_NOT_0),
    ("19536.10.1.5.1.1.13", "watts", last, {}),
    ("13742.4.1.2.2.1.4", "amps", last, {}),
    ("13742.6.5.4.3.1.4", "sensor", measured, {}),
    ("1718.3.2.3.1.7", "amps", lettered, {}),
    ("31034.12.1.1.2.7.2.1.5", "amps", last, {}),
)
# What has no sensor of an outlet there: the variable of which each outlet has one.
ROWS = {"conteg-pdu": "28402.12.1.1.2.7.1.1.2", "cyberpower_pdu81005": "3808.1.1.6.6.1.4.1.5"}
SENSORS = {1: "amps", 5: "watts"}
HIDDEN = ("", "<private>", "None")

# Case: kind of fact: how many we do not have, how many we have beside, and why.
MODEL = "the model stands in sysDescr, where the other system does not look for it"
DEVIATIONS: dict[str, dict[str, tuple[int, int, str]]] = {
    "apc_ap8853": {"facts": (1, 1, MODEL)},
    "apc_masterswitch2": {"facts": (1, 1, MODEL)},
    "schleifenbauer_dpm27e": {
        "outlets": (0, 15, "27 outlets, as the unit says, of which 12 rows were recorded in full")
    },
}


def cases() -> list[Path]:
    """The recordings that another system's findings are there for."""
    return [file for file in sorted(PDUS.glob("*.snmprec")) if (EXPECTED / f"{file.stem}.json").is_file()]


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
    theirs = json.loads((EXPECTED / f"{file.stem}.json").read_text())
    outcome.expected = {*theirs_of(theirs), *rows_of(file)}
    outlets = {fact for fact in outcome.expected if fact.kind in ("outlets", "power")}
    told = {(fact.kind, fact.value[:-1]) for fact in outcome.expected - outlets}
    kinds = {fact.kind for fact in outlets}
    ours = set(ours_of(shown))
    outcome.found = {fact for fact in ours if fact.kind in kinds or (fact.kind, fact.value[:-1]) in told}
    if not outlets:  # the other system has sensors of what feeds the outlets at most
        outcome.found |= {fact for fact in ours if fact.kind == "outlets"}
    _alike(outcome)
    return outcome


def theirs_of(theirs: dict[str, Any]) -> Iterator[Fact]:
    """Another system's findings."""
    for sensor in theirs.get("sensors", {}).get("discovery", {}).get("sensors", []):
        yield from _outlet(sensor)
    device = theirs["os"]["poller"] if isinstance(theirs["os"].get("poller"), dict) else theirs["os"]["discovery"]
    for word in ("serial", "version", "hardware"):
        text = str(device["devices"][0].get(word) or "")
        if text not in HIDDEN:
            yield Fact("facts", (word, text))


def _outlet(sensor: dict[str, Any]) -> Iterator[Fact]:
    variable = sensor["sensor_oid"].removeprefix(f".{PRIVATE}")
    for root, what, key_of, words in OUTLETS:
        if variable.startswith(f"{root}."):
            index = [int(part) for part in variable.removeprefix(f"{root}.").split(".")]
            key, value = key_of(index), sensor["sensor_current"]
            yield Fact("outlets", (key,))
            if what == "power" and value in words:
                yield Fact("power", (key, words[value]))
            elif what != "power" and value is not None:
                yield Fact("measures", (key, SENSORS[index[-1]] if what == "sensor" else what, round(float(value), 3)))


def rows_of(file: Path) -> Iterator[Fact]:
    """Outlets by the rows of the vendor's table, where the other system does not look at it."""
    root = ROWS.get(file.stem)
    if root is not None:
        for name in load(file).values:
            text = dotted(name).removeprefix(PRIVATE)
            if text.startswith(f"{root}."):
                yield Fact("outlets", (last([int(part) for part in text.removeprefix(f"{root}.").split(".")]),))


def ours_of(shown: dict[str, Any]) -> Iterator[Fact]:
    """What the probe says, in the same words."""
    for key, outlet in shown["observed"].get("outlets", {}).items():
        yield Fact("outlets", (key,))
        if "power" in outlet:
            yield Fact("power", (key, outlet["power"]))
    for key, outlet in shown["operation"].get("outlets", {}).items():
        yield from (
            Fact("measures", (key, word, round(outlet[word], 3)))
            for word in ("amps", "volts", "watts")
            if word in outlet
        )
    system = shown["facts"]["dmi"]["system"]
    yield Fact("facts", ("serial", system["serial_number"]))
    yield Fact("facts", ("version", shown["facts"]["platform_version"]))
    yield Fact("facts", ("hardware", system["product_name"]))


def _alike(outcome: Outcome) -> None:
    """Facts that one says in more words than the other."""
    for ours in [fact for fact in outcome.found if fact.kind == "facts"]:
        for theirs in [fact for fact in outcome.expected if fact.kind == "facts" and fact.value[0] == ours.value[0]]:
            one, other = (re.sub(r"[^a-z0-9]", "", fact.value[1].lower()) for fact in (ours, theirs))
            if one and other and (one in other or other in one):
                outcome.found = outcome.found - {ours} | {theirs}
