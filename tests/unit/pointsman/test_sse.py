"""Server-sent events come out of bytes whole, however they are cut."""

from collections.abc import AsyncIterator

import pytest

from pointsman.sse import ServerEvent, parse_events

pytestmark = pytest.mark.unit


async def events_of(*chunks: bytes) -> list[ServerEvent]:
    async def stream() -> AsyncIterator[bytes]:
        for chunk in chunks:
            yield chunk

    return [event async for event in parse_events(stream())]


async def test_an_event_has_its_id_its_name_and_its_data() -> None:
    (event,) = await events_of(b'id: 7\nevent: pass.finished\ndata: {"node": "sw1"}\n\n')
    assert (event.id, event.name, event.data) == ("7", "pass.finished", {"node": "sw1"})


async def test_it_does_not_matter_where_the_bytes_are_cut() -> None:
    whole = b': keep\n\nid: 1\ndata: {"a":\ndata: "\xc3\xa4"}\r\n\nid: 2\ndata: 3\n\n'
    expected = await events_of(whole)
    assert [event.data for event in expected] == [{"a": "ä"}, 3]
    for cut in range(len(whole)):
        assert await events_of(whole[:cut], whole[cut:]) == expected


async def test_characters_that_other_people_call_line_ends_end_no_event() -> None:
    (event,) = await events_of('data: "a\u2028b\x85c\x0bd"\n\n'.encode().replace(b"\x0b", b"\\u000b"))
    assert event.data == "a\u2028b\x85c\x0bd"


async def test_half_an_event_at_the_end_is_none() -> None:
    assert await events_of(b"id: 3\ndata: 1\n") == []
