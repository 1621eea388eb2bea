"""The lab's serial line: as fast as its speed, garbled at a wrong one, noisy and overrun where it is told."""

import asyncio
import contextlib
import time

import pytest

from drivers.line.holding import Holder
from drivers.line.line import Line
from drivers.line.tty import open_tty
from pointsman.lab.relay import Faults, Relay, TalkingFar, UnixFar

pytestmark = pytest.mark.unit


@contextlib.asynccontextmanager
async def line(talk=lambda data: data, *, near=9600, **how):
    """A relay, its device, and the port at its near end."""
    far = TalkingFar(talk)
    relay = Relay(far, **how)
    running = asyncio.create_task(relay.run())
    try:
        yield relay, far, lambda speed=near: open_tty(relay.path, speed=speed)
    finally:
        running.cancel()
        await asyncio.wait({running})


async def answer(port, count):
    got = b""
    async with asyncio.timeout(5):
        while len(got) < count:
            got += await port.read()
    return got


async def test_bytes_come_back_at_the_speed_of_the_line():
    async with line(speed=38400) as (relay, _, dial):
        port = await dial(38400)
        begun = time.monotonic()
        await port.write(b"x" * 200)
        assert await answer(port, 200) == b"x" * 200
        assert time.monotonic() - begun >= 200 / 3840
        assert relay.carried_bytes == 400
        await port.close()


async def test_at_another_speed_nothing_can_be_read():
    async with line(lambda data: b"sw1#", speed=9600) as (_, far, dial):
        port = await dial(115200)
        far.say(b"login: ")
        garbled = await answer(port, 3)
        assert all(byte >= 0x80 for byte in garbled)
        await port.set_speed(9600)
        await port.write(b"\r")
        assert await answer(port, 4) == b"sw1#"
        await port.close()


async def test_what_is_said_while_nobody_has_the_port_is_lost():
    async with line(speed=115200) as (relay, far, dial):
        far.say(b"boot")
        async with asyncio.timeout(5):
            while relay.carried_bytes < 4:  # noqa: ASYNC110 -- a look at each turn of the loop
                await asyncio.sleep(0)
        port = await dial(115200)
        await port.write(b"y")
        assert await answer(port, 1) == b"y"
        await port.close()
        port = await dial(115200)
        await port.write(b"z")
        assert await answer(port, 1) == b"z"
        await port.close()


async def test_what_is_sent_last_goes_out_before_the_port_is_let_go():
    got = bytearray()
    async with line(got.extend, speed=9600) as (_, _, dial):
        port = Line(await dial(9600), name="serial:test")
        port.start()
        async with port.hold(Holder("ana"), wait_s=1) as held:
            await held.send(b"exit\r")
        await port.close()
        async with asyncio.timeout(5):
            while got != b"exit\r":  # noqa: ASYNC110
                await asyncio.sleep(0)


def test_noise_flips_bits_and_the_same_ones_again():
    noisy = Faults(noise=0.1, seed=7).on(b"a" * 1000, same_speed=True)
    assert noisy == Faults(noise=0.1, seed=7).on(b"a" * 1000, same_speed=True)
    flipped = [byte for byte in noisy if byte != ord("a")]
    assert 50 < len(flipped) < 150
    assert all((byte ^ ord("a")).bit_count() == 1 for byte in flipped)


async def test_a_slow_device_loses_what_its_buffer_cannot_hold():
    got = bytearray()
    async with line(got.extend, speed=115200, takes_bytes_s=500, buffer_bytes=32) as (relay, _, dial):
        port = await dial(115200)
        await port.write(b"x" * 200)
        async with asyncio.timeout(5):
            while len(got) + relay.overrun_bytes < 200:  # noqa: ASYNC110
                await asyncio.sleep(0)
        assert relay.overrun_bytes > 100
        await port.close()


async def test_a_console_that_takes_whole_lines_gets_them(tmp_path):
    came, serving = [], []

    async def serve(reader, writer):
        serving.append(asyncio.current_task())
        while data := await reader.read(100):
            came.append(data)
            writer.write(b"1000 Success\n")
        writer.close()

    server = await asyncio.start_unix_server(serve, tmp_path / "mgmt")
    far = UnixFar(tmp_path / "mgmt", whole_lines=True, typed=tmp_path / "typed")
    for piece in (b"vlan/cre", b"ate 30\nvl", b"an/print\r"):
        await far.write(piece)
        if piece != b"vlan/cre":
            assert await far.read() == b"1000 Success\n"
    assert came == [b"vlan/create 30\n", b"vlan/print\n"]
    assert (tmp_path / "typed").read_bytes() == b"vlan/create 30\nvlan/print\r"
    await far.close()
    server.close()
    await asyncio.gather(*serving)
