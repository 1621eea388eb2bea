"""Inventories that ipmitool printed, read by our parsers, against what another system's tests expect of them."""

import pytest

from tests.recordings.ipmi import judged
from tests.recordings.judging import scores
from tests.recordings.shared_data import needs_recordings

pytestmark = [pytest.mark.unit, needs_recordings]


@pytest.mark.parametrize("kind", ["parts", "macs", "components"])
def test_all_that_the_other_found_is_found_and_nothing_else(kind):
    score = scores(judged())[kind]
    assert (score.recall, score.precision) == (1.0, 1.0)
    assert score.expected > 0


def test_each_difference_was_explained():
    assert [(outcome.name, outcome.missing, outcome.surplus) for outcome in judged() if not outcome.read] == []
