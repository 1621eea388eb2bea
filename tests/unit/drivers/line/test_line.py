"""One line: held by one, heard by many, taken over with notice."""

import asyncio
import contextlib
import time

import pytest

from drivers.errors import LineBusy, Unreachable
from drivers.line.holding import Holder
from drivers.line.line import Line
from tests.unit.drivers.line.endpoint import MemoryEndpoint

pytestmark = pytest.mark.unit

AGENT = Holder("agent edge-1")
ANA = Holder("ana", person=True)
BEN = Holder("ben", person=True)


@contextlib.asynccontextmanager
async def line_over(endpoint=None):
    line = Line(endpoint or MemoryEndpoint(), name="con1")
    line.start()
    try:
        yield line
    finally:
        await line.close()


async def test_who_holds_the_line_sends_and_receives():
    end = MemoryEndpoint()
    async with line_over(end) as line, line.hold(AGENT, wait_s=1) as stream:
        await stream.send(b"show version\n")
        end.say(b"sw1#")
        assert await stream.receive() == b"sw1#"
        assert bytes(end.sent) == b"show version\n"
        assert line.holder == AGENT
    assert end.closed


async def test_what_came_before_the_hold_is_for_listeners_only():
    end = MemoryEndpoint()
    async with line_over(end) as line:
        heard = line.listen()
        end.say(b"booted\r\n")
        assert (await anext(heard)).data == b"booted\r\n"
        async with line.hold(AGENT, wait_s=1) as stream:
            end.say(b"sw1#")
            assert await stream.receive() == b"sw1#"


async def test_a_greeting_is_for_the_first_holder_and_for_no_other(monkeypatch):
    monkeypatch.setattr("drivers.line.line._HANGS_UP_S", 0.01)
    end = MemoryEndpoint()
    end.greets = True
    async with line_over(end) as line:
        heard = line.listen()
        end.say(b"login: ")
        assert (await anext(heard)).data == b"login: "
        async with line.hold(AGENT, wait_s=1) as stream:
            assert await stream.receive() == b"login: "
        end.say(b"bye\r\n")
        assert (await anext(heard)).data == b"bye\r\n"
        async with line.hold(ANA, wait_s=1) as stream:
            end.say(b"sw1#")
            assert await stream.receive() == b"sw1#"


async def test_automation_waits_for_a_person_and_is_told_who_it_is():
    async with line_over() as line, line.hold(ANA, wait_s=1):
        with pytest.raises(LineBusy, match="ana has held the line con1 for 0 s"):
            await line.acquire(AGENT, wait_s=0.01)


async def test_the_line_goes_to_the_next_when_it_is_let_go():
    async with line_over() as line:
        held = await line.acquire(ANA, wait_s=1)
        waiting = asyncio.ensure_future(line.acquire(AGENT, wait_s=1))
        await asyncio.sleep(0)
        assert not waiting.done()
        await held.close()
        assert (await waiting).who == AGENT
        assert line.holder == AGENT


async def test_people_come_before_automation():
    async with line_over() as line:
        held = await line.acquire(AGENT, wait_s=1)
        other = asyncio.ensure_future(line.acquire(Holder("agent edge-2"), wait_s=1))
        await asyncio.sleep(0)
        person = asyncio.ensure_future(line.acquire(ANA, wait_s=1))
        await asyncio.sleep(0)
        await held.close()
        assert (await person).who == ANA
        assert not other.done()
        await (await person).close()
        await other


async def test_the_holder_is_told_that_somebody_waits():
    told = []
    async with line_over() as line:
        held = await line.acquire(AGENT, wait_s=1)
        held.on_wanted(told.append)
        waiting = asyncio.ensure_future(line.acquire(ANA, wait_s=1))
        await asyncio.sleep(0)
        assert told == [ANA]
        await held.close()
        await waiting


async def test_a_holder_who_leaves_word_late_is_told_at_once():
    told = []
    async with line_over() as line:
        held = await line.acquire(AGENT, wait_s=1)
        waiting = asyncio.ensure_future(line.acquire(ANA, wait_s=1))
        await asyncio.sleep(0)
        held.on_wanted(told.append)
        assert told == [ANA]
        await held.close()
        await waiting


async def test_a_waiter_that_gives_up_does_not_get_the_line():
    async with line_over() as line:
        held = await line.acquire(ANA, wait_s=1)
        waiting = asyncio.ensure_future(line.acquire(AGENT, wait_s=1))
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        await held.close()
        assert line.holder is None


