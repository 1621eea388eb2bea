"""A person at a terminal of the kernel, a real service, and an agent with a line in memory."""

import asyncio
import contextlib
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from device_profiles.console import Break
from pointsman.console import watching
from pointsman.console.power import PowerKey
from pointsman.console.terminal import Terminal
from pointsman.console.watching import Watching
from pointsman.endpoint import Endpoint
from pointsman.problems import PointsmanError, ServiceAway, ServiceRefused, WrongUsage
from tests.unit.pointsman.console.screen import Screen, a_screen
from tests.unit.proxy_service.consoles import Line, a_line, a_person, serving
from tests.unit.proxy_service.site import Agent, Caller, Site
from tests.unit.proxy_service.streams import a_served_site

pytestmark = pytest.mark.unit


@pytest.fixture
def folder(tmp_path: Path, empty_database: Path) -> Path:
    shutil.copy(empty_database, tmp_path / "pointsman.db")
    return tmp_path


@pytest.fixture
async def site(folder: Path) -> AsyncIterator[Site]:
    async with a_served_site(folder) as found:
        yield found


@pytest.fixture
async def line(site: Site) -> AsyncIterator[Line]:
    async with a_line(site) as found:
        yield found


def endpoint(site: Site, caller: Caller | None = None) -> Endpoint:
    return Endpoint(f"unix:{site.settings.unix_socket}", (caller or site.admin).token)


@contextlib.asynccontextmanager
async def at_a_console(
    site: Site,
    *,
    caller: Caller | None = None,
    takes: bool = False,
    writes: bool = True,
    slot: str = "",
    cycle: Any = None,
) -> AsyncIterator[tuple[Screen, asyncio.Task[None]]]:
    async with a_screen() as screen:
        before = screen.settings
        more = {"slot": slot, "cycle": cycle}
        visit = Watching(endpoint(site, caller), "sw1", screen.terminal, writes=writes, takes=takes, **more)
        task = asyncio.create_task(visit.run())
        try:
            yield screen, task
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            assert screen.settings == before


async def test_keys_go_to_the_line_and_the_line_to_the_screen(site: Site, line: Line) -> None:
    async with at_a_console(site) as (screen, visit):
        await screen.until("console of sw1 by serial:/dev/ttyS0, agent agent-a; Ctrl-] ? for help]")
        await screen.until("[admin has the line]")
        screen.type(b"show\x03\r")
        await line.until(lambda it: it.typed == b"show\x03\r")
        await line.says(b"\r\nsw1# ")
        await screen.until("sw1# ")
        screen.type(b"\x1db")
        await line.until(lambda it: Break() in it.said)
        screen.type(b"\x1d?")
        await screen.until("take the line over")
        screen.type(b"\x1di")
        await screen.until("[admin (you) writes]")
        screen.type(b"\x1dq")
        await visit


async def test_the_console_of_a_slot_is_told_as_that(site: Site, line: Line) -> None:
    async with at_a_console(site, slot="3") as (screen, visit):
        await screen.until("console of slot 3 of sw1 by serial:/dev/ttyS0, agent agent-a; Ctrl-] ? for help]")
        assert line.slot == "3"
        screen.type(b"\x1dq")
        await visit


async def test_a_service_that_knows_no_slots_shows_nobody_the_nodes_own_console(monkeypatch: Any) -> None:
    class Stream:
        async def next(self) -> Any:
            return {"type": "open", "you": "1", "watchers": [], "writer": None, "transcript": "ab", "agent": "a"}

    @contextlib.asynccontextmanager
    async def open_stream(*_: Any, **__: Any) -> AsyncIterator[Stream]:
        yield Stream()

    monkeypatch.setattr(watching, "open_stream", open_stream)
    async with a_screen() as screen:
        visit = Watching(Endpoint("unix:x", "t"), "sw1", screen.terminal, writes=True, takes=False, slot="3")
        with pytest.raises(PointsmanError, match="the service is too old for consoles of slots"):
            await visit.run()


