"""Steps for the one slot: what is switched off first, what is switched on last, and boot devices before that."""

from __future__ import annotations

from typing import Any, Final

from device_profiles.compare import Change, Goal
from device_profiles.profile import Profile
from device_profiles.state import BootOnce, Slot, State
from device_profiles.wire import Impact
from drivers import limits
from drivers.contract import Step
from drivers.errors import Unsupported
from drivers.planning import Edit, edits

SLOT: Final = "1"


def plan(goal: Goal, observed: State, profile: Profile) -> tuple[Step, ...]:
    """The steps to a goal. Raises :class:`~drivers.errors.Unsupported`."""
    found = limits.check(edits(goal, observed), capabilities=profile.capabilities, implicit=profile.implicit)
    steps = [(_rank(change), _step(edit, change)) for edit in found for change in edit.changes]
    return tuple(step for _, step in sorted(steps, key=lambda pair: pair[0]))


def _rank(change: Change) -> int:
    if change.path[2] == "power":
        return 0 if change.after == "off" else 3
    return 2 if change.path[2] == "identify" else 1


def _step(edit: Edit, change: Change) -> Step:
    if edit.before is None:
        raise Unsupported(f"slots.{edit.key}: a controller has one machine, in slot {SLOT}: correct the role")
    name, (text, commands, undo) = change.path[2], _words(change, edit.after, edit.before)
    impact: Impact = "outage" if (name, change.after) == ("power", "off") else "none"
    return Step(
        capability=f"slots.{name}",
        text=f"slot {edit.key}: {text}",
        commands=commands,
        undo=undo,
        impact=impact,
        touches=(change.path,),
    )


def _words(change: Change, after: Slot, before: Slot) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """A change in words for people, as commands, and how it is undone."""
    name, value = change.path[2], change.after
    if name == "power":
        word = "on" if value == "on" else "off" if after.off == "hard" else "soft"
        said = {"on": "switch on", "off": "switch off", "soft": "ask the operating system to shut down"}[word]
        return said, (f"power {word}",), {"on": ("power on",), "off": ("power soft",)}.get(before.power or "", ())
    if name == "boot_once":
        once: BootOnce = value
        return f"boot from {once.device} once", (f"boot once {once.device}",), ()
    if name == "boot_device":
        return f"boot from {value}", (f"boot {value}",), () if change.before is None else (f"boot {change.before}",)
    if change.before is None:
        raise Unsupported(f"slots.{SLOT}.identify: this controller does not tell whether its light is on")
    return f"identify light {_light(value)}", (f"identify {_light(value)}",), (f"identify {_light(change.before)}",)


def _light(value: Any) -> str:
    return "on" if value else "off"
