"""The demo from start to end.

Whatever is begun is a context that ends it; a signal cancels the whole, and the contexts take everything down in the
reverse order. Being stopped is the good end of a demo that is up, and an abort before.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

from pointsman.client import Client
from pointsman.demo import ending, stage
from pointsman.demo.converging import watch_until_converged, watch_until_linked
from pointsman.demo.rack import rack_document
from pointsman.demo.racks import Rack, choose_lab, lab_rack, twins_rack
from pointsman.problems import DONE, NOT_CONVERGED, STOPPED
from pointsman.show.output import note, say
from pointsman.show.progress import working
from pointsman.signals import stop_requested


@dataclass(frozen=True, slots=True)
class Options:
    """What the line said."""

    once: bool
    twins: bool
    lab: str
    keep: bool


class Laps:
    """How long each part took."""

    def __init__(self) -> None:
        self._began = self._last = time.monotonic()
        self._laps: list[str] = []

    def end(self, what: str) -> None:
        """The part that was running since the last call has ended."""
        now = time.monotonic()
        self._laps.append(f"{what} {now - self._last:.1f} s")
        self._last = now

    def __str__(self) -> str:
        return f"{self._last - self._began:.1f} s ({', '.join(self._laps)})"


class Demo:
    """One run of the demo."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.is_up = False
        self._laps = Laps()

    async def run(self) -> int:
        """Bring everything up, show it, and (unless once) stay. Answers the exit code."""
        async with AsyncExitStack() as stack:
            folder = stack.enter_context(stage.data_folder(keep=self.options.keep, say=say))
            rack = await self._rack(stack)
            self._laps.end("rack")
            service = await stack.enter_async_context(stage.running_service(folder))
            client = await stack.enter_async_context(Client(stage.admin_endpoint(service)))
            await client.apply(rack_document().read_bytes())
            join = folder / "join.token"
            await stage.join_token(client, join)
            self._laps.end("service")
            agent = await stack.enter_async_context(stage.running_agent(folder, rack=rack, service=service, join=join))
            code = await first_of(self._show(client, rack), agent.ended())
            ending.print_service(service.url, service.settings.admin_token_file)
            say(f"{'converged' if code == DONE else 'not converged'}: {self._laps}")
            if not self.options.once:
                ending.print_way_in(service.url, service.settings.admin_token_file)
                self.is_up = True
                await agent.ended()
            return code

    async def _rack(self, stack: AsyncExitStack) -> Rack:
        in_lab, why = await asyncio.to_thread(choose_lab, twins=self.options.twins)
        if in_lab:
            made = lab_rack(self.options.lab, keep=self.options.keep, say=say)
        else:
            say(f"showing twins, devices in Python that answer as real ones do ({why})")
            made = twins_rack()
        rack = await stack.enter_async_context(made)
        say(f"rack: {rack.title}")
        return rack

    async def _show(self, client: Client, rack: Rack) -> int:
        for name, spec in rack.nodes.items():
            await client.put("nodes", name, spec)
        with working("the agent joins, and the nodes converge"):
            late = await watch_until_converged(client, say)
        self._laps.end("agent and nodes")
        with working("looking for neighbours"):
            await watch_until_linked(client)
        self._laps.end("neighbours")
        await ending.print_nodes(client)
        await ending.print_changes(client, rack.nodes)
        await ending.print_neighbours(client)
        for sentence in late:
            note(f"pointsman: {sentence}")
        return NOT_CONVERGED if late else DONE


async def run_demo(options: Options) -> int:
    """Run the demo until it ends or is stopped. Answers the exit code."""
    demo = Demo(options)
    with stop_requested() as stop:
        running = asyncio.ensure_future(demo.run())
        stopping = asyncio.ensure_future(stop.wait())
        await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if not running.done():
            say("stopping")
            running.cancel()
        stopping.cancel()
        try:
            return await running
        except asyncio.CancelledError:
            return DONE if demo.is_up else STOPPED


async def first_of(work: Awaitable[int], guard: Awaitable[None]) -> int:
    """The result of ``work``, unless ``guard`` raises before."""
    tasks: tuple[asyncio.Future[Any], asyncio.Future[Any]] = (asyncio.ensure_future(work), asyncio.ensure_future(guard))
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        if tasks[1].done():
            await tasks[1]
        result: int = await tasks[0]
        return result
    finally:
        for task in tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.wait({task})
