"""Every recording of NAPALM's getters that can be asked as we ask, and what our driver makes of it."""

import pytest

from tests.recordings.napalm_answers import GETTERS, NAPALM, Case, cases
from tests.recordings.napalm_judging import compared
from tests.recordings.shared_data import needs_recordings

pytestmark = [pytest.mark.unit, needs_recordings]

CASES = [case for getter in GETTERS for case in cases(getter)] or [Case("absent", "absent", NAPALM)]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_what_a_getter_tells_is_told(case):
    found, expected = await compared(case)
    assert found == expected


def test_every_getter_that_the_driver_asks_is_judged():
    assert all(cases(getter) for getter in GETTERS)
