"""A shared console at the service: the same bytes for all, one writer, and a transcript that nothing tears."""

import asyncio
import contextlib
import dataclasses
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import orjson
import pytest
import sqlalchemy as sa
from websockets.exceptions import InvalidStatus

from device_profiles.console import Break, Hold, Release
from proxy_service.consoles import room
from proxy_service.consoles.watching import MOST_BEHIND_BYTES, MOST_MESSAGES, Over, Watcher
from proxy_service.housekeeping import forget
from proxy_service.store import Cause
from proxy_service.store import tables as t
from tests.unit.proxy_service.consoles import Line, a_line, a_person, serving
from tests.unit.proxy_service.site import Agent, Json, Site
from tests.unit.proxy_service.streams import a_served_site

pytestmark = pytest.mark.unit

VERBS = ("HOLD", "RELEASE")
LONG_AGO = "2020-01-01T00:00:00.000000Z"


@pytest.fixture
def folder(tmp_path: Path, empty_database: Path) -> Path:
    shutil.copy(empty_database, tmp_path / "pointsman.db")
    return tmp_path


@pytest.fixture(autouse=True)
def looked_after_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "_TICK_S", 0.02)


@pytest.fixture
async def site(folder: Path) -> AsyncIterator[Site]:
    async with a_served_site(folder) as found:
        yield found


@pytest.fixture
async def line(site: Site) -> AsyncIterator[Line]:
    async with a_line(site) as found:
        yield found


async def cast(site: Site, number: str = "latest") -> list[Any]:
    """A transcript's events."""
    answer = await site.admin.ask("GET", f"nodes/sw1/console/transcripts/{number}")
    assert answer.headers["content-type"].startswith("application/x-asciicast")
    header, *events = [orjson.loads(text) for text in answer.text.splitlines()]
    assert header["version"] == 2
    return events


def shown(events: list[Any]) -> str:
    return "".join(data for _, code, data in events if code == "o")


async def test_three_readers_and_one_writer_see_the_same_bytes(site: Site, line: Line) -> None:
    reader = await site.caller("console:read", owner="reader")
    async with (
        a_person(site, query="?write=1") as writer,
        a_person(site, reader) as one,
        a_person(site, reader) as two,
        a_person(site, reader) as three,
    ):
        await writer.writes()
        await writer.type(b"vlan/print\r")
        await line.until(lambda it: it.typed == b"vlan/print\r")
        await line.says(b"\r\n1000 Success\r\nvde$ \xe2\x82\xac")
        for person in (writer, one, two, three):
            await person.shows(b"\xe2\x82\xac")
        assert writer.seen == one.seen == two.seen == three.seen
        await one.type(b"no")
        assert (await one.tells("error"))["reason"] == "NotWriting"
        await one.say("write")
        assert (await one.tells("error"))["reason"] == "Forbidden"
    assert b"no" not in line.typed


async def test_who_comes_later_sees_what_was_said_and_who_is_there(site: Site, line: Line) -> None:
    async with a_person(site, query="?write=1") as first:
        await first.writes()
        await line.says(b"before")
        await first.shows(b"before")
        async with a_person(site) as second:
            opened = await second.tells("open")
            await second.tells("live")
            assert second.seen == b"before"
            assert opened["scrollback"] == {"from": 0, "to": 6}
            assert (opened["writer"]["who"], opened["holder"]) == ("admin", {"name": "admin", "person": True})
            assert [person["writes"] for person in opened["watchers"]] == [True, False]
        assert len((await first.tells("watchers"))["watchers"]) == 2


async def test_a_take_over_is_seen_by_all_and_ends_the_others_writing(site: Site, line: Line) -> None:
    alice = await site.caller("console:read", "console:write", owner="alice")
    bob = await site.caller("console:read", "console:write", owner="bob")
    async with a_person(site, alice) as a, a_person(site, bob) as b, a_person(site) as c:
        await a.say("write")
        await a.writes()
        await b.say("write")
        error = await b.tells("error", reason="Held")
        assert "alice" in error["message"]
        await b.say("take_over")
        for person in (a, b, c):
            told = await person.tells("writer", took_over_from="alice")
            assert told["writer"]["who"] == "bob"
        await b.tells("holder", holder={"name": "bob", "person": True})
        await a.type(b"mine")
        assert (await a.tells("error"))["reason"] == "NotWriting"
        await b.type(b"yours")
        await line.until(lambda it: it.typed == b"yours")
        await b.say("break")
        await line.until(lambda it: it.said[-1] == Break())
        await b.say("release")
        await line.until(lambda it: it.said[-1] == Release())
        assert (await c.tells("writer", writer=None))["was"] == "bob"
    holds = [said for said in line.said if isinstance(said, Hold)]
    assert [(said.who, said.take) for said in holds] == [("alice", False), ("bob", True)]
    with site.hub.store.changed.watching("audit") as watch:
        while len(told := await deeds(site)) < 4:
            await watch.wait(5)
    assert told == [
        ("HOLD", "alice", "done"),
        ("RELEASE", "alice", "taken-over"),
        ("HOLD", "bob", "done"),
        ("RELEASE", "bob", "released"),
    ]


