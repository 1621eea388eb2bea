"""What the service has not stored is kept, in order, within bounds; what is lost is said."""

import itertools

import pytest

from agents.console.spool import Spool
from device_profiles.console import Bytes, Mark, pack_bytes, pack_records, unpack_bytes, unpack_records

pytestmark = pytest.mark.unit


def a_spool(**more):
    clock = itertools.count(1_000_000, 100_000)
    return Spool(lambda: next(clock), **more)


def test_records_are_numbered_on_from_what_the_service_has():
    spool = a_spool()
    spool.say(b"a")
    assert spool.first == 0
    spool.begin_after(57)
    spool.mark("note", text="x")
    assert [record.seq for record in spool.after(57)] == [58, 59]
    assert (spool.first, spool.last) == (58, 59)
    spool.begin_after(58)
    assert [record.seq for record in spool.after(58)] == [59]
    spool.stored(59)
    assert spool.after(0) == []
    assert spool.first == 60


def test_a_spool_that_is_full_loses_the_oldest_and_says_how_much():
    spool = a_spool(most_bytes=250)
    spool.begin_after(0)
    for number in range(10):
        spool.say(bytes([65 + number]) * 50)
    lost, *kept = spool.after(0)
    assert isinstance(lost, Mark)
    assert lost.text == "350 bytes were lost while the service was away"
    assert [record.data[:1] for record in kept if isinstance(record, Bytes)] == [b"H", b"I", b"J"]
    assert [record.seq for record in spool.after(0)] == [7, 8, 9, 10]


def test_records_are_the_same_after_the_wire_and_the_disk():
    spool = a_spool()
    spool.say(b"\x00\xff bytes")
    spool.mark("holder", name="ana", person=True, text="ana has the line")
    records = spool.after(0)
    assert unpack_records(pack_records(records)) == records
    assert unpack_bytes(pack_bytes(records[0])) == records[0]
    with pytest.raises(ValueError, match="head"):
        unpack_bytes(b"short")


def test_what_follows_closely_is_one_record_until_it_was_handed_out():
    clock = iter([1_000_000, 1_010_000, 1_020_000, 1_030_000, 1_200_000])
    spool = Spool(lambda: next(clock))
    spool.begin_after(0)
    for piece in (b"a", b"b"):
        spool.say(piece)
    assert [(record.seq, record.data) for record in spool.after(0)] == [(1, b"ab")]
    for piece in (b"c", b"d", b"e"):
        spool.say(piece)
    assert [(record.seq, record.data) for record in spool.after(1)] == [(2, b"cd"), (3, b"e")]
