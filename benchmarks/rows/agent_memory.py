"""Memory of one agent as its nodes grow from 2 to 100 to 500 twins: PSS, once it is quiet.

One process all along, so that what a further node takes is the difference of two readings of the same thing.
"""

from typing import Final

from benchmarks.agent import RunningAgent
from benchmarks.figures import Figure, Result
from benchmarks.site import Site, twin_site
from benchmarks.stage import Row, Stage
from benchmarks.twins import Twins

_SIZES: Final = (2, 100, 500)
_POLL_S: Final = 30.0
_GOALS_MB: Final = {100: 150.0}
_GOAL_PER_NODE_MB: Final = 1.0


async def _measure(stage: Stage) -> Result:
    async with twin_site(stage, twins=_SIZES[-1], poll_s=_POLL_S) as (site, twins):
        await site.declare_port(vlan=10)
        async with site.agent() as agent:
            found = {size: await _memory_at(size, site, twins, agent) for size in _SIZES}
            sessions = agent.child.tcp_connections()
    small, large = _SIZES[0], _SIZES[-1]
    per_node = (found[large] - found[small]) / (large - small)
    return Result(
        figures=(
            *(Figure(name=f"at {n} twins", value=mb, unit="MB", goal=_GOALS_MB.get(n)) for n, mb in found.items()),
            Figure(name="for each further node", value=per_node, unit="MB", goal=_GOAL_PER_NODE_MB),
        ),
        remarks=(f"each twin read, one port changed, facts and links reported; {sessions} sessions held at {large}",),
    )


async def _memory_at(size: int, site: Site, twins: Twins, agent: RunningAgent) -> float:
    """MB of the agent when it keeps so many nodes and has told all of them."""
    site.stage.tell(f"{size} twins")
    await site.declare_nodes(twins.nodes(size))
    await site.converged(twins.names(size))
    await site.told_facts(twins.names(size))
    await agent.quiescent()
    return agent.child.pss_mb()


ROW = Row(name="agent-memory", sentence="memory of the agent at 2, 100 and 500 twins", measure=_measure)
