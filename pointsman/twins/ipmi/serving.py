"""Controllers in a process of their own, as whoever manages them needs to know them.

pyghmi's server is one loop for a whole process that nothing else may use, so it never runs in ours.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Self

import orjson

from pointsman.origin import HOME
from pointsman.twins.ipmi.users import PASSWORD, USER

SECRET = f"{USER}:{PASSWORD}\n"
"""What all of them are logged in to with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BmcTwin:
    """One controller. ``uuid`` is the identity that it shows."""

    name: str
    access: str
    uuid: str
    profile: str = "ipmi"
    host_key: str = ""


@dataclass(slots=True)
class Process:
    """The process of some controllers. Questions about them go one at a time."""

    twins: tuple[BmcTwin, ...]
    process: asyncio.subprocess.Process = field(repr=False)

    async def ask(self, number: int, **values: Any) -> Mapping[str, Any]:
        """What the controller at a place was told, and what its machine booted from; ``values`` are set before."""
        assert self.process.stdin is not None  # noqa: S101 -- made with pipes
        assert self.process.stdout is not None  # noqa: S101
        self.process.stdin.write(orjson.dumps({"bmc": number, "set": values}) + b"\n")
        answer: Mapping[str, Any] = orjson.loads(await self.process.stdout.readline())
        return answer


@asynccontextmanager
async def serving(count: int, *options: str) -> AsyncIterator[Process]:
    """``count`` controllers named bmc1, bmc2 ..., for as long as the block lasts."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-P", "-m", "pointsman.twins.ipmi", "--count", str(count), *options),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(HOME)},
    )
    assert process.stdout is not None  # noqa: S101 -- made with pipes
    assert process.stdin is not None  # noqa: S101
    try:
        told = orjson.loads(await process.stdout.readline())
        pairs = enumerate(zip(told["urls"], told["uuids"], strict=True), 1)
        yield Process(tuple(BmcTwin(name=f"bmc{n}", access=url, uuid=uuid) for n, (url, uuid) in pairs), process)
    finally:
        process.stdin.close()
        await process.wait()


class BmcRack:
    """``count`` controllers named bmc1, bmc2, ...; an asynchronous context manager."""

    key_text = SECRET

    def __init__(self, count: int) -> None:
        self._count = count
        self._stack = AsyncExitStack()
        self.nodes: tuple[BmcTwin, ...] = ()

    async def __aenter__(self) -> Self:
        self.nodes = (await self._stack.enter_async_context(serving(self._count))).twins
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()
        self.nodes = ()
