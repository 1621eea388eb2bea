"""Every recording of an array, asked as the array, against what another system's tests expect of it."""

import pytest

from tests.recordings.san import CASES, judged
from tests.recordings.shared_data import needs_recordings

pytestmark = [pytest.mark.unit, needs_recordings]


def test_every_array_is_judged():
    assert len(judged()) == len(CASES)


@pytest.mark.parametrize("name", CASES)
def test_all_that_the_other_found_is_found_and_nothing_else_of_it(name):
    (outcome,) = [each for each in judged() if each.name == name]
    assert (outcome.error, outcome.missing, outcome.surplus) == ("", set(), set())
    assert len(outcome.expected) >= 8
