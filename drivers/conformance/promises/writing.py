"""What a driver writes: what is declared, whole, once, and nothing else; and what it wrote it can take back."""

from __future__ import annotations

from dataclasses import replace

from device_profiles.compare import Goal, compare
from device_profiles.fields import Rule
from device_profiles.leaves import RULES, leaves
from device_profiles.paths import Path, render_path, shape_of
from device_profiles.state import Lag, State
from drivers.conformance.cases import NOTHING
from drivers.conformance.differences import difference, with_data_kept
from drivers.conformance.promise import promise, writable
from drivers.conformance.subject import Subject
from drivers.conformance.trial import Broken, Opened, Trial, expect
from drivers.contract import Step
from drivers.errors import Blocked

_OF_A_BUNDLE = frozenset({"enabled", "mtu"})
"""What a bundle and its members have in common."""


async def _shows(trial: Trial, opened: Opened, goal: Goal, name: str) -> State:
    """Bring the device to ``goal``, and see that it shows it and that nothing is left to do."""
    state = await trial.converge(opened, goal)
    left = compare(goal, state)
    words = ", ".join(f"{render_path(change.path)} is {change.before!r}, not {change.after!r}" for change in left[:3])
    expect(not left, f"{name}: after its plan was applied {words}")
    steps = trial.planned(opened, goal, state)
    expect(not steps, f"{name}: all is as it shall be, and it plans '{steps[0].text if steps else ''}'")
    return state


@promise("converges, and then stays quiet", excuse=writable)
async def converges_and_stays_quiet(trial: Trial) -> None:
    for case in trial.goals.cases:
        opened = await trial.settle(trial.goals.bystander(), case.before)
        await _shows(trial, opened, case.after, case.name)
        fresh = await trial.open()
        steps = await trial.plan(fresh, case.after)
        expect(not steps, f"{case.name}: a fresh driver still plans '{steps[0].text if steps else ''}'")


def _countable(subject: Subject) -> str:
    return writable(subject) or ("" if subject.writes is not None else "this device has no write counter")


@promise("writes nothing when all is as it shall be", excuse=_countable)
async def writes_nothing_when_equal(trial: Trial) -> None:
    case = trial.goals.whole
    opened = await trial.settle(trial.goals.bystander(), case.before)
    await _shows(trial, opened, case.after, case.name)
    before = await trial.writes()
    expect(before > 0, "the device's write counter stands still while it is written to")
    for driver in (opened, await trial.open()):
        await trial.apply(driver, *await trial.plan(driver, case.after))
        await _look_around(trial, driver)
    moved = await trial.writes() - before
    expect(moved == 0, f"{moved} writes reached the device, and nothing was to be changed")


async def _look_around(trial: Trial, opened: Opened) -> None:
    able = opened.driver.capabilities
    if "operation" in able:
        await trial.call(opened.driver.operation({"ports", "macs"}), "operation")
    if "facts" in able:
        await trial.call(opened.driver.facts(), "facts")
    if "neighbours" in able:
        await trial.call(opened.driver.links(), "links")


@promise("survives a step that is applied twice", excuse=writable)
async def survives_a_step_twice(trial: Trial) -> None:
    for case in trial.goals.cases:
        opened = await trial.settle(trial.goals.bystander(), case.before)
        once = await _shows(trial, opened, case.after, case.name)
        opened = await trial.settle(trial.goals.bystander(), case.before)
        for step in await trial.plan(opened, case.after):
            await trial.apply(opened, step)
            try:
                await trial.apply(opened, step)
            except Blocked as error:
                raise Broken(f"{case.name}: '{step.text}' a second time: {error}") from error
        twice = await trial.read(opened)
        expect(once == twice, f"{case.name}: steps applied twice leave {difference(once, twice)}")


@promise("survives a plan that is cut at every step", excuse=writable)
async def survives_a_cut_plan(trial: Trial) -> None:
    case = trial.goals.whole
    opened = await trial.settle(trial.goals.bystander(), case.before)
    steps = await trial.plan(opened, case.after)
    for number in range(len(steps)):
        opened = await trial.settle(trial.goals.bystander(), case.before)
        await trial.apply(opened, *(await trial.plan(opened, case.after))[:number])
        name = f"cut after step {number} of {len(steps)}"
        await _shows(trial, await trial.open(), case.after, name)


@promise("leaves the undeclared alone", excuse=writable)
async def leaves_the_undeclared_alone(trial: Trial) -> None:
    for case in trial.goals.cases:
        opened = await trial.settle()
        before = await trial.read(opened)
        for goal in (trial.goals.bystander(), trial.goals.ornaments(), case.before, case.after):
            after = await trial.converge(opened, goal)
            _only_declared(goal, before, after, case.name)
            before = after


