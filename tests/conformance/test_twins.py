"""The suite on every profile whose driver has a twin; the promises themselves are shipped, in `drivers/conformance`.

A driver's first profile is tried with every case. Its others, which differ from it by data, are tried with few cases
that have every shape among them; `pointsman driver test PROFILE` tries them all.
"""

import json
from dataclasses import replace
from functools import cache

import pytest

from device_profiles.catalogue import all_profiles
from drivers import levels
from drivers.conformance import SUITE, Promise, Verdict, asked, judge
from pointsman.subjects import factory

pytestmark = pytest.mark.conformance

twin_of = cache(factory)  # it looks through all that is installed, each time
PDUS = ("apc_pdu", "apc_pdu_metered", "aten_pdu", "chatsworth_pdu", "eaton_epdu", "raritan_px2", "schleifenbauer_pdu")
"""Of the many profiles of one driver those that differ by more than numbers; all of them are switched elsewhere."""
PROFILES = {
    name: profile
    for name, profile in all_profiles().items()
    if twin_of(profile.driver) is not None and (profile.driver != "snmp_pdu" or name in PDUS)
}
NAMESAKES_LAST = sorted(PROFILES, key=lambda name: name == PROFILES[name].driver)
OTHERWISE = ("this device is reached without a login", "nothing on this device switches", "nothing here tells what")
FIRST = {PROFILES[name].driver: name for name in NAMESAKES_LAST}


def subject_of(name: str):
    made = twin_of(PROFILES[name].driver)
    assert made is not None
    return made(PROFILES[name])


@pytest.mark.parametrize("promise", SUITE, ids=lambda promise: promise.name)
@pytest.mark.parametrize("name", PROFILES)
async def test_promise(name: str, promise: Promise) -> None:
    async with subject_of(name) as subject:
        first = FIRST[PROFILES[name].driver] == name
        outcome = await judge(promise, subject if first else replace(subject, few=True))
    if outcome.verdict is Verdict.NOT_ASKED:
        # A twin can do whatever the suite needs: only what its profile does not declare, or no such device has, is not.
        assert "declare" in outcome.why or outcome.why.startswith(OTHERWISE)
    else:
        assert (outcome.verdict, outcome.why) == (Verdict.KEPT, "")


@pytest.mark.parametrize("name", PROFILES)
async def test_the_evidence_says_what_is_so(name: str) -> None:
    """With every promise kept above, the numbers of `evidence.json` are those that the suite would note now."""
    async with subject_of(name) as subject:
        number = len(asked(subject))
        now = levels.Trials(asked=number, kept=number, source=subject.grammar)
    assert levels.evidence(name).twin == now, f"pointsman driver test {name} --evidence drivers/evidence.json"


def test_there_is_no_evidence_for_what_has_no_twin() -> None:
    noted = json.loads((levels.FOLDER / levels.EVIDENCE).read_text())
    assert {name for name, found in noted.items() if "twin" in found} == set(PROFILES)
