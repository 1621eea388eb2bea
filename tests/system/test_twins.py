"""Twins as a process of their own."""

import asyncio
import json
import os
import signal
import sys

import pytest

pytestmark = pytest.mark.system


@pytest.mark.parametrize("stop", ["SIGTERM", "end of input"])
async def test_the_process_says_when_it_is_ready_and_ends_when_told(tmp_path, stop):
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "pointsman.twins", "--count", "2", "--key", str(tmp_path / "key"), "--until-eof"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(30):
        described = json.loads(await process.stdout.readline())
        assert [node["name"] for node in described["nodes"]] == ["sw1", "sw2"]
        assert described["key"] == str(tmp_path / "key")
        assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
        if stop == "SIGTERM":
            os.kill(process.pid, signal.SIGTERM)
        process.stdin.close()
        assert await process.wait() == 0
        assert await process.stdout.read() == b""