def _only_declared(goal: Goal, before: State, after: State, name: str) -> None:
    was, shown = leaves(before), leaves(after)
    for path in sorted({*was, *shown}):
        if was.get(path) != shown.get(path) and not _declared(path, goal, before):
            what = f"{was.get(path)!r} -> {shown.get(path)!r}"
            raise Broken(f"{name}: {render_path(path)} changed ({what}), and nobody declared it")


def _declared(path: Path, goal: Goal, before: State) -> bool:
    """Whether a goal speaks of a leaf: names it, its group, or the object that it is a part of."""
    said = {entry[: 2 + _depth(entry)] for entry in leaves(goal.state)}
    made = path[:2] in said and path[:2] not in leaves(before)
    if made or path[: 2 + _depth(path)] in said or path[:2] in goal.absent:
        return True
    group = _group(path)
    if group and any(entry[:2] == path[:2] and _group(entry) == group for entry in said):
        return True
    return path[0] == "ports" and _bundled(path, goal, before, said)


def _depth(path: Path) -> int:
    return len(shape_of(path).split(".")) - 1


def _group(path: Path) -> str | None:
    rule: Rule | None = RULES.get(shape_of(path))
    if rule is None:
        return None
    return "switching" if rule.observed_only and path[0] == "ports" else rule.group


def _bundled(path: Path, goal: Goal, before: State, said: set[Path]) -> bool:
    """Whether a port's leaf changes because a bundle that it belongs to is declared.

    Who joins or leaves a bundle hands its switching over or gets it back, and may be shut meanwhile; its description is
    its own. A bundle and its members share being enabled and their MTU.
    """
    port, field = path[1], path[2] if len(path) > 2 else ""
    for lag in {*goal.state.lags, *(entry[1] for entry in goal.absent if entry[0] == "lags")}:
        old, new = before.lags.get(lag, Lag()).members or (), goal.state.lags.get(lag, Lag()).members or ()
        own = {*old, *new}
        moved = set(old) ^ set(new)
        if moved and (port == lag or (port in moved and field != "description")):
            return True
        if port in {lag, *own} and field in _OF_A_BUNDLE:
            return bool(moved) or any(("ports", other, field) in said for other in {lag, *own})
    return False


@promise("undo brings back exactly what was there", excuse=writable)
async def undo_restores(trial: Trial) -> None:
    for case in trial.goals.cases:
        opened = await trial.settle(trial.goals.bystander(), case.before)
        before = await trial.read(opened)
        applied: list[Step] = []
        for step in await trial.plan(opened, case.after):
            await trial.apply(opened, step)
            applied.append(step)
        for step in reversed(applied):
            await trial.call(opened.driver.undo(step), f"undo of '{step.text}'")
        after = await trial.read(opened)
        before = with_data_kept(before, after)
        expect(before == after, f"{case.name}: undone, there stays {difference(before, after)}")


@promise("tells what the device refuses, and stops there", excuse=writable)
async def tells_what_is_refused(trial: Trial) -> None:
    case = trial.goals.whole
    opened = await trial.settle(case.before)
    before = await trial.read(opened)
    step = next(step for step in await trial.plan(opened, case.after) if step.commands)
    refused = replace(step, commands=(trial.subject.nonsense, *step.commands), text="a command that is refused")
    try:
        await trial.call(opened.driver.apply(refused), "apply of a command that the device refuses")
    except Blocked:
        after = await trial.read(opened)
        expect(before == after, f"after the first refusal it went on: {difference(before, after)}")
    else:
        raise Broken("the device refused a command, and apply said nothing")
    await _shows(trial, opened, case.after, "after a refusal")


def _restartable(subject: Subject) -> str:
    if subject.profile.persistence != "startup":
        return f"{subject.profile.name} does not declare that it forgets (persistence is {subject.profile.persistence})"
    return writable(subject) or ("" if subject.restart is not None else "nobody may restart this device")


@promise("saves what it wrote, and only then it outlives a restart", excuse=_restartable)
async def saves(trial: Trial) -> None:
    case = trial.goals.whole
    opened = await trial.settle(case.before)
    await trial.call(opened.driver.save(), "save")
    state = await _shows(trial, opened, case.after, case.name)
    await trial.call(opened.driver.save(), "save")
    await trial.close_drivers()
    assert trial.subject.restart is not None  # noqa: S101 -- asked above
    await trial.subject.restart()
    after = await trial.read(await trial.open())
    expect(state == after, f"saved and restarted, the device shows {difference(state, after)}")


@promise("plans nothing for a goal that says nothing")
async def plans_nothing_for_nothing(trial: Trial) -> None:
    opened = await trial.settle()
    steps = await trial.plan(opened, NOTHING)
    expect(not steps, f"nothing is declared, and it plans '{steps[0].text if steps else ''}'")
