"""Taking steps back as it is really done: after a crash nobody knows how far a step came, or whether it was undone.

The agent writes a step's undo down before it applies the step; whoever finds it later tells it all, and perhaps again.
"""

from __future__ import annotations

from drivers.conformance.cases import Case
from drivers.conformance.differences import difference, with_data_kept
from drivers.conformance.faults import Cut
from drivers.conformance.promise import promise, writable
from drivers.conformance.promises.interruptions import at_each_event
from drivers.conformance.trial import Broken, Opened, Trial, attempt, expect
from drivers.conformance.wire import Fault
from drivers.contract import Step
from drivers.errors import Blocked

_STRIDE = 5


@promise("survives an undo that is told twice", excuse=writable)
async def survives_an_undo_twice(trial: Trial) -> None:
    for case in trial.goals.cases:
        opened = await trial.settle(trial.goals.bystander(), case.before)
        before = await trial.read(opened)
        applied = await trial.plan(opened, case.after)
        await trial.apply(opened, *applied)
        for step in reversed(applied):
            for _ in range(2):
                await _undo(trial, opened, step, case)
        after = await trial.read(opened)
        before = with_data_kept(before, after)
        expect(before == after, f"{case.name}: undone twice, there stays {difference(before, after)}")


@promise("undo brings back a step that was cut off, however far it came", excuse=writable)
async def undoes_half_a_step(trial: Trial) -> None:
    stride = 7 * _STRIDE if trial.subject.few else _STRIDE
    for case in trial.goals.cases[-1:]:
        for fault in at_each_event(lambda number: Cut(at=number), stride=stride):
            await _undone(trial, case, fault)


async def _undone(trial: Trial, case: Case, fault: Fault) -> None:
    opened = await trial.settle(trial.goals.bystander(), case.before)
    before = await trial.read(opened)
    begun: list[Step] = []
    opened.wire.fault, steps = fault, await trial.plan(opened, case.after)
    for step in steps:
        begun.append(step)
        await attempt(trial.apply(opened, step))
        if fault.happened:
            break
    opened.wire.fault = Fault()
    opened = await trial.open() if opened.wire.closed else opened
    for step in reversed(begun):
        await _undo(trial, opened, step, case)
    after = await trial.read(opened)
    before = with_data_kept(before, after)
    expect(before == after, f"{case.name}: cut off and undone, there stays {difference(before, after)}")


async def _undo(trial: Trial, opened: Opened, step: Step, case: Case) -> None:
    try:
        await trial.call(opened.driver.undo(step), f"undo of '{step.text}'")
    except Blocked as error:
        raise Broken(f"{case.name}: undo of '{step.text}': {error}") from error
