"""Operations that are broken off, at every event of an exchange: by a lost connection, or because nobody waits any
more.

Afterwards either the same driver goes on, or its connection is closed and a new one goes on; a change that was cut
off is finished by the next plan.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Final

from device_profiles.compare import compare
from device_profiles.paths import render_path
from device_profiles.state import State
from drivers.conformance.cases import Case
from drivers.conformance.differences import difference
from drivers.conformance.faults import Cancel, Cut
from drivers.conformance.promise import promise, writable
from drivers.conformance.trial import Broken, Opened, Trial, attempt, expect
from drivers.conformance.wire import Fault
from drivers.errors import DeviceError, Transient

_STRIDE: Final = 5
_MOST_EVENTS: Final = 400
"""More than any exchange has; a driver that still goes on is going round in circles."""


async def read_under(trial: Trial, fault: Fault) -> tuple[Opened, State | DeviceError]:
    """What a fresh driver makes of reading while ``fault`` happens; then the fault is over."""
    opened = await trial.open(fault)
    result = await attempt(trial.read(opened))
    opened.wire.fault = Fault()
    return opened, result


async def goes_on(trial: Trial, opened: Opened, whole: State, after: str) -> None:
    """See that the driver works again, or that its connection is closed and a new one does."""
    if opened.wire.closed:
        opened = await trial.open()
    state = await attempt(trial.read(opened))
    if isinstance(state, DeviceError):
        raise Broken(f"after {after} the driver does not work again: {state}")
    expect(state == whole, f"after {after} it reads {difference(whole, state)}")


def at_each_event(make: Callable[[int], Fault], *, stride: int = 1) -> Iterator[Fault]:
    """Faults for event 0, 1, 2 ... (or every ``stride``-th) until one does not happen any more."""
    for number in range(0, _MOST_EVENTS, stride):
        fault = make(number)
        yield fault
        if not fault.happened:
            return
    raise Broken(f"an operation has more than {_MOST_EVENTS} events on the wire")


@promise("says so when the connection is cut while it reads, at every message")
async def survives_a_cut_reading(trial: Trial) -> None:
    whole = await trial.read(await trial.settle(trial.goals.bystander()))
    for lost in (False, True):
        for fault in at_each_event(lambda number, lost=lost: Cut(at=number, whole=lost)):  # type: ignore[misc]
            opened, result = await read_under(trial, fault)
            if isinstance(result, State):
                expect(not fault.happened or result == whole, "half an answer was taken for a whole one")
            else:
                expect(isinstance(result, Transient), f"a lost connection is told as {type(result).__name__}")
            await goes_on(trial, opened, whole, "a connection that was cut")


@promise("can be cancelled at any moment while it reads")
async def survives_a_cancelled_reading(trial: Trial) -> None:
    whole = await trial.read(await trial.settle(trial.goals.bystander()))
    for fault in at_each_event(lambda number: Cancel(at=number)):
        opened = await trial.open(fault)
        await _cancel(fault, trial.read(opened), "read")
        opened.wire.fault = Fault()
        await goes_on(trial, opened, whole, "a cancelled reading")


def _broken_off(trial: Trial, make: Callable[[int], Fault]) -> Iterator[tuple[Case, Fault]]:
    """A short change broken off at every event, and the whole one at some."""
    yield from ((trial.goals.short, fault) for fault in at_each_event(make))
    if not trial.goals.few and trial.goals.whole is not trial.goals.short:
        yield from ((trial.goals.whole, fault) for fault in at_each_event(make, stride=_STRIDE))


@promise("can be cancelled at any moment while it applies", excuse=writable)
async def survives_a_cancelled_apply(trial: Trial) -> None:
    for case, fault in _broken_off(trial, lambda number: Cancel(at=number)):
        opened = await trial.settle(trial.goals.bystander(), case.before)
        steps = await trial.plan(opened, case.after)
        opened.wire.fault = fault
        await _cancel(fault, trial.apply(opened, *steps), "apply")
        opened.wire.fault = Fault()
        await _arrives(trial, opened, case, "a cancelled apply")


async def _cancel(fault: Fault, work: Awaitable[object], doing: str) -> None:
    """Run ``work`` until ``fault`` cancels it."""

    async def run() -> object:
        return await work

    task: asyncio.Task[object] = asyncio.ensure_future(run())
    assert isinstance(fault, Cancel)  # noqa: S101 -- made above
    fault.task = task
    await asyncio.wait({task})
    if fault.happened and not task.cancelled():
        failure = task.exception()
        raise Broken(f"{doing} was cancelled, and {'raised ' + repr(failure) if failure else 'went on'}")
    if not task.cancelled():
        task.result()


@promise("survives a connection that is cut while it applies, at every message", excuse=writable)
async def survives_a_cut_apply(trial: Trial) -> None:
    for case, fault in _broken_off(trial, lambda number: Cut(at=number)):
        opened = await trial.settle(trial.goals.bystander(), case.before)
        steps = await trial.plan(opened, case.after)
        opened.wire.fault = fault
        result = await attempt(trial.apply(opened, *steps))
        opened.wire.fault = Fault()
        told = isinstance(result, Transient) or not fault.happened
        expect(told, f"the connection was cut while it applied, and it says {result!r:.200}")
        await _arrives(trial, opened, case, "a cut apply")


async def _arrives(trial: Trial, opened: Opened, case: Case, after: str) -> None:
    """See that the next plan finishes what was cut off."""
    if opened.wire.closed:
        opened = await trial.open()
    result = await attempt(trial.converge(opened, case.after))
    if isinstance(result, DeviceError):
        raise Broken(f"after {after} the next plan fails: {result}")
    left = compare(case.after, result)
    where = render_path(left[0].path) if left else ""
    expect(not left, f"{case.name}: after {after} the next plan does not finish: {where} is left")
