"""Faults planted in a driver one at a time: each is caught, by the promise that is about it."""

from dataclasses import replace
from pathlib import Path

import pytest

from device_profiles.catalogue import all_profiles
from device_profiles.profile import load_profile
from drivers.conformance import SUITE, Verdict, judge, run
from pointsman.subjects import factory
from tests.unit.drivers.conformance import planted_arrays, planted_power, planted_steps
from tests.unit.drivers.conformance.planted import FAULTS
from tests.unit.drivers.conformance.planted_elsewhere import OTHERS
from tests.unit.drivers.conformance.zeta import zeta_os, zeta_os_twin

pytestmark = pytest.mark.unit

PROFILE = load_profile(Path(__file__).parent / "zeta" / "zeta_os.toml")
PROMISES = {promise.name: promise for promise in SUITE}
ROTTEN = ("AttributeError", "NameError", "ImportError", "TypeError")
"""What a planted driver dies of that is wrong in another way than it should be: its driver has changed since."""
assert planted_steps.__doc__  # importing them plants their faults
assert planted_arrays.__doc__
assert planted_power.__doc__


@pytest.mark.parametrize("name", FAULTS)
async def test_a_planted_fault_is_caught_by_its_promise(name: str) -> None:
    fault = FAULTS[name]
    async with zeta_os_twin.subject(PROFILE) as subject:
        outcome = await judge(PROMISES[fault.caught_by], fault.planted(subject))
    assert outcome.verdict is Verdict.BROKEN
    assert "the suite" not in outcome.why
    assert not outcome.why.startswith(ROTTEN)
    assert zeta_os_twin.SECRET not in outcome.why


@pytest.mark.parametrize("name", OTHERS)
async def test_a_fault_planted_in_another_driver_is_caught_by_its_promise(name: str) -> None:
    profile, fault = all_profiles()[OTHERS[name][0]], OTHERS[name][1]
    make = factory(profile.driver)
    assert make is not None
    async with make(profile) as subject:
        outcome = await judge(PROMISES[fault.caught_by], fault.planted(subject))
    assert outcome.verdict is Verdict.BROKEN
    assert not outcome.why.startswith(ROTTEN)


async def test_without_a_fault_every_promise_is_kept() -> None:
    async with zeta_os_twin.subject(PROFILE) as subject:
        driver = [outcome async for outcome in run(replace(subject, driver=zeta_os.DRIVER))]
    assert [(outcome.promise.name, outcome.why) for outcome in driver if outcome.verdict is Verdict.BROKEN] == []


def test_every_promise_has_been_seen_to_break() -> None:
    seen = {fault.caught_by for fault in FAULTS.values()} | {fault.caught_by for _, fault in OTHERS.values()}
    assert set(PROMISES) - seen == set()
