"""Blocking calls in threads: deadlines, slots, cancellation."""

import asyncio
import threading

import pytest

from drivers.errors import Crowded, Unreachable
from drivers.libraries.pool import Pool

pytestmark = pytest.mark.unit


class Wire:
    """What a call waits for, until it is cut or answered."""

    def __init__(self):
        self.ended = threading.Event()
        self.cuts = 0
        self.begun = threading.Event()

    def work(self):
        self.begun.set()
        self.ended.wait(5)
        return "answer"

    async def cut(self):
        self.cuts += 1
        self.ended.set()

    async def unheard(self):
        self.cuts += 1


async def ended(pool):
    while pool.usage.taken:  # noqa: ASYNC110 -- threads end when they like
        await asyncio.sleep(0)


def call(pool, wire, *, device="sw1", timeout_s=5.0, cut=None):
    return pool.call(wire.work, device=device, timeout_s=timeout_s, cut=cut or wire.cut, doing="'show version'")


async def begun(pool, wire, **more):
    task = asyncio.create_task(call(pool, wire, **more))
    await asyncio.to_thread(wire.begun.wait, 5)
    return task


async def test_a_call_gives_its_result_and_its_slot_back():
    pool, wire = Pool("library"), Wire()
    wire.ended.set()
    assert await call(pool, wire) == "answer"
    assert (pool.usage.taken, wire.cuts) == (0, 0)


async def test_what_a_call_raises_is_raised():
    def work():
        raise KeyError("x")

    pool, wire = Pool("library"), Wire()
    with pytest.raises(KeyError):
        await pool.call(work, device="sw1", timeout_s=5.0, cut=wire.cut, doing="x")
    assert (pool.usage.taken, wire.cuts) == (0, 0)


async def test_a_call_that_takes_too_long_is_cut_from_outside():
    pool, wire = Pool("library"), Wire()
    with pytest.raises(Unreachable, match=r"no answer to 'show version' in 0\.01 s"):
        await call(pool, wire, timeout_s=0.01)
    assert wire.cuts == 1
    await ended(pool)
    assert pool.usage.overdue == 0


async def test_a_cancelled_caller_leaves_no_call_behind():
    pool, wire = Pool("library"), Wire()
    task = await begun(pool, wire)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert wire.cuts == 1
    await ended(pool)


async def test_who_finds_no_slot_waits_for_one():
    pool, first, second = Pool("library", slots=1), Wire(), Wire()
    second.ended.set()
    task = await begun(pool, first)
    waiting = asyncio.create_task(call(pool, second, device="sw2"))
    await asyncio.sleep(0)
    assert pool.usage.waiting == 1
    first.ended.set()
    assert [await task, await waiting] == ["answer", "answer"]
    await ended(pool)


async def test_who_waits_for_a_slot_too_long_is_told_so():
    pool, first, second = Pool("library", slots=1), Wire(), Wire()
    task = await begun(pool, first)
    with pytest.raises(Crowded, match="no thread of the 1 for library was free"):
        await call(pool, second, device="sw2", timeout_s=0.01)
    assert not second.begun.is_set()
    assert (pool.usage.refused, pool.usage.waiting) == (1, 0)
    first.ended.set()
    await task


async def test_a_device_whose_calls_do_not_end_takes_no_more_than_its_own_slots():
    pool, hung, other = Pool("library", slots=3), Wire(), Wire()
    for _ in range(2):
        with pytest.raises(Unreachable):
            await call(pool, hung, timeout_s=0.01, cut=hung.unheard)
    assert pool.usage.overdue == 2
    with pytest.raises(Crowded, match="earlier calls to the device have not ended"):
        await call(pool, hung, timeout_s=0.01)
    other.ended.set()
    assert await call(pool, other, device="sw2") == "answer"
    hung.ended.set()
    await ended(pool)
    assert pool.usage.overdue == 0


async def test_a_waiter_that_gave_up_keeps_no_slot():
    pool, first, second, third = Pool("library", slots=1), Wire(), Wire(), Wire()
    task = await begun(pool, first)
    waiting = asyncio.create_task(call(pool, second, device="sw2"))
    await asyncio.sleep(0)
    waiting.cancel()
    first.ended.set()
    third.ended.set()
    await asyncio.wait({task, waiting})
    assert await call(pool, third, device="sw3") == "answer"
    await ended(pool)
