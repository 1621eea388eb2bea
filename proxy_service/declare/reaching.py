"""Which nodes a role reaches: those that it names and those that bear its labels, kept as rows for both directions.

A role may name a node that is not there yet; the row waits for it. All of it works on many objects at once, since a
document may hold thousands.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

import orjson
import sqlalchemy as sa

from device_profiles.documents import Attach
from proxy_service.declare.limits import bears
from proxy_service.store import Rows, Unit
from proxy_service.store import tables as t

_REACHED = sa.select(t.reach.c.role, t.reach.c.node).join(t.nodes, t.nodes.c.name == t.reach.c.node)


def nodes_of(rows: Rows, roles: Iterable[str]) -> dict[str, set[str]]:
    """The nodes that are there and that these roles reach."""
    found: dict[str, set[str]] = {role: set() for role in roles}
    for row in rows.among(_REACHED, t.reach.c.role, found):
        found[row.role].add(row.node)
    return found


def attach(unit: Unit, roles: Mapping[str, Attach], there: Collection[str]) -> dict[str, set[str]]:
    """Note what stored roles reach now; ``there`` are the named nodes that exist. The nodes of each role."""
    unit.delete_among(sa.delete(t.reach), t.reach.c.role, roles)
    bearing: dict[frozenset[tuple[str, str]], set[str]] = {}
    found: dict[str, set[str]] = {}
    pairs: list[tuple[str, str, bool]] = []
    for role, wanted in roles.items():
        selector = frozenset(wanted.labels.items())
        if selector not in bearing:
            bearing[selector] = _nodes_with(unit, wanted.labels)
        named, selected = set(wanted.nodes), bearing[selector]
        pairs += [(role, node, True) for node in sorted(named)]
        pairs += [(role, node, False) for node in sorted(selected - named)]
        found[role] = selected | (named & set(there))
    _insert(unit, pairs)
    return found


def relabel(unit: Unit, labels: Mapping[str, Mapping[str, str]]) -> None:
    """Store the labels of nodes, and which roles select them now."""
    unit.delete_among(sa.delete(t.node_labels), t.node_labels.c.node, labels)
    rows = [{"node": node, "key": key, "value": value} for node, own in labels.items() for key, value in own.items()]
    if rows:
        unit.execute(sa.insert(t.node_labels), rows)
    c = t.reach.c
    unit.delete_among(sa.delete(t.reach).where(sa.not_(c.named)), c.node, labels)
    named = {(row.role, row.node) for row in unit.among(sa.select(c.role, c.node), c.node, labels)}
    selecting = _selecting_roles(unit)
    hits = ((role, node) for node, own in labels.items() for role, wanted in selecting if bears(own, wanted))
    _insert(unit, ((role, node, False) for role, node in hits if (role, node) not in named))


def _nodes_with(rows: Rows, labels: Mapping[str, str]) -> set[str]:
    """The nodes that bear all of ``labels``; none where there are no labels."""
    if not labels:
        return set()
    c = t.node_labels.c
    wanted = sa.or_(*(sa.and_(c.key == key, c.value == value) for key, value in labels.items()))
    query = sa.select(c.node).where(wanted).group_by(c.node).having(sa.func.count() == len(labels))
    return {row.node for row in rows.all(query)}


def _selecting_roles(rows: Rows) -> list[tuple[str, Mapping[str, str]]]:
    query = sa.select(t.roles.c.name, t.roles.c.labels).where(t.roles.c.labels.is_not(None))
    return [(row.name, orjson.loads(row.labels)) for row in rows.all(query)]


def _insert(unit: Unit, pairs: Iterable[tuple[str, str, bool]]) -> None:
    rows = [{"role": role, "node": node, "named": named} for role, node, named in pairs]
    if rows:
        unit.execute(sa.insert(t.reach), rows)
