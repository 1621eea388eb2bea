"""Seconds from the start of an agent until 100 switches that it has never read are read and as declared.

The agent is enrolled and the nodes are declared before. One port of each twin is not as declared, so each is not only
read but changed, verified and reported. Restarted, the agent finds all as declared: the second figure.
"""

import time
from collections.abc import Iterable
from typing import Final

from benchmarks.figures import Figure, Result
from benchmarks.site import Site, twin_site
from benchmarks.stage import Row, Stage

_TWINS: Final = 100
_POLL_S: Final = 30.0
_GOAL_S: Final = 10.0


async def _measure(stage: Stage) -> Result:
    async with twin_site(stage, twins=_TWINS, poll_s=_POLL_S) as (site, twins):
        async with site.agent() as agent:
            await agent.enrolled()
        await site.declare_nodes(twins.nodes(_TWINS))
        await site.declare_port(vlan=10)
        first_s = await _until_usable(site, twins.names(_TWINS))
        again_s = await _until_read(site)
    return Result(
        figures=(
            Figure(name="start to all read, changed and reported", value=first_s, unit="s", goal=_GOAL_S),
            Figure(name="restart to all read, as declared", value=again_s, unit="s"),
        ),
        remarks=(f"{_TWINS} twins, each with one port to change",),
    )


async def _until_usable(site: Site, names: Iterable[str]) -> float:
    began = time.perf_counter()
    async with site.agent() as agent:
        await site.converged(names)
        took_s = time.perf_counter() - began
        await agent.quiescent()
    return took_s


async def _until_read(site: Site) -> float:
    """Seconds until as many readings were begun as there are nodes: what the service holds does not change by them."""
    began = time.perf_counter()
    async with site.agent() as agent:
        await agent.after_passes(_TWINS)
        return time.perf_counter() - began


ROW = Row(name="usable", sentence="seconds until an agent's 100 twins are read and as declared", measure=_measure)
