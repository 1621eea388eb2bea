"""The blade's inventory is one that a reader accepts."""

import pytest

from pointsman.lab.blades import fru_data

pytestmark = pytest.mark.unit


def test_every_area_of_the_inventory_sums_to_zero_and_says_its_length() -> None:
    size, _, text = fru_data("blade1", serial="LAB-B1").partition(" data ")
    data = bytes(int(word, 16) for word in text.split())
    assert len(data) == int(size)
    assert sum(data[:8]) % 256 == 0
    board, product = data[3] * 8, data[4] * 8
    assert board + data[board + 1] * 8 == product
    assert product + data[product + 1] * 8 == len(data)
    for area in (data[board:product], data[product:]):
        assert sum(area) % 256 == 0
        assert len(area) % 8 == 0
        assert b"LAB-B1" in area
