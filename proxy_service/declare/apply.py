"""A whole document in one unit: all of it or nothing, and what it changed."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson
import sqlalchemy as sa

from device_profiles.documents import Document
from device_profiles.problems import Problem
from proxy_service.callers import Caller
from proxy_service.declare import machines
from proxy_service.declare.declaration import Answer, Declaration, within
from proxy_service.graph import cables as in_graph
from proxy_service.problems import Refused, Slug
from proxy_service.store import Unit
from proxy_service.store import graph_tables as g
from proxy_service.store import tables as t

BUDGET: Final = 0.05
"""The share of a set that may be pruned without being confirmed."""
_PRUNED: Final = {
    "nodes": t.nodes.c.name,
    "roles": t.roles.c.name,
    "servers": g.servers.c.name,
    "cabling": g.cabling.c.cable,
}
"""What belongs to sets, by its name."""


@dataclass(frozen=True, slots=True)
class Applied:
    """What an apply did, or would do."""

    answer: Answer
    changed: Mapping[str, list[str]]
    unchanged: int
    deleted: Mapping[str, list[str]]

    def body(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "revision": self.answer.revision,
            "changed": dict(self.changed),
            "unchanged": self.unchanged,
            "deleted": dict(self.deleted),
            "nodes": dict(self.answer.nodes),
            "unbound": self.answer.unbound,
        }


class DryRun(Exception):
    """Ends a unit so that nothing of it is stored, and carries what it would have done."""

    def __init__(self, applied: Applied) -> None:
        super().__init__("nothing was stored")
        self.applied = applied


def apply(
    unit: Unit, caller: Caller, document: Document, *, prune: str | None, confirm: str | None, dry_run: bool
) -> Applied:
    """Store ``document``; with ``prune``, delete what else this owner has in that set.

    Raises :class:`Refused`, and :class:`DryRun` instead of answering where nothing shall be stored.
    """
    if prune is not None and document.set != prune:
        message = "the document is not of the set that shall be pruned, so all of that set would go"
        raise Refused(Slug.INVALID_DOCUMENT, f"set: {message}", (Problem("set", message),))
    declaration = Declaration(unit, caller, set_name=document.set)
    locations = declaration.locations(document.locations, within("locations"))
    nodes = declaration.nodes(document.nodes, within("nodes"))
    roles = declaration.roles(document.roles, within("roles"))
    servers = machines.servers(declaration, document.servers, within("servers"))
    cabling = machines.cabling(declaration, document.cabling, within("cabling"))
    doomed = _doomed(unit, caller, document, prune) if prune else {kind: [] for kind in _PRUNED}
    _within_budget(unit, doomed, prune, None if dry_run else confirm, dry_run=dry_run)
    for name in doomed["roles"]:
        declaration.delete_role(name, within("roles"))
    for name in doomed["nodes"]:
        declaration.delete_node(name, within("nodes"))
    for name in doomed["servers"]:
        machines.delete_server(declaration, name, within("servers"))
    machines.delete_cables(declaration, doomed["cabling"])
    applied = Applied(
        declaration.finish(),
        {
            "locations": locations.names,
            "nodes": nodes.names,
            "roles": roles.names,
            "servers": servers.names,
            "cabling": cabling.names,
        },
        sum(part.unchanged for part in (locations, nodes, roles, servers, cabling)),
        doomed,
    )
    if dry_run:
        raise DryRun(applied)
    return applied


def _doomed(unit: Unit, caller: Caller, document: Document, prune: str) -> dict[str, list[str]]:
    found = {}
    kept: dict[str, Collection[str]] = {
        "nodes": document.nodes,
        "roles": document.roles,
        "servers": document.servers,
        "cabling": [in_graph.name_of(cable) for cable in document.cabling],
    }
    for kind, column in _PRUNED.items():
        c = column.table.c
        query = sa.select(column.label("name")).where(c.set_name == prune, c.owner == caller.owner).order_by(column)
        found[kind] = [row.name for row in unit.all(query) if row.name not in kept[kind]]
    return found


def plan_hash(doomed: Mapping[str, list[str]]) -> str:
    """What a caller repeats to confirm that exactly this is to be deleted."""
    return hashlib.blake2b(orjson.dumps(doomed, option=orjson.OPT_SORT_KEYS), digest_size=8).hexdigest()


def _within_budget(
    unit: Unit, doomed: Mapping[str, list[str]], prune: str | None, confirm: str | None, *, dry_run: bool
) -> None:
    number = sum(map(len, doomed.values()))
    if dry_run or not number:
        return
    counts = [
        unit.value(sa.select(sa.func.count()).select_from(column.table).where(column.table.c.set_name == prune))
        for column in _PRUNED.values()
    ]
    expected = plan_hash(doomed)
    if number > BUDGET * sum(counts) and confirm != expected:
        detail = (
            f"{number} of the {sum(counts)} objects of the set {prune} would be deleted; look at `deleted`, "
            f"then repeat the call with confirm={expected}"
        )
        raise Refused(Slug.BUDGET_EXCEEDED, detail, deleted=dict(doomed), confirm=expected)
