"""Whole sites through the graph's own code, against what another engine made of the same walks."""

import pytest

from tests.recordings.shared_data import needs_recordings
from tests.recordings.sites import judged

pytestmark = [pytest.mark.unit, needs_recordings]


def test_each_difference_of_a_site_was_explained():
    assert [(site.name, sorted(site.missing), sorted(site.surplus)) for site in judged() if not site.explained] == []


def test_a_site_whose_devices_were_all_recorded_knows_each_of_its_neighbours():
    whole = {site.name: site for site in judged()}["nms8003"]
    assert (whole.recall, whole.precision) == (1.0, 1.0)
    assert whole.managed == whole.found
    assert {(b, q, a, p) for _, a, p, b, q in whole.found} == {(a, p, b, q) for _, a, p, b, q in whole.found}
