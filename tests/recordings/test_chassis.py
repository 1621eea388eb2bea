"""What a c7000 tells of itself in XML, beside what another system's tests expect, and what only the document says."""

import pytest

from drivers.vendors.hp_xmldata.reading import parse
from tests.recordings.chassis import judged
from tests.recordings.shared_data import FOLDER, needs_recordings

pytestmark = [pytest.mark.unit, needs_recordings]


def test_all_that_was_expected_is_found_and_nothing_else():
    assert [(outcome.missing, outcome.surplus) for outcome in judged()] == [(set(), set())]


def test_slots_hold_blades_with_their_marks_and_empty_ones_are_slots():
    found = parse((FOLDER / "chassis" / "hp-c7000-oa" / "xmldata.xml").read_bytes())
    assert list(found.slots) == [str(number) for number in range(1, 17)]
    blades = {slot: blade for slot, blade in found.slots.items() if blade is not None}
    assert list(blades) == ["1", "2", "3", "4", "5", "6", "7"]
    assert {blade.power for blade in blades.values()} == {"on"}
    assert blades["3"].serial == "CZ3403YLMV"
    assert blades["1"].macs == ("8c:dc:d4:1c:5a:b0", "8c:dc:d4:1c:5a:b8")
    assert all(blade.uuid and blade.product_name.startswith("ProLiant") for blade in blades.values())