async def test_two_people_and_a_take_over(site: Site, line: Line) -> None:
    bob = await site.caller("console:read", "console:write", owner="bob")
    async with contextlib.AsyncExitStack() as visiting:
        screen, _ = await visiting.enter_async_context(at_a_console(site))
        await screen.until("you may write")
        other, second = await visiting.enter_async_context(at_a_console(site, caller=bob))
        await other.until("also here: admin")
        await other.until("admin writes, since")
        other.type(b"\x1dt")
        await screen.until("[bob took the line over from admin]")
        await other.until("[you took the line over from admin]")
        await other.until("[bob has the line]")
        screen.type(b"x")
        await screen.until("[you are watching: ask to write, or take over]")
        other.type(b"y\x1dr")
        await line.until(lambda it: it.typed == b"y")
        await screen.until("[nobody writes: bob let go]")
        other.type(b"\x03")  # who does not write quits as everywhere
        await second


async def test_the_power_key_declares_a_cycle_when_it_is_pressed_twice(site: Site, line: Line) -> None:
    pdu = {"profile": "powerman", "location": "row-a", "access": ["powerman://192.0.2.2"]}
    await site.admin.put("nodes/pdu1", pdu)
    key = PowerKey.of(endpoint(site), "sw1", "pdu1/outlets.7")
    async with at_a_console(site, cycle=key.press) as (screen, _):
        await screen.until("admin has the line")
        screen.type(b"\x1dp")
        await screen.until("again within 5 s cycles the power")
        assert (await site.admin.refused("GET", "roles/console-sw1"))["status"] == 404
        screen.type(b"\x1dp")
        await screen.until("pdu1 shall cycle outlets.7")
    state = (await site.admin.get("nodes/pdu1/desired"))["state"]
    assert list(state["outlets"]["7"]) == ["cycled_at"]
    with pytest.raises(WrongUsage, match="is not NODE"):
        PowerKey.of(endpoint(site), "sw1", "pdu1")


async def test_a_console_that_was_lost_goes_on_where_it_was(folder: Path) -> None:
    async with contextlib.AsyncExitStack() as visiting:
        async with a_served_site(folder) as site, a_line(site) as line:
            screen, visit = await visiting.enter_async_context(at_a_console(site))
            await screen.until("admin has the line")
            await line.says(b"one ")
            await screen.until("one ")
            await line.until(lambda it: not it.kept)
        await screen.until("the console was lost")
        await line.says(b"two ")
        async with a_served_site(folder) as site:
            line.site, line.agent = site, Agent(site.http, line.agent.token, "agent-a")
            async with serving(line):
                dialling = asyncio.create_task(line.dial())
                await screen.holds(lambda: "two " in screen.shown)
                assert "one " not in screen.shown
                screen.type(b"\x1dq")
                await visit
                dialling.cancel()
                await asyncio.gather(dialling, return_exceptions=True)


async def test_on_a_pipe_it_only_watches(site: Site, line: Line) -> None:
    read, write = os.pipe()
    notes, beside = os.pipe()
    terminal = Terminal(stdin=read, stdout=write, stderr=beside)
    assert not terminal.is_interactive
    async with a_person(site) as person:
        await person.tells("live")
        visit = asyncio.create_task(Watching(endpoint(site), "sw1", terminal, writes=False, takes=False).run())
        while len((await person.tells("watchers"))["watchers"]) < 2:
            pass
        await line.says(b"\x1b[1mraw\xff\r\n")
        assert await asyncio.to_thread(os.read, read, 100) == b"\x1b[1mraw\xff\r\n"
    assert b"read only" in os.read(notes, 1000)
    visit.cancel()
    await asyncio.gather(visit, return_exceptions=True)
    for descriptor in (read, write, notes, beside):
        os.close(descriptor)


async def test_what_cannot_be_opened_is_one_sentence(site: Site, tmp_path: Path) -> None:
    await site.rack("sw1")
    async with a_screen() as screen:
        for where, kind, words in (
            (endpoint(site), ServiceRefused, "no agent is enrolled"),
            (Endpoint(f"unix:{tmp_path}/nobody.sock", "x"), ServiceAway, "start it with `pointsman serve`"),
            (Endpoint(f"unix:{site.settings.unix_socket}", "pm_ab_cd"), ServiceRefused, "send a token that is valid"),
        ):
            with pytest.raises(kind, match=words):
                await Watching(where, "sw1", screen.terminal, writes=True, takes=False).run()


async def test_a_console_that_is_over_says_why(folder: Path) -> None:
    async with (
        a_served_site(folder, console_lost_s=0.0) as site,
        a_line(site) as line,
        at_a_console(site) as (screen, visit),
    ):
        await screen.until("admin has the line")
        await line.socket.close()
        with pytest.raises(PointsmanError, match="the console of sw1 is over: the agent agent-a is away"):
            await visit
