"""Which steps of a plan may be taken: every guard sees every step, and one that objects is enough.

A step that is refused takes with it the steps that lean on it (the port of a bundle that may not be made), and leaves
the others alone. The guard of this file keeps protected paths; guards of the agent's own path to the device join it as
further classes with the same one method.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from agents.elements import elements
from agents.findings import Finding
from agents.protection import Protected
from device_profiles.compare import Goal
from device_profiles.documents import Allow
from device_profiles.paths import Path, render_path
from device_profiles.state import State
from drivers.contract import Step


@dataclass(frozen=True, slots=True)
class Scene:
    """What a guard may look at beside the step."""

    goal: Goal
    observed: State


class Guard(Protocol):
    """Somebody who may object to a step."""

    def objection(self, step: Step, scene: Scene) -> Finding | None:
        """Why this step must not be taken; None where nothing is against it."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A step that is not taken, and why."""

    step: Step
    finding: Finding


@dataclass(frozen=True, slots=True)
class Verdict:
    """The steps that may be taken, in order, and those that may not."""

    allowed: tuple[Step, ...]
    refused: tuple[Refused, ...] = ()

    def excuses(self, path: Path) -> bool:
        """Whether ``path`` is not as it shall be because a step was refused."""
        return any(
            path[: len(other)] == other or other[: len(path)] == path
            for item in self.refused
            for other in reach(item.step)
        )


def reach(step: Step) -> tuple[Path, ...]:
    """All paths that a step changes, creates or removes."""
    return (*step.touches, *step.creates, *step.removes)


def judge(steps: Sequence[Step], scene: Scene, guards: Sequence[Guard]) -> Verdict:
    """Let every guard look at every step."""
    allowed: list[Step] = []
    refused: list[Refused] = []
    for step in steps:
        finding = _cannot_be(step)
        finding = finding or next((found for guard in guards if (found := guard.objection(step, scene))), None)
        finding = finding or _leans_on(step, refused, scene)
        if finding is None:
            allowed.append(step)
        else:
            refused.append(Refused(step, finding))
    return Verdict(tuple(allowed), tuple(refused))


def _cannot_be(step: Step) -> Finding | None:
    """What a driver says of a step that it planned only to tell of it."""
    if step.refused is None:
        return None
    path = render_path(next(iter(reach(step)), ("desired",)))
    return Finding(path, step.refused.reason, f"{step.text}: {step.refused.message}")


def _leans_on(step: Step, refused: Sequence[Refused], scene: Scene) -> Finding | None:
    places = {path[:2] for path in reach(step)}
    for item in refused:
        for section, key in {path[:2] for path in reach(item.step)}:
            needed = (section, key) in places or (section == "lags" and ("ports", key) in places)
            used = (section == "vlans" and _uses(places, int(key), scene)) or (
                section == "volumes" and ("volumes", key) in item.step.creates and _shows(places, key, scene)
            )
            if needed or used:
                path = render_path(next(iter(sorted(places))))
                return Finding(path, item.finding.reason, f"waits for {section}.{key}, which may not be changed")
    return None


def _uses(places: set[tuple[str, ...]], vlan: int, scene: Scene) -> bool:
    ports = (scene.goal.state.ports.get(key) for section, key in places if section == "ports")
    return any(
        port is not None and (vlan in (port.access_vlan, port.native_vlan) or str(vlan) in elements(port.trunk_vlans))
        for port in ports
    )


def _shows(places: set[tuple[str, ...]], volume: str, scene: Scene) -> bool:
    exports = (scene.goal.state.exports.get(key) for section, key in places if section == "exports")
    return any(export is not None and volume in (export.luns or {}).values() for export in exports)


@dataclass(frozen=True, slots=True)
class ProtectedPaths:
    """Refuses what would reach a path that node, location or the agent's own file protects."""

    paths: tuple[Protected, ...]

    def objection(self, step: Step, scene: Scene) -> Finding | None:
        for path in _with_members(step, scene):
            for item in self.paths:
                if item.covers(path):
                    sentence = f"{item.text} is protected: take it out of the role, or out of protect"
                    return Finding(render_path(path), "Protected", sentence)
        return None


@dataclass(frozen=True, slots=True)
class Allowed:
    """Refuses a step that needs a word which the node does not ``allow``."""

    words: tuple[Allow, ...]

    def objection(self, step: Step, scene: Scene) -> Finding | None:
        del scene
        for word in step.needs:
            if word not in self.words:
                path = render_path(next(iter(reach(step)), ("vlans",)))
                return Finding(path, "NotAllowed", f"'{step.text}' needs allow: [{word}]")
        return None


def _with_members(step: Step, scene: Scene) -> Iterator[Path]:
    """All that a step reaches; who changes a bundle's members changes those ports."""
    for path in reach(step):
        yield path
        if path[0] == "lags" and (len(path) == 2 or path[2] == "members"):
            before, after = scene.observed.lags.get(path[1]), scene.goal.state.lags.get(path[1])
            members = set(before.members or () if before else ()) ^ set(after.members or () if after else ())
            yield from (("ports", member) for member in sorted(members))
