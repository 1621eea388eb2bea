"""Who of several agents gets which node of their location: a pure step from what is held to what shall be.

A node stays with its agent as long as that one renews. What is free goes to whoever holds least; who holds more than an
even share gives up as much, once somebody else is there to take it. Where agents hold equally many, a hash of both
names decides (rendezvous hashing), so that every replica decides alike.

A node of which an agent says that it has accepted something newer than the service knows (after a backup was restored)
goes to that one, if it is there: any other would take the older state for good.

Nobody is given a node before the lease of the one who had it is over by the service's clock, and a margin; or before
that one has said that it let go.
"""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

FOR_EVER: Final = "9999-12-31T23:59:59.999999Z"
"""The end of a lease of an agent that has not yet heard that its location is shared."""
RELEASED: Final = ""
"""The end of a lease that its agent gave back: before all times."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """An agent of the location. It is there as long as it renews: its leases end at ``ends_at`` otherwise."""

    name: str
    ends_at: str | None
    shares: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """The lease on a node. ``left_by`` shall let it go, or is gone; nobody else gets it before ``ends_at``.

    While ``agent`` holds it, its end is the later one of ``ends_at`` and the end of that agent's leases.
    """

    node: str
    location: str
    agent: str | None
    left_by: str | None
    fence: int
    ends_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A location as it is. ``ends`` are the ends of leases of all agents concerned, wherever they are enrolled.

    ``over_before``: leases that ended before this time are over, the margin counted in; None where that cannot be told
    now. ``fence`` is above each that was given to a node that is not there any more.
    """

    location: str
    shared: bool
    nodes: Collection[str]
    members: Collection[Member]
    held: Mapping[str, Held]
    ends: Mapping[str, str]
    now: str
    over_before: str | None
    fence: int
    claims: Mapping[str, str] = field(default_factory=dict)
    """Nodes of which an agent knows more than the service does, each with that agent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What is to be written. ``shares``: whether the agents shall hold by leases from now on."""

    put: tuple[Held, ...] = ()
    drop: tuple[str, ...] = ()
    shares: bool = False
    flagged: bool = False
    """Whether ``shares`` is another than some agent has."""

    def __bool__(self) -> bool:
        return bool(self.put or self.drop or self.flagged)


def settle(scene: Scene) -> Change:
    """What to change so that every node is held by one agent, evenly."""
    if not scene.shared and len(scene.members) <= 1:
        return _alone(scene)
    rows = dict(scene.held)
    for node in scene.held.keys() - set(scene.nodes):
        rows[node] = _left(scene, rows[node])
    for node in sorted(set(scene.nodes) - rows.keys()):
        rows[node] = _begun(scene, node)
    _hand_out(scene, rows)
    drop = tuple(node for node in sorted(rows.keys() - set(scene.nodes)) if _is_free(scene, rows[node]))
    put = tuple(rows[node] for node in sorted(rows) if node not in drop and rows[node] != scene.held.get(node))
    return Change(
        put=put,
        drop=tuple(node for node in drop if node in scene.held),
        shares=True,
        flagged=any(not member.shares for member in scene.members),
    )


def _alone(scene: Scene) -> Change:
    """One agent again: all is its own for ever, as soon as nobody else can hold any of it."""
    only = next((member.name for member in scene.members), None)
    if any(row.agent != only and not _is_free(scene, row) for row in scene.held.values()):
        return Change(shares=any(member.shares for member in scene.members))
    flagged = any(member.shares for member in scene.members)
    return Change(drop=tuple(sorted(scene.held)), shares=False, flagged=flagged)


def _begun(scene: Scene, node: str) -> Held:
    """The first lease on a node: of the agent that has had it alone, if there is one."""
    before = next((member.name for member in scene.members if not member.shares), None)
    ends_at = RELEASED if before is None else FOR_EVER
    return Held(node=node, location=scene.location, agent=before, left_by=None, fence=scene.fence, ends_at=ends_at)


def _end(scene: Scene, row: Held) -> str:
    return max(row.ends_at, scene.ends.get(row.agent or "", RELEASED))


def _is_free(scene: Scene, row: Held) -> bool:
    end = _end(scene, row)
    return end == RELEASED or (scene.over_before is not None and end < scene.over_before)


def _left(scene: Scene, row: Held) -> Held:
    """A lease whose agent is told to let go."""
    if row.agent is None:
        return row
    return replace(row, agent=None, left_by=row.agent, ends_at=_end(scene, row))


def _hand_out(scene: Scene, rows: dict[str, Held]) -> None:
    there = sorted(member.name for member in scene.members if member.shares and (member.ends_at or "") > scene.now)
    if not there:
        return
    nodes = sorted(scene.nodes)
    share = math.ceil(len(nodes) / len(there))
    kept: dict[str, list[str]] = {name: [] for name in there}
    free: list[str] = []
    for node in nodes:
        row = rows[node]
        if row.agent in kept and row.location == scene.location:
            kept[row.agent].append(node)
        elif _is_free(scene, row):
            free.append(node)
    for name, held in kept.items():
        for node in _best(name, [node for node in held if scene.claims.get(node) != name])[share:]:
            rows[node] = _left(scene, rows[node])
    counts = Counter({name: min(len(held), share) for name, held in kept.items()})
    for node in free:
        name = min(there, key=lambda name, node=node: (counts[name], -_score(name, node)))  # type: ignore[misc]
        name = claim if (claim := scene.claims.get(node)) in there else name
        counts[name] += 1
        rows[node] = Held(
            node=node,
            location=scene.location,
            agent=name,
            left_by=None,
            fence=max(rows[node].fence + 1, scene.fence),
            ends_at=scene.now,
        )


def _best(agent: str, nodes: Iterable[str]) -> list[str]:
    return sorted(nodes, key=lambda node: -_score(agent, node))


def _score(agent: str, node: str) -> int:
    return int.from_bytes(hashlib.blake2b(f"{agent}\0{node}".encode(), digest_size=8).digest(), "big")
