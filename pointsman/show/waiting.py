"""Waiting for nodes and roles, and telling who is late and why.

Each name is one long call to the service, which answers as soon as it has converged; all of them wait side by side.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from pointsman.client import Client, Json, has_converged
from pointsman.show.output import note, say
from pointsman.show.progress import working
from pointsman.show.tables import conditions_of, converged_text


async def wait_for_nodes(
    client: Client, generations: Mapping[str, int | None], *, timeout_s: float, quiet: bool = False
) -> list[str]:
    """Wait until the nodes have converged at these generations (None: the present one). Answers who is late."""

    async def one(name: str, generation: int | None) -> tuple[str, bool]:
        node = await client.wait_for("nodes", name, timeout_s=timeout_s, generation=generation)
        done = has_converged(node, generation)
        if not done:
            note(why_late(node))
        elif not quiet:
            say(f"{name}: converged at generation {node['status']['converged_generation']}")
        return name, done

    with working(f"waiting for {', '.join(generations)}"):
        found = await asyncio.gather(*(one(name, number) for name, number in generations.items()))
    return [name for name, done in found if not done]


async def wait_for_roles(client: Client, names: Sequence[str], *, timeout_s: float) -> list[str]:
    """Wait until the roles' own leaves are on all of their nodes. Answers who is late."""

    async def one(name: str) -> tuple[str, bool]:
        role = await client.wait_for("roles", name, timeout_s=timeout_s)
        if has_converged(role):
            say(f"{name}: converged")
            return name, True
        for node, entry in (role["status"].get("nodes") or {}).items():
            if not entry["converged"]:
                note(await _why_role_late(client, name, node, entry))
        return name, False

    with working(f"waiting for {', '.join(names)}"):
        found = await asyncio.gather(*(one(name) for name in names))
    return [name for name, done in found if not done]


async def _why_role_late(client: Client, role: str, node: str, entry: Json) -> str:
    """What keeps a role from being on a node: its own leaves, or that the node is late as a whole."""
    found = await client.get("nodes", node)
    if not has_converged(found):
        return f"role {role}: {why_late(found)}"
    return f"role {role} has not converged on {node}: {entry['reason']}: {entry['message']}"


def why_late(node: Json) -> str:
    """One sentence: what keeps a node from being as declared."""
    conditions = conditions_of(node)
    for kind in ("Reachable", "Identified", "Conflicted", "Paused", "Converged"):
        condition = conditions.get(kind)
        bad = condition is not None and condition["status"] is (kind in {"Conflicted", "Paused"})
        if condition is not None and bad:
            return f"{node['name']} has not converged: {condition['reason']}: {condition['message']}"
    return f"{node['name']} has not converged: {converged_text(node)}"
