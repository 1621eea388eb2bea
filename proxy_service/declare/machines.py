"""Servers and cables: declared like nodes and roles, and reaching the graph instead of a node's desired state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from device_profiles.documents import Cable, ServerSpec
from proxy_service.callers import Scope
from proxy_service.declare import objects
from proxy_service.declare.declaration import Changed, Declaration, Place, alone
from proxy_service.declare.specs import CABLE, SERVER, stored
from proxy_service.graph import cables as in_graph
from proxy_service.graph import people
from proxy_service.problems import Slug, refused_at
from proxy_service.store import graph_tables as g


def servers(declaration: Declaration, specs: Mapping[str, ServerSpec], place: Place = alone) -> Changed:
    """Store servers; whatever was seen of them before is recognised at once."""
    changed = Changed()
    unit = declaration.unit
    old = objects.existing(unit, g.servers, specs)
    for name, spec in specs.items():
        row = old.get(name)
        text = stored(SERVER, spec)
        if declaration.differs(row, "server", name, text, changed):
            if row is not None:
                _own(declaration, "server", name, row, place(name))
            changed.store(row, declaration.row(name, row, {"spec": text}))
            unit.event("server.declared", {"server": name})
    objects.put(unit, g.servers, changed.new, changed.replaced)
    told = {name: row.reported for name, row in old.items()}
    people.servers_declared(unit, {name: (specs[name], told.get(name)) for name in changed.names})
    return changed


def delete_server(declaration: Declaration, name: str, place: Place = alone) -> None:
    """Forget a server: what was seen of it stays, as of a machine that nobody declared."""
    row = declaration.there(g.servers, "server", name)
    _own(declaration, "server", name, row, place(name))
    declaration.unit.execute(sa.delete(g.servers).where(g.servers.c.name == name))
    people.gone(declaration.unit, [f"server/{name}"])
    declaration.unit.event("server.deleted", {"server": name})


def cabling(declaration: Declaration, cables: Sequence[Cable], place: Place = alone) -> Changed:
    """Store cables. One that is declared already belongs to whoever declared it first."""
    changed = Changed()
    unit = declaration.unit
    wanted = {in_graph.name_of(cable): cable for cable in cables}
    old = in_graph.stored_cables(unit, cables)
    rows = []
    for name, cable in wanted.items():
        row = old.get(name)
        text = stored(CABLE, cable)
        if declaration.differs(row, "cable", name, text, changed):
            if row is not None:
                _own(declaration, "cable", name, row, place(name))
            made = declaration.row(name, row, {"spec": text})
            rows.append({"cable": made.pop("name"), **made})
    unit.upsert(g.cabling, rows)
    in_graph.cables_declared(unit, {name: wanted[name] for name in changed.names})
    if changed.names:
        unit.event("cabling.declared", {"cables": len(changed.names)})
    return changed


def delete_cables(declaration: Declaration, names: Sequence[str]) -> None:
    """Forget cables."""
    if names:
        declaration.unit.delete_among(sa.delete(g.cabling), g.cabling.c.cable, names)
        in_graph.ended(declaration.unit, names)
        declaration.unit.event("cabling.deleted", {"cables": len(names)})


def _own(declaration: Declaration, what: str, name: str, row: sa.Row[tuple[object, ...]], place: str) -> None:
    caller = declaration.caller
    if row.owner != caller.owner and Scope.FORCE not in caller.scopes:
        message = f"the {what} {name} belongs to {row.owner}; use a token of theirs, or one with the scope force"
        raise refused_at(Slug.FORBIDDEN, place.rstrip("."), message)
