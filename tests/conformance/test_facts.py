"""Facts of every driver that has a twin, beside what ohai itself prints: same words, same places, same types.

A key is ohai's where it stands in a dump at one place only (`mtu`, `uptime_seconds`): then it has to stand there with
us too. What ohai has no word for is below a few keys of ours.
"""

import json
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest

from device_profiles.facts import FACTS_SCHEMA
from drivers.registry import make_driver
from tests.conformance.test_twins import PROFILES, subject_of
from tests.recordings.shared_data import FOLDER, needs_recordings

pytestmark = [pytest.mark.conformance, needs_recordings]

OHAI = ("ubuntu-20.04", "suse-15", "nexus-5")
NAMED_BY_THE_DEVICE = (("network", "interfaces"), ("network", "interfaces", "*", "addresses"))
"""Mappings whose keys are names of the device: they stand for each other."""
OURS = ("schema", "chassis", "power", "storage", "lldp", "snmp", "inventory", "bmc", "openvswitch")
"""What ohai has no words for stands here."""
ANYWHERE = ("description", "part_number")
"""Words of ohai that mean something else at each place."""
Place = tuple[str, ...]


def places(value: Any, at: Place = ()) -> Iterator[tuple[Place, str]]:
    """Every value with its place and its type in JSON."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from places(item, (*at, "*" if at in NAMED_BY_THE_DEVICE else key))
    yield (
        at,
        {dict: "object", list: "array", str: "string", bool: "boolean", type(None): "null"}.get(type(value), "number"),
    )


def dumps() -> dict[Place, set[str]]:
    found: dict[Place, set[str]] = defaultdict(set)
    for name in OHAI:
        for place, kind in places(json.loads((FOLDER / "ohai" / f"{name}.json").read_text())):
            found[place].add(kind)
    return found


def ours_alone(place: Place) -> bool:
    return not place or place[0] in OURS


WITH_FACTS = [name for name, profile in PROFILES.items() if "facts" in profile.capabilities]


@pytest.mark.parametrize("name", WITH_FACTS)
async def test_what_ohai_has_a_word_for_stands_where_ohai_has_it(name: str) -> None:
    async with subject_of(name) as subject:
        connection = await subject.open()
        driver = make_driver(connection, subject.profile)
        facts = dict(await driver.facts())
        await driver.close()
        await connection.close()
    theirs = dumps()
    homes: dict[str, set[Place]] = defaultdict(set)
    for place in theirs:
        if place:
            homes[place[-1]].add(place)
    assert facts["schema"] == FACTS_SCHEMA
    for place, kind in places(facts):
        if place in theirs:
            assert kind in theirs[place], f"{'.'.join(place)} is of type {kind} here, and {theirs[place]} in ohai"
        elif not ours_alone(place) and len(homes[place[-1]]) == 1 and place[-1] not in ("*", *ANYWHERE):
            pytest.fail(f"{'.'.join(place)} stands in ohai at {'.'.join(next(iter(homes[place[-1]])))}")


def test_every_key_at_the_top_is_a_word_of_ohai_or_one_of_ours() -> None:
    # what the other test allows must not grow unseen
    assert {place[0] for place in dumps() if place} & set(OURS) == set()
