"""Every recorded answer of every platform, replayed as a device and probed, against another parser's reading of it."""

import json

import pytest

from drivers.levels import FOLDER, RECORDINGS
from tests.recordings.all import committed, outcomes
from tests.recordings.judging import judged, platforms
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
    noted = json.loads((FOLDER / RECORDINGS).read_text(encoding="utf-8"))
    assert noted == committed(outcomes())
