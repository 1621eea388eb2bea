"""Every recorded tree of Redfish resources, replayed and probed, against what stands in it."""

import pytest

from tests.recordings.redfish import cases, judged
from tests.recordings.shared_data import needs_recordings

pytestmark = [pytest.mark.unit, needs_recordings]


def test_slots_blades_serials_power_and_macs_are_found_and_nothing_else():
    seen = [(each.name, each.error, each.missing, each.surplus) for each in judged() if not each.read]
    assert seen == []


def test_every_tree_is_judged():
    assert len(judged()) == len(cases()) == 6
