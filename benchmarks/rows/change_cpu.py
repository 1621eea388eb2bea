"""CPU of the agent per change that was made and verified, with 200 twin switches.

Each round is one ``apply`` that changes one port on each of them. Changes are counted from the pass records that the
service holds afterwards. All that the agent does meanwhile is in the figure: the assignments, the pass that a device's
push of our own change brings about, links and operation read after a change, the reports.
"""

from typing import Final

from benchmarks.agent import Counts, RunningAgent
from benchmarks.figures import Figure, Result
from benchmarks.site import Site, twin_site
from benchmarks.stage import Row, Stage

_TWINS: Final = 200
_ROUNDS: Final = 6
_WARM_UP_ROUNDS: Final = 2
_POLL_S: Final = 3600.0
_GOAL_MS: Final = 2.0


async def _measure(stage: Stage) -> Result:
    async with twin_site(stage, twins=_TWINS, poll_s=_POLL_S) as (site, twins):
        names = twins.names(_TWINS)
        await site.declare_nodes(twins.nodes(_TWINS))
        await site.declare_port(vlan=10)
        async with site.agent() as agent:
            await site.converged(names)
            await site.told_facts(names)
            await _rounds(site, names, agent, vlans=range(100, 100 + _WARM_UP_ROUNDS))
            earlier = await site.changed_passes(names)
            stage.tell(f"{_ROUNDS} rounds of changes")
            before = await agent.counts()
            after = await _rounds(site, names, agent, vlans=range(200, 200 + _ROUNDS))
            changes = await site.changed_passes(names) - earlier
    cpu_ms, seconds = (after.cpu_s - before.cpu_s) * 1000, after.at_s - before.at_s
    return Result(
        figures=(Figure(name="agent CPU per verified change", value=cpu_ms / changes, unit="ms", goal=_GOAL_MS),),
        remarks=(
            (
                f"{changes} changes in {_ROUNDS} rounds of {_TWINS} twins, {seconds:.1f} s; "
                f"{after.quiet - before.quiet} quiet passes after our own changes are in the figure"
            ),
        ),
    )


async def _rounds(site: Site, names: tuple[str, ...], agent: RunningAgent, *, vlans: range) -> Counts:
    """Change one port on each, again and again; what the agent had done when it was quiet at last."""
    for vlan in vlans:
        await site.declare_port(vlan)
        await site.converged(names)
    return await agent.quiescent()


ROW = Row(name="change-cpu", sentence="CPU of the agent per verified change, 200 twins", measure=_measure)
