"""A device kept at a declaration with no service at all: one runs here, for this one node, on a loopback port.

It is the same service and the same agent, in the agent's own folder: a declaration is validated, merged and compiled by
the code that does it everywhere, and what was done is remembered for the next time, and kept for the site's service
(:mod:`agents.meeting`). Nothing else listens. A Unix socket would do, but its path has room for 107 bytes only.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from agents.process import Agent
from drivers.credentials import Credential
from pointsman.attach.finding import Found
from pointsman.attach.joining import Joining, settings
from pointsman.attach.kept import remember
from pointsman.client import LONGEST_WAIT_S, Client
from pointsman.endpoint import Endpoint, read_token
from pointsman.problems import DONE, NOT_CONVERGED, PointsmanError
from pointsman.show.output import note, say
from pointsman.signals import stop_requested
from proxy_service.serve import Service
from proxy_service.settings import Settings as ServiceSettings

LOCATION: Final = "offline"
_LOOK_S: Final = 0.05
_JOINS_S: Final = 30.0


async def keep_offline(
    found: Found,
    node: str,
    *,
    joining: Joining,
    credential: Credential | None,
    document: bytes,
    once: bool,
    wait_s: float,
) -> int:
    """Converge the device to ``document``, and keep it there until stopped, or ``once``. Answers the exit code."""
    async with AsyncExitStack() as stack:
        folder = joining.data_dir or Path()
        place = await stack.enter_async_context(_service(folder))
        client = await stack.enter_async_context(Client(place))
        await client.put("locations", joining.location, {})
        made, attached = settings(replace(joining, service=place.url), found, node, credential)
        remember(made, attached, document)
        token = await _join_token(client, joining.location)
        agent = Agent(made, join_token=token, attached=attached, offline=True)
        running = asyncio.create_task(agent.run(), name="agent")
        try:
            code = await _first(_converge(client, agent, node, document, wait_s=wait_s), running)
            if not once:
                say("kept as declared until Ctrl-C")
                with stop_requested() as stop:
                    await _first(_stopped(stop), running)
        finally:
            agent.stop()
            await running
        return code


async def _stopped(stop: asyncio.Event) -> int:
    await stop.wait()
    return DONE


async def _first(work: Any, running: asyncio.Task[None]) -> int:
    """The result of ``work``, unless the agent ends before, which it should not."""
    task: asyncio.Task[int] = asyncio.ensure_future(work)
    try:
        await asyncio.wait({task, running}, return_when=asyncio.FIRST_COMPLETED)
        if running.done():
            running.result()
            raise PointsmanError("the agent has ended by itself: run it again with --log-level debug")
        return task.result()
    finally:
        task.cancel()
        await asyncio.wait({task})


@asynccontextmanager
async def _service(folder: Path) -> AsyncIterator[Endpoint]:
    place = ServiceSettings(data_dir=folder / "service", port=0)
    place.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    async with Service(place) as service:
        yield Endpoint(service.url, read_token(place.admin_token_file))


async def _join_token(client: Client, location: str) -> str:
    body = {"name": "attached", "scopes": ["join"], "location": location}
    answer = await client.call("POST", "/tokens", json=body)
    return str(answer["token"])


async def _converge(client: Client, agent: Agent, node: str, document: bytes, *, wait_s: float) -> int:
    """Declare, run a pass, and tell how the node is then."""
    await _within(_JOINS_S, _joined(client, agent.settings.name, node), what="join the service in its folder")
    answer = await client.apply(document)
    if node not in answer["nodes"]:
        note(f"the document declares nothing for {node}: name it under attach: {{nodes: [{node}]}}")
    record = await client.converge(node, timeout_s=min(wait_s, LONGEST_WAIT_S))
    # A request is answered before the report of its pass is sent; what that proves is asked for when it is there.
    await _within(wait_s, agent.all_told(), what="tell of it")
    status = (await client.get("nodes", node))["status"]
    for condition in status["conditions"]:
        if condition["message"]:
            say(f"{node}: {condition['type']}: {'yes' if condition['status'] else 'no'}: {condition['message']}")
    done = record["outcome"] in ("changed", "unchanged") and status["converged_generation"] == status["generation"]
    return DONE if done else NOT_CONVERGED


async def _within(time_s: float, work: Awaitable[None], *, what: str) -> None:
    try:
        async with asyncio.timeout(time_s):
            await work
    except TimeoutError:
        raise PointsmanError(
            f"the agent did not {what} within {time_s:.0f} s: run it again with --log-level debug"
        ) from None


async def _joined(client: Client, agent: str, node: str) -> None:
    while not await _has_joined(client, agent, node):  # noqa: ASYNC110 -- the service is asked, as by anybody
        await asyncio.sleep(_LOOK_S)


async def _has_joined(client: Client, agent: str, node: str) -> bool:
    """Whether the agent is there and its node is declared, in this run."""
    agents = {item["name"]: item for item in await client.list("agents")}
    nodes = {item["name"] for item in await client.list("nodes")}
    return node in nodes and agent in agents and bool(agents[agent]["connected"])