async def deeds(site: Site) -> list[tuple[str, str, str]]:
    """Who wrote when, by the audit, the oldest first."""
    rows = (await site.admin.get("audit", node="sw1"))["items"]
    return [(row["method"], row["owner"], row["outcome"]) for row in reversed(rows) if row["method"] in VERBS]


async def test_a_writer_who_leaves_or_types_nothing_writes_no_more(folder: Path) -> None:
    async with a_served_site(folder, console_idle_s=0.05) as site, a_line(site) as line:
        async with a_person(site) as reader:
            async with a_person(site, query="?write=1") as writer:
                await writer.writes()
            assert (await reader.tells("writer", writer=None))["why"] in ("left", "idle")
            await reader.say("write")
            await reader.tells("writer", writer=None, why="idle")
        await line.until(lambda it: it.said[-1] == Release())


async def test_a_restart_of_the_service_loses_no_transcript(folder: Path) -> None:
    async with a_served_site(folder) as site, a_line(site) as line:
        async with a_person(site, query="?write=1") as person:
            await person.writes()
            await line.says(b"one ")
            await person.shows(b"one ")
        await line.until(lambda it: not it.kept)
        stream = line.stream
    await line.says(b"two ")
    async with a_served_site(folder) as site:
        line.site, line.agent = site, Agent(site.http, line.agent.token, "agent-a")
        async with serving(line), dialling(line):
            async with a_person(site) as person:
                opened = await person.tells("open")
                await line.says(b"three")
                await person.shows(b"one two three")
                assert opened["transcript"] == stream
            await line.until(lambda it: not it.kept)
            assert shown(await cast(site)) == "one two three"
            assert len((await site.admin.get("nodes/sw1/console/transcripts"))["items"]) == 1


@contextlib.asynccontextmanager
async def dialling(line: Line) -> AsyncIterator[None]:
    """The agent dials again by itself, as it does when its stream broke."""
    task = asyncio.create_task(line.dial())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_an_agent_that_is_lost_and_back_goes_on_without_a_gap(site: Site, line: Line) -> None:
    async with a_person(site) as person:
        await line.says(b"one ")
        await person.shows(b"one ")
        await line.socket.close()
        await person.tells("agent", connected=False)
        await line.says(b"two ")
        async with dialling(line):
            await person.tells("agent", connected=True)
            await line.says(b"three")
            await person.shows(b"one two three")
            await line.until(lambda it: not it.kept)
        assert shown(await cast(site)) == "one two three"


async def test_a_console_is_refused_at_once_and_says_why(site: Site) -> None:
    async def refused(node: str = "sw1", caller: Any = None, query: str = "") -> Json:
        with pytest.raises(InvalidStatus) as error:
            async with a_person(site, caller, node=node, query=query):
                pass
        return orjson.loads(error.value.response.body)

    await site.rack("sw1")
    assert (await refused())["type"] == "/problems/agent-away"
    assert (await refused("sw9"))["type"] == "/problems/not-found"
    assert (await refused(caller=await site.caller("read")))["scope"] == "console:read"
    assert (await refused(query="?ticket=pt_ab_cd"))["status"] == 401
    line = Line(site, await site.agent())
    line.refuses = {"ok": False, "reason": "NoConsole", "message": "sw1 has no line"}
    async with serving(line):
        problem = await refused()
    assert (problem["type"], problem["status"], problem["detail"]) == ("/problems/no-console", 409, "sw1 has no line")


