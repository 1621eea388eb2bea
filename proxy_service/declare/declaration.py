"""One declaration under way: objects stored, then every node that they reach compiled again, in one unit.

Whoever declares holds ``counters:declare`` from the first statement to the commit. That is what makes it safe that a
new node looks for roles by its labels while a new role looks for nodes by theirs: neither can miss the other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import orjson
import sqlalchemy as sa

from device_profiles.documents import LocationSpec, NodeSpec, RoleSpec
from device_profiles.paths import render_path
from proxy_service.callers import NO_LIMITS, Caller, Scope
from proxy_service.declare import objects, reaching
from proxy_service.declare.limits import check_labels, check_role, check_written
from proxy_service.declare.recompile import Recompiled, recompile
from proxy_service.declare.specs import LOCATION, NODE, ROLE, profiles, read_location, read_node, read_role, stored
from proxy_service.graph import people
from proxy_service.problems import Refused, Slug, not_found, refused_at
from proxy_service.store import Unit
from proxy_service.store import tables as t

Place = Callable[[str], str]


def alone(_name: str) -> str:
    """The place of an object that is a body by itself."""
    return ""


def within(section: str) -> Place:
    """The places of the objects in a section of a document."""
    return lambda name: render_path((section, name)) + "."


@dataclass(slots=True)
class Changed:
    """Names of the objects of one kind that a declaration changed, and how many it left as they were."""

    names: list[str] = field(default_factory=list)
    unchanged: int = 0
    new: list[dict[str, Any]] = field(default_factory=list)
    replaced: list[dict[str, Any]] = field(default_factory=list)

    def store(self, before: sa.Row[Any] | None, row: dict[str, Any]) -> None:
        """Remember a row that is to be inserted, or to replace the one before."""
        (self.new if before is None else self.replaced).append(row)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a write answers: revision, generation of every node that it reaches, names that no node has (yet)."""

    revision: int
    nodes: Mapping[str, int]
    unbound: list[str]
    recompiled: Mapping[str, Recompiled]

    def body(self) -> dict[str, Any]:
        """As JSON."""
        return {"revision": self.revision, "nodes": dict(self.nodes), "unbound": self.unbound}


