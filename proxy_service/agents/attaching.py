"""A node that an agent declares by itself: the device at the far end of a cable that somebody plugged into it.

An agent may do so at its own location only, and only what it knows itself: profile, access, credential name, identity.
It gives no labels, so that no role reaches the node by them; a role that names the node was meant for it. Of a node
that is declared already it adds its own access behind those that stand there, and changes nothing else.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from device_profiles.documents import NodeSpec
from device_profiles.problems import Problem
from proxy_service.callers import Caller, Scope
from proxy_service.declare.declaration import Answer, Declaration
from proxy_service.declare.objects import existing
from proxy_service.declare.specs import node_spec, read_node
from proxy_service.problems import Refused, Slug, invalid, refused_at
from proxy_service.store import Unit
from proxy_service.store import tables as t

_KEYS = frozenset({"profile", "location", "access", "credentials", "identity"})


def read(value: Any, *, location: str) -> NodeSpec:
    """What an agent says of a node, as a declaration. Raises :class:`Refused`."""
    if not isinstance(value, dict):
        raise invalid([Problem("", "the body is a mapping of keys to values")])
    if strange := sorted(set(value) - _KEYS):
        raise invalid([Problem(key, "an agent does not say this of a node") for key in strange])
    spec = node_spec(value)
    if spec.location != location:
        raise refused_at(Slug.FORBIDDEN, "location", f"this agent is at the location {location}")
    return spec


def attach(unit: Unit, caller: Caller, name: str, wanted: NodeSpec, if_match: str | None) -> Answer:
    """Declare the node, or add the access to one that is declared. Raises :class:`Refused`."""
    unit.declare()
    row = existing(unit, t.nodes, [name]).get(name)
    owner, spec = caller.owner, wanted
    if row is not None:
        owner, spec = row.owner, _with_access(name, read_node(row.spec), wanted)
    may = replace(caller, owner=owner, scopes=frozenset({Scope.DECLARE}))
    declaration = Declaration(unit, may, if_match=if_match)
    declaration.nodes({name: spec})
    return declaration.finish()


def _with_access(name: str, known: NodeSpec, wanted: NodeSpec) -> NodeSpec:
    if known.location != wanted.location:
        raise Refused(Slug.CONFLICT, f"the node {name} is at the location {known.location}: choose another name")
    if known.profile != wanted.profile:
        raise Refused(Slug.CONFLICT, f"the node {name} is declared as {known.profile}, and is seen as {wanted.profile}")
    more = tuple(url for url in wanted.access if url not in known.access)
    return replace(known, access=(*known.access, *more)) if more else known
