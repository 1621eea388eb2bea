"""Every SNMP recording of a PDU, replayed and probed, against what another system's discovery made of it."""

import pytest

from tests.recordings.judging import scores
from tests.recordings.pdus import cases, judged
from tests.recordings.shared_data import needs_recordings

pytestmark = [pytest.mark.unit, needs_recordings]


@pytest.mark.parametrize("kind", ["outlets", "power", "measures"])
def test_all_that_the_other_found_is_found(kind):
    assert scores(judged())[kind].recall == 1.0


def test_each_difference_was_explained():
    assert [(outcome.name, outcome.error, outcome.unexplained) for outcome in judged() if not outcome.read] == []


def test_every_pdu_is_judged():
    assert len(judged()) == len(cases()) == 22
