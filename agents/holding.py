"""What of a plan waits: for approval, or for its window. The plan itself was judged before; this only puts it off.

Approval comes first and is asked for the whole plan, so that who approves it by day need not rise when the window opens
in the night.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from agents.approval import Asked, Plan, Unapproved, ask, is_approved, removals
from agents.guard import Guard, Refused, Scene, Verdict, judge
from agents.nodes import Node
from agents.tokens import Cycle
from agents.windows import WAITING_FOR_WINDOW, Shut
from device_profiles.desired import Desired
from device_profiles.paths import Path, parse_path
from device_profiles.wire import Wait
from drivers.contract import Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """What is put off. ``plan`` waits for approval; ``granted`` has it; ``opens_at`` where a window is waited for.

    ``exact`` are the sets that are exact after these steps, with nothing left that is still to be asked for.
    """

    verdict: Verdict
    cycles: tuple[Cycle, ...]
    held: tuple[Refused, ...] = ()
    plan: Plan | None = None
    granted: Plan | None = None
    exact: frozenset[str] = frozenset()
    opens_at: datetime | None = None


def hold(
    verdict: Verdict,
    due: Sequence[Cycle],
    *,
    scene: Scene,
    node: Node,
    desired: Desired,
    approved: Collection[str],
    now: datetime,
) -> Holding:
    """Put off what must wait. A power cycle that was begun goes on."""
    cycling = {cycle.path: cycle_step(cycle) for cycle in due if not cycle.stage}
    asked = ask(
        (*verdict.allowed, *cycling.values()),
        scene,
        desired,
        is_first=node.converged_generation is None,
        made=node.ledger.paths,
        exact=node.exact,
    )
    guards: list[Guard] = []
    granted = asked is not None and is_approved(asked.plan, approved=approved, earlier=node.asked)
    if asked is not None and not granted:
        guards.append(Unapproved(asked))
    if desired.window is not None:
        guards.append(Shut(desired.window, now))
    left = removals(scene, desired, made=node.ledger.paths, exact=node.exact)
    after = judge(verdict.allowed, scene, guards)
    waiting = judge(tuple(cycling.values()), scene, guards)
    held = (*after.refused, *waiting.refused)
    going = {id(step) for step in waiting.allowed}
    judged = Verdict(after.allowed, (*verdict.refused, *after.refused))
    return Holding(
        verdict=judged,
        cycles=tuple(cycle for cycle in due if cycle.path not in cycling or id(cycling[cycle.path]) in going),
        held=held,
        plan=asked.plan if asked is not None and not granted else None,
        granted=_granted(asked, approved, node) if granted else None,
        exact=frozenset(text for text in desired.exclusive if not _is_left(text, left, judged, gone=granted)),
        opens_at=_opens_at(held, desired, now),
    )


def _is_left(text: str, left: Iterable[Path], verdict: Verdict, *, gone: bool) -> bool:
    """Whether a set keeps something that is still to go; ``gone``: what is in the plan goes."""
    own = parse_path(text)
    return any(path[: len(own)] == own and (not gone or verdict.excuses(path)) for path in left)


def _granted(asked: Asked | None, approved: Collection[str], node: Node) -> Plan | None:
    """The plan to remember as approved: the whole of it, also where only its rest is asked for now."""
    if asked is None:
        return None
    return asked.plan if asked.plan.hash in approved else node.asked


def _opens_at(held: Iterable[Refused], desired: Desired, now: datetime) -> datetime | None:
    if desired.window is None or not any(item.finding.reason == WAITING_FOR_WINDOW for item in held):
        return None
    return Shut(desired.window, now).opens_at


def cycle_step(cycle: Cycle) -> Step:
    """A power cycle as one step, to be judged and shown."""
    section, key = cycle.place
    return Step(
        capability=f"{section}.boot_once" if cycle.only_boots else f"{section}.power",
        text=cycle.sentence,
        commands=(),
        undo=(),
        impact="none" if cycle.only_boots else "outage",
        touches=((section, key, "boot_once" if cycle.only_boots else "power"),),
    )


def waits(held: Sequence[Refused], *, after: int) -> tuple[Wait, ...]:
    """What is waited for, each with the numbers of the steps that wait; ``after`` steps come before these."""
    found: dict[str, tuple[str, list[int]]] = {}
    for number, item in enumerate(held, after + 1):
        found.setdefault(item.finding.reason, (item.finding.message, []))[1].append(number)
    return tuple(Wait(reason=reason, message=message, steps=tuple(n)) for reason, (message, n) in found.items())
