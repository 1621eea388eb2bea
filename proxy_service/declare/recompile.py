"""Compiling nodes again inside a unit: the generation of a node grows when, and only when, the result changes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
import sqlalchemy as sa

from device_profiles.desired import Desired, Held
from device_profiles.problems import Problem
from proxy_service.declare import objects
from proxy_service.declare.compiling import Compiled, compile_node, declared_of, held_text, names_of, written
from proxy_service.declare.merge import Declared
from proxy_service.declare.specs import read_location, read_node
from proxy_service.problems import Refused, Slug
from proxy_service.store import Unit
from proxy_service.store import tables as t


@dataclass(frozen=True, slots=True)
class Recompiled:
    """A node that was compiled again. ``before`` is the stored text of its last desired state, empty for a new node."""

    generation: int
    before: str
    after: Desired
    changed: bool


def recompile(
    unit: Unit,
    names: Iterable[str],
    *,
    written_roles: Collection[str] = (),
    written_nodes: Collection[str] = (),
    cause: str = "write",
) -> dict[str, Recompiled]:
    """Compile the nodes ``names`` (those that are there), store what changed, and tell their agents.

    Raises :class:`Refused` (conflict) where roles of equal priority disagree and one of ``written_roles`` is a party,
    or one of ``written_nodes`` has brought them together.
    """
    wanted = sorted(set(names))
    unit.lock_nodes(wanted)
    rows = objects.existing(unit, t.nodes, wanted)
    locations = objects.existing(unit, t.locations, {row.location for row in rows.values()})
    reaching = _reaching(unit, rows)
    found: dict[str, Recompiled] = {}
    changed: list[dict[str, Any]] = []
    for name, row in sorted(rows.items()):
        place = locations.get(row.location)
        compiled = compile_node(
            name,
            read_node(row.spec),
            read_location(place.spec) if place is not None else None,
            reaching[name],
            paused=row.paused_until is not None and row.paused_until > unit.at,
        )
        _refuse(compiled, row, set(written_roles), name in written_nodes)
        found[name] = _judge(unit, row, compiled, cause)
        if found[name].changed:
            changed.append(_row(unit, found[name].after, compiled.hash))
    objects.put(unit, t.nodes, [], changed)
    return found


def _reaching(unit: Unit, rows: Mapping[str, sa.Row[Any]]) -> defaultdict[str, list[Declared]]:
    query = sa.select(t.reach.c.node, t.roles.c.name, t.roles.c.spec).join(t.roles, t.roles.c.name == t.reach.c.role)
    names = {profile: names_of(profile) for profile in {row.profile for row in rows.values()}}
    found: defaultdict[str, list[Declared]] = defaultdict(list)
    for row in unit.among(query, t.reach.c.node, rows):
        found[row.node].append(declared_of(row.name, row.spec, names[rows[row.node].profile]))
    return found


def _refuse(compiled: Compiled, row: sa.Row[Any], roles: set[str], node_written: bool) -> None:
    """Only what this write brings is refused; what comes about by a deletion is held and shown instead."""
    known = {(held["path"], tuple(held["roles"])) for held in orjson.loads(row.held)}
    for clash in compiled.merged.clashes:
        held = clash.held
        brought = not roles.isdisjoint(held.roles) or (node_written and (held.path, held.roles) not in known)
        if clash.equal and brought:
            raise _refusal(row.name, held, own=len(held.roles) == 1 and not roles.isdisjoint(held.roles))


def _refusal(node: str, held: Held, *, own: bool) -> Refused:
    """``own``: the role that was written contradicts itself."""
    names = " and ".join(held.roles)
    extra = {"node": node, "path": held.path, "roles": list(held.roles)}
    problem = Problem(held.path, held.message)
    if own:
        detail = f"on node {node} the role {names} contradicts itself at {held.path}: {held.message}; declare it once"
        return Refused(Slug.INVALID_DOCUMENT, detail, (problem,), **extra)
    detail = (
        f"on node {node} the roles {names} contradict each other at {held.path}: {held.message}; "
        "change one of them, or give one a higher priority"
    )
    return Refused(Slug.CONFLICT, detail, (problem,), **extra)


def _judge(unit: Unit, row: sa.Row[Any], compiled: Compiled, cause: str) -> Recompiled:
    """Give what changed its number, and tell it."""
    if compiled.hash == row.desired_hash:
        return Recompiled(row.generation, row.desired, compiled.at(row.generation), changed=False)
    generation = row.generation + 1
    after = compiled.at(generation)
    unit.tell(row.location, row.name)
    unit.event("desired.changed", {"generation": generation, "cause": cause}, node=row.name)
    if bool(after.held) != (row.held != "[]"):
        unit.event("condition.changed", {"condition": "Conflicted", "status": bool(after.held)}, node=row.name)
    return Recompiled(generation, row.desired, after, changed=True)


def _row(unit: Unit, after: Desired, digest: str) -> dict[str, Any]:
    return {
        "name": after.node,
        "generation": after.generation,
        "generation_at": unit.at,
        "desired": written(after).decode(),
        "desired_hash": digest,
        "held": held_text(after.held),
    }
