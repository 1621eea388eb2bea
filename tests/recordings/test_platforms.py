"""Every recorded answer of every platform, replayed as a device and probed, against another parser's reading of it."""

import json

import pytest

from drivers.levels import FOLDER, RECORDINGS
from tests.recordings import napalm_judging, pdus, snmp
from tests.recordings.judging import counts, judged, platforms
from tests.recordings.shared_data import needs_recordings

pytestmark = [pytest.mark.unit, needs_recordings]


@pytest.mark.parametrize("platform", platforms() or ["absent"])
def test_everything_that_another_parser_found_is_found_and_nothing_else(platform):
    wrong = [
        (outcome.name, outcome.error, sorted(outcome.missing, key=str), sorted(outcome.surplus, key=str))
        for outcome in judged(platform)
        if not outcome.read
    ]
    assert wrong == []


def test_the_committed_counts_are_those_that_are_found():
    committed = json.loads((FOLDER / RECORDINGS).read_text(encoding="utf-8"))
    found = {platform: counts(judged(platform)) for platform in platforms()}
    for kind in (snmp, pdus):
        found |= {name: counts(outcomes) for name, outcomes in kind.by_profile().items()}
    assert committed == found | napalm_judging.counts()
