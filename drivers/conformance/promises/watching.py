"""A device that pushes: its driver says when something may have changed, and when nobody can tell any more."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from drivers.conformance.promise import ability, promise
from drivers.conformance.subject import Subject
from drivers.conformance.trial import Broken, Opened, Trial, expect
from drivers.contract import Watching
from drivers.errors import DeviceError

_PUSHED_WITHIN_S: Final = 5.0
_TWIN_PUSHES_WITHIN_S: Final = 0.5


def _patience_s(trial: Trial) -> float:
    return _TWIN_PUSHES_WITHIN_S if trial.subject.grammar else _PUSHED_WITHIN_S


async def _next(trial: Trial, changes: AsyncIterator[None], what: str) -> None:
    try:
        async with asyncio.timeout(_patience_s(trial)):
            await trial.call(anext(changes), "changes")
    except TimeoutError:
        raise Broken(f"{what} was not told within {_patience_s(trial):g} s") from None
    except StopAsyncIteration:
        raise Broken(f"the changes end where {what} was to be told") from None


@asynccontextmanager
async def _watching(opened: Opened) -> AsyncIterator[AsyncIterator[None]]:
    """The changes that a driver tells; nobody watches any more afterwards."""
    assert isinstance(opened.driver, Watching)  # noqa: S101 -- declares_what_it_does says so
    changes = opened.driver.changes()
    try:
        yield changes
    finally:
        if isinstance(changes, AsyncGenerator):
            await changes.aclose()


def _changeable(subject: Subject) -> str:
    if not (subject.ground.ports or subject.ground.outlets or subject.ground.slots or subject.ground.pool):
        return "nothing on this device was given to be changed"
    return ability("watch")(subject)


@promise("says that something changed", excuse=_changeable)
async def tells_changes(trial: Trial) -> None:
    case = trial.goals.cases[0]
    await trial.settle(case.before)
    opened = await trial.open()
    async with _watching(opened) as changes:
        await _next(trial, changes, "the first state")
        await trial.converge(await trial.open(), case.after)
        await _next(trial, changes, "a change by somebody else")
    left = len(opened.wire.open_streams)
    expect(left == 0, f"{left} sessions stay open on the device when nobody watches any more")


@promise("says that it cannot watch any more", excuse=_changeable)
async def tells_the_end_of_watching(trial: Trial) -> None:
    await trial.settle()
    opened = await trial.open()
    async with _watching(opened) as changes:
        await _next(trial, changes, "the first state")
        for stream in opened.wire.open_streams:
            await stream.break_off()
        try:
            async with asyncio.timeout(_patience_s(trial)):
                while True:
                    await trial.call(anext(changes), "changes")
        except TimeoutError:
            raise Broken("the connection is lost, and whoever watches is not told") from None
        except (DeviceError, StopAsyncIteration):
            return