async def test_a_slot_has_a_console_and_transcripts_of_its_own(site: Site, line: Line) -> None:
    async with a_person(site, query="?slot=3&write=1") as person:
        assert (await person.tells("open"))["slot"] == "3"
        await person.writes()
        await line.says(b"blade 3")
        await person.shows(b"blade 3")
        await line.until(lambda it: not it.kept)
    assert line.slot == "3"
    (found,) = (await site.admin.get("nodes/sw1/console/transcripts"))["items"]
    assert (found["node"], found["slot"]) == ("sw1", "3")
    for slot, count in (("3", 1), ("4", 0)):
        assert len((await site.admin.get("nodes/sw1/console/transcripts", slot=slot))["items"]) == count
    assert (await site.admin.refused("GET", "nodes/sw1/console/transcripts/latest"))["status"] == 404
    said = await site.admin.ask("GET", "nodes/sw1/console/transcripts/latest?slot=3")
    assert "blade 3" in said.text
    assert "slot 3 of sw1" in said.text
    assert shown(await cast(site, found["id"])) == "blade 3"
    events = [row["path"] for row in (await site.admin.get("audit", node="sw1"))["items"] if row["method"] == "HOLD"]
    assert events == ["/v1/nodes/sw1/console?slot=3"]


@pytest.mark.parametrize(
    ("slot", "kind", "says"),
    [
        ("a/b", "invalid-document", "slot is not the name of a slot: letters, digits and ._- within"),
        ("3" * 60, "no-console", "together these names have more than 62 characters"),
    ],
)
async def test_a_console_of_a_slot_is_refused_in_one_sentence(site: Site, slot: str, kind: str, says: str) -> None:
    await site.rack("sw1")
    problem = await refused(site, slot)
    assert problem["type"] == f"/problems/{kind}"
    assert problem["detail"].endswith(says)


async def test_an_agent_that_knows_no_slots_shows_nobody_the_nodes_own_console_instead(site: Site, line: Line) -> None:
    line.knows_slots = False
    assert (await refused(site, "3"))["detail"] == "the agent agent-a is too old for consoles of slots: update it"


async def refused(site: Site, slot: str) -> Json:
    with pytest.raises(InvalidStatus) as error:
        async with a_person(site, query=f"?slot={slot}"):
            pass
    return orjson.loads(error.value.response.body)


async def test_a_ticket_opens_one_console_once(site: Site, line: Line) -> None:
    reader = await site.caller("console:read", owner="reader")
    made = await reader.post("nodes/sw1/console/tickets", headers={"idempotency-key": "k"})
    secret = made["token"].split("_", 2)[2]  # it may hold one itself
    for table in (t.idempotency, t.tickets):
        kept = await site.hub.store.view(lambda rows, table=table: rows.all(sa.select(table)))
        assert kept
        assert secret not in str(kept)
    nobody = await site.caller("read")
    async with a_person(site, nobody, query=f"?ticket={made['token']}") as person:
        opened = await person.tells("open")
        assert opened["watchers"][0]["who"] == "reader"
        with pytest.raises(InvalidStatus):
            async with a_person(site, nobody, query=f"?ticket={made['token']}"):
                pass
    assert (await nobody.refused("POST", "nodes/sw1/console/tickets"))["scope"] == "console:read"
    assert (await reader.refused("POST", "nodes/sw9/console/tickets"))["status"] == 404
    late = await reader.post("nodes/sw1/console/tickets")
    await site.alter(sa.update(t.tickets).values(expires_at=LONG_AGO))
    with pytest.raises(InvalidStatus):
        async with a_person(site, nobody, query=f"?ticket={late['token']}"):
            pass


async def test_a_token_of_some_labels_writes_only_on_nodes_that_bear_them(site: Site, line: Line) -> None:
    mine = await site.caller("console:read", "console:write", limits={"labels": {"team": "a"}})
    async with a_person(site, mine) as person:
        await person.say("write")
        assert (await person.tells("error"))["reason"] == "Forbidden"


async def test_a_console_ends_when_nobody_watches(folder: Path) -> None:
    async with a_served_site(folder, console_linger_s=0.2) as site, a_line(site) as line:
        async with a_person(site) as person:
            await line.says(b"x")
            await person.shows(b"x")
        await line.until(lambda it: it.said and it.said[-1].type == "end")
        while (await site.admin.get("nodes/sw1/console/transcripts"))["items"][0]["ended_at"] is None:
            pass
        (found,) = (await site.admin.get("nodes/sw1/console/transcripts"))["items"]
        assert (found["reason"], found["bytes"], found["line"]) == ("unwatched", 1, "line")


async def test_people_are_told_when_the_agent_does_not_come_back(folder: Path) -> None:
    async with a_served_site(folder, console_lost_s=0.0) as site, a_line(site) as line, a_person(site) as person:
        await person.tells("live")
        await line.socket.close()
        assert (await person.tells("end"))["reason"] == "AgentAway"
        assert await person.ended() == 4410


