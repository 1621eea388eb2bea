"""What a server tells of itself: facts in ohai's shape, what its lldpd heard, or both in one document.

``lldpctl -f json`` writes one neighbour as an object and several as a list, and a chassis under its name, or directly
where it told none. Its document stands for itself, or under ``lldp`` beside ohai's facts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import orjson
import sqlalchemy as sa

from device_profiles.links import Neighbour
from device_profiles.names import printable
from device_profiles.problems import Problem
from proxy_service.callers import Caller, Scope
from proxy_service.declare.specs import read_server
from proxy_service.graph.people import servers_declared
from proxy_service.graph.resolving import SERVER
from proxy_service.graph.sights import neighbours_seen
from proxy_service.problems import Refused, Slug, invalid, not_found
from proxy_service.store import Rows, Unit
from proxy_service.store import graph_tables as g

LARGEST_BYTES: Final = 2_000_000
_FACTS: Final = ("network", "dmi", "hostname", "fqdn")
_WORDS: Final = ("lldp", *_FACTS)


def take(unit: Unit, caller: Caller, server: str, document: Any) -> dict[str, Any]:
    """Take a server's own report in, told by a token of whoever declared it. Raises :class:`Refused`."""
    row = unit.first(sa.select(g.servers).where(g.servers.c.name == server).with_for_update())
    if row is None:
        raise not_found("server", server)
    if row.owner != caller.owner and Scope.FORCE not in caller.scopes:
        detail = f"the server {server} belongs to {row.owner}; tell its facts with a token of theirs"
        raise Refused(Slug.FORBIDDEN, detail)
    if not isinstance(document, dict) or not any(word in document for word in _WORDS):
        raise invalid([Problem("", "is neither a document of ohai nor one of lldpctl -f json")])
    facts = orjson.dumps({key: document[key] for key in document if key != "lldp"}).decode()
    if len(facts) > LARGEST_BYTES:
        raise Refused(Slug.TOO_LARGE, f"facts have at most {LARGEST_BYTES} bytes; leave plugins of ohai out")
    told = facts if any(word in document for word in _FACTS) else row.reported
    unit.execute(sa.update(g.servers).where(g.servers.c.name == server).values(reported=told, reported_at=unit.at))
    if told is not None and told != row.reported:
        servers_declared(unit, {server: (read_server(row.spec), told)})
    heard = neighbours(document["lldp"]) if "lldp" in document else None
    if heard is not None:
        neighbours_seen(unit, SERVER + server, heard, unit.at)
    unit.touch(f"server:{server}")
    return {"server": server, "at": unit.at, "neighbours": None if heard is None else len(heard)}


def neighbours(lldp: Any) -> tuple[Neighbour, ...]:
    """What a server's NICs heard. Raises :class:`Refused`."""
    try:
        found = [_neighbour(nic, entry) for each in _listed(lldp.get("interface")) for nic, entry in each.items()]
    except (AttributeError, TypeError, KeyError):
        raise invalid([Problem("lldp", "is not as lldpctl -f json writes it")]) from None
    return tuple(found)


def _listed(value: Any) -> list[dict[str, Any]]:
    if not value:
        return []
    return value if isinstance(value, list) else [value]


def _neighbour(nic: str, entry: Mapping[str, Any]) -> Neighbour:
    name, chassis = next(_chassis(entry.get("chassis") or {}))
    port = entry.get("port") or {}
    return Neighbour(
        port=printable(str(nic)),
        kind="server",
        name=printable(name),
        chassis_id=printable(_value(chassis.get("id"))),
        remote_port=printable(_value(port.get("id"))),
        port_description=printable(str(port.get("descr", ""))),
    )


def _chassis(found: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """A chassis under its name, or directly where the neighbour told none."""
    for name, each in found.items():
        if isinstance(each, Mapping) and name != "id" and "id" in each:
            yield name, each
    yield "", found


def _value(found: Any) -> str:
    return str(found.get("value", "")) if isinstance(found, Mapping) else str(found or "")


def server_view(row: Any) -> dict[str, Any]:
    """A server as ``GET /servers/{server}`` shows it."""
    return {
        "name": row.name,
        "spec": orjson.loads(row.spec),
        "owner": row.owner,
        "set": row.set_name,
        "revision": row.revision,
        "status": {"reported_at": row.reported_at},
    }


def servers(rows: Rows, *, limit: int, cursor: str | None) -> dict[str, Any]:
    """A page of servers."""
    query = sa.select(g.servers).order_by(g.servers.c.name).limit(limit + 1)
    found = rows.all(query.where(g.servers.c.name > cursor) if cursor else query)
    page = [server_view(row) for row in found[:limit]]
    more = page[-1]["name"] if len(found) > limit else None
    return {"items": page, "cursor": more, "event": rows.last_event()}
