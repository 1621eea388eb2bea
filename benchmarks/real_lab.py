"""The lab of real parts under a name of its own, so that a run disturbs no other lab."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from benchmarks.stage import Stage
from pointsman.lab import Lab, can_make_lab


def lab_or_reason() -> str:
    """Why this machine cannot make the lab; empty if it can. It is tried, which takes a moment."""
    able, reason = can_make_lab()
    return "" if able else reason


@asynccontextmanager
async def real_lab(stage: Stage) -> AsyncIterator[Lab]:
    """A lab that is up, and taken down at the end, also when it got up only halfway."""
    name = f"bench{os.getpid()}"
    stage.tell("bringing the lab up")
    going_up = asyncio.ensure_future(asyncio.to_thread(Lab.up, name))
    try:
        yield await asyncio.shield(going_up)
    finally:
        # A thread cannot be cancelled: the lab gets up first, and goes then.
        await asyncio.wait([going_up])
        await asyncio.to_thread(Lab(name).down)
