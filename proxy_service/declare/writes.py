"""The units of work behind the writing routes: each is one function of a unit."""

from __future__ import annotations

import sqlalchemy as sa

from device_profiles.documents import LocationSpec, NodeSpec, Pause, RoleSpec, ServerSpec
from proxy_service import clock
from proxy_service.callers import Caller
from proxy_service.declare import machines, objects
from proxy_service.declare.declaration import Answer, Declaration
from proxy_service.declare.limits import check_labels
from proxy_service.declare.recompile import recompile
from proxy_service.declare.specs import read_node
from proxy_service.problems import Slug, not_found, refused_at
from proxy_service.store import Rows, Unit
from proxy_service.store import tables as t


def put_node(unit: Unit, caller: Caller, name: str, spec: NodeSpec, if_match: str | None) -> Answer:
    """Declare a node."""
    declaration = Declaration(unit, caller, if_match=if_match)
    declaration.nodes({name: spec})
    return declaration.finish()


def put_role(unit: Unit, caller: Caller, name: str, spec: RoleSpec, if_match: str | None) -> Answer:
    """Declare a role."""
    declaration = Declaration(unit, caller, if_match=if_match)
    declaration.roles({name: spec})
    return declaration.finish()


def put_location(unit: Unit, caller: Caller, name: str, spec: LocationSpec, if_match: str | None) -> Answer:
    """Declare a location."""
    declaration = Declaration(unit, caller, if_match=if_match)
    declaration.locations({name: spec})
    return declaration.finish()


def put_server(unit: Unit, caller: Caller, name: str, spec: ServerSpec, if_match: str | None) -> Answer:
    """Declare a server."""
    declaration = Declaration(unit, caller, if_match=if_match)
    machines.servers(declaration, {name: spec})
    return declaration.finish()


def delete_server(unit: Unit, caller: Caller, name: str, if_match: str | None) -> Answer:
    """Forget a server."""
    declaration = Declaration(unit, caller, if_match=if_match)
    machines.delete_server(declaration, name)
    return declaration.finish(refuse=False)


def delete_node(unit: Unit, caller: Caller, name: str, if_match: str | None) -> Answer:
    """Forget a node; nothing is written to its device."""
    declaration = Declaration(unit, caller, if_match=if_match)
    declaration.delete_node(name)
    return declaration.finish(refuse=False)


def delete_role(unit: Unit, caller: Caller, name: str, if_match: str | None) -> Answer:
    """Forget a role. Never refused for a conflict that it hid: that is held, and shown."""
    declaration = Declaration(unit, caller, if_match=if_match)
    declaration.delete_role(name)
    return declaration.finish(refuse=False, cause="release")


def delete_location(unit: Unit, caller: Caller, name: str, if_match: str | None) -> Answer:
    """Forget a location that nothing uses."""
    declaration = Declaration(unit, caller, if_match=if_match)
    declaration.delete_location(name)
    return declaration.finish(refuse=False)


def may_operate(rows: Rows, caller: Caller, name: str) -> None:
    """Raise where the node is not there, or not one of the token's."""
    row = objects.existing(rows, t.nodes, [name]).get(name)
    if row is None:
        raise not_found("node", name)
    check_labels(caller.limits, read_node(row.spec).labels, "labels")


def pause(unit: Unit, caller: Caller, name: str, wanted: Pause | None) -> Answer:
    """Pause a node until a time, or resume it (None). The agent learns it as a new generation."""
    revision = unit.declare()
    row = objects.existing(unit, t.nodes, [name]).get(name)
    if row is None:
        raise not_found("node", name)
    check_labels(caller.limits, read_node(row.spec).labels, "labels")
    if wanted is not None and clock.text(wanted.until) <= unit.at:
        raise refused_at(Slug.INVALID_DOCUMENT, "until", "is in the past")
    until = clock.text(wanted.until) if wanted is not None else None
    reason = wanted.reason if wanted is not None else None
    change = sa.update(t.nodes).where(t.nodes.c.name == name)
    unit.execute(change.values(paused_until=until, pause_reason=reason))
    unit.touch(f"node:{name}", "pauses")
    if (until is None) != (row.paused_until is None):
        data = {"condition": "Paused", "status": until is not None, "reason": reason or ""}
        unit.event("condition.changed", data, node=name)
    found = recompile(unit, [name])
    if found[name].changed:
        unit.generations[name] = found[name].generation
    return Answer(revision, {name: found[name].generation}, [], found)


def end_pauses(unit: Unit) -> list[str]:
    """Resume the nodes whose pause is over; their names."""
    c = t.nodes.c
    if unit.first(sa.select(c.name).where(c.paused_until <= unit.at).limit(1)) is None:
        return []
    unit.declare()
    names = [row.name for row in unit.all(sa.select(c.name).where(c.paused_until <= unit.at))]
    unit.execute(sa.update(t.nodes).where(c.name.in_(names)).values(paused_until=None, pause_reason=None))
    for name in names:
        data = {"condition": "Paused", "status": False, "reason": "the time is over"}
        unit.event("condition.changed", data, node=name)
    recompile(unit, names)
    return names
