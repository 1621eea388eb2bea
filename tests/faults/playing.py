"""Playing a schedule: its acts, then an end of all faults, then three questions to the world, each held by the oracle.

First: is the node as was declared last, or rightly taken back? Then everything is declared anew, harmlessly, and must
converge. At last nothing is declared, and what we made must be gone, and only that.
"""

from __future__ import annotations

import asyncio
import random
import shutil
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from structlog.testing import capture_logs

from device_profiles.state import State
from tests.faults import oracle, twins, virtual
from tests.faults.schedules import FOUND, LAST, NOTHING, Declared, Schedule
from tests.faults.switch import OWN_PORT, elements_of
from tests.faults.world import POLL_S, World, patched

_SLICE_S = POLL_S / 6
_QUIET_SLICES = 7
_MOST_S = 1500.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a trial ended."""

    violations: tuple[str, ...]
    injected: Counter[str]
    virtual_s: float


def play(schedule: Schedule) -> Outcome:
    """Play it in a folder of its own. What is left to chance (delays) is the same each time."""
    random.seed(0)
    folder = Path(tempfile.mkdtemp(prefix="faults-", dir="/dev/shm" if Path("/dev/shm").is_dir() else None))
    try:
        with capture_logs() as logged:
            return virtual.run((_play_twin if schedule.twin else _play)(schedule, folder, logged))
    finally:
        shutil.rmtree(folder)


async def _play(schedule: Schedule, folder: Path, logged: list[Any]) -> Outcome:
    violations: list[str] = []
    world = World(folder, schedule)
    with patched(world):
        begun = asyncio.get_running_loop().time()
        try:
            async with world:
                await _disturb(world, schedule, violations)
                await _judge(world, folder, violations)
            violations += oracle.reports(world, folder)
            violations += oracle.secrets(world, logged, folder)
        except Exception as error:  # noqa: BLE001 -- whatever ends an agent is what a trial is for
            violations.append(f"the agent ended by itself: {error!r}")
        return Outcome(tuple(violations), world.injected, asyncio.get_running_loop().time() - begun)


async def _play_twin(schedule: Schedule, folder: Path, logged: list[Any]) -> Outcome:
    violations: list[str] = []
    async with twins.twin(schedule.twin) as subject:
        world = twins.TwinWorld(folder, schedule, subject)
        before = await world.switch.look()
        world.remember(before)
        with patched(world):
            begun = asyncio.get_running_loop().time()
            try:
                async with world:
                    await _disturb(world, schedule, violations)
                    await _judge_twin(world, folder, violations, before)
                violations += oracle.reports(world, folder)
                violations += oracle.secrets(world, logged, folder)
            except Exception as error:  # noqa: BLE001 -- whatever ends an agent is what a trial is for
                violations.append(f"the agent ended by itself: {error!r}")
            return Outcome(tuple(violations), world.injected, asyncio.get_running_loop().time() - begun)


async def _judge_twin(world: twins.TwinWorld, folder: Path, violations: list[str], before: State) -> None:
    if not await _settled(world):
        violations.append("never came to rest")
    violations += await twins.as_declared(world)
    booted = await twins.boots(world)
    if booted > world.tokens:
        violations.append(f"{world.tokens} cycles were asked for, and {booted} were done")
    tokens = world.tokens
    world.declare(twins.last(world.switch.subject))
    await _settled(world)
    violations += (f"at the end: {each}" for each in await twins.as_declared(world))
    if "clock" not in world.seen and await twins.boots(world) - booted != world.tokens - tokens:
        violations.append("a cycle was asked for when all was well, and was not done once")
    world.declare(NOTHING)
    await _settled(world)
    violations += (f"with nothing declared: {each}" for each in await twins.as_declared(world))
    violations += twins.left_over(world, before, folder)
    written, told = world.switch.writes, len(world.service.reports)
    await asyncio.sleep(2.2 * POLL_S)
    if world.switch.writes != written:
        violations.append(f"{world.switch.writes - written} writes with nothing to do")
    if any(report.record for report in list(world.service.reports.values())[told:]):
        violations.append("passes are told of with nothing to do")


async def _disturb(world: World, schedule: Schedule, violations: list[str]) -> None:
    for act in schedule.acts:
        if act.point:
            world.arm(act)
        else:
            world.do(act)
        if act.wait_s:
            await asyncio.sleep(act.wait_s)
    violations += oracle.obeyed(world)
    world.heal()


async def _judge(world: World, folder: Path, violations: list[str]) -> None:
    switch = world.switch
    if not await _settled(world):
        violations.append("never came to rest")
    violations += oracle.after_faults(world)
    if oracle.converged(world)[1] == "ChangedMeanwhile":
        with switch.hands():
            shown = FOUND.ports[OWN_PORT]
            switch.by_hand("ports", OWN_PORT, mode="trunk", trunk_vlans=shown.trunk_vlans, enabled=True)
            switch.by_hand("ports", OWN_PORT, access_vlan=None)
    theirs = switch.state.ports["p5"], switch.state.vlans.get(70), switch.state.vlans.get(71)
    await _reaches(world, LAST, violations)
    before = elements_of(switch.state) - switch.ours
    violations += oracle.ownership(world, oracle.ledger_of(folder))
    if not switch.saved_is_running:
        violations.append("a save is owed, and was not made")
    await _reaches(world, NOTHING, violations)
    violations += oracle.ownership(world, oracle.ledger_of(folder))
    violations += oracle.others(world, before, theirs)
    left = switch.ours - switch.disputed
    if left:
        violations.append(f"made by us, declared by nobody, and still there: {sorted(left)}")
    written, told = switch.writes, len(world.service.reports)
    await asyncio.sleep(2.2 * POLL_S)
    if switch.writes != written:
        violations.append(f"{switch.writes - written} writes with nothing to do")
    new = [report for report in list(world.service.reports.values())[told:] if report.record]
    if new:
        violations.append("passes are told of with nothing to do")


async def _reaches(world: World, declared: Declared, violations: list[str]) -> None:
    world.declare(declared)
    await _settled(world)
    violations += (f"at the end: {each}" for each in oracle.after_faults(world))


async def _settled(world: World) -> bool:
    """Wait until nothing is written and nothing told; False where that never comes."""
    loop, quiet, last = asyncio.get_running_loop(), 0, None
    ends = loop.time() + _MOST_S
    while loop.time() < ends:
        await asyncio.sleep(_SLICE_S)
        world.keeps_running()
        status, reason = oracle.converged(world)
        reached = status is True and world.service.converged("sw1", world.generation)
        rests = reached or oracle.rests(world, reason)
        now = world.switch.writes, len(world.service.reports), status, reason
        quiet = quiet + 1 if now == last and rests else 0
        last = now
        if quiet >= _QUIET_SLICES:
            return True
    return False
