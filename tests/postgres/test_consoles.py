"""Shared consoles on PostgreSQL: stored, forgotten, taken up by another replica when the first has let go."""

import asyncio
import contextlib
import dataclasses
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest
from websockets.exceptions import InvalidStatus

from proxy_service.housekeeping import forget
from proxy_service.store import Cause
from tests.unit.proxy_service.consoles import Line, a_line, a_person
from tests.unit.proxy_service.site import Agent, Site
from tests.unit.proxy_service.streams import a_served_site

pytestmark = pytest.mark.postgres


async def said(site: Site) -> str:
    answer = await site.admin.ask("GET", "nodes/sw1/console/transcripts/latest")
    events = [orjson.loads(line) for line in answer.text.splitlines()[1:]]
    return "".join(data for _, code, data in events if code == "o")


async def speak(line: Line, *words: bytes) -> None:
    for word in words:
        await line.says(word)
        await line.until(lambda it: not it.kept)


async def test_a_console_goes_from_one_replica_to_another(postgres: Callable[[], str], tmp_path: Path) -> None:
    url = postgres()
    (tmp_path / "b").mkdir()
    async with contextlib.AsyncExitStack() as first:
        here = await first.enter_async_context(a_served_site(tmp_path, database_url=url, poll_s=0.02))
        (tmp_path / "b" / "admin.token").write_text(here.admin.token)
        async with a_served_site(tmp_path / "b", database_url=url, poll_s=0.02) as there:
            line = await first.enter_async_context(a_line(here))
            person = await first.enter_async_context(a_person(here))
            await speak(line, b"one \x00\xff", b"two ")
            await person.shows(b"two ")
            with pytest.raises(InvalidStatus) as error:
                async with a_person(there):
                    pass
            assert orjson.loads(error.value.response.body)["type"] == "/problems/stream-elsewhere"
            elsewhere = Line(there, Agent(there.http, line.agent.token, "agent-a"))
            assert await elsewhere.dial(line.stream) == 4421
            await first.aclose()
            elsewhere.seq = line.seq
            dialling = asyncio.create_task(elsewhere.dial(line.stream))
            await elsewhere.until(lambda it: it.socket is not None)
            await speak(elsewhere, b"three")
            assert await said(there) == "one \x00\ufffdtwo three"
            keep = dataclasses.replace(there.settings, transcript_bytes_kept=10)
            await there.hub.store.unit(Cause(action="test"), forget, keep)
            assert await said(there) == "two three"
            dialling.cancel()
            await asyncio.gather(dialling, return_exceptions=True)