async def test_a_revoked_token_ends_its_console(site: Site, line: Line) -> None:
    caller = await site.caller("console:read")
    async with a_person(site, caller) as person, a_person(site) as other:
        await person.tells("live")
        await site.admin.delete(f"tokens/{caller.token.split('_')[1]}")
        assert await person.ended() == 4401
        while len((await other.tells("watchers"))["watchers"]) > 1:
            pass


async def test_marks_are_markers_of_the_transcript_and_typing_is_not_in_it(site: Site, line: Line) -> None:
    line.echo = False
    async with a_person(site, query="?write=1") as person:
        await person.writes()
        await line.says(b"Password: ")
        await person.shows(b"Password: ")
        await person.type(b"hunter2\r")
        await line.until(lambda it: it.typed == b"hunter2\r")
        await line.says(b"\r\nsw1#")
        await person.shows(b"sw1#")
        await line.until(lambda it: not it.kept)
    events = await cast(site)
    assert next(data for _, code, data in events if code == "m") == "admin has the line"
    assert shown(events) == "Password: \r\nsw1#"
    assert [time for time, _, _ in events] == sorted(time for time, _, _ in events)
    assert (await site.admin.refused("GET", "nodes/sw1/console/transcripts/abc"))["status"] == 404


async def test_old_and_too_large_transcripts_are_forgotten(site: Site, line: Line) -> None:
    async with a_person(site) as person:
        for word in (b"one ", b"two ", b"three "):
            await line.says(word)
            await line.until(lambda it: not it.kept)
        await person.shows(b"three ")
    keep = dataclasses.replace(site.settings, transcript_bytes_kept=11)
    await site.hub.store.unit(Cause(action="test"), forget, keep)
    assert shown(await cast(site)) == "two three "
    await site.alter(sa.update(t.transcripts).values(last_at=LONG_AGO))
    await site.hub.store.unit(Cause(action="test"), forget, keep)
    assert (await site.admin.get("nodes/sw1/console/transcripts"))["items"] == []


async def test_a_slow_reader_loses_the_oldest_and_is_told(site: Site) -> None:
    caller = await site.hub.doorkeeper.caller(f"Bearer {site.admin.token}")
    watcher = Watcher("1", caller, may_write=False)
    watcher.tell({"type": "live"})
    for number in range(10):
        watcher.hear(bytes([number]) * (MOST_BEHIND_BYTES // 8))
    assert await watcher.next() == {"type": "lost", "bytes": 2 * (MOST_BEHIND_BYTES // 8)}
    assert await watcher.next() == {"type": "live"}
    first = await watcher.next()
    assert isinstance(first, bytes)
    assert first[0] == 2


async def test_a_reader_who_does_not_read_holds_up_nobody(site: Site, line: Line) -> None:
    block = b"x" * (64 << 10)
    async with a_person(site) as slow, a_person(site) as quick:
        async with asyncio.TaskGroup() as reading:
            reading.create_task(quick.shows(b"the end"))
            for _ in range(64):
                await line.says(block)
            await line.says(b"the end")
        assert len(quick.seen) == 64 * len(block) + len(b"the end")
        await slow.shows(b"the end")
        missing = sum(message["bytes"] for message in slow.told if message["type"] == "lost")
        assert len(slow.seen) + missing == len(quick.seen)
        await line.until(lambda it: not it.kept)


async def test_who_asks_and_never_listens_is_sent_away(site: Site) -> None:
    caller = await site.hub.doorkeeper.caller(f"Bearer {site.admin.token}")
    watcher = Watcher("1", caller, may_write=False)
    for _ in range(MOST_MESSAGES + 1):
        watcher.tell({"type": "error"})
    assert await watcher.next() == Over(4410, "too much was left unread")


async def test_the_console_of_a_node_that_is_deleted_ends(site: Site, line: Line, monkeypatch: Any) -> None:
    monkeypatch.setattr(room, "_CALL_S", 0.0)
    async with a_person(site) as person:
        await person.tells("live")
        await site.admin.delete("nodes/sw1")
        await line.socket.close()
        assert "was deleted" in (await person.tells("end"))["message"]


async def test_who_comes_while_a_console_ends_gets_a_new_one(folder: Path) -> None:
    async with a_served_site(folder, console_lost_s=0.0) as site, a_line(site) as line, a_person(site) as person:
        first = (await person.tells("open"))["transcript"]
        await line.socket.close()
        await person.tells("end")
        async with a_person(site) as again:
            second = (await again.tells("open"))["transcript"]
            await line.says(b"new")
            await again.shows(b"new")
    assert first != second
