"""RFC 2217: the speed and the break of a port behind a console server, and bytes as they are."""

import asyncio

import pytest

from drivers.access import parse_access
from drivers.errors import Unreachable, Unsupported
from drivers.line.shared import open_endpoint
from tests.unit.drivers.line.com_port_server import com_port_server

pytestmark = pytest.mark.unit


async def opened(url):
    return await open_endpoint(parse_access(url), timeout_s=2.0)


async def test_the_speed_in_the_url_is_set_and_confirmed():
    async with com_port_server() as (server, url):
        port = await opened(f"{url}?baud=115200")
        assert (server.speed, port.speed) == (115200, 115200)
        await port.close()


async def test_without_a_speed_in_the_url_the_server_is_asked_for_its_own():
    async with com_port_server() as (server, url):
        server.speed = 19200
        port = await opened(url)
        assert port.speed == 19200
        await port.close()


async def test_a_speed_that_the_server_cannot_is_refused():
    async with com_port_server(speeds=(9600,)) as (_, url):
        with pytest.raises(Unsupported, match="does not go to 300 baud: its server says 9600"):
            await opened(f"{url}?baud=300")


async def test_a_server_without_the_option_is_told_apart():
    async with com_port_server(speaks=False) as (_, url):
        with pytest.raises(Unsupported, match=r"does not speak RFC 2217: write it telnet://"):
            await opened(url)


async def test_bytes_go_as_they_are_in_both_directions():
    everything = bytes(range(256))
    async with com_port_server() as (server, url):
        port = await opened(url)
        await port.write(everything)
        await server.until(lambda: len(server.came) >= 256)
        assert bytes(server.came) == everything
        server.writer.write(everything.replace(b"\xff", b"\xff\xff"))
        got = b""
        while len(got) < 256:
            got += await port.read()
        assert got == everything
        await port.close()


async def test_another_speed_later_and_one_with_255_in_it():
    async with com_port_server() as (server, url):
        port = await opened(url)
        reading = asyncio.ensure_future(port.read())
        await port.set_speed(65535)
        assert server.speed == 65535
        reading.cancel()
        await asyncio.wait({reading})
        await port.close()


async def test_a_break_begins_and_ends():
    async with com_port_server() as (server, url):
        port = await opened(url)
        await port.send_break(0.01)
        await server.until(lambda: len(server.controls) == 2)
        assert server.controls == [5, 6]
        await port.close()


async def test_a_server_that_cannot_take_more_is_waited_for():
    async with com_port_server() as (server, url):
        port = await opened(url)
        reading = asyncio.ensure_future(port.read())
        server.answer(108, b"")
        server.writer.write(b"full")
        assert await reading == b"full"
        writing = asyncio.ensure_future(port.write(b"x"))
        await asyncio.sleep(0)
        assert not writing.done()
        server.answer(109, b"")
        server.writer.write(b"go")
        assert await port.read() == b"go"
        await writing
        await port.close()


async def test_a_server_that_hangs_up_ends_the_line():
    async with com_port_server() as (server, url):
        port = await opened(url)
        server.writer.close()
        assert await port.read() == b""
        await port.close()


async def test_a_server_that_says_nothing_is_given_up():
    async def mute(reader, writer):
        await reader.read()
        writer.close()

    server = await asyncio.start_server(mute, "127.0.0.1", 0)
    url = f"rfc2217://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    with pytest.raises(Unreachable, match=r"does not speak RFC 2217 within 0.05 s"):
        await open_endpoint(parse_access(url), timeout_s=0.05)
    server.close()


async def test_a_plain_port_has_neither_speed_nor_break():
    async def echo(reader, writer):
        while data := await reader.read(100):
            writer.write(data)
        writer.close()

    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    port = await opened(f"tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    await port.write(b"\xff\n")
    assert await port.read() == b"\xff\n"
    with pytest.raises(Unsupported, match="break"):
        await port.send_break(0.1)
    with pytest.raises(Unsupported, match="speed"):
        await port.set_speed(300)
    await port.close()
    server.close()


async def test_a_plain_port_without_its_number_is_refused():
    with pytest.raises(Unsupported, match="tcp://host:2001"):
        await opened("tcp://127.0.0.1")
