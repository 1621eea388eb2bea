"""CPU of the agent per pass that finds everything as declared, with 200 twin switches.

The passes are polls as they always are, only oftener. The agent itself counts the passes (an observer in its process)
and reads its own CPU clock in the same moment, so neither is estimated from time. What else the agent does meanwhile
(heartbeats, links and operation at their intervals) is in the figure.
"""

from typing import Final

from benchmarks.figures import Figure, Result
from benchmarks.site import twin_site
from benchmarks.stage import Row, Stage

_TWINS: Final = 200
_POLL_S: Final = 0.5
_WARM_UP_PASSES: Final = 4 * _TWINS
_PASSES: Final = 22 * _TWINS
_GOAL_MS: Final = 0.6


async def _measure(stage: Stage) -> Result:
    async with twin_site(stage, twins=_TWINS, poll_s=_POLL_S) as (site, twins):
        await site.declare_nodes(twins.nodes(_TWINS))
        await site.declare_port(vlan=10)
        async with site.agent() as agent:
            await site.converged(twins.names(_TWINS))
            await site.told_facts(twins.names(_TWINS))
            stage.tell("all are as declared: counting polls")
            before = await agent.after_passes(_WARM_UP_PASSES)
            after = await agent.after_passes(_PASSES)
    quiet, others = after.quiet - before.quiet, after.acting - before.acting
    cpu_ms, seconds = (after.cpu_s - before.cpu_s) * 1000, after.at_s - before.at_s
    return Result(
        figures=(Figure(name="agent CPU per no-change pass", value=cpu_ms / quiet, unit="ms", goal=_GOAL_MS),),
        remarks=(
            (
                f"{quiet} quiet passes over {_TWINS} twins in {seconds:.1f} s ({others} others), "
                f"{cpu_ms / seconds / 10:.0f} % of a core"
            ),
        ),
    )


ROW = Row(name="no-change-cpu", sentence="CPU of the agent per no-change pass, 200 twins", measure=_measure)
