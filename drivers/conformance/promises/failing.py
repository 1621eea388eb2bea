"""What a driver does when things go wrong: it says so, in time, and never takes half an answer for a whole one.

Afterwards either the same driver goes on, or its connection is closed and a new one goes on; a change that was cut off is
finished by the next plan. Each fault is tried at every event of an exchange (see :mod:`drivers.conformance.faults`).
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final

from device_profiles.facts import Facts
from device_profiles.links import Neighbour
from device_profiles.operation import Operation
from device_profiles.state import State
from drivers.conformance.faults import Cancel, Cut, CutAfter, Fault, Garbled, Paged, Silence, Slow
from drivers.conformance.promise import promise, writable
from drivers.conformance.subject import Subject
from drivers.conformance.trial import Broken, Opened, Trial, attempt, difference, expect
from drivers.contract import Step
from drivers.errors import DeviceError, Transient, Unreachable

_MOST_EVENTS: Final = 400
"""More than any exchange has; a driver that still goes on is going round in circles."""
_PLACES: Final = 24
"""In how many places an answer is cut off."""


async def _read_under(trial: Trial, fault: Fault) -> tuple[Opened, State | DeviceError]:
    """What a fresh driver makes of reading while ``fault`` happens; then the fault is over."""
    opened = await trial.open(fault)
    result = await attempt(trial.read(opened))
    opened.wire.fault = Fault()
    return opened, result


async def _goes_on(trial: Trial, opened: Opened, whole: State, after: str) -> None:
    """See that the driver works again, or that its connection is closed and a new one does."""
    if opened.wire.closed:
        opened = await trial.open()
    state = await attempt(trial.read(opened))
    if isinstance(state, DeviceError):
        raise Broken(f"after {after} the driver does not work again: {state}")
    expect(state == whole, f"after {after} it reads {difference(whole, state)}")


async def _at_each_event(make: Callable[[int], Fault]) -> AsyncIterator[Fault]:
    """Faults for event 0, 1, 2 ... until one does not happen any more."""
    for number in range(_MOST_EVENTS):
        fault = make(number)
        yield fault
        if not fault.happened:
            return
    raise Broken(f"an operation has more than {_MOST_EVENTS} events on the wire")


@promise("says so when the connection is cut while it reads, at every message")
async def survives_a_cut_reading(trial: Trial) -> None:
    whole = await trial.read(await trial.settle(trial.goals.bystander()))
    for lost in (False, True):
        async for fault in _at_each_event(lambda number, lost=lost: Cut(at=number, whole=lost)):  # type: ignore[misc]
            opened, result = await _read_under(trial, fault)
            if isinstance(result, State):
                expect(not fault.happened or result == whole, "half an answer was taken for a whole one")
            else:
                expect(isinstance(result, Transient), f"a lost connection is told as {type(result).__name__}")
            await _goes_on(trial, opened, whole, "a connection that was cut")


@promise("never takes half an answer for a whole one")
async def refuses_half_an_answer(trial: Trial) -> None:
    opened = await trial.settle(trial.goals.bystander())
    whole = await trial.read(opened)
    total = await _answer_bytes(trial)
    for number in sorted({total * place // _PLACES for place in range(_PLACES)} | {total - 1}):
        fault = CutAfter(at=number)
        opened, result = await _read_under(trial, fault)
        expect(result != whole or number >= total - 1, f"{number} of {total} bytes were enough of an answer")
        expect(isinstance(result, Transient) or result == whole, f"half an answer gives {result!r:.200}")
    await _goes_on(trial, opened, whole, "half an answer")


async def _answer_bytes(trial: Trial) -> int:
    """How many bytes a driver gets from opening to its first reading."""
    fault = _Counting()
    await trial.read(await trial.open(fault))
    return fault.total


class _Counting(Fault):
    total = 0

    async def arrived(self, stream: object, data: bytes) -> bytes:
        """Count."""
        del stream
        self.total += len(data)
        return data


@promise("says so in time when the device falls silent")
async def survives_silence(trial: Trial) -> None:
    opened = await trial.settle(trial.goals.bystander())
    whole = await trial.read(opened)
    total = await _answer_bytes(trial)
    for number in (0, 1, total // 2, total - 1):
        fault = Silence(at=number, patience_s=trial.patience_s)
        opened, result = await _read_under(trial, fault)
        expect(not fault.endless, f"silence after {number} bytes: it waits for more than {trial.patience_s:g} s")
        expect(isinstance(result, Unreachable), f"silence after {number} bytes gives {result!r:.200}")
        await _goes_on(trial, opened, whole, "silence")


@promise("waits for a slow device, whose prompt comes in pieces")
async def waits_for_a_slow_device(trial: Trial) -> None:
    opened = await trial.settle(trial.goals.bystander())
    whole = await trial.read(opened)
    total = await _answer_bytes(trial)
    limit_s = trial.subject.profile.command_timeout_s
    for size in (max(7, total // 400), max(1, total // 40)):
        pieces = total // size + 2
        opened, result = await _read_under(trial, Slow(size=size, delay_s=0.5 * limit_s / pieces))
        if isinstance(result, DeviceError):
            raise Broken(f"a device that answers within half of the time is given up: {result}")
        expect(result == whole, f"a slow device is read as {difference(whole, result)}")


_GARBLES: Final[dict[str, Callable[[bytes], bytes]]] = {
    "noise": lambda data: bytes(byte | 0x80 for byte in data),
    "random bytes": lambda data: random.Random(len(data)).randbytes(len(data)),  # noqa: S311 -- the same each time
    "a page of HTML": lambda _: b"<html><head><title>503</title></head><body>Service Unavailable</body></html>\r\n",
    "nothing": lambda _: b"",
}


@promise("concludes nothing from garbage")
async def concludes_nothing_from_garbage(trial: Trial) -> None:
    opened = await trial.settle(trial.goals.bystander())
    whole = await trial.read(opened)
    operations = {"operation": opened.driver.capabilities & {"operation"}, "facts": opened.driver.capabilities & {"facts"}}
    for name, garble in _GARBLES.items():
        opened = await trial.open()
        await trial.read(opened)
        await _garbled(trial, opened, garble, lambda: trial.read(opened), whole, f"{name} while it reads")  # noqa: B023
        for ability, able in operations.items():
            if able:
                await _told(trial, opened, garble, ability, name)
        await _goes_on(trial, opened, whole, name)


async def _garbled(
    trial: Trial,
    opened: Opened,
    garble: Callable[[bytes], bytes],
    work: Callable[[], Awaitable[State]],
    whole: State,
    doing: str,
) -> None:
    opened.wire.fault = Garbled(garble)
    result = await attempt(work())
    opened.wire.fault = Fault()
    right = isinstance(result, DeviceError) or result == whole
    expect(right, f"{doing} is taken for a state: {difference(whole, result) if isinstance(result, State) else ''}")


async def _told(trial: Trial, opened: Opened, garble: Callable[[bytes], bytes], ability: str, name: str) -> None:
    """Operation and facts may tell less, and nothing that is not so."""
    if opened.wire.closed:
        opened = await trial.open()
    known = await trial.read(opened)
    opened.wire.fault = Garbled(garble)
    result: Operation | Facts | tuple[Neighbour, ...] | DeviceError
    if ability == "operation":
        result = await attempt(trial.call(opened.driver.operation({"ports"}), ability))
    else:
        result = await attempt(trial.call(opened.driver.facts(), ability))
    opened.wire.fault = Fault()
    if isinstance(result, Operation):
        expect(set(result.ports) <= set(known.ports), f"{name} is taken for operation of ports that are not there")


@promise("asks for no more sessions than one, and says so when it gets none")
async def keeps_to_one_session(trial: Trial) -> None:
    opened = await trial.settle(trial.goals.bystander())
    whole = await trial.read(opened)
    opened = await trial.open(sessions=1)
    able = opened.driver.capabilities
    tasks = [trial.read(opened), trial.read(opened)]
    if "facts" in able:
        tasks.append(trial.call(opened.driver.facts(), "facts"))  # type: ignore[arg-type]
    if "operation" in able:
        tasks.append(trial.call(opened.driver.operation({"ports"}), "operation"))  # type: ignore[arg-type]
    for result in await asyncio.gather(*map(attempt, tasks)):
        if isinstance(result, DeviceError):
            raise Broken(f"where a device takes one session, it fails: {result}")
    opened = await trial.open(sessions=0)
    result = await attempt(trial.read(opened))
    expect(isinstance(result, Unreachable), f"a device that takes no session gives {result!r:.200}")
    opened.wire.sessions = None
    await _goes_on(trial, opened, whole, "a device that took no session")


@promise("closes its sessions, also after something went wrong")
async def closes_its_sessions(trial: Trial) -> None:
    opened = await trial.settle(trial.goals.bystander())
    await trial.read(opened)
    drivers = [await trial.open(fault) for fault in (Fault(), Cut(at=4), Silence(at=1, patience_s=trial.patience_s))]
    for each in drivers:
        await attempt(trial.read(each))
        await trial.call(each.driver.close(), "close")
        left = len(each.wire.open_streams)
        expect(left == 0, f"{left} sessions stay open on the device after close")
        expect(not each.wire.inner.closed, "closing the driver closed a connection that is not its own")
        await trial.call(each.driver.close(), "a second close")


@promise("can be cancelled at any moment while it reads")
async def survives_a_cancelled_reading(trial: Trial) -> None:
    whole = await trial.read(await trial.settle(trial.goals.bystander()))
    async for fault in _at_each_event(lambda number: Cancel(at=number)):
        opened = await trial.open(fault)
        await _cancel(fault, trial.read(opened), "read")
        opened.wire.fault = Fault()
        await _goes_on(trial, opened, whole, "a cancelled reading")


@promise("can be cancelled at any moment while it applies", excuse=writable)
async def survives_a_cancelled_apply(trial: Trial) -> None:
    case = trial.goals.whole()
    async for fault in _at_each_event(lambda number: Cancel(at=number)):
        opened = await trial.settle(trial.goals.bystander(), case.before)
        steps = await trial.plan(opened, case.after)
        opened.wire.fault = fault
        await _cancel(fault, trial.apply(opened, *steps), "apply")
        opened.wire.fault = Fault()
        await _arrives(trial, opened, "a cancelled apply")


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
    case = trial.goals.whole()
    async for fault in _at_each_event(lambda number: Cut(at=number)):
        opened = await trial.settle(trial.goals.bystander(), case.before)
        steps = await trial.plan(opened, case.after)
        opened.wire.fault = fault
        result = await attempt(_all(trial, opened, steps))
        opened.wire.fault = Fault()
        told = isinstance(result, Transient) or not fault.happened
        expect(told, f"the connection was cut while it applied, and it says {result!r:.200}")
        await _arrives(trial, opened, "a cut apply")


async def _all(trial: Trial, opened: Opened, steps: tuple[Step, ...]) -> None:
    await trial.apply(opened, *steps)


async def _arrives(trial: Trial, opened: Opened, after: str) -> None:
    """See that the next plan finishes what was cut off."""
    case = trial.goals.whole()
    if opened.wire.closed:
        opened = await trial.open()
    result = await attempt(trial.converge(opened, case.after))
    if isinstance(result, DeviceError):
        raise Broken(f"after {after} the next plan fails: {result}")
    left = trial.planned(opened, case.after, result)
    expect(not left, f"after {after} the next plan does not finish: '{left[0].text if left else ''}' is left")


def _pages(subject: Subject) -> str:
    cli = subject.profile.cli
    return "" if cli is not None and cli.pager is not None else f"{subject.profile.name} declares no pager"


@promise("turns the pages of a device that pages whatever it was told", excuse=_pages)
async def turns_pages(trial: Trial) -> None:
    opened = await trial.settle(trial.goals.bystander())
    whole = await trial.read(opened)
    cli = trial.subject.profile.cli
    assert cli is not None  # noqa: S101 -- asked above
    assert cli.pager is not None  # noqa: S101
    fault = Paged(prompt=trial.subject.ground.pager.encode(), key=cli.pager.key.encode())
    _, result = await _read_under(trial, fault)
    expect(fault.happened, "no answer was long enough to be paged")
    if isinstance(result, DeviceError):
        raise Broken(f"a device that pages is given up: {result}")
    expect(result == whole, f"a device that pages is read as {difference(whole, result)}")
