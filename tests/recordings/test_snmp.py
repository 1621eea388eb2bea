"""Every SNMP recording, replayed as a device and probed, against what other systems' discovery made of it."""

import pytest

from drivers.snmp.playing import play
from tests.recordings.judging import scores
from tests.recordings.shared_data import needs_recordings
from tests.recordings.snmp import SNMP, judged

pytestmark = [pytest.mark.unit, needs_recordings]


@pytest.mark.parametrize("kind", ["ports", "macs"])
def test_all_that_the_others_found_is_found(kind):
    assert scores(judged())[kind].recall == 1.0


def test_each_difference_was_explained():
    assert [(outcome.name, outcome.error, outcome.unexplained) for outcome in judged() if not outcome.read] == []


@pytest.mark.parametrize("file", sorted(SNMP.rglob("*.snmprec")), ids=lambda file: file.stem)
def test_each_line_of_each_recording_is_read(file):
    assert play(file).problems == ()
