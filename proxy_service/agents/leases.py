"""Leases in the database: taken over, renewed, given back.

In a ``shared`` location every node has a row of ``leases``: who holds it, with a fence that grows at every hand-over.
An agent renews all that it holds with one column of its own row. What has to be changed is worked out by
:mod:`proxy_service.agents.sharing` in a view, and once more in the unit that changes it, which holds the rows of all
agents of the location: no two hand-overs, and no renewal, of one location meet.

In an ``alone`` location there are no such rows: its one agent holds all nodes for ever.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from proxy_service import clock
from proxy_service.agents import sharing
from proxy_service.agents.sharing import FOR_EVER, RELEASED, Held, Member, Scene
from proxy_service.declare.specs import read_location
from proxy_service.store import Rows, Unit
from proxy_service.store import tables as t
from proxy_service.trust.standing import refusals

MOST_NEEDED_S: Final = 300.0
"""How much longer than usual a lease is at most, for steps that take long."""
_JUMP_S: Final = 1.0
_FIELDS: Final = ("node", "location", "agent", "left_by", "fence", "ends_at")

HOLDER: Final = sa.and_(
    t.agents.c.location == t.nodes.c.location,
    sa.or_(t.leases.c.agent == t.agents.c.name, sa.and_(t.leases.c.node.is_(None), t.agents.c.shares == 0)),
)
"""Joins ``agents`` to ``nodes`` and, by node, their ``leases``: the one agent that holds the node."""


class Steady:
    """For how long the clock by which leases end has gone evenly: since this process began, or it was set.

    A clock that was set forward would end leases that others still hold; so would a backup that was restored.
    """

    def __init__(
        self, *, now: Callable[[], datetime] | None = None, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._now = now or clock.now
        self._monotonic = monotonic
        self._since_s = monotonic()
        self._offset_s = self._now().timestamp() - self._since_s

    def for_s(self) -> float:
        """Seconds since when it has."""
        at_s = self._monotonic()
        offset_s = self._now().timestamp() - at_s
        if abs(offset_s - self._offset_s) > _JUMP_S:
            self._since_s, self._offset_s = at_s, offset_s
        return at_s - self._since_s


def is_due(rows: Rows, location: str, *, steady_s: float, margin_s: float) -> bool:
    """Whether something has to be changed at a location now."""
    members = rows.all(_MEMBERS, {"location": location})
    return bool(sharing.settle(_scene(rows, location, members, steady_s=steady_s, margin_s=margin_s)))


def settle(unit: Unit, location: str, *, steady_s: float, margin_s: float) -> None:
    """Change what has to be changed at a location, and tell its agents."""
    members = unit.all(_MEMBERS.with_for_update(), {"location": location})
    scene = _scene(unit, location, members, steady_s=steady_s, margin_s=margin_s)
    change = sharing.settle(scene)
    unit.upsert(t.leases, [{name: getattr(row, name) for name in _FIELDS} for row in change.put])
    unit.delete_among(sa.delete(t.leases), t.leases.c.node, change.drop)
    if change.flagged:
        statement = sa.update(t.agents).where(t.agents.c.location == location).values(shares=int(change.shares))
        unit.execute(statement)
        unit.touch(f"location:{location}")
    for row in change.put:
        unit.tell(location, row.node)
        before = scene.held.get(row.node)
        if row.agent is not None:
            data = {"agent": row.agent, "before": _before(before), "fence": row.fence}
            unit.event("lease.given", data, node=row.node)
    for node in change.drop:
        unit.tell(location, node)


def renew(
    unit: Unit, *, agent: str, location: str, held: Mapping[str, int], needs_s: float, lease_s: float
) -> tuple[tuple[str, ...], float] | None:
    """Renew what an agent holds; the nodes and for how long. None where it holds nothing by leases.

    The agent's row is held by the caller, so that nothing is taken from it meanwhile.
    """
    row = unit.first(sa.select(t.agents.c.shares, t.agents.c.lease_ends_at).where(t.agents.c.name == agent))
    if row is None or not row.shares:
        return None
    whole_s = round(lease_s + min(max(needs_s, 0.0), MOST_NEEDED_S), 3)
    ends_at = max(clock.text(clock.moment(unit.at) + timedelta(seconds=whole_s)), row.lease_ends_at or "")
    values = {"lease_ends_at": ends_at, "lease_ms": int(whole_s * 1000)}
    unit.execute(sa.update(t.agents).where(t.agents.c.name == agent).values(**values))
    if (row.lease_ends_at or "") <= unit.at:
        # It has come (back): there may be nodes for it.
        unit.touch(f"location:{location}")
    c = t.leases.c
    mine = unit.all(sa.select(c.node, c.fence, c.ends_at).where(c.agent == agent))
    kept = [each for each in mine if held.get(each.node) == each.fence]
    told = [each.node for each in kept if each.ends_at == FOR_EVER]
    for node in told:
        unit.execute(sa.update(t.leases).where(c.node == node, c.agent == agent).values(ends_at=unit.at))
    return tuple(each.node for each in kept), whole_s


def release(unit: Unit, *, agent: str, location: str, released: Mapping[str, int]) -> None:
    """Take back what an agent has let go of, so that another one gets it at once."""
    c = t.leases.c
    if not released:
        return
    # Names from the wire are compared here, and never reach the database.
    mine = unit.all(sa.select(c.node, c.fence).where(sa.or_(c.left_by == agent, c.agent == agent)).order_by(c.node))
    for row in mine:
        if released.get(row.node) == row.fence:
            values = {"agent": None, "left_by": None, "ends_at": RELEASED}
            unit.execute(sa.update(t.leases).where(c.node == row.node).values(**values))
            unit.touch(f"location:{location}")


def abandon(unit: Unit, agent: str, *, ends_at: str | None) -> None:
    """An agent has left, or lost its memory: what it held is free when its leases are over.

    What it was to hold for ever is free at once: somebody has said that it is gone.
    """
    c = t.leases.c
    for row in unit.all(sa.select(t.leases).where(sa.or_(c.agent == agent, c.left_by == agent))):
        known = RELEASED if row.ends_at == FOR_EVER else row.ends_at
        values = {"agent": None, "left_by": None, "ends_at": max(known, ends_at or RELEASED)}
        unit.execute(sa.update(t.leases).where(c.node == row.node).values(**values))
        unit.touch(f"location:{row.location}", f"node:{row.node}")


def is_shared(rows: Rows, location: str) -> bool:
    """Whether a location is declared to be shared by several agents."""
    spec = rows.value(sa.select(t.locations.c.spec).where(t.locations.c.name == location))
    return spec is not None and read_location(spec).agents == "shared"


def state_of(shares: int, ends_at: str | None) -> str:
    """The state of an agent's leases, for people: ``for ever``, ``held``, ``ended``, or ``none`` before the first."""
    if not shares:
        return "for ever"
    if ends_at is None:
        return "none"
    return "held" if ends_at > clock.now_text() else "ended"