async def test_a_waiter_that_is_cancelled_as_it_gets_the_line_gives_it_back():
    async with line_over() as line:
        held = await line.acquire(ANA, wait_s=1)
        waiting = asyncio.ensure_future(line.acquire(AGENT, wait_s=1))
        await asyncio.sleep(0)
        await held.close()
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert line.holder is None


async def test_taking_over_ends_the_holders_stream_with_who_it_was():
    end = MemoryEndpoint()
    async with line_over(end) as line, line.hold(ANA, wait_s=1) as stream:
        receiving = asyncio.ensure_future(stream.receive())
        await asyncio.sleep(0)
        async with line.take_over(BEN) as taken:
            with pytest.raises(Unreachable, match="ben took the line over"):
                await receiving
            with pytest.raises(Unreachable, match="ben took the line over"):
                await stream.send(b"reload\n")
            await stream.close()
            assert line.holder == BEN
            await taken.send(b"x")
        assert line.holder is None
    assert bytes(end.sent) == b"x"


async def test_a_write_that_is_taken_over_stops_in_the_middle():
    end = MemoryEndpoint(speed=4800)
    async with line_over(end) as line, line.hold(ANA, wait_s=1) as stream:
        sending = asyncio.ensure_future(stream.send(b"a" * 4000))
        await asyncio.sleep(0)
        line.seize(BEN)
        sent = len(end.sent)
        end.speed = None
        with pytest.raises(Unreachable, match="ben took the line over"):
            await asyncio.wait_for(sending, 5)
        assert len(end.sent) == sent


async def test_everybody_hears_both_directions_and_who_it_was():
    end = MemoryEndpoint()
    async with line_over(end) as line:
        one, two = line.listen(), line.listen()
        async with line.hold(ANA, wait_s=1) as stream:
            await stream.send(b"ls\n")
            end.say(b"ls\r\n")
            for heard in (one, two):
                out, back = await anext(heard), await anext(heard)
                assert (out.direction, out.data, out.holder) == ("out", b"ls\n", "ana")
                assert (back.direction, back.data, back.holder) == ("in", b"ls\r\n", "ana")
                assert back.at_monotonic >= out.at_monotonic


async def test_a_slow_listener_loses_its_oldest_and_is_told():
    end = MemoryEndpoint()
    async with line_over(end) as line:
        slow, quick = line.listen(most_bytes=10), line.listen()
        for data in (b"aaaa", b"bbbb", b"cccc", b"dddd"):
            end.say(data)
        assert [(await anext(quick)).data for _ in range(4)] == [b"aaaa", b"bbbb", b"cccc", b"dddd"]
        first, second = await anext(slow), await anext(slow)
        assert (first.data, first.lost) == (b"cccc", 8)
        assert (second.data, second.lost) == (b"dddd", 0)


async def test_a_listener_that_is_closed_ends():
    async with line_over() as line:
        heard = line.listen()
        heard.close()
        assert [chunk async for chunk in heard] == []


async def test_an_unplugged_line_ends_everything_that_is_on_it():
    end = MemoryEndpoint()
    async with line_over(end) as line:
        heard = line.listen()
        held = await line.acquire(ANA, wait_s=1)
        waiting = asyncio.ensure_future(line.acquire(AGENT, wait_s=1))
        await asyncio.sleep(0)
        end.say(b"last words")
        end.unplug()
        with pytest.raises(Unreachable, match="unplugged"):
            await waiting
        assert await held.receive() == b"last words"
        with pytest.raises(Unreachable, match="unplugged"):
            await held.receive()
        assert (await anext(heard)).data == b"last words"
        with pytest.raises(Unreachable, match="unplugged"):
            await anext(heard)
        assert line.closed
        with pytest.raises(Unreachable, match="unplugged"):
            await line.acquire(AGENT, wait_s=1)


async def test_a_closed_line_ends_its_listeners_quietly():
    async with line_over() as line:
        heard = line.listen()
    assert [chunk async for chunk in heard] == []


async def test_break_and_speed_reach_the_port():
    end = MemoryEndpoint(speed=9600)
    async with line_over(end) as line:
        await line.send_break(0.5)
        await line.set_speed(115200)
        assert (end.breaks, line.speed) == ([0.5], 115200)


async def test_no_more_is_sent_than_the_line_carries():
    end = MemoryEndpoint(speed=38400)
    async with line_over(end) as line, line.hold(AGENT, wait_s=1) as stream:
        begun = time.monotonic()
        await stream.send(b"x" * 400)
        carried = (time.monotonic() - begun) * 3840
        assert len(end.sent) == 400
        assert carried >= 400 - 16 - 1
