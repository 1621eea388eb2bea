"""What a driver does when things go wrong: it says so, in time, and never takes half an answer for a whole one.

Time that passes is put on the loop's clock, so that a device that says nothing for a minute is tried in a moment.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from device_profiles.state import State
from drivers.conformance.differences import difference
from drivers.conformance.faults import Cut, CutAfter, Garbled, Paged, Silence, Slow
from drivers.conformance.promise import promise
from drivers.conformance.promises.interruptions import goes_on, read_under
from drivers.conformance.subject import Subject
from drivers.conformance.trial import Broken, Opened, Trial, attempt, expect
from drivers.conformance.wire import Fault, Stream
from drivers.errors import DeviceError, Transient, Unreachable

_T = TypeVar("_T")

_PLACES: Final = 24
_FEW_PLACES: Final = 6
"""In how many places an answer is cut off."""


@promise("never takes half an answer for a whole one")
async def refuses_half_an_answer(trial: Trial) -> None:
    opened = await trial.settle(trial.goals.bystander())
    whole = await trial.read(opened)
    total = await _answer_bytes(trial)
    places = _FEW_PLACES if trial.goals.few else _PLACES
    for number in sorted({total * place // places for place in range(places)} | {total - 1}):
        fault = CutAfter(at=number)
        opened, result = await read_under(trial, fault)
        expect(result != whole or number >= total - 1, f"{number} of {total} bytes were enough of an answer")
        expect(isinstance(result, Transient) or result == whole, f"half an answer gives {result!r:.200}")
    await goes_on(trial, opened, whole, "half an answer")


async def _answer_bytes(trial: Trial) -> int:
    """How many bytes a driver gets from opening to its first reading."""
    fault = _Counting()
    await trial.read(await trial.open(fault))
    return fault.total


class _Counting(Fault):
    """Counts bytes; a blank behind the last prompt is none that anybody has to wait for."""

    total = 0
    _blanks = 0

    async def arrived(self, stream: Stream, data: bytes) -> bytes:
        """Count."""
        del stream
        seen = len(data.rstrip(b" "))
        self.total += self._blanks + seen if seen else 0
        self._blanks = len(data) - seen if seen else self._blanks + len(data)
        return data


@promise("says so in time when the device falls silent")
async def survives_silence(trial: Trial) -> None:
    opened = await trial.settle(trial.goals.bystander())
    whole = await trial.read(opened)
    total = await _answer_bytes(trial)
    for number in (0, 1, total // 2, total - 1):
        fault = Silence(at=number, patience_s=trial.patience_s)
        opened, result = await read_under(trial, fault)
        expect(not fault.endless, f"silence after {number} bytes: it waits for more than {trial.patience_s:g} s")
        expect(isinstance(result, Unreachable), f"silence after {number} bytes gives {result!r:.200}")
        await goes_on(trial, opened, whole, "silence")


@promise("waits for a slow device, whose prompt comes in pieces")
async def waits_for_a_slow_device(trial: Trial) -> None:
    opened = await trial.settle(trial.goals.bystander())
    whole = await trial.read(opened)
    total = await _answer_bytes(trial)
    limit_s = trial.subject.profile.command_timeout_s
    for size in (max(7, total // 400), max(1, total // 40)):
        pieces = total // size + 2
        opened, result = await read_under(trial, Slow(size=size, delay_s=0.5 * limit_s / pieces))
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
    for name, garble in _GARBLES.items():
        opened = await trial.open()
        await trial.read(opened)
        result = await _under(opened, garble, trial.read(opened))
        seen = difference(whole, result) if isinstance(result, State) else ""
        expect(isinstance(result, DeviceError) or result == whole, f"{name} is taken for a state: {seen}")
        if "operation" in trial.subject.profile.capabilities:
            await _operation_of_garbage(trial, await _living(trial, opened), garble, name)
        if "facts" in trial.subject.profile.capabilities:
            await _facts_of_garbage(trial, await _living(trial, opened), garble, name)
        await goes_on(trial, opened, whole, name)


async def _living(trial: Trial, opened: Opened) -> Opened:
    """The driver, or another where its connection was closed; it has read once."""
    if opened.wire.closed:
        opened = await trial.open()
    await trial.read(opened)
    return opened


async def _under(opened: Opened, garble: Callable[[bytes], bytes], work: Awaitable[_T]) -> _T | DeviceError:
    opened.wire.fault = Garbled(garble)
    try:
        return await attempt(work)
    finally:
        opened.wire.fault = Fault()


async def _operation_of_garbage(trial: Trial, opened: Opened, garble: Callable[[bytes], bytes], name: str) -> None:
    known = await trial.read(opened)
    result = await _under(opened, garble, trial.call(opened.driver.operation({"ports"}), "operation"))
    if not isinstance(result, DeviceError):
        strange = sorted(set(result.ports) - set(known.ports))
        expect(not strange, f"{name} is taken for operation of the ports {strange[:3]!a}")


async def _facts_of_garbage(trial: Trial, opened: Opened, garble: Callable[[bytes], bytes], name: str) -> None:
    known = await trial.call(opened.driver.facts(), "facts")
    result = await _under(opened, garble, trial.call(opened.driver.facts(), "facts"))
    if not isinstance(result, DeviceError):
        same = all(result.get(key) in (known.get(key), None, "") for key in ("platform_version", "hostname"))
        expect(same, f"{name} is taken for facts")


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
    await goes_on(trial, opened, whole, "a device that took no session")


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
    _, result = await read_under(trial, fault)
    expect(fault.happened, "no answer was long enough to be paged")
    if isinstance(result, DeviceError):
        raise Broken(f"a device that pages is given up: {result}")
    expect(result == whole, f"a device that pages is read as {difference(whole, result)}")
