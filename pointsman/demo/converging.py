"""Watching the nodes converge: the service's events as lines, until all that was declared is on the devices."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from typing import Any, Final

from device_profiles.catalogue import all_profiles
from pointsman.client import Client, has_converged
from pointsman.demo.racks import Say
from pointsman.show.text import value_text
from pointsman.show.waiting import why_late

Json = Mapping[str, Any]

CONVERGE_TIMEOUT_S: Final = 90.0
NEIGHBOURS_TIMEOUT_S: Final = 15.0


async def watch_until_converged(client: Client, say: Say, *, timeout_s: float = CONVERGE_TIMEOUT_S) -> list[str]:
    """Tell what happens until all nodes and roles have converged. Answers why not, a sentence each."""

    def tell(event: Json) -> None:
        line = event_sentence(event)
        if line:
            say(line)

    told = 0
    try:
        async with asyncio.timeout(timeout_s):
            async for event in client.events(since=0):
                tell(event.data)
                told = event.data["id"]
                if event.name in {"pass.finished", "condition.changed"} and not await late(client):
                    break
    except TimeoutError:
        return await late(client)
    async for item in client.past_events(since=told):
        tell(item)
    return []


async def watch_until_linked(client: Client, *, timeout_s: float = NEIGHBOURS_TIMEOUT_S) -> None:
    """Wait until a neighbour was seen over every member of a LAG, and something at every node that tells of such.

    When the time is over, it is over: it is only for show.
    """
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(timeout_s):
            wanted, telling = await _member_ports(client), await _telling_nodes(client)
            async for event in client.events(since=0):
                if event.name != "links.changed":
                    continue
                linked = await _linked_ports(client)
                if wanted <= linked and telling <= {node for node, _ in linked}:
                    return


async def _member_ports(client: Client) -> set[tuple[str, str]]:
    """The ports that are declared as members of LAGs: they were just joined, and their far ends seen last."""
    ports = set()
    for node in await client.list("nodes"):
        lags = (await client.of_node(node["name"], "desired"))["state"].get("lags") or {}
        ports |= {(node["name"], member) for lag in lags.values() for member in lag.get("members") or ()}
    return ports


async def _telling_nodes(client: Client) -> set[str]:
    """The nodes that tell whom they see: those whose devices do, and PDUs only where their outlets are given names."""
    telling, known = set(), all_profiles()
    for node in await client.list("nodes"):
        profile = known.get(node["spec"]["profile"])
        if profile is None or "neighbours" not in profile.capabilities:
            continue
        outlets = (await client.of_node(node["name"], "desired"))["state"].get("outlets") or {}
        if profile.kind != "pdu" or any("name" in outlet for outlet in outlets.values()):
            telling.add(node["name"])
    return telling


async def _linked_ports(client: Client) -> set[tuple[str, str]]:
    links = (await client.call("GET", "/links"))["items"]
    ends = (end for link in links for end in (link["a"], link["b"]))  # one that both ends confirm is one link
    return {(end["node"], end["port"]) for end in ends if "node" in end}


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
    """Only what is not well: that all is, the end of a pass says."""
    status = data.get("status")
    if data.get("condition") not in {"Reachable", "Converged"} or status:
        return ""
    word = "not known" if status is None else "no"
    message = f": {data['message']}" if data.get("message") else ""
    return f"{event['node']}: {data['condition']}: {word}{message}"


def _pass(event: Json, data: Json) -> str:
    steps = data.get("steps")
    count = len(steps) if isinstance(steps, list) else steps
    many = "" if not count else f", {count} step" + "s" * (count != 1)
    return f"{event['node']}: {value_text(data.get('outcome'))}{many}"


_TELLERS: Final[Mapping[str, Callable[[Json, Json], str]]] = {
    "agent.enrolled": lambda _, data: f"agent: {value_text(data.get('agent'))} has joined",
    "condition.changed": _condition,
    "pass.finished": _pass,
}