def held_by() -> sa.ScalarSelect[Any]:
    """How many nodes an agent holds, beside its row."""
    nodes = sa.select(sa.func.count()).select_from(t.nodes.outerjoin(t.leases, t.leases.c.node == t.nodes.c.name))
    return nodes.where(HOLDER).correlate(t.agents).scalar_subquery()


def _before(row: Held | None) -> str | None:
    return row.agent or row.left_by if row is not None else None


def _scene(rows: Rows, location: str, members: Any, *, steady_s: float, margin_s: float) -> Scene:
    now = clock.now()
    here = sa.select(t.nodes.c.name).where(t.nodes.c.location == location)
    c = t.leases.c
    held = rows.all(sa.select(t.leases).where(sa.or_(c.location == location, c.node.in_(here))))
    # A lease that was given last may be as long as any that its agent was given.
    longest_s = max((row.lease_ms for row in members), default=0) / 1000
    over_before = clock.text(now - timedelta(seconds=margin_s)) if steady_s > longest_s + margin_s else None
    return Scene(
        location=location,
        shared=is_shared(rows, location),
        nodes=[row.name for row in rows.all(here)],
        members=[Member(name=row.name, ends_at=row.lease_ends_at, shares=bool(row.shares)) for row in members],
        held={row.node: Held(**{name: getattr(row, name) for name in _FIELDS}) for row in held},
        ends=_ends(rows, {row.agent for row in held if row.agent}),
        now=clock.text(now),
        over_before=over_before,
        fence=rows.last_event() + 1,
        claims={node: row.name for row in members if row.standing for node in refusals(row.standing)},
    )


def _ends(rows: Rows, agents: set[str]) -> dict[str, str]:
    c = t.agents.c
    found = rows.among(sa.select(c.name, c.lease_ends_at), c.name, agents)
    return {row.name: row.lease_ends_at or RELEASED for row in found}


_MEMBERS: Final = (
    sa.select(*(t.agents.c[name] for name in ("name", "shares", "lease_ends_at", "lease_ms", "standing")))
    .where(t.agents.c.location == sa.bindparam("location"))
    .order_by(t.agents.c.name)
)
