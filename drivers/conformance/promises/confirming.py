"""A device with a way back of its own: several steps are one change, and what nobody confirms it takes back by
itself.
"""

from __future__ import annotations

from dataclasses import replace

from device_profiles.compare import Goal, compare
from device_profiles.state import State
from drivers.conformance.differences import difference
from drivers.conformance.promise import ability, promise, writable
from drivers.conformance.subject import Subject
from drivers.conformance.trial import Broken, Opened, Trial, expect
from drivers.contract import Confirming, Step
from drivers.errors import Rejected

_WITHIN_S = 60.0
"""The shortest time that devices of this kind know."""


def _confirming(subject: Subject) -> str:
    return writable(subject) or ability("confirmed_commit")(subject)


def _able(opened: Opened) -> Confirming:
    expect(isinstance(opened.driver, Confirming), "confirmed_commit is declared, and the driver has no apply_all()")
    assert isinstance(opened.driver, Confirming)  # noqa: S101 -- said above
    return opened.driver


async def _begun(trial: Trial) -> tuple[Opened, State, tuple[Step, ...], Goal]:
    """A driver, what its device shows, and the steps of the case in which most happens."""
    case = trial.goals.whole
    opened = await trial.settle(case.before)
    before = await trial.read(opened)
    return opened, before, trial.planned(opened, case.after, before), case.after


def _reached(goal: Goal, state: State, when: str) -> None:
    expect(not compare(goal, state), f"{when} the device does not show what was applied")


async def _change(trial: Trial, opened: Opened, steps: tuple[Step, ...], *, within_s: float | None) -> None:
    trial.remember(*steps)
    await trial.call(_able(opened).apply_all(steps, within_s=within_s), "apply_all")


@promise("makes several steps one change, all or none", excuse=_confirming)
async def changes_all_or_nothing(trial: Trial) -> None:
    opened, before, steps, goal = await _begun(trial)
    refused = replace(steps[-1], commands=(*steps[-1].commands, trial.subject.nonsense))
    try:
        await _change(trial, opened, (*steps[:-1], refused), within_s=None)
    except Rejected:
        after = await trial.read(opened)
        expect(before == after, f"of a change that was refused there stays {difference(before, after)}")
    else:
        raise Broken("one command of a change was refused, and apply_all said nothing")
    await _change(trial, opened, steps, within_s=None)
    _reached(goal, await trial.read(opened), "after one change")


@promise("keeps a change that is confirmed", excuse=_confirming)
async def keeps_what_is_confirmed(trial: Trial) -> None:
    opened, _, steps, goal = await _begun(trial)
    await _change(trial, opened, steps, within_s=_WITHIN_S)
    _reached(goal, await trial.read(opened), "before it is confirmed")
    await trial.call(_able(opened).confirm(), "confirm")
    await trial.later(2 * _WITHIN_S)
    _reached(goal, await trial.read(opened), "long after it was confirmed")
    await _nothing_waits(trial, opened)


@promise("takes a change back when it is told to", excuse=_confirming)
async def takes_back_when_told(trial: Trial) -> None:
    opened, before, steps, goal = await _begun(trial)
    await _change(trial, opened, steps, within_s=_WITHIN_S)
    _reached(goal, await trial.read(opened), "before it is confirmed")
    await trial.call(_able(opened).revert(), "revert")
    after = await trial.read(opened)
    expect(before == after, f"taken back, there stays {difference(before, after)}")
    await _nothing_waits(trial, opened)


@promise("lets the device take back what nobody confirms", excuse=_confirming)
async def takes_back_the_unconfirmed(trial: Trial) -> None:
    opened, before, steps, goal = await _begun(trial)
    await _change(trial, opened, steps, within_s=_WITHIN_S)
    _reached(goal, await trial.read(opened), "before its time is over")
    await trial.close_drivers()
    await trial.later(2 * _WITHIN_S)
    opened = await trial.open()
    after = await trial.read(opened)
    expect(before == after, f"nobody confirmed, and there stays {difference(before, after)}")
    await _nothing_waits(trial, opened)


async def _nothing_waits(trial: Trial, opened: Opened) -> None:
    """Nothing waits to be confirmed: confirming says so, and taking back does nothing."""
    before = await trial.read(opened)
    try:
        await trial.call(_able(opened).confirm(), "confirm")
    except Rejected:
        await trial.call(_able(opened).revert(), "revert")
        after = await trial.read(opened)
        expect(before == after, f"nothing waited, and taking it back changed {difference(before, after)}")
    else:
        raise Broken("nothing waits to be confirmed, and confirm does not say so")
