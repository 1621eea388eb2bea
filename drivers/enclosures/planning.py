"""From edits of slots to steps, in the words that a profile gives for them (pure).

What is switched off goes first, then lights and boot devices, and what is switched on goes last.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from pydantic import ConfigDict

from device_profiles.compare import Goal
from device_profiles.profile import Profile
from device_profiles.state import BootDevice, Slot, State
from drivers import limits
from drivers.contract import Step
from drivers.errors import Unsupported
from drivers.planning import Edit, edits

_PLACE = {"outage": 0, "none": 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Commands, each with ``{slot}`` in it. ``ask_off`` asks an operating system to shut down, ``cut_off`` cuts it off.

    ``boot_once`` has ``{device}`` in it as well, filled with what ``devices`` has for ours.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")
    switch_on: str
    ask_off: str
    cut_off: str
    light_on: str = ""
    light_off: str = ""
    boot_once: tuple[str, ...] = ()
    devices: Mapping[BootDevice, str] = field(default_factory=dict)


def plan(goal: Goal, observed: State, *, words: Words, profile: Profile) -> tuple[Step, ...]:
    """The steps from ``observed`` to ``goal``. Raises :class:`~drivers.errors.Unsupported`, naming the leaf."""
    found = limits.check(edits(goal, observed), capabilities=profile.capabilities, implicit=profile.implicit)
    made = [step for edit in found for step in _steps(edit, words)]
    return tuple(sorted(made, key=lambda step: (_PLACE[step.impact], step.capability == "slots.power")))


def _steps(edit: Edit, words: Words) -> Iterator[Step]:
    if edit.before is None:
        raise Unsupported(f"slots.{edit.key}: the enclosure has no such slot: correct its name in the role")
    if edit.before == Slot():
        raise Unsupported(f"slots.{edit.key}: the slot is empty")
    if "boot_once" in edit.fields:
        yield _boot_once(edit, words)
    if "identify" in edit.fields:
        yield _light(edit, words)
    if "power" in edit.fields:
        yield _power(edit, words)


def _power(edit: Edit, words: Words) -> Step:
    wanted, before = edit.after.power, edit.before.power
    asks = wanted == "off" and edit.after.off == "soft"
    command = words.switch_on if wanted == "on" else words.ask_off if asks else words.cut_off
    back = {"on": (words.switch_on,), "off": (words.cut_off,)}.get(before or "", ())
    return Step(
        capability="slots.power",
        text=f"slot {edit.key}: {'shut down' if asks else f'power {wanted}'}",
        commands=(command.format(slot=edit.key),),
        undo=tuple(each.format(slot=edit.key) for each in back),
        impact="outage" if wanted == "off" else "none",
        touches=(("slots", edit.key, "power"),),
    )


def _light(edit: Edit, words: Words) -> Step:
    commands = {True: words.light_on, False: words.light_off}
    before = edit.before.identify
    return Step(
        capability="slots.identify",
        text=f"slot {edit.key}: identify {'on' if edit.after.identify else 'off'}",
        commands=(commands[edit.after.identify].format(slot=edit.key),),
        undo=() if before is None else (commands[before].format(slot=edit.key),),
        impact="none",
        touches=(("slots", edit.key, "identify"),),
    )


def _boot_once(edit: Edit, words: Words) -> Step:
    device: BootDevice = edit.after.boot_once.device
    if device not in words.devices:
        known = ", ".join(words.devices)
        raise Unsupported(f"slots.{edit.key}.boot_once: this enclosure cannot boot from {device} (but from {known})")
    return Step(
        capability="slots.boot_once",
        text=f"slot {edit.key}: boot from {device} once",
        commands=tuple(each.format(slot=edit.key, device=words.devices[device]) for each in words.boot_once),
        undo=(),
        impact="none",
        touches=(("slots", edit.key, "boot_once"),),
    )
