"""What CLIs of arrays print: rows, descriptions, blocks and sizes, as vendors document them."""

import pytest

from drivers.errors import Garbled
from drivers.storage.tables import delimited, described, instances
from drivers.storage.words import human, size_of

pytestmark = pytest.mark.unit


def test_rows_are_parted_as_their_heading_is():
    assert delimited("id:name:size\n0:a b:5\n\n1::6\n") == [
        {"id": "0", "name": "a b", "size": "5"},
        {"id": "1", "name": "", "size": "6"},
    ]
    assert delimited("id  name\n7   x\n") == [{"id": "7", "name": "x"}]
    assert delimited("") == []


def test_a_description_may_name_a_thing_again():
    assert described("id 3\nWWPN 21:00\nstate active\nWWPN 22\nsite_name\n") == [
        ("id", "3"),
        ("WWPN", "21:00"),
        ("state", "active"),
        ("WWPN", "22"),
        ("site_name", ""),
    ]
    assert described("id:3\nname:a b\n") == [("id", "3"), ("name", "a b")]


BLOCKS = """\
last login time : 12 456

        Vserver Name: svm1
          Igroup Name: one
           Initiators: 20:01:00:0c:29:bf:c4:d7 (logged in)
10:00:00:00:c9:d5:b9:6e (not logged in)
iqn.2006-08.com.example:21::0 (not logged in)

        Vserver Name: svm2
          Igroup Name: two
              Comment:
2 entries were displayed.
"""


def test_what_continues_a_value_is_no_name():
    first, second = instances(BLOCKS, first="Vserver Name")
    assert first["Initiators"].splitlines() == [
        "20:01:00:0c:29:bf:c4:d7 (logged in)",
        "10:00:00:00:c9:d5:b9:6e (not logged in)",
        "iqn.2006-08.com.example:21::0 (not logged in)",
    ]
    assert (second["Vserver Name"], second["Igroup Name"]) == ("svm2", "two")


@pytest.mark.parametrize(
    ("text", "base", "size"),
    [
        ("512", 1024, 512),
        ("0B", 1024, 0),
        ("1.00GB", 1024, 1 << 30),
        ("2GiB", 1000, 2 << 30),
        ("99.9GB", 1000, 99_900_000_000),
        ("8.13TB", 1024, round(8.13 * (1 << 40))),
    ],
)
def test_sizes_are_bytes(text, base, size):
    assert size_of(text, base=base) == size


def test_what_is_no_size_is_not_taken_for_one():
    with pytest.raises(Garbled):
        size_of("unlimited")


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 B"), (1536, "1.5 KiB"), (10 << 30, "10 GiB"), (17_000_000, "16.2 MiB"), (None, "of unknown size")],
)
def test_sizes_are_told_as_people_read_them(size, text):
    assert human(size) == text
