"""CPU per poll, and memory, of one agent that polls 500 PDUs by SNMP v2c every 30 s.

The PDUs are twins of APC's tables in another process, each at a UDP port of its own. A poll is a whole pass that finds
all as declared: the outlets' tables are walked, between two looks at sysUpTime. What else the agent does meanwhile
(heartbeats, measurements and facts at their intervals) is in the figure.
"""

from typing import Final

from benchmarks.figures import Figure, Result
from benchmarks.site import twin_site
from benchmarks.stage import Row, Stage

_PROFILE: Final = "apc_pdu"
_PDUS: Final = 500
_FEW: Final = 20
_POLL_S: Final = 30.0
_DECLARED: Final = {"outlets": {"1": {"name": "web-1/psu0", "power": "on"}}}


async def _measure(stage: Stage) -> Result:
    async with twin_site(stage, twins=_PDUS, poll_s=_POLL_S, profile=_PROFILE) as (site, pdus):
        await site.declare_state(_DECLARED)
        memory_mb = {}
        async with site.agent() as agent:
            for count in (_FEW, _PDUS):
                stage.tell(f"{count} PDUs")
                await site.declare_nodes(pdus.nodes(count))
                await site.converged(pdus.names(count))
                await site.told_facts(pdus.names(count))
                memory_mb[count] = agent.child.pss_mb()
            stage.tell(f"all are as declared: {_PDUS} polls")
            before = await agent.after_passes(1)
            after = await agent.after_passes(_PDUS)
    quiet, others = after.quiet - before.quiet, after.acting - before.acting
    cpu_ms, seconds = (after.cpu_s - before.cpu_s) * 1000, after.at_s - before.at_s
    per_pdu = (memory_mb[_PDUS] - memory_mb[_FEW]) / (_PDUS - _FEW)
    return Result(
        figures=(
            Figure(name="agent CPU per poll of a PDU", value=cpu_ms / quiet, unit="ms"),
            Figure(name=f"of a core, {_PDUS} PDUs every {_POLL_S:.0f} s", value=cpu_ms / seconds / 10, unit="%"),
            Figure(name=f"memory at {_PDUS} PDUs", value=memory_mb[_PDUS], unit="MB"),
            Figure(name="for each further PDU", value=per_pdu, unit="MB"),
        ),
        remarks=(f"{quiet} quiet passes in {seconds:.1f} s ({others} others)",),
    )


ROW = Row(name="many-pdus", sentence="CPU and memory of the agent that polls 500 PDUs by SNMP", measure=_measure)
