"""The way to the service over HTTP: what its answers mean, and what comes out of its stream of events."""

import asyncio
import contextlib

import pytest

from agents.client import NotWelcome, Refused, ServiceAway, ServiceClient
from device_profiles.sse import BadStream, Event, EventParser
from device_profiles.wire import Answer, Enrolment

pytestmark = pytest.mark.unit


class TestEvents:
    def parsed(self, *pieces: bytes) -> list[Event]:
        parser = EventParser()
        return [event for piece in pieces for event in parser.feed(piece)]

    WHOLE = b'id: 7\nevent: assignment\ndata: {"a": 1}\n\n'

    def test_an_event(self):
        assert self.parsed(self.WHOLE) == [Event("7", "assignment", b'{"a": 1}')]

    def test_an_event_in_any_pieces(self):
        for size in range(1, len(self.WHOLE)):
            pieces = [self.WHOLE[i : i + size] for i in range(0, len(self.WHOLE), size)]
            assert self.parsed(*pieces) == [Event("7", "assignment", b'{"a": 1}')]

    def test_lines_may_end_as_they_do_on_other_systems(self):
        assert self.parsed(self.WHOLE.replace(b"\n", b"\r\n")) == [Event("7", "assignment", b'{"a": 1}')]

    def test_comments_and_unknown_fields_are_nothing(self):
        assert self.parsed(b": keep\n\n: keep\n\nretry: 5\n\n") == []

    def test_several_lines_of_data_are_one_and_a_number_holds_until_the_next(self):
        assert self.parsed(b"id: 3\ndata: a\ndata:b\n\n", b"data: c\n\n") == [
            Event("3", "message", b"a\nb"),
            Event("3", "message", b"c"),
        ]

    def test_an_event_without_end_is_an_error_and_not_all_of_the_memory(self, monkeypatch):
        monkeypatch.setattr("device_profiles.sse.LARGEST_EVENT_BYTES", 1000)
        with pytest.raises(BadStream):
            self.parsed(*[b"x" * 100] * 20)
        with pytest.raises(BadStream):
            self.parsed(*[b"data: " + b"x" * 100 + b"\n"] * 20)


@contextlib.asynccontextmanager
async def answering(folder, *answers: bytes):
    """A server that gives canned answers to whatever is asked; and what was asked."""
    asked: list[bytes] = []
    left = list(answers)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while left:
                head = await reader.readuntil(b"\r\n\r\n")
                lengths = [int(line[15:]) for line in head.split(b"\r\n") if line[:15].lower() == b"content-length:"]
                asked.append(head + await reader.readexactly(sum(lengths)))
                writer.write(left.pop(0))
                await writer.drain()
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()

    path = folder / "s.sock"
    server = await asyncio.start_unix_server(serve, path)
    client = ServiceClient(f"unix:{path}", timeout_s=2.0)
    client.token = "token"
    try:
        yield client, asked
    finally:
        await client.close()
        server.close()
        await server.wait_closed()


def http(status: int, body: bytes = b"", kind: str = "application/json") -> bytes:
    head = f"HTTP/1.1 {status} x\r\ncontent-type: {kind}\r\ncontent-length: {len(body)}\r\n\r\n"
    return head.encode() + body


async def test_reports_go_with_the_agents_own_token_over_a_unix_socket(tmp_path):
    body = b'{"last_seq": 5, "wanted": [{"node": "sw1", "part": "facts"}], "new": 1}'
    async with answering(tmp_path, http(200, body)) as (client, asked):
        stored = await client.send_reports("a1", b'{"schema":1}')
    assert (stored.last_seq, stored.wanted[0].part) == (5, "facts")
    assert asked[0].startswith(b"POST /v1/agents/a1/reports ")
    assert b"authorization: bearer token" in asked[0].lower()
    assert asked[0].endswith(b'{"schema":1}')


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (401, NotWelcome), (403, NotWelcome), (404, NotWelcome), (422, Refused), (413, Refused), (409, Refused),
        (429, ServiceAway), (500, ServiceAway), (503, ServiceAway), (302, ServiceAway),
    ],
)  # fmt: skip
async def test_what_a_status_means(tmp_path, status, error):
    body = b'{"detail": "this is why\\u001b[31m"}'
    async with answering(tmp_path, http(status, body, "application/problem+json")) as (client, _):
        with pytest.raises(error, match=r"^this is why\\x1b\[31m$"):
            await client.send_answer("a1", "r1", Answer(ok=True))


@pytest.mark.parametrize("answer", [http(200, b"<html>"), http(200, b"{}"), b"nonsense\r\n\r\n", b""])
async def test_nonsense_is_a_service_that_is_not_well(tmp_path, answer):
    async with answering(tmp_path, answer) as (client, _):
        with pytest.raises(ServiceAway):
            await client.send_reports("a1", b"{}")


async def test_nobody_there(tmp_path):
    client = ServiceClient(f"unix:{tmp_path / 'none'}")
    with pytest.raises(ServiceAway):
        await client.enrol(Enrolment(schema=1, name="a", location="l", version="1"), join_token="t")
    await client.close()


async def test_enrolment_shows_the_join_token_and_brings_the_agents_own(tmp_path):
    body = b'{"schema": 1, "agent": "a1", "token": "own", "fence": 2}'
    async with answering(tmp_path, http(201, body)) as (client, asked):
        enrolled = await client.enrol(Enrolment(schema=1, name="a1", location="l", version="1"), join_token="join")
    assert (enrolled.token, enrolled.fence) == ("own", 2)
    assert b"authorization: bearer join" in asked[0].lower()


async def test_a_stream_is_resumed_after_the_last_event_and_its_end_is_its_end(tmp_path):
    stream = b"HTTP/1.1 200 x\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n" + TestEvents.WHOLE
    async with answering(tmp_path, stream) as (client, asked), client.assignments("a1", after="6") as events:
        assert [event.id async for event in events] == ["7"]
    assert b"last-event-id: 6" in asked[0].lower()


async def test_a_stream_that_is_refused(tmp_path):
    async with answering(tmp_path, http(401, b'{"detail": "who are you"}')) as (client, _):
        with pytest.raises(NotWelcome, match="who are you"):
            async with client.assignments("a1", after=""):
                raise AssertionError
