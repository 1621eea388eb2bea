"""Arrays: a volume is made once, grows, and never loses anything; who is shown it is let in, and nobody else.

The suite is also the machines that use the array (:class:`~drivers.conformance.subject.Initiators`): what they wrote is
there afterwards, and whether they are let in is tried by logging in.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Final

from device_profiles.compare import Goal, compare
from device_profiles.documents import Allow
from device_profiles.leaves import leaves
from device_profiles.paths import render_path
from device_profiles.state import Export, State, Volume
from drivers.conformance.cases import absent, joined
from drivers.conformance.goals import INITIATORS
from drivers.conformance.promise import promise
from drivers.conformance.subject import Initiators, Subject
from drivers.conformance.trial import Broken, Opened, Trial, expect
from drivers.contract import Step
from drivers.errors import Blocked

_ONE, _TWO = INITIATORS
_STRANGER: Final = "iqn.2024-01.example:stranger"
_DATA: Final = b"what a machine wrote"
_HUGE: Final = 1 << 60
_SMALL: Final = 1 << 20
_DATA_ONLY: Final[tuple[Allow, ...]] = ("data_loss",)


def _stores(subject: Subject) -> str:
    if not {"volumes", "volumes.size", "volumes.pool", "exports"} <= set(subject.profile.capabilities):
        return f"{subject.profile.name} does not declare volumes and exports"
    if subject.initiators is None or not subject.ground.pool:
        return "no machine was given that uses this array"
    return ""


def _machines(trial: Trial) -> Initiators:
    assert trial.subject.initiators is not None  # noqa: S101 -- asked by the excuse
    return trial.subject.initiators


def _pair(trial: Trial) -> Goal:
    """Two volumes, the first of which is shown to one machine."""
    goals = trial.goals
    both = joined(goals.volume("conf-a"), goals.volume("conf-b"))
    return joined(both, goals.export("conf", _ONE, luns={1: "conf-a"}))


async def _expect_data(trial: Trial, what: str) -> None:
    found = await _machines(trial).stored("conf-a")
    expect(found == _DATA, f"{what}, and of what a machine had written there is {found!r:.60}")


@promise("takes a volume that is there as it is", excuse=_stores)
async def takes_a_volume_as_it_is(trial: Trial) -> None:
    wanted = trial.goals.volume("conf-a")
    opened = await trial.settle()
    steps = await trial.plan(opened, wanted)
    await trial.apply(opened, *steps)
    await _machines(trial).store("conf-a", _DATA)
    await trial.apply(opened, *steps)
    await _expect_data(trial, "the step that makes a volume was taken again")
    fresh = await trial.open()
    expect(not await trial.plan(fresh, wanted), "a volume that is as it shall be is not left alone")
    for step in reversed(steps):
        await trial.call(fresh.driver.undo(step), "undo")
    await _expect_data(trial, "the step that made a volume was undone")


@promise("keeps what is on a volume that grows", excuse=_stores)
async def keeps_data_when_it_grows(trial: Trial) -> None:
    opened = await trial.settle(_pair(trial))
    await _machines(trial).store("conf-a", _DATA)
    grown = trial.goals.volume("conf-a", times=2)
    state = await trial.converge(opened, grown)
    expect(not compare(grown, state), "a volume that was to grow did not")
    await _expect_data(trial, "a volume grew")
    shown = state.exports.get("conf", Export())
    expect(shown.luns == {1: "conf-a"}, f"a volume grew, and its export shows {shown.luns}")


@promise("loses data only where that is allowed", excuse=_stores)
async def loses_nothing_unasked(trial: Trial) -> None:
    goals = trial.goals
    opened = await trial.settle(joined(goals.volume("conf-a", times=2), goals.volume("conf-b")))
    await _machines(trial).store("conf-a", _DATA)
    for name, goal in (
        ("a volume was to shrink", goals.volume("conf-a")),
        ("a volume was to go", absent(("volumes", "conf-a"))),
        ("a volume was to be in another pool", _elsewhere(trial)),
    ):
        await _take_what_needs_nothing(trial, opened, goal, allowed=())
        await _expect_data(trial, name)


def _elsewhere(trial: Trial) -> Goal:
    wanted = trial.goals.volume("conf-a").state.volumes["conf-a"]
    return Goal(State(volumes={"conf-a": replace(wanted, pool="conf-nowhere")}))


async def _planned(trial: Trial, opened: Opened, goal: Goal) -> tuple[Step, ...]:
    """A plan; none where the driver refuses to make one."""
    try:
        return await trial.plan(opened, goal)
    except Blocked:
        return ()


async def _take_what_needs_nothing(trial: Trial, opened: Opened, goal: Goal, *, allowed: Collection[Allow]) -> None:
    """Take the steps that an agent would take."""
    for step in await _planned(trial, opened, goal):
        if step.refused is None and set(step.needs) <= set(allowed):
            await trial.apply(opened, step)


@promise("lets in the machines that are declared, and nobody else", excuse=_stores)
async def masks_exactly(trial: Trial) -> None:
    goals = trial.goals
    both = joined(goals.volume("conf-a"), goals.volume("conf-b"))
    opened = await trial.settle(both)
    for initiators, luns in (
        ((_ONE,), {1: "conf-a"}),
        (INITIATORS, {1: "conf-a", 2: "conf-b"}),
        ((_TWO,), {2: "conf-b"}),
        ((), {2: "conf-b"}),
    ):
        goal = joined(both, goals.export("conf", *initiators, luns=luns))
        await trial.converge(opened, goal)
        await _let_in(trial, initiators)
    await trial.converge(opened, absent(("exports", "conf")))
    await _let_in(trial, ())


async def _let_in(trial: Trial, declared: Collection[str]) -> None:
    machines = _machines(trial)
    for initiator in (_ONE, _TWO, _STRANGER):
        entered = await machines.log_in("conf", initiator)
        if entered:
            await machines.log_out("conf", initiator)
        word = "is let in" if entered else "is not let in"
        names = ", ".join(declared) or "nobody"
        expect(entered == (initiator in declared), f"with {names} declared, {initiator} {word}")


@promise("lets nobody in before all is there that is shown", excuse=_stores)
async def shows_all_or_nothing(trial: Trial) -> None:
    goals = trial.goals
    both = joined(goals.volume("conf-a"), goals.volume("conf-b"))
    wanted = joined(both, goals.export("conf", _ONE, luns={1: "conf-a", 2: "conf-b"}))
    opened = await trial.settle(both)
    (step,) = await trial.plan(opened, wanted)
    for number in range(len(step.commands)):
        opened = await trial.settle(both)
        await trial.apply(opened, replace(step, commands=step.commands[:number]))
        shown = (await trial.read(opened)).exports.get("conf", Export())
        if await _machines(trial).log_in("conf", _ONE):
            expect(len(shown.luns or {}) == 2, f"after {number} of its commands a machine is let in to {shown.luns}")
        entered = await _machines(trial).log_in("conf", _STRANGER)
        expect(not entered, f"after {number} of its commands anybody is let in")


@promise("takes nothing from under a session", excuse=_stores)
async def waits_for_sessions(trial: Trial) -> None:
    opened = await trial.settle(_pair(trial))
    goals = trial.goals
    expect(await _machines(trial).log_in("conf", _ONE), "a machine that is declared is not let in")
    for name, goal in (
        ("an export was to go", absent(("exports", "conf"))),
        ("a machine was to be shut out", goals.export("conf", luns={1: "conf-a"})),
        ("a LUN was to be renumbered", goals.export("conf", _ONE, luns={2: "conf-a"})),
        ("a LUN was to show another volume", goals.export("conf", _ONE, luns={1: "conf-b"})),
    ):
        before = await trial.read(opened)
        await _take_what_needs_nothing(trial, opened, goal, allowed=_DATA_ONLY)
        shown = (await trial.read(opened)).exports.get("conf")
        expect(shown == before.exports["conf"], f"{name} under a session, and the export is now {shown}")
    await _machines(trial).log_out("conf", _ONE)
    state = await trial.converge(opened, absent(("exports", "conf")))
    expect("conf" not in state.exports, "nobody is logged in any more, and an export that was to go is still there")


@promise("refuses in the plan what cannot be, and touches nothing", excuse=_stores)
async def refuses_what_cannot_be(trial: Trial) -> None:
    goals = trial.goals
    opened = await trial.settle(_pair(trial))
    before = await trial.read(opened)
    second = Goal(State(exports={"second": Export(initiators=(_TWO,), luns={1: "conf-a"})}))
    pool = trial.subject.ground.pool
    for name, goal in (
        ("a volume larger than its pool", Goal(State(volumes={"conf-c": Volume(size=_HUGE, pool=pool)}))),
        ("a pool that is not there", Goal(State(volumes={"conf-c": Volume(size=_SMALL, pool="conf-nowhere")}))),
        ("a volume that is not there", goals.export("second", _TWO, luns={1: "conf-none"})),
        ("a volume in a second export", second),
        ("a machine in a second export", goals.export("second", _ONE, luns={1: "conf-b"})),
    ):
        await _is_refused(trial, opened, goal, name)
    after = await trial.read(opened)
    expect(before == after, "what was refused was done")
    shared = Goal(State(volumes={"conf-a": replace(before.volumes["conf-a"], shared=True)}))
    steps = await _planned(trial, opened, joined(second, shared))
    expect(any(step.refused is None for step in steps), "a volume that is shared is not shown to a second export")


async def _is_refused(trial: Trial, opened: Opened, goal: Goal, name: str) -> None:
    """A goal that cannot be is told as an error of the plan, or by a step that stands for it and is not taken."""
    try:
        steps = await trial.plan(opened, goal)
    except Blocked:
        return
    taken = [step.text for step in steps if step.refused is None]
    expect(not taken, f"{name} is planned: {', '.join(taken)}")
    expect(steps, f"{name} is declared, and the plan says nothing of it")


@promise("refuses a number in the plan that the array cannot give", excuse=_stores)
async def refuses_numbers(trial: Trial) -> None:
    goals = trial.goals
    both = joined(goals.volume("conf-a"), goals.volume("conf-b"))
    for number in (0, 16383):
        opened = await trial.settle(both)
        goal = joined(both, goals.export("conf", _ONE, luns={number: "conf-a"}))
        steps = await _planned(trial, opened, goal)
        if not steps or any(step.refused is not None for step in steps):
            continue
        try:
            await trial.apply(opened, *steps)
        except Blocked as error:
            raise Broken(f"LUN {number} was planned, and then the array refused it: {error}") from error
        left = compare(goal, await trial.read(opened))
        expect(not left, f"LUN {number} was planned, and the array shows {render_path(left[0].path) if left else ''}")


@promise("tells who is logged in, and who may be", excuse=_stores)
async def tells_sessions(trial: Trial) -> None:
    opened = await trial.settle(_pair(trial))
    await _machines(trial).log_in("conf", _ONE)
    found = await trial.call(opened.driver.operation({"pools", "volumes", "sessions"}), "operation")
    live = {(session.export, session.initiator) for session in found.sessions}
    expect(("conf", _ONE) in live, f"a machine is logged in, and operation shows {sorted(live)}")
    expect(trial.subject.ground.pool in found.pools, "operation does not show the pool")
    links = {(link.kind, link.port, link.initiator) for link in await trial.call(opened.driver.links(), "links")}
    for kind in ("session", "masking"):
        expect((kind, "conf", _ONE) in links, f"a machine is logged in, and no link of kind {kind} shows it")
    facts = await trial.call(opened.driver.facts(), "facts")
    storage = facts.get("storage", {})
    lacking = {"pools", "volumes", "exports"} - set(storage)
    expect(not lacking, f"facts have nothing of storage.{', '.join(sorted(lacking))}")
    expect("conf-a" in storage["volumes"], "facts do not show a volume that is there")


def _restartable(subject: Subject) -> str:
    return _stores(subject) or ("" if subject.restart is not None else "nobody may restart this array")


@promise("brings back what an array forgot, with all that is on its volumes", excuse=_restartable)
async def comes_back_with_its_data(trial: Trial) -> None:
    wanted = _pair(trial)
    opened = await trial.settle(wanted)
    whole = await trial.read(opened)
    await _machines(trial).store("conf-a", _DATA)
    assert trial.subject.restart is not None  # noqa: S101 -- asked above
    await trial.subject.restart()
    await trial.converge(opened, wanted)
    state = await trial.read(await trial.open())
    missing = leaves(wanted.state).keys() - leaves(state).keys()
    shown = ", ".join(render_path(path) for path in sorted(missing)[:3])
    expect(not missing, f"after a restart and a pass there is no {shown}")
    await _expect_data(trial, "the array was restarted and converged again")
    expect(whole.volumes == state.volumes, "volumes are others after a restart")
    await _let_in(trial, (_ONE,))
