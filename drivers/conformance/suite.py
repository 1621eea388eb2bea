"""The suite: all promises, and what became of each on one subject."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from drivers.conformance.promise import Promise
from drivers.conformance.promises import (
    accounting,
    confirming,
    failing,
    guarding,
    interruptions,
    keeping,
    order,
    planning,
    powering,
    readings,
    storing,
    undoing,
    watching,
    writing,
)
from drivers.conformance.subject import Subject
from drivers.conformance.trial import Broken, NotRestored, trying
from drivers.errors import DeviceError

_MODULES = (
    readings,
    planning,
    writing,
    accounting,
    order,
    undoing,
    failing,
    interruptions,
    keeping,
    storing,
    confirming,
    watching,
    guarding,
    powering,
)
SUITE: Final[tuple[Promise, ...]] = tuple(
    item for module in _MODULES for item in vars(module).values() if isinstance(item, Promise)
)


class Verdict(StrEnum):
    """What became of a promise."""

    KEPT = "kept"
    BROKEN = "broken"
    NOT_ASKED = "not asked"
    NOT_TRIED = "not tried"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one promise: for a broken one what was seen, for one that was not asked for why."""

    promise: Promise
    verdict: Verdict
    why: str = ""
    took_s: float = 0.0
    spoilt: bool = False
    """Whether the device could not be brought back to what it was."""


def asked(subject: Subject) -> tuple[Promise, ...]:
    """The promises that a subject is asked for."""
    return tuple(promise for promise in SUITE if not promise.excuse(subject))


async def judge(promise: Promise, subject: Subject) -> Outcome:
    """Try one promise. Raises nothing: whatever happens is an outcome."""
    why = promise.excuse(subject)
    if why:
        return Outcome(promise, Verdict.NOT_ASKED, why)
    started = time.monotonic()
    try:
        async with trying(subject) as trial:
            await promise.check(trial)
            trial.kept_secrets()
    except Exception as error:  # noqa: BLE001 -- a driver may do anything, and the others are to be judged as well
        took_s = time.monotonic() - started
        return Outcome(promise, Verdict.BROKEN, _seen(error), took_s, spoilt=isinstance(error, NotRestored))
    return Outcome(promise, Verdict.KEPT, took_s=time.monotonic() - started)


def _seen(error: Exception) -> str:
    match error:
        case NotRestored() if isinstance(error.__context__, Broken):
            return f"{error.__context__}; and then: {error}"
        case Broken():
            return str(error)
        case DeviceError():
            return f"{type(error).__name__} where nothing was to fail: {error}"
    return f"{type(error).__name__}: {error}"


async def run(subject: Subject, promises: Iterable[Promise] = SUITE) -> AsyncIterator[Outcome]:
    """The outcomes of promises in order. Once a device could not be brought back, nothing more is tried on it."""
    spoilt = False
    for promise in promises:
        if spoilt:
            yield Outcome(promise, Verdict.NOT_TRIED, "the device could not be brought back to what it was")
            continue
        outcome = await judge(promise, subject)
        spoilt = outcome.spoilt
        yield outcome
