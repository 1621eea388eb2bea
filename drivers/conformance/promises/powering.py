"""Power and boots: what a driver says it switched is switched, once, and what nobody obeys is said.

What is behind slots and outlets is looked at from there (:class:`~drivers.conformance.subject.Machines`), where the
subject lets us; a driver whose device lies cannot be believed about it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Literal

from device_profiles.compare import Goal
from device_profiles.leaves import SECTIONS
from device_profiles.state import BootOnce, Power, State
from drivers.conformance.promise import promise
from drivers.conformance.subject import Machines, Subject
from drivers.conformance.trial import Broken, Opened, Trial, attempt, expect
from drivers.contract import Step
from drivers.errors import DeviceError

_SECTIONS = ("slots", "outlets")
_TICK_S = 0.25
_AT = datetime(2026, 11, 20, 10, tzinfo=UTC)
_NOBODY_TELLS = "nothing here tells what the machines behind this device did"

Place = tuple[str, str]


def _places(subject: Subject) -> Iterator[Place]:
    for section in _SECTIONS:
        if f"{section}.power" in subject.profile.capabilities:
            yield from ((section, key) for key in getattr(subject.ground, section)[:1])


def _switching(subject: Subject) -> str:
    name = subject.profile.name
    if not {f"{section}.power" for section in _SECTIONS} & set(subject.profile.capabilities):
        return f"{name} does not declare slots.power or outlets.power"
    return "" if any(_places(subject)) else f"nothing on this {name} was given to be changed"


def _seen(subject: Subject) -> str:
    return _switching(subject) or ("" if subject.machines is not None else _NOBODY_TELLS)


def _asking(subject: Subject) -> str:
    if "slots.power" not in subject.profile.capabilities:
        return f"{subject.profile.name} does not declare slots.power"
    return _seen(subject)


def _booting(subject: Subject) -> str:
    if "slots.boot_once" not in subject.profile.capabilities:
        return f"{subject.profile.name} does not declare slots.boot_once"
    return _seen(subject)


def _machines(trial: Trial) -> Machines:
    assert trial.subject.machines is not None  # noqa: S101 -- asked by the excuse
    return trial.subject.machines


def _goal(place: Place, **values: Any) -> Goal:
    section, key = place
    sections: dict[str, Any] = {section: {key: SECTIONS[section](**values)}}
    return Goal(State(**sections))


def _power(place: Place, power: Power, *, off: Literal["soft", "hard"] | None = None) -> Goal:
    """A goal of power; slots are switched off in a manner."""
    return _goal(place, power=power, **({"off": off} if off is not None and place[0] == "slots" else {}))


def _shown(state: State, place: Place) -> str | None:
    item = getattr(state, place[0]).get(place[1])
    return None if item is None else item.power


async def _is(trial: Trial, place: Place, power: Power, when: str) -> None:
    """See that another driver reads it so."""
    shown = _shown(await trial.read(await trial.open()), place)
    expect(shown == power, f"{when} a reading shows {'.'.join(place)} as {shown}")


async def _boots(trial: Trial, place: Place) -> int:
    """How often the machine behind a place booted."""
    return len(await _machines(trial).boots(place[1]))


@promise("switches power, and a reading proves it", excuse=_switching)
async def switches_power(trial: Trial) -> None:
    for place in _places(trial.subject):
        opened = await trial.settle(_power(place, "on"))
        for power in ("off", "on", "off"):
            await trial.converge(opened, _power(place, power, off="hard"))
            await _is(trial, place, power, f"switched {power},")


@promise("asks an operating system to shut down, and cuts it off only when it is told to", excuse=_asking)
async def asks_before_it_cuts_off(trial: Trial) -> None:
    place = next(_places(trial.subject))
    for off in (None, "soft"):
        opened = await trial.settle(_power(place, "on"))
        await _machines(trial).hear_nothing(place[1])
        for step in await trial.plan(opened, _power(place, "off", off=off)):
            error = await _applied(trial, opened, step)
            expect(error is None, f"asked in vain, the driver says {error!r:.200}")
        await _is(trial, place, "on", "its operating system heard nothing, and was not to be cut off:")
    await trial.converge(opened, _power(place, "off", off="hard"))
    await _is(trial, place, "off", "it was to be cut off:")


@promise("boots a machine once for each time that it is switched on", excuse=_seen)
async def boots_once_for_each_power_on(trial: Trial) -> None:
    for place in _places(trial.subject):
        opened = await trial.settle(_power(place, "on"))
        before = await _boots(trial, place)
        for goal in (_power(place, "off", off="hard"), _power(place, "on")):
            for step in await trial.plan(opened, goal):
                await trial.apply(opened, step)
                await trial.apply(opened, step)  # as after a crash
        boots = await _boots(trial, place) - before
        expect(boots == 1, f"off and on, each told twice, are {boots} boots of {'.'.join(place)}")
        await _is(trial, place, "on", "off and on again,")


@promise("sets a boot device for one boot, which uses it up", excuse=_booting)
async def boots_from_there_once(trial: Trial) -> None:
    place = next(_places(trial.subject))
    machines = _machines(trial)
    opened = await trial.settle(_power(place, "off", off="hard"))
    before = await trial.read(opened)
    count = len(await machines.boots(place[1]))
    once = _goal(place, boot_once=BootOnce(device="pxe", at=_AT))
    steps = await trial.plan(opened, once)
    expect(steps, "a boot device for one boot plans nothing")
    await trial.apply(opened, *steps)
    expect(await trial.read(opened) == before, "a boot device for one boot changes what a reading shows")
    for _ in range(2):
        await trial.converge(opened, _power(place, "on"))
        await trial.converge(opened, _power(place, "off", off="hard"))
    found = list(await machines.boots(place[1]))[count:]
    expect(found[:1] == ["pxe"], f"set to boot from pxe once, it boots from {found[:1]}")
    expect(found[1:2] and found[1] != "pxe", f"the boot device for one boot is still there at the next: {found}")


@promise("says so when power is answered as switched, and is not", excuse=_seen)
async def tells_a_lie_about_power(trial: Trial) -> None:
    for place in _places(trial.subject):
        for before, after in (("on", "off"), ("off", "on")):
            opened = await trial.settle(_power(place, before, off="hard"))  # type: ignore[arg-type]
            await _machines(trial).lie(place[1])
            await _is_told(trial, opened, place, _power(place, after, off="hard"))  # type: ignore[arg-type]


async def _applied(trial: Trial, opened: Opened, step: Step) -> DeviceError | None:
    """Apply a step whose device does not obey, without waiting for as long as the driver does."""
    trial.remember(step)
    applying = asyncio.ensure_future(attempt(trial.call(opened.driver.apply(step), "apply")))
    waited_s = 0.0
    while not applying.done() and waited_s < trial.patience_s:
        waited_s += _TICK_S
        await trial.clock.pass_by(_TICK_S)
    if applying.done():
        return applying.result()
    applying.cancel()
    raise Broken(f"'{step.text}' is not done, and apply waits for more than {trial.patience_s:g} s")


async def _is_told(trial: Trial, opened: Opened, place: Place, goal: Goal) -> None:
    for step in await trial.plan(opened, goal):
        if not isinstance(await _applied(trial, opened, step), DeviceError):
            raise Broken(f"'{step.text}' was answered as done and is not, and apply says nothing of {'.'.join(place)}")
