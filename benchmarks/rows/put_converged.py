"""Milliseconds from the ``PUT`` of a role until the service tells that it is on the device, for one port.

On the lab's Open vSwitch, where this machine can make the lab (the agent runs in the management namespace, as beside
any switch, and reaches the service by a Unix socket); else on a twin. The caller writes, waits with ``?wait=``, and is
answered when the agent has read the device again and its report is stored. What the pass waited for the device is in
its record; the rest is ours: service, agent, the ways between them, and this caller.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

from benchmarks.agent import AgentOrder
from benchmarks.figures import Figure, Result, median, quantile
from benchmarks.real_lab import lab_or_reason, real_lab
from benchmarks.site import Site, site_of, twin_site
from benchmarks.stage import Row, Stage
from benchmarks.twins import LOCATION, node_document
from pointsman.client import Json, has_converged
from pointsman.lab import Lab

_REPEATS: Final = 50
_WARM_UP: Final = 5
_POLL_S: Final = 30.0
_GOAL_MS: Final = 300.0
_SWITCH: Final = "sw2"
_SECRET: Final = "lab.key"
_ROLE: Final = "bench-one-port"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Taken:
    """One repetition, in milliseconds."""

    total_ms: float
    device_ms: float


async def _measure(stage: Stage) -> Result:
    reason = await asyncio.to_thread(lab_or_reason)
    device = "a twin" if reason else "Open vSwitch"
    async with AsyncExitStack() as stack:
        site, node = await stack.enter_async_context(_twin(stage) if reason else _open_vswitch(stage))
        await stack.enter_async_context(site.agent())
        stage.tell(f"{_REPEATS} changes of one port on {device}")
        await site.converged([node])
        taken = [await _once(site, node, vlan=100 + number % 2) for number in range(_WARM_UP + _REPEATS)][_WARM_UP:]
    total, device_ms = [each.total_ms for each in taken], [each.device_ms for each in taken]
    ours = [each.total_ms - each.device_ms for each in taken]
    return Result(
        figures=(
            Figure(
                name=f"PUT to converged and reported, {device}, median", value=median(total), unit="ms", goal=_GOAL_MS
            ),
            Figure(name="p95", value=quantile(total, 0.95), unit="ms"),
            Figure(name="of it the device, median", value=median(device_ms), unit="ms"),
            Figure(name="of it ours, median", value=median(ours), unit="ms"),
            Figure(name="our share", value=100 * sum(ours) / sum(total), unit="%"),
        ),
        remarks=(f"{len(taken)} changes, one after the other", *([f"no lab: {reason}"] if reason else [])),
    )


async def _once(site: Site, node: str, *, vlan: int) -> _Taken:
    client = site.service.client
    spec = {"attach": {"nodes": [node]}, "state": {"ports": {"p5": {"mode": "access", "access_vlan": vlan}}}}
    began = time.perf_counter()
    answer = await client.put("roles", _ROLE, spec)
    generation = int(answer["nodes"][node])
    found = await client.wait_for("nodes", node, timeout_s=20, generation=generation)
    total_ms = (time.perf_counter() - began) * 1000
    if not has_converged(found, generation):
        raise RuntimeError(f"{node} did not converge to generation {generation}: {found['status']['conditions']}")
    return _Taken(total_ms=total_ms, device_ms=_device_ms(await client.of_node(node, "passes", limit=5), generation))


def _device_ms(passes: Json, generation: int) -> float:
    """What the passes that brought the node to ``generation`` waited for it. Raises RuntimeError if none changed it."""
    records: list[dict[str, Any]] = [
        each for each in passes["items"] if each["generation"] == generation and each["outcome"] == "changed"
    ]
    if not records:
        raise RuntimeError(f"no pass record tells of generation {generation}")
    return float(sum(each["device_ms"] for each in records))


@asynccontextmanager
async def _twin(stage: Stage) -> AsyncIterator[tuple[Site, str]]:
    async with twin_site(stage, twins=2, poll_s=_POLL_S) as (site, twins):
        await site.declare_nodes(twins.nodes(2))
        yield site, twins.names(1)[0]


@asynccontextmanager
async def _open_vswitch(stage: Stage) -> AsyncIterator[tuple[Site, str]]:
    async with real_lab(stage) as lab, site_of(stage, await asyncio.to_thread(_order, lab)) as site:
        await site.declare_nodes(await asyncio.to_thread(_lab_nodes, lab))
        yield site, _SWITCH


def _order(lab: Lab) -> AgentOrder:
    return AgentOrder(
        location=LOCATION,
        secrets={_SECRET: lab.key_path.read_text(encoding="ascii")},
        hosts=("10.8.0.0/24",),
        poll_s=_POLL_S,
        inside=("ip", "netns", "exec", lab.namespace("mgmt")),
    )


def _lab_nodes(lab: Lab) -> dict[str, dict[str, Any]]:
    return {
        each.name: node_document(profile=each.profile, access=list(each.access), host_key=each.host_key, secret=_SECRET)
        for each in lab.status()
        if each.name == _SWITCH
    }


ROW = Row(name="put-converged", sentence="ms from PUT role to converged and reported, one port", measure=_measure)
