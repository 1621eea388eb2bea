"""Transcripts are listed, saved and played; on a pipe only what the line said comes, at once."""

import asyncio
import contextlib
import json
from pathlib import Path
from typing import Any

import pytest

from pointsman.console.replaying import play, read_cast
from pointsman.problems import PointsmanError
from proxy_service.serve import Service
from tests.unit.pointsman.console.screen import a_screen
from tests.unit.proxy_service.consoles import a_line, a_person
from tests.unit.proxy_service.site import Caller, Site

pytestmark = pytest.mark.unit

CAST = (
    '{"version": 2, "width": 80, "height": 24}\n[0.0, "m", "ana has the line"]\n[0.1, "o", "vde$ "]\n[90, "o", "x"]\n'
)


async def test_a_session_is_listed_played_and_saved(call: Any, service: Service, client: Any, tmp_path: Path) -> None:
    site = Site(service.app, client._http, Caller(client._http, service.admin_token), service.settings)
    assert "there is no node" in (await call("console", "sw1", "--list")).err
    async with a_line(site) as line, contextlib.AsyncExitStack() as stack:
        assert "nothing was recorded" in (await call("console", "sw1", "--list")).err
        person = await stack.enter_async_context(a_person(site))
        await line.says("\x1b[1mvde$ €\r\n".encode())
        await person.shows("€\r\n".encode())
        await line.until(lambda it: not it.kept)
        listed = json.loads((await call("console", "sw1", "--list", "--json")).out)
        assert "open" in (await call("console", "sw1", "--list")).out
        saved = await call("console", "--replay", "sw1", "--save", str(tmp_path / "sw1.cast"))
        assert (saved.code, saved.out) == (0, "")
    header, events = read_cast((tmp_path / "sw1.cast").read_text(), name="sw1.cast")
    assert header["title"].startswith("sw1 ")
    assert [event.text for event in events if event.code == "o"] == ["\x1b[1mvde$ €\r\n"]
    assert (await call("console", "--replay", f"sw1/{'0' * 32}")).code == 1
    assert listed[0]["bytes"] == len("\x1b[1mvde$ €\r\n".encode())


async def test_on_a_terminal_it_takes_its_time() -> None:
    _, events = read_cast(CAST, name="x")
    async with a_screen() as screen:
        async with asyncio.timeout(5):
            await play(events, screen.terminal, speed=1000)
        await screen.until("[ana has the line]")
        await screen.until("vde$ x")


@pytest.mark.parametrize("text", ["", "vde$", '{"version": 1}', '{"version": 2}\n[0.1]', '{"version": 2}\n{'])
def test_what_is_no_asciicast_is_one_sentence(text: str) -> None:
    with pytest.raises(PointsmanError, match="asciicast"):
        read_cast(text, name="x.cast")


@pytest.mark.parametrize(
    "words",
    [(), ("sw1", "--replay", "sw1"), ("sw1", "--read-only", "--take-over"), ("sw1", "--take-over")],
)
async def test_what_cannot_be_meant_is_wrong_usage(call: Any, words: tuple[str, ...]) -> None:
    assert (await call("console", *words)).code == 2
