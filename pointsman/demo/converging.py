"""Watching the nodes converge: the service's events as lines, until all that was declared is on the devices."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Final

from pointsman.client import Client, has_converged
from pointsman.demo.racks import Say
from pointsman.show.text import value_text
from pointsman.show.waiting import why_late

Json = Mapping[str, Any]

CONVERGE_TIMEOUT_S: Final = 90.0
NEIGHBOURS_TIMEOUT_S: Final = 15.0


async def watch_until_converged(client: Client, say: Say, *, timeout_s: float = CONVERGE_TIMEOUT_S) -> list[str]:
    """Tell what happens until all nodes and roles have converged. Answers why not, a sentence each."""
    try:
        async with asyncio.timeout(timeout_s):
            async for event in client.events(since=0):
                line = event_sentence(event.data)
                if line:
                    say(line)
                if event.name in {"pass.finished", "condition.changed"} and not await late(client):
                    return []
    except TimeoutError:
        return await late(client)
    return await late(client)


async def watch_until_linked(client: Client, *, timeout_s: float = NEIGHBOURS_TIMEOUT_S) -> None:
    """Wait until each node has been seen from another node of the rack, or the time is over: it is only for show."""
    try:
        async with asyncio.timeout(timeout_s):
            async for event in client.events(since=0):
                if event.name == "links.changed" and await _all_seen(client):
                    return
    except TimeoutError:
        return


async def _all_seen(client: Client) -> bool:
    nodes = {item["name"] for item in await client.list("nodes")}
    links = (await client.call("GET", "/links"))["items"]
    seen = {end for link in links for end in (link["b"].get("node"), link["b"].get("name"))}
    return nodes <= seen


async def late(client: Client) -> list[str]:
    """Why not all that was declared is on the devices; empty when it is."""
    nodes, roles = await asyncio.gather(client.list("nodes"), client.list("roles"))
    sentences = [why_late(node) for node in nodes if not has_converged(node)]
    if not sentences:
        sentences = [_why_role_late(role) for role in roles if not has_converged(role)]
    return sentences


def _why_role_late(role: Json) -> str:
    for name, entry in (role["status"].get("nodes") or {}).items():
        if not entry["converged"]:
            return f"role {role['name']} has not converged on {name}: {entry['reason']}: {entry['message']}"
    return f"role {role['name']} has not converged: it reaches no node"


def event_sentence(event: Json) -> str:
    """What an event says to somebody who watches the demo; empty for what he would not miss."""
    teller = _TELLERS.get(str(event.get("type")))
    return teller(event, event.get("data") or {}) if teller else ""


def _condition(event: Json, data: Json) -> str:
    if data.get("condition") not in {"Reachable", "Converged"}:
        return ""
    status = data.get("status")
    word = "not known" if status is None else "yes" if status else "no"
    message = f": {data['message']}" if data.get("message") and not status else ""
    return f"{event['node']}: {data['condition']}: {word}{message}"


def _pass(event: Json, data: Json) -> str:
    steps = data.get("steps")
    count = len(steps) if isinstance(steps, list) else steps
    return f"{event['node']}: pass finished: {value_text(data.get('outcome'))}" + (f", {count} steps" if count else "")


_TELLERS: Final[Mapping[str, Callable[[Json, Json], str]]] = {
    "agent.enrolled": lambda _, data: f"agent: {value_text(data.get('agent'))} has joined",
    "condition.changed": _condition,
    "pass.finished": _pass,
}
