"""Steps as the journal keeps them: all that is needed to tell of one, to undo it, and to guard the undo."""

from __future__ import annotations

from typing import Any, Final

import orjson

from agents.reports import dump
from device_profiles.paths import parse_path, render_path
from drivers.contract import Step

_PATHS: Final = ("touches", "creates", "removes", "reopens")
_TOLD: Final = ("capability", "text", "commands", "undo", "impact")


def write_step(step: Step) -> bytes:
    """A step as JSON."""
    paths = {name: [render_path(path) for path in getattr(step, name)] for name in _PATHS}
    return dump({name: getattr(step, name) for name in _TOLD} | {"needs": step.needs} | paths)


def read_step(document: bytes) -> Step:
    """A step from :func:`write_step`."""
    raw = orjson.loads(document)
    paths: dict[str, Any] = {name: tuple(parse_path(text) for text in raw.get(name, ())) for name in _PATHS}
    return Step(
        capability=raw["capability"],
        text=raw["text"],
        commands=tuple(raw["commands"]),
        undo=tuple(raw["undo"]),
        impact=raw["impact"],
        needs=tuple(raw.get("needs", ())),
        **paths,
    )


def told(document: bytes, status: str) -> dict[str, Any]:
    """A step as a :class:`~device_profiles.wire.StepRecord` in JSON."""
    raw = orjson.loads(document)
    return {name: raw[name] for name in _TOLD} | {"status": status}


def inverse(step: Step) -> Step:
    """The step that undoes a step. What one made the other takes away."""
    return Step(
        capability=step.capability,
        text=f"undo of: {step.text}",
        commands=step.undo,
        undo=step.commands,
        impact=step.impact,
        touches=step.touches,
        creates=step.removes,
        removes=step.creates,
        reopens=step.reopens,
        needs=step.needs,
    )
