"""Documents that are not what they should be."""

import pytest

from drivers.errors import Garbled
from drivers.vendors.hp_xmldata.reading import parse

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "no XML"),
        (b"<html><body>login</body>", "no XML"),
        (b"<RIMP><HSI><SPN>ProLiant DL380</SPN></HSI></RIMP>", "no enclosure"),
        (b'<!DOCTYPE x [<!ENTITY a "b">]><RIMP><INFRA2/></RIMP>', "entities"),
    ],
)
def test_what_is_no_enclosure_is_refused_with_the_reason(body, why):
    with pytest.raises(Garbled, match=why):
        parse(body)


def test_holes_are_left_as_holes():
    bays, blade = "<BAY NAME='1'/><BAY NAME='2'/>", "<BLADE><BAY><CONNECTION>2</CONNECTION></BAY></BLADE>"
    body = f"<RIMP><INFRA2><BLADES><BAYS>{bays}</BAYS>{blade}</BLADES></INFRA2></RIMP>".encode()
    found = parse(body)
    assert found.slots["1"] is None
    held = found.slots["2"]
    assert held is not None
    assert (held.power, held.serial, held.macs, held.watts) == (None, "", (), None)
