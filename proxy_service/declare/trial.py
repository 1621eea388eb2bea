"""What an apply would do on the devices: compiled differences always, and a plan from each agent that is there."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import orjson

from proxy_service.agents.requests import ask
from proxy_service.declare.compiling import difference, read, written
from proxy_service.declare.recompile import Recompiled
from proxy_service.hub import Hub
from proxy_service.problems import Refused, Slug
from proxy_service.store import Cause

_AT_ONCE = 50
_REASONS = {
    Slug.AGENT_AWAY: "AgentAway",
    Slug.REQUEST_TIMEOUT: "RequestTimeout",
    Slug.NOT_FOUND: "NotAssigned",
    Slug.REQUEST_FAILED: "RequestFailed",
}


async def plans(hub: Hub, cause: Cause, changed: Mapping[str, Recompiled], *, timeout_s: float) -> dict[str, Any]:
    """For each node that would change: ``compiled_diff``, and ``plan`` or why it is ``unavailable``."""
    slots = asyncio.Semaphore(_AT_ONCE)
    found: dict[str, Any] = {}

    async def one(node: str, item: Recompiled) -> None:
        found[node] = {"compiled_diff": difference(read(item.before) if item.before else None, item.after)}
        body = {"desired": orjson.loads(written(item.after))}
        async with slots:
            try:
                answer = await ask(hub, cause, node=node, kind="dry_run", body=body, timeout_s=timeout_s)
            except Refused as refusal:
                reason = refusal.extra.get("reason") or _REASONS.get(refusal.slug, "Unavailable")
                found[node]["unavailable"] = {"reason": reason, "message": refusal.detail}
            else:
                found[node] |= {"plan": answer.get("steps", []), "notes": answer.get("notes", [])}
                found[node]["problems"] = answer.get("problems", [])

    async with asyncio.TaskGroup() as group:
        for node, item in changed.items():
            if item.changed:
                group.create_task(one(node, item))
    return dict(sorted(found.items()))
