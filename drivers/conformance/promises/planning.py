"""A plan: pure, deterministic, and never of a name that could mean something to a device's command line."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Final

from device_profiles import names
from device_profiles.compare import Goal
from device_profiles.leaves import SECTIONS
from device_profiles.state import Export, Lag, Outlet, Port, Slot, State, Vlan, Volume
from drivers.conformance.goals import unsupported
from drivers.conformance.promise import promise, writable
from drivers.conformance.subject import Subject
from drivers.conformance.trial import Broken, Trial, expect
from drivers.errors import Blocked

HOSTILE: Final = (
    *("a;reboot", "$(reboot)", "`reboot`", "a|reboot", "a&reboot", "a>b", "a\nreboot", "a\rreboot", "a\0b", "\x1b[2Ja"),
    *('a"b', "a'b", "a\\b", "a?", "a!b", "%s{command}", " a", "", "\u202ea", "\N{FULLWIDTH SEMICOLON}a", "a" * 10_000),
)


@promise("plans without input or output, and the same again", excuse=writable)
async def plans_purely(trial: Trial) -> None:
    case = trial.goals.whole
    opened = await trial.settle(trial.goals.bystander(), case.before)
    observed = await trial.read(opened)
    goal_before, observed_before = deepcopy(case.after), deepcopy(observed)
    uses, tasks = opened.wire.uses, asyncio.all_tasks()
    steps = trial.planned(opened, case.after, observed)
    again = trial.planned(opened, case.after, observed)
    await asyncio.sleep(0)
    expect(opened.wire.uses == uses, "planning used the connection")
    expect(asyncio.all_tasks() <= tasks, "planning started a task")
    expect(isinstance(steps, tuple), "a plan is no tuple of steps")
    expect(steps == again, "the same goal and the same reading gave another plan")
    expect((case.after, observed) == (goal_before, observed_before), "planning changed what it was given")
    expect(
        trial.planned(opened, _reversed(case.after), observed) == steps,
        "the order in which a goal names its objects counts",
    )
    other = await trial.open()
    expect(trial.planned(other, case.after, await trial.read(other)) == steps, "another driver plans something else")


def _reversed(goal: Goal) -> Goal:
    sections = {name: dict(reversed(getattr(goal.state, name).items())) for name in SECTIONS}
    return Goal(State(**sections), goal.absent)


@promise("refuses hostile names before anything is sent", excuse=writable)
async def refuses_hostile_names(trial: Trial) -> None:
    opened = await trial.settle()
    observed = await trial.read(opened)
    sent = len(opened.wire.sent)
    for text in HOSTILE:
        for place, goal in _places(trial, text):
            try:
                steps = trial.planned(opened, goal, observed)
            except Blocked:
                continue
            expect(not steps, f"{place} was planned with a name of {ascii(text)[:40]}")
    expect(len(opened.wire.sent) == sent, "something was sent while hostile names were planned")


def _places(trial: Trial, text: str) -> Iterator[tuple[str, Goal]]:
    """Every place of a goal where a text can stand that this text may not stand in."""
    ground = trial.subject.ground
    ports, lag = ground.ports, ground.lag or "lag1"
    outlet, slot = next(iter(ground.outlets), "1"), next(iter(ground.slots), "1")
    candidates: tuple[tuple[str, str, Callable[[], State]], ...] = (
        ("ports.description", names.PORT_NAME, lambda: State(ports={text: Port(description="x")})),
        ("ports.description", names.DESCRIPTION, lambda: State(ports={ports[0]: Port(description=text)})),
        ("lags", names.PORT_NAME, lambda: State(lags={text: Lag(members=ports[-2:], lacp="active")})),
        ("lags.members", names.PORT_NAME, lambda: State(lags={lag: Lag(members=(text,), lacp="active")})),
        ("vlans.name", names.VLAN_NAME, lambda: State(vlans={ground.vlans[0]: Vlan(name=text)})),
        ("outlets.power", names.DEVICE_OBJECT_NAME, lambda: State(outlets={text: Outlet(power="on")})),
        ("outlets.name", names.DESCRIPTION, lambda: State(outlets={outlet: Outlet(name=text)})),
        ("slots.power", names.DEVICE_OBJECT_NAME, lambda: State(slots={text: Slot(power="on")})),
        ("slots.boot_device", names.OBJECT_NAME, lambda: State(slots={slot: Slot(boot_device=text)})),  # type: ignore[arg-type]  # hostile
        ("volumes", names.DEVICE_OBJECT_NAME, lambda: State(volumes={text: Volume(size=1 << 20, pool=ground.pool)})),
        ("volumes.pool", names.DEVICE_OBJECT_NAME, lambda: State(volumes={"conf-a": Volume(size=1 << 20, pool=text)})),
        ("exports", names.DEVICE_OBJECT_NAME, lambda: State(exports={text: Export(initiators=("iqn.a",))})),
        ("exports.initiators", names.INITIATOR_NAME, lambda: State(exports={"conf": Export(initiators=(text,))})),
    )
    for shape, pattern, make in candidates:
        hostile = re.match(pattern.removesuffix("$") + r"\Z", text) is None
        if hostile and trial.goals.has(shape):
            yield shape, Goal(make())


@promise("refuses what its profile does not declare, and says so")
async def refuses_the_undeclared(trial: Trial) -> None:
    opened = await trial.settle()
    observed = await trial.read(opened)
    for shape, goal in unsupported(trial.subject.profile, trial.subject.ground):
        try:
            steps = trial.planned(opened, goal, observed)
        except Blocked:
            continue
        done = f"plans '{steps[0].text}'" if steps else "plans nothing"
        raise Broken(f"{shape} is not declared by the profile, and a goal with it {done} instead of being refused")


def _implicit(subject: Subject) -> str:
    return (
        ""
        if "vlans" in subject.profile.implicit
        else f"{subject.profile.name} does not declare that VLANs are there by themselves"
    )


@promise("is asked nothing by what its device has by itself", excuse=_implicit)
async def implicit_asks_nothing(trial: Trial) -> None:
    opened = await trial.settle()
    goal = Goal(State(vlans={trial.subject.ground.vlans[0]: Vlan(name="first")}))
    steps = await trial.plan(opened, goal)
    expect(not steps, f"VLANs are there by themselves, and declaring one plans '{steps[0].text if steps else ''}'")
