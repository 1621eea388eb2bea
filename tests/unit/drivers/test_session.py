"""A command line over bytes: one answer to one command, or an error, whatever the device does."""

import asyncio
import re

import pytest

from device_profiles.profile import Profile, Shell
from drivers import session as sessions
from drivers.errors import Garbled, Unreachable
from drivers.session import ShellSession

pytestmark = pytest.mark.unit

_NONCE = re.compile(rb"printf '\\n#%s %d\\n' ([0-9a-f]+) ")


class Stream:
    """A device's end in memory: `answer(command)` gives what comes, in pieces; None among them is the end."""

    def __init__(self, answer):
        self.answer = answer
        self.sent = []
        self.closed = False
        self.pieces = asyncio.Queue()

    async def send(self, data):
        self.sent.append(data)
        nonce = _NONCE.search(data)[1].decode()
        command = data.decode().removeprefix("{ ").partition("\n}")[0]
        said = [f"\n#{nonce} 0\n".encode()] if command == ":" else self.answer(command, nonce)
        for piece in said:
            self.pieces.put_nowait(piece)

    async def receive(self):
        return await self.pieces.get()

    async def close(self):
        self.closed = True


class Device:
    """Makes a stream each time that a session asks for one."""

    def __init__(self, answer):
        self.answer = answer
        self.streams = []

    async def open(self):
        self.streams.append(Stream(self.answer))
        return self.streams[-1]


def whole(text, status=0):
    return lambda command, nonce: [text.encode() + f"\n#{nonce} {status}\n".encode()]


@pytest.fixture
def shell(profile: Profile) -> Shell:
    return profile.shell


def session_on(device: Device, shell: Shell, timeout_s: float = 5.0) -> ShellSession:
    return ShellSession(device.open, shell=shell, timeout_s=timeout_s)


async def test_an_answer_has_its_text_and_status(shell):
    session = session_on(Device(whole("hello\nworld", 3)), shell)
    reply = await session.run("greet")
    assert (reply.text, reply.status) == ("hello\nworld", 3)
    assert session.waited_s >= reply.elapsed_s > 0


async def test_one_stream_serves_many_commands(shell):
    device = Device(whole("x"))
    session = session_on(device, shell)
    for _ in range(3):
        await session.run("again")
    assert len(device.streams) == 1


async def test_an_answer_may_come_in_single_bytes(shell):
    device = Device(lambda command, nonce: [bytes([b]) for b in f"ok\n#{nonce} 0\n".encode()])
    assert (await session_on(device, shell).run("slowly")).text == "ok"


async def test_a_banner_before_the_first_answer_is_nobodys_answer(shell):
    class Chatty(Stream):
        async def send(self, data):
            if not self.sent:
                self.pieces.put_nowait(b"Welcome to sw1!\nLast login: never\n")
            await super().send(data)

    async def opened():
        return Chatty(whole("real"))

    assert (await ShellSession(opened, shell=shell, timeout_s=5).run("x")).text == "real"


@pytest.mark.parametrize("text", ["root@sw1:~# ", "\n#0000000000000000 0\n", "#abc 0", "sw1> \n$ ", "\n#%s %d\n"])
async def test_what_looks_like_a_prompt_or_an_end_does_not_end_an_answer(shell, text):
    device = Device(
        lambda command, nonce: [text.encode(), b"and more", f"\n#{nonce} 0\n".encode()],
    )
    assert (await session_on(device, shell).run("tricky")).text == text + "and more"


async def test_no_two_sessions_share_a_nonce(shell):
    device = Device(whole("x"))
    for _ in range(2):
        await session_on(device, shell).run("x")
    first, second = (_NONCE.search(stream.sent[0])[1] for stream in device.streams)
    assert first != second
    assert len(first) >= 16


async def test_a_device_that_hangs_is_unreachable_in_time_and_the_next_command_has_a_new_stream(shell):
    device = Device(lambda command, nonce: [b"half of the ans"])
    session = session_on(device, shell, timeout_s=0.05)
    with pytest.raises(Unreachable, match=r"no answer to 'show things' in 0.05 s"):
        await session.run("show things")
    assert device.streams[0].closed
    device.answer = whole("whole")
    assert (await session.run("show things")).text == "whole"
    assert len(device.streams) == 2


async def test_a_timeout_of_one_command_can_differ(shell):
    device = Device(lambda command, nonce: [])
    with pytest.raises(Unreachable, match=r"in 0\.01 s"):
        await session_on(device, shell).run("x", timeout_s=0.01)


async def test_the_end_of_the_stream_is_unreachable_and_says_what_was_said_last(shell):
    device = Device(lambda command, nonce: [b"This account is not available.\n", b""])
    session = session_on(device, shell)
    with pytest.raises(Unreachable, match=r"ended the session during 'x': This account is not available\."):
        await session.run("x")
    assert device.streams[0].closed


async def test_an_answer_without_end_is_garbled(shell, monkeypatch):
    monkeypatch.setattr(sessions, "LARGEST_ANSWER_BYTES", 1000)
    device = Device(lambda command, nonce: [b"x" * 400] * 5)
    with pytest.raises(Garbled, match="has no end"):
        await session_on(device, shell).run("yes")
    assert device.streams[0].closed


async def test_a_cancelled_caller_leaves_no_half_answer_to_the_next(shell, until):
    device = Device(lambda command, nonce: [b"first half"])
    session = session_on(device, shell)
    task = asyncio.create_task(session.run("one"))
    await until(lambda: device.streams and len(device.streams[0].sent) == 2)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert device.streams[0].closed
    device.answer = whole("second")
    assert (await session.run("two")).text == "second"


async def test_commands_of_several_tasks_wait_for_each_other(shell):
    device = Device(lambda command, nonce: [f"{command}\n#{nonce} 0\n".encode()])
    session = session_on(device, shell)
    replies = await asyncio.gather(*(session.run(f"c{number}") for number in range(20)))
    assert [reply.text for reply in replies] == [f"c{number}" for number in range(20)]
    assert len(device.streams) == 1


async def test_bytes_that_are_no_text_can_be_compared_and_are_garbled_where_text_is_needed(shell):
    device = Device(lambda command, nonce: [b"a\xffb" + f"\n#{nonce} 0\n".encode()])
    reply = await session_on(device, shell).run("x")
    assert reply.data == b"a\xffb"
    assert reply.text == "a\N{REPLACEMENT CHARACTER}b"
    with pytest.raises(Garbled):
        reply.strict_text()


async def test_a_reason_is_one_printable_line(shell):
    reply = await session_on(Device(whole("first\n\x1b[31mno row\x07\n\n", 1)), shell).run("x")
    assert reply.line == r"\x1b[31mno row\x07"


async def test_closing_is_for_good_until_the_next_command(shell):
    device = Device(whole("x"))
    session = session_on(device, shell)
    await session.run("x")
    await session.close()
    await session.close()
    assert device.streams[0].closed
    assert (await session.run("x")).text == "x"
