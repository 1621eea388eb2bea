"""The pass that finds nothing to change, ours and that of netmiko and nornir, over the same twins in one run.

Each of the three has its own process on the measured core, one after the other, with connections that were open before.
All send the same commands: those that our driver asks to read the configuration. The others have the answers parsed by
ntc-templates where it has a template, and compare with the last time. Ours is the whole agent: besides reading it
plans, keeps its journal and reports.
"""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from benchmarks.agent import AgentOrder
from benchmarks.command_lines import PROFILE, switch_in_use
from benchmarks.figures import Figure, Result
from benchmarks.processes import Child
from benchmarks.site import site_of
from benchmarks.stage import Row, Stage
from benchmarks.twins import LOCATION, node_document
from device_profiles.profile import load_profiles
from drivers.access import parse_access
from drivers.recording import Recorder, RecordingConnection
from drivers.registry import make_driver
from pointsman.twins.languages.bench import connected
from pointsman.twins.languages.ios_like_session import IosSession

_TWINS: Final = 40
_POLL_S: Final = 1.0
_PASSES: Final = 10
_SECRET: Final = "twins.password"
_UNPARSED: Final = "netmiko, nothing parsed"
_THEIRS: Final = ("netmiko", "nornir", _UNPARSED)
_OTHERS_S: Final = 240.0
_PORT: Final = "GigabitEthernet0/5"


async def _measure(stage: Stage) -> Result:
    commands = await _commands()
    async with _served(stage, _TWINS) as twins:
        ours_ms, quiet = await _ours(stage, twins)
        found = {name: await _theirs(stage, name, twins, commands) for name in _THEIRS}
    figures = [Figure(name="agent CPU per no-change pass", value=ours_ms, unit="ms")]
    for name, each in found.items():
        cpu_ms = each["cpu_s"] * 1000 / (_TWINS * _PASSES)
        figures += (
            Figure(name=f"{name} CPU per no-change pass", value=cpu_ms, unit="ms"),
            Figure(name=f"{name} to ours", value=cpu_ms / ours_ms, unit="times"),
        )
    changed = {name: each["changed"] for name, each in found.items()}
    return Result(
        figures=tuple(figures),
        remarks=(
            f"{_TWINS} IOS-like twins of 48 ports over SSH; a pass asks: {', '.join(commands)}",
            f"{quiet} quiet passes of ours, {_TWINS * _PASSES} of each other; found changed by them: {changed}",
        ),
    )


async def _commands() -> list[str]:
    """What our driver asks to read the configuration."""
    profile = load_profiles()[PROFILE]
    switch = switch_in_use()
    recorder = Recorder(profile)
    driver = make_driver(RecordingConnection(connected(lambda: IosSession(switch)), recorder), profile)
    await driver.read(())
    await driver.close()
    return [each.send for each in recorder.exchanges if each.send.startswith("show")]


@asynccontextmanager
async def _served(stage: Stage, count: int) -> AsyncIterator[dict[str, Any]]:
    """So many twins in a process of their own: what it printed of them."""
    stage.tell(f"starting {count} IOS-like twins")
    log = stage.folder / "command-lines.log"
    argv = [sys.executable, "-m", "benchmarks.command_lines", "--count", str(count)]
    with Child("command-lines", argv, log=log, cores=stage.cores.others) as child:
        yield await _printed(child, log, what="the twins answer")


async def _printed(child: Child, log: Path, *, what: str, timeout_s: float = 60.0) -> dict[str, Any]:
    """The line of JSON that a child printed, once it is whole."""
    found: list[dict[str, Any]] = []

    def said() -> bool:
        text = log.read_text(encoding="utf-8", errors="replace")
        found.extend(
            json.loads(line) for line in text.splitlines(keepends=True) if line.startswith("{") and line[-1:] == "\n"
        )
        return bool(found)

    await child.until(lambda: asyncio.to_thread(said), what=what, timeout_s=timeout_s)
    return found[0]


async def _ours(stage: Stage, twins: Mapping[str, Any]) -> tuple[float, int]:
    """CPU milliseconds of the agent per quiet pass, and how many there were."""
    order = AgentOrder(location=LOCATION, secrets={_SECRET: twins["password"]}, hosts=("127.0.0.0/8",), poll_s=_POLL_S)
    nodes = {
        each["name"]: node_document(
            profile=each["profile"], access=[each["access"]], host_key=each["host_key"], secret=_SECRET
        )
        for each in twins["nodes"]
    }
    async with site_of(stage, order) as site:
        await site.declare_nodes(nodes)
        await site.declare_port(vlan=10, port=_PORT)
        async with site.agent() as agent:
            await site.converged(nodes)
            await site.told_facts(nodes)
            stage.tell("all are as declared: counting polls")
            before = await agent.after_passes(2 * _TWINS)
            after = await agent.after_passes(_PASSES * _TWINS)
    quiet = after.quiet - before.quiet
    return (after.cpu_s - before.cpu_s) * 1000 / quiet, quiet


async def _theirs(stage: Stage, name: str, twins: Mapping[str, Any], commands: list[str]) -> dict[str, Any]:
    """What a process of another library says of its passes."""
    stage.tell(f"{name}: {_PASSES} passes")
    library = name.partition(",")[0]
    nodes = []
    for each in twins["nodes"]:
        access = parse_access(each["access"])
        login = {"user": access.user, "password": twins["password"]}
        nodes.append({"name": each["name"], "host": access.host, "port": access.port, **login})
    folder = stage.folder / name.replace(", ", "-").replace(" ", "-")
    await asyncio.to_thread(folder.mkdir)
    order = folder / "order.json"
    text = json.dumps({"nodes": nodes, "commands": commands, "passes": _PASSES, "parse": name != _UNPARSED})
    await asyncio.to_thread(order.write_text, text, "utf-8")
    log = folder / "library.log"
    argv = [sys.executable, "-m", "benchmarks.comparison_process", library, str(order)]
    with Child(library, argv, log=log, cores=stage.cores.measured) as child:
        return await _printed(child, log, what="its passes", timeout_s=_OTHERS_S)


ROW = Row(
    name="side-by-side", sentence="the no-change pass beside netmiko and nornir, the same twins", measure=_measure
)
