"""A promise: a name, a sentence, who is asked for it, and a check that raises :class:`Broken` where it is not kept."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from device_profiles.leaves import SHAPES
from drivers.conformance.subject import Subject
from drivers.conformance.trial import Trial

Check = Callable[[Trial], Awaitable[None]]
Excuse = Callable[[Subject], str]
"""Why a subject is not asked for a promise; an empty text where it is."""


@dataclass(frozen=True, slots=True)
class Promise:
    """What every driver promises, as far as its profile declares what the promise is about."""

    name: str
    sentence: str
    check: Check
    excuse: Excuse


def _asked(_: Subject) -> str:
    return ""


def promise(sentence: str, *, excuse: Excuse = _asked) -> Callable[[Check], Promise]:
    """Make a promise of a check; its name is the function's, with dashes."""

    def make(check: Check) -> Promise:
        return Promise(check.__name__.replace("_", "-"), sentence, check, excuse)

    return make


def ability(*names: str) -> Excuse:
    """Only where the profile declares one of these."""

    def excuse(subject: Subject) -> str:
        if set(names) & set(subject.profile.capabilities):
            return ""
        return f"{subject.profile.name} does not declare {' or '.join(names)}"

    return excuse


def writable(subject: Subject) -> str:
    """Only where the profile declares something that can be changed, and there is ground to change it on."""
    if not SHAPES & set(subject.profile.capabilities):
        return f"{subject.profile.name} does not declare anything that can be changed"
    goals = subject.ground.ports or subject.ground.outlets or subject.ground.slots or subject.ground.pool
    return "" if goals else f"nothing on this {subject.profile.name} was given to be changed"
