"""Nothing is sent under a condition that does not hold any more, whoever sends it."""

import asyncio
import socket

import pytest

from drivers.errors import DeviceError, Transient
from drivers.libraries.bridge import Bridge, BridgeClosed
from drivers.libraries.pool import Pool
from drivers.sending import may_send, only_while
from drivers.transports._tcp import Stream

pytestmark = pytest.mark.unit


class Late(Transient):
    """Too late."""


class Condition:
    holds = True

    def check(self) -> None:
        if not self.holds:
            raise Late("too late")


class Line:
    """A byte stream in memory that asks like a transport."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.closed = asyncio.Event()

    async def send(self, data: bytes) -> None:
        may_send()
        self.sent.append(data)

    async def receive(self) -> bytes:
        await self.closed.wait()
        return b""

    async def close(self) -> None:
        self.closed.set()


async def test_a_transport_sends_while_the_condition_holds_and_not_one_byte_more():
    ours, theirs = socket.socketpair()
    with theirs:
        theirs.setblocking(False)
        stream, condition = Stream(*await asyncio.open_connection(sock=ours)), Condition()
        with only_while(condition.check):
            await stream.send(b"one")
            condition.holds = False
            with pytest.raises(Late):
                await stream.send(b"two")
        await stream.send(b"three")
        await stream.close()
        assert theirs.recv(100) == b"onethree"


async def test_a_thread_of_a_library_sends_under_the_condition_of_its_call():
    line, condition, pool = Line(), Condition(), Pool("library")
    bridge = Bridge(line)

    def work() -> None:
        bridge.send(b"one")
        condition.holds = False
        bridge.send(b"two")

    with only_while(condition.check), pytest.raises(BridgeClosed):
        await pool.call(work, device="sw1", timeout_s=5.0, cut=bridge.close, doing="two commands")
    with pytest.raises(DeviceError, match="too late"):
        bridge.check()
    await bridge.close()
    assert line.sent == [b"one"]


async def test_a_task_that_outlives_the_condition_is_free_of_it():
    line, condition, ended = Line(), Condition(), asyncio.Event()

    async def later() -> None:
        await ended.wait()
        await line.send(b"a question")

    with only_while(condition.check):
        task = asyncio.create_task(later())
    condition.holds = False
    ended.set()
    await task
    assert line.sent == [b"a question"]