class Declaration:
    """Collects what is written and which nodes have to be compiled again.

    A ``place`` says under which path an object stands in the caller's document, for problems.
    """

    def __init__(self, unit: Unit, caller: Caller, *, set_name: str | None = None, if_match: str | None = None) -> None:
        self.unit = unit
        self.caller = caller
        self.set_name = set_name
        self.if_match = if_match
        self.revision = 0
        self._next = unit.declare()
        self._touched: set[str] = set()
        self._reached: set[str] = set()
        self._written_nodes: set[str] = set()
        self._written_roles: set[str] = set()
        self._unbound: set[str] = set()

    def locations(self, specs: Mapping[str, LocationSpec], place: Place = alone) -> Changed:
        """Store locations; a change of what they protect reaches all of their nodes."""
        changed = Changed()
        old = objects.existing(self.unit, t.locations, specs)
        for name, spec in specs.items():
            text = stored(LOCATION, spec)
            if not self.differs(old.get(name), "location", name, text, changed):
                continue
            self.caller.need(Scope.ADMIN, place(name).rstrip("."))
            changed.store(old.get(name), self.row(name, old.get(name), {"spec": text}))
            self.unit.event("location.declared", {"location": name})
            self.unit.touch(f"location:{name}")
            before = read_location(old[name].spec) if name in old else LocationSpec()
            if before.protect != spec.protect:
                query = sa.select(t.nodes.c.name).where(t.nodes.c.location == name)
                self._touched |= {row.name for row in self.unit.all(query)}
        objects.put(self.unit, t.locations, changed.new, changed.replaced)
        return changed

    def nodes(self, specs: Mapping[str, NodeSpec], place: Place = alone) -> Changed:
        """Store nodes; roles that select them by label are found."""
        changed = Changed()
        self.unit.lock_nodes(specs)
        old = objects.existing(self.unit, t.nodes, specs)
        self._known_locations(specs, place)
        labelled: dict[str, Mapping[str, str]] = {}
        for name, spec in specs.items():
            text = stored(NODE, spec)
            if not self.differs(old.get(name), "node", name, text, changed):
                continue
            before = read_node(old[name].spec) if name in old else None
            for labels in (spec.labels, *((before.labels,) if before is not None else ())):
                check_labels(self.caller.limits, labels, place(name) + "labels")
            changed.store(old.get(name), self._node_row(name, spec, text, old.get(name)))
            if before is None or before.labels != spec.labels:
                labelled[name] = spec.labels
            self.unit.event("node.declared", node=name)
        objects.put(self.unit, t.nodes, changed.new, changed.replaced)
        if labelled:
            reaching.relabel(self.unit, labelled)
        kinds = profiles()
        people.nodes_declared(
            self.unit, {name: (kinds[specs[name].profile].kind, specs[name].identity) for name in changed.names}
        )
        self._reached.update(specs)
        self._touched.update(changed.names)
        self._written_nodes.update(changed.names)
        return changed

    def roles(self, specs: Mapping[str, RoleSpec], place: Place = alone) -> Changed:
        """Store roles and which nodes they reach."""
        changed = Changed()
        old = objects.existing(self.unit, t.roles, specs)
        before = reaching.nodes_of(self.unit, specs)
        named = objects.existing(self.unit, t.nodes, {node for spec in specs.values() for node in spec.attach.nodes})
        for name, spec in specs.items():
            here = place(name)
            owner = self._owner(name, spec, old.get(name), here)
            check_role(self.caller, spec, here)
            self._unbound |= set(spec.attach.nodes) - named.keys()
            text = stored(ROLE, replace(spec, owner=owner))
            if self.differs(old.get(name), "role", name, text, changed):
                if name in old:
                    self._within_limits(old[name], before[name], here)
                self._may_attach(spec, named, here)
                labels = orjson.dumps(dict(spec.attach.labels)).decode() if spec.attach.labels else None
                values = {"spec": text, "priority": spec.priority, "labels": labels, "owner": owner}
                changed.store(old.get(name), self.row(name, old.get(name), values))
                self.unit.event("role.declared", role=name)
        objects.put(self.unit, t.roles, changed.new, changed.replaced)
        after = reaching.attach(self.unit, {name: specs[name].attach for name in changed.names}, named)
        for name in specs:
            self._reached |= after.get(name, before[name])
        for name in changed.names:
            self._touched |= before[name] | after[name]
        self._written_roles.update(changed.names)
        return changed

    def delete_node(self, name: str, place: Place = alone) -> None:
        """Forget a node; its device keeps what it has."""
        row = self.there(t.nodes, "node", name)
        check_labels(self.caller.limits, read_node(row.spec).labels, place(name) + "labels")
        self.unit.lock_nodes([name])
        c = t.reach.c
        self.unit.execute(sa.delete(t.reach).where(c.node == name, sa.not_(c.named)))
        self.unit.execute(sa.delete(t.nodes).where(t.nodes.c.name == name))
        self.unit.tell(row.location, name)
        people.gone(self.unit, [f"node/{name}"])
        self.unit.event("node.deleted", node=name)
        self._touched.discard(name)

    def delete_role(self, name: str, place: Place = alone) -> None:
        """Forget a role; its leaves vanish from the nodes that it reached."""
        row = self.there(t.roles, "role", name)
        self._own(name, row, place(name))
        reached = reaching.nodes_of(self.unit, [name])[name]
        self._within_limits(row, reached, place(name))
        self._touched |= reached
        self._reached |= reached
        self.unit.execute(sa.delete(t.roles).where(t.roles.c.name == name))
        self.unit.event("role.deleted", role=name)

    def delete_location(self, name: str) -> None:
        """Forget a location that no node and no agent uses."""
        self.there(t.locations, "location", name)
        for table, what in ((t.nodes, "node"), (t.agents, "agent")):
            user = self.unit.value(sa.select(table.c.name).where(table.c.location == name).order_by(table.c.name))
            if user is not None:
                detail = f"the location {name} is used by the {what} {user}; move or delete that first"
                raise Refused(Slug.CONFLICT, detail)
        self.unit.execute(sa.delete(t.locations).where(t.locations.c.name == name))
        self.unit.event("location.deleted", {"location": name})

    def finish(self, *, refuse: bool = True, cause: str = "write") -> Answer:
        """Compile what was touched. Raises :class:`Refused` for a conflict that this write brings, if it shall."""
        written = (self._written_roles, self._written_nodes) if refuse else (set[str](), set[str]())
        found = recompile(self.unit, self._touched, written_roles=written[0], written_nodes=written[1], cause=cause)
        nodes = {name: item.generation for name, item in found.items()}
        missing = self._reached - nodes.keys()
        query = sa.select(t.nodes.c.name, t.nodes.c.generation)
        nodes |= {row.name: row.generation for row in self.unit.among(query, t.nodes.c.name, missing)}
        self.unit.generations |= {name: item.generation for name, item in found.items() if item.changed}
        return Answer(self.revision, dict(sorted(nodes.items())), sorted(self._unbound), found)

    def differs(self, row: sa.Row[Any] | None, what: str, name: str, text: str, changed: Changed) -> bool:
        """Whether an object is not stored as ``text`` says; counts it either way."""
        objects.match(row, self.if_match, what, name)
        if row is not None and row.spec == text and self.set_name in (None, row.set_name):
            self.revision = max(self.revision, row.revision)
            changed.unchanged += 1
            return False
        changed.names.append(name)
        self.revision = self._next
        return True

    def row(self, name: str, row: sa.Row[Any] | None, values: Mapping[str, Any]) -> dict[str, Any]:
        """The row of an object: what stays from before, and what is new."""
        return {
            "name": name,
            "owner": row.owner if row is not None else self.caller.owner,
            "set_name": self.set_name or (row.set_name if row is not None else None),
            "revision": self._next,
            **values,
        }

    def _node_row(self, name: str, spec: NodeSpec, text: str, row: sa.Row[Any] | None) -> dict[str, Any]:
        kind = profiles()[spec.profile].kind
        values = {"spec": text, "kind": kind, "profile": spec.profile, "location": spec.location}
        empty = {"generation": 0, "generation_at": self.unit.at, "desired": "", "desired_hash": "", "held": "[]"}
        empty |= {"born": self._next}
        if row is not None and row.location != spec.location:
            self.unit.tell(row.location, name)
        self.unit.tell(spec.location, name)
        return self.row(name, row, values if row is not None else {**values, **empty})

    def _may_attach(self, spec: RoleSpec, named: Mapping[str, sa.Row[Any]], place: str) -> None:
        """A token that is bound to labels attaches only to nodes that bear them, now and later."""
        limits = self.caller.limits
        if not limits.labels:
            return
        if spec.attach.labels:
            check_labels(limits, spec.attach.labels, f"{place}attach.labels")
        for node in spec.attach.nodes:
            if node not in named:
                raise refused_at(Slug.FORBIDDEN, f"{place}attach.nodes", "the token attaches only to nodes that exist")
            check_labels(limits, read_node(named[node].spec).labels, f"{place}attach.nodes")

    def _within_limits(self, row: sa.Row[Any], reached: set[str], place: str) -> None:
        """A token that could not have made a role does not change or delete it either."""
        if self.caller.limits == NO_LIMITS:
            return
        nodes = objects.existing(self.unit, t.nodes, reached) if self.caller.limits.labels else {}
        bearers = [read_node(node.spec).labels for node in nodes.values()]
        check_written(self.caller, read_role(row.spec), bearers, place)

    def _owner(self, name: str, spec: RoleSpec, row: sa.Row[Any] | None, place: str) -> str:
        if row is not None:
            self._own(name, row, place)
        if spec.owner is not None and spec.owner != self.caller.owner and Scope.FORCE not in self.caller.scopes:
            message = (
                "a role belongs to the token's own subject; leave the owner out, or use a token with the scope force"
            )
            raise refused_at(Slug.FORBIDDEN, f"{place}owner", message)
        return spec.owner or (row.owner if row is not None else self.caller.owner)

    def _own(self, name: str, row: sa.Row[Any], place: str) -> None:
        if row.owner != self.caller.owner and Scope.FORCE not in self.caller.scopes:
            message = f"the role {name} belongs to {row.owner}; use another name, or a token with the scope force"
            raise refused_at(Slug.FORBIDDEN, f"{place}owner", message)

    def _known_locations(self, specs: Mapping[str, NodeSpec], place: Place) -> None:
        known = objects.existing(self.unit, t.locations, {spec.location for spec in specs.values()})
        for name, spec in specs.items():
            if spec.location not in known:
                message = "there is no such location; declare it first, or in the same document"
                raise refused_at(Slug.UNKNOWN_LOCATION, f"{place(name)}location", message)

    def there(self, table: sa.Table, what: str, name: str) -> sa.Row[Any]:
        """The row of an object that is to go."""
        row = objects.existing(self.unit, table, [name]).get(name)
        if row is None:
            raise not_found(what, name)
        objects.match(row, self.if_match, what, name)
        self.revision = self._next
        return row
