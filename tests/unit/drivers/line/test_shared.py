"""Lines that several have at once: opened once, closed when the last one leaves, opened anew when they were lost."""

import asyncio

import pytest

from drivers.access import parse_access
from drivers.errors import Unreachable, Unsupported
from drivers.line.holding import Holder
from drivers.line.shared import borrow
from tests.unit.drivers.line.com_port_server import com_port_server

pytestmark = pytest.mark.unit


async def test_two_have_the_same_line_whoever_they_log_in_as():
    async with com_port_server() as (server, url):
        one = await borrow(parse_access(url), timeout_s=2)
        two = await borrow(parse_access(url.replace("://", "://admin@") + "?baud=9600"), timeout_s=2)
        assert one.line is two.line
        await one.give_back()
        await one.give_back()
        assert not two.line.closed
        await two.give_back()
        assert two.line.closed
        assert server.connections == 1


async def test_two_who_come_at_once_open_it_once():
    async with com_port_server() as (server, url):
        access = parse_access(url)
        one, two = await asyncio.gather(borrow(access, timeout_s=2), borrow(access, timeout_s=2))
        assert one.line is two.line
        await one.give_back()
        await two.give_back()
        assert server.connections == 1


async def test_who_comes_while_it_closes_gets_a_new_one():
    async with com_port_server() as (_, url):
        access = parse_access(url)
        one = await borrow(access, timeout_s=2)
        _, two = await asyncio.gather(one.give_back(), borrow(access, timeout_s=2))
        assert not two.line.closed
        await two.give_back()


async def test_a_lost_line_is_opened_anew_by_the_next():
    async with com_port_server() as (server, url):
        access = parse_access(url)
        one = await borrow(access, timeout_s=2)
        heard = one.line.listen()
        server.writer.close()
        with pytest.raises(Unreachable, match="lost"):
            await anext(heard)
        two = await borrow(access, timeout_s=2)
        async with two.line.hold(Holder("ana"), wait_s=1) as stream:
            await stream.send(b"x")
            await server.until(lambda: server.came == b"x")
        await one.give_back()
        assert not two.line.closed
        await two.give_back()


async def test_a_line_that_cannot_be_opened_leaves_nothing_behind():
    async with com_port_server(speaks=False) as (server, url):
        access = parse_access(url)
        with pytest.raises(Unsupported):
            await borrow(access, timeout_s=2)
        server.speaks = True
        one = await borrow(access, timeout_s=2)
        await one.give_back()


async def test_what_is_no_line_is_refused():
    with pytest.raises(Unsupported, match=r"is no line: use one of line\+ssh, rfc2217, serial, sol"):
        await borrow(parse_access("ssh://host"), timeout_s=1)
    with pytest.raises(Unsupported, match="baud is a number"):
        await borrow(parse_access("rfc2217://host?baud=fast"), timeout_s=1)
