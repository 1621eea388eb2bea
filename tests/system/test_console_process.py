"""The command as a process on a terminal of its own: whatever ends it, the terminal is as it was."""

import asyncio
import os
import shutil
import signal
import sys
from pathlib import Path

import pytest

from pointsman.origin import HOME
from tests.unit.pointsman.console.screen import a_screen
from tests.unit.proxy_service.consoles import a_line
from tests.unit.proxy_service.streams import a_served_site

pytestmark = pytest.mark.system


@pytest.mark.parametrize("ending", ["quit", "term", "kill -9 of the service's agent"])
async def test_the_terminal_is_as_it_was_whatever_ends_the_command(
    tmp_path: Path, empty_database: Path, ending: str
) -> None:
    # Slow: it starts a program, whose own clean-up is what is looked at.
    shutil.copy(empty_database, tmp_path / "pointsman.db")
    async with a_served_site(tmp_path, console_lost_s=0.0) as site, a_line(site) as line, a_screen() as screen:
        before = screen.settings
        words = ["-m", "pointsman", "console", "sw1", "--service", f"unix:{site.settings.unix_socket}"]
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *words,
            cwd=HOME,
            env={**os.environ, "POINTSMAN_TOKEN": site.admin.token},
            **dict.fromkeys(("stdin", "stdout", "stderr"), screen.descriptor),
        )
        await screen.until("admin has the line]")
        assert screen.settings != before
        if ending == "quit":
            screen.type(b"\x1dq")
        elif ending == "term":
            process.send_signal(signal.SIGTERM)
        else:
            assert line.socket is not None
            await line.socket.close()
        code = await process.wait()
        assert (code == 0) == (ending != "kill -9 of the service's agent")
        assert screen.settings == before
        if code:
            await screen.until("pointsman: the console of sw1 is over: the agent agent-a is away")
