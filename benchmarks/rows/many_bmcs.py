"""CPU, memory and stalls of one agent that polls 200 management controllers by IPMI every 2 s.

The controllers are twins in another process, each at a UDP port of its own, behind pyghmi's own server. A poll is a
whole pass: power and identify light in one request, the boot device in another. What the agent has pyghmi do happens
in child processes, which are in the figures. A stall is a time in which no poll at all ended, though a hundred are due
each second; a controller that was ever told as unreachable is one, too.
"""

import asyncio
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import psutil

from benchmarks.agent import RunningAgent
from benchmarks.figures import Figure, Result
from benchmarks.site import Site, twin_site
from benchmarks.stage import Row, Stage

_PROFILE: Final = "ipmi"
_BMCS: Final = 200
_POLL_S: Final = 2.0
_MEASURED_S: Final = 30.0
_LOOK_S: Final = 0.02
_DECLARED: Final = {"slots": {"1": {"power": "on"}}}
_CHILD: Final = "drivers.ipmi.child"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sample:
    """What agent and children had used, and how many polls had been quiet."""

    agent_s: float
    children_s: float
    quiet: int
    acting: int
    at_s: float


async def _sample(agent: RunningAgent, children: Iterable[psutil.Process]) -> _Sample:
    counts = await agent.counts()
    used = [each.cpu_times() for each in children]
    spent_s = sum(each.user + each.system for each in used)
    return _Sample(agent_s=counts.cpu_s, children_s=spent_s, quiet=counts.quiet, acting=counts.acting, at_s=counts.at_s)


def _children(agent: RunningAgent) -> list[psutil.Process]:
    return [each for each in psutil.Process(agent.child.pid).children(recursive=True) if _CHILD in each.cmdline()]


async def _longest_gap_s(agent: RunningAgent, seconds: float) -> float:
    """The longest time in which no poll ended."""
    ends = time.monotonic() + seconds
    seen, since, longest = -1, time.monotonic(), 0.0
    while time.monotonic() < ends:
        counts, now = await agent.counts(), time.monotonic()
        if counts.quiet != seen:
            longest, seen, since = max(longest, now - since), counts.quiet, now
        await asyncio.sleep(_LOOK_S)
    return max(longest, time.monotonic() - since)


async def _unreachable(site: Site, names: Iterable[str]) -> int:
    """How many controllers were told as unreachable at some time."""
    told = {
        event.get("node")
        async for event in site.service.client.past_events(since=0)
        if event.get("type") == "condition.changed"
        and (event.get("data") or {}).get("condition") == "Reachable"
        and not (event.get("data") or {}).get("status")
    }
    return len(told & set(names))


async def _measure(stage: Stage) -> Result:
    async with twin_site(stage, twins=_BMCS, poll_s=_POLL_S, profile=_PROFILE) as (site, bmcs):
        names = bmcs.names(_BMCS)
        await site.declare_state(_DECLARED)
        async with site.agent() as agent:
            await site.declare_nodes(bmcs.nodes(_BMCS))
            await site.converged(names)
            await site.told_facts(names)
            stage.tell("all are as declared: counting polls")
            children = _children(agent)
            before = await _sample(agent, children)
            gap_s = await _longest_gap_s(agent, _MEASURED_S)
            after = await _sample(agent, children)
            memory_mb = agent.child.pss_mb()
            children_mb = sum(each.memory_full_info().pss for each in children) / 1e6
            lost = await _unreachable(site, names)
    quiet, seconds = after.quiet - before.quiet, after.at_s - before.at_s
    agent_ms, children_ms = (after.agent_s - before.agent_s) * 1000, (after.children_s - before.children_s) * 1000
    return Result(
        figures=(
            Figure(name="agent CPU per poll of a controller", value=agent_ms / quiet, unit="ms"),
            Figure(name="CPU of the child processes per poll", value=children_ms / quiet, unit="ms"),
            Figure(name=f"polls a second, of {_BMCS / _POLL_S:.0f} that are due", value=quiet / seconds, unit=""),
            Figure(name="longest time without any poll", value=gap_s * 1000, unit="ms"),
            Figure(name="controllers that were ever told as unreachable", value=lost, unit="", goal=0),
            Figure(name=f"memory of the agent at {_BMCS} controllers", value=memory_mb, unit="MB"),
            Figure(name=f"memory of its {len(children)} child processes", value=children_mb, unit="MB"),
        ),
        remarks=(f"{quiet} quiet passes in {seconds:.1f} s ({after.acting - before.acting} others)",),
    )


ROW = Row(
    name="many-bmcs", sentence="CPU, memory and stalls of the agent that polls 200 BMCs by IPMI", measure=_measure
)
