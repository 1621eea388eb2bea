"""What agents do not accept from us, and what they are told all the same.

An agent that has accepted more than we offer says so (its *standing*), and goes on with what it has. Who overrules it
has us say, signed, "instead of what you hold": for just that, so that the same words sent again later do nothing.
"""

from __future__ import annotations

import functools
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any, Final

import orjson
import sqlalchemy as sa
from pydantic import TypeAdapter

from device_profiles.names import printable
from device_profiles.signing import Refusal, Standing
from device_profiles.wire import WIRE_SCHEMA
from proxy_service.problems import Refused, Slug, not_found, refused_at
from proxy_service.store import Unit
from proxy_service.store import tables as t
from proxy_service.trust import site

STANDING: Final = TypeAdapter(Standing)
_REFUSED: Final = TypeAdapter(tuple[Refusal, ...])
_AGENTS: Final = sa.select(t.agents).where(t.agents.c.standing.is_not(None)).order_by(t.agents.c.name)


@functools.lru_cache(maxsize=64)
def refusals(text: str) -> Mapping[str, Refusal]:
    """A stored standing by node; kept, since a list of nodes asks for it once for each."""
    return {item.node: item for item in _REFUSED.validate_json(text)}


def shown(text: str | None) -> list[dict[str, Any]]:
    """A stored standing for people."""
    items = refusals(text).values() if text else ()
    names = ("node", "message", "generation", "offered", "epoch")
    return [{name: getattr(item, name) for name in names} for item in items]


def take(unit: Unit, agent: str, given: Standing) -> None:
    """Store what an agent says. What it does not refuse any more need not be overruled any more."""
    if given.schema not in (WIRE_SCHEMA, WIRE_SCHEMA - 1):
        message = f"this service speaks schema {WIRE_SCHEMA}; bring the older side up to date"
        raise refused_at(Slug.NOT_IN_THIS_VERSION, "schema", message)
    row = unit.first(sa.select(t.agents).where(t.agents.c.name == agent).with_for_update())
    if row is None:
        raise not_found("agent", agent)
    now = {item.node: replace(item, message=printable(item.message, most=2000)) for item in given.refused}
    before = refusals(row.standing) if row.standing else {}
    if now == before:
        return
    overrules = _overrules(row)
    kept = {node: mark for node, mark in overrules.items() if node in now and now[node].holds == mark}
    values = {
        "standing": _REFUSED.dump_json(tuple(now.values())).decode() if now else None,
        "overrules": orjson.dumps(kept).decode() if kept else None,
    }
    unit.execute(sa.update(t.agents).where(t.agents.c.name == agent).values(**values))
    for node in sorted(now.keys() - before.keys()):
        # What was proved of it was proved of something else.
        proved = sa.update(t.statuses).where(t.statuses.c.node == node, t.statuses.c.agent == agent)
        unit.execute(proved.values(converged_generation=0))
    if now.keys() != before.keys():
        unit.event("agent.standing", {"agent": agent, "refused": sorted(now)[:100], "count": len(now)})
    unit.touch(f"agent:{agent}", *(f"node:{node}" for node in now.keys() ^ before.keys()))


def overrule(unit: Unit, nodes: Collection[str] | None) -> dict[str, Any]:
    """Have agents accept what we say of these nodes (None: of all that any agent refuses).

    Raises :class:`Refused` where a node is refused by no agent.
    """
    unit.declare()
    rows = unit.all(_AGENTS.with_for_update())
    known = [(row, item) for row in rows for item in refusals(row.standing).values()]
    for node in sorted(set(nodes or ()) - {item.node for _, item in known}):
        detail = f"no agent refuses what is declared for {node}; `pointsman get agents` tells who refuses what"
        raise Refused(Slug.CONFLICT, detail, node=node)
    chosen = [(row, item) for row, item in known if nodes is None or item.node in nodes]
    epoch = site.words(unit)["epoch"]
    if any(item.epoch == epoch for _, item in chosen):
        # The database was put back without our knowing: within this epoch nothing that it says can be told from a
        # replay.
        epoch = site.begin_epoch(unit)
    for row in rows:
        own = [item for holder, item in chosen if holder is row]
        if own:
            text = orjson.dumps({**_overrules(row), **{item.node: item.holds for item in own}}).decode()
            unit.execute(sa.update(t.agents).where(t.agents.c.name == row.name).values(overrules=text))
        for item in own:
            unit.tell(row.location, item.node)
            unit.event("node.overruled", {"agent": row.name, "generation": item.generation}, node=item.node)
    return {"nodes": sorted({item.node for _, item in chosen}), "epoch": epoch}


def _overrules(row: Any) -> dict[str, str]:
    found: dict[str, str] = orjson.loads(row.overrules) if row.overrules else {}
    return found
