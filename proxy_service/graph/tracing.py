"""From a server to the core: every hop that its frames take, and its outlets, slot, consoles and LUNs.

The core is the nearest switch that bears the label ``tier: core`` or ``tier: spine``; where nobody says so, the switch
with the most cables to other switches among those within reach.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

import msgspec
import orjson
import sqlalchemy as sa

from proxy_service.graph.links import Link
from proxy_service.graph.looking_up import fetch_among, known_of, owners_of
from proxy_service.graph.marks import mac_of
from proxy_service.graph.reading import Evidence, Json, views
from proxy_service.graph.resolving import NODE, SERVER, SWITCH, UNKNOWN
from proxy_service.problems import Refused, Slug, not_found
from proxy_service.store import Rows
from proxy_service.store import graph_tables as g
from proxy_service.store import tables as t
from proxy_service.store.prepared import Prepared, texts_in

MOST_SWITCHES: Final = 400
"""So many switches around a server are looked at for a core."""
_CORE: Final = frozenset({"core", "spine"})
_e = g.evidence.c
_SPEAKING: Final = Prepared(
    lambda dialect: sa.select(_e.b, _e.a, _e.kind, _e.superseded_at).where(
        _e.id.in_(sa.select(g.claims.c.evidence).where(g.claims.c.mark.in_(texts_in(dialect, "given"))))
    )
)
_TIERS: Final = Prepared(
    lambda dialect: sa.select(t.node_labels.c.node, t.node_labels.c.value).where(
        t.node_labels.c.key == "tier", t.node_labels.c.node.in_(texts_in(dialect, "given"))
    )
)
_DOCUMENTS: Final = Prepared(
    lambda dialect: sa.select(t.documents.c.node, t.documents.c.part, t.documents.c.body).where(
        sa.or_(t.documents.c.part == "operation", t.documents.c.part == "observed"),
        t.documents.c.node.in_(texts_in(dialect, "given")),
    )
)


class _Mac(msgspec.Struct):
    mac: str = ""
    vlan: int | None = None
    port: str = ""


class _On(msgspec.Struct):
    on: bool | None = None


class _Export(msgspec.Struct):
    luns: dict[str, Any] = {}


class _Document(msgspec.Struct):
    """What of an operation or an observed state a trace shows."""

    macs: list[_Mac] = []
    outlets: dict[str, _On] = {}
    slots: dict[str, _On] = {}
    exports: dict[str, _Export] = {}


_READ: Final = msgspec.json.Decoder(_Document)


def trace(rows: Rows, *, server: str | None, mac: str | None, at: str | None) -> Json:
    """Every way from a server (or from whoever has a MAC address) to the core, and what it hangs on otherwise."""
    ends = _wanted(rows, server, mac)
    evidence = Evidence(rows, at)
    evidence.of(ends)
    evidence.beside(evidence.links())
    now = at or evidence.now
    own = [link for link in evidence.links() if ends & {link.ends[0][0], link.ends[1][0]}]
    nodes = {end for link in own for end, _ in link.ends if end.startswith(NODE)}
    fabric = _Fabric(rows, evidence, [end for end in nodes if end not in ends])
    paths = [fabric.path(link, ends, now) for link in own if link.medium == "data"]
    documents = _documents(rows, nodes | {NODE + hop["node"] for path in paths for hop in path["hops"]})
    addresses = _addresses(rows, ends, mac)
    for path in paths:
        for hop in path["hops"]:
            hop.update(_learned(documents.get((hop["node"], "operation")), addresses))
    return {
        "of": sorted(ends),
        "at": now,
        "paths": paths,
        "outlets": [_with_state(item, documents, "outlets") for item in _of(rows, own, "power", now)],
        "slots": [_with_state(item, documents, "slots") for item in _of(rows, own, "slot", now)],
        "storage": [_with_luns(item, documents) for item in _of(rows, own, "storage", now)],
        "consoles": _of(rows, own, "serial", now),
    }


def _wanted(rows: Rows, server: str | None, mac: str | None) -> set[str]:
    """The ends that are traced. Raises :class:`Refused`."""
    if server is not None:
        found = {str(row.who) for row in known_of(rows, (SERVER + server, NODE + server))}
        if not found:
            raise not_found("server", server)
        return found
    address = mac_of(mac or "")
    if not address:
        raise Refused(Slug.INVALID_DOCUMENT, "mac: is written like 52:54:00:00:00:07")
    owners = {owner.who for each in owners_of(rows, [f"mac:{address}"]).values() for owner in each}
    if owners:
        return owners
    seen = {str(row.b) for row in fetch_among(rows, _SPEAKING, [f"mac:{address}"])}
    if not seen:
        detail = f"{address} is nobody's that is known, and no edge port has seen it; it may be behind an uplink"
        raise Refused(Slug.NOT_FOUND, detail)
    return seen


class _Fabric:
    """The switches around some nodes, and the cables between them."""

    def __init__(self, rows: Rows, evidence: Evidence, starts: Collection[str]) -> None:
        self._cables: dict[str, list[tuple[str, str, str, Link]]] = {}
        self._gather(evidence, starts)
        switches = {row.who for row in known_of(rows, self._cables) if row.kind == SWITCH}
        self._cables = {
            end: [cable for cable in cables if cable[1] in switches]
            for end, cables in self._cables.items()
            if end in switches
        }
        names = [end.removeprefix(NODE) for end in self._cables]
        self._core = {NODE + row.node for row in fetch_among(rows, _TIERS, names) if row.value in _CORE}

    def _gather(self, evidence: Evidence, starts: Collection[str]) -> None:
        frontier, seen = set(starts), set(starts)
        while frontier and len(seen) < MOST_SWITCHES:
            found = evidence.of(frontier)
            ends = {row[side] for row in found if row["medium"] == "data" for side in ("a", "b")}
            frontier = {end for end in ends if end.startswith(NODE) and end not in seen}
            seen |= frontier
        for link in evidence.links():
            (a, a_port), (b, b_port) = link.ends
            if link.medium == "data" and link.live and a.startswith(NODE) and b.startswith(NODE) and a != b:
                self._cables.setdefault(a, []).append((a_port, b, b_port, link))
                self._cables.setdefault(b, []).append((b_port, a, a_port, link))

    def path(self, link: Link, ends: Collection[str], now: str) -> Json:
        """The hops from a server's port to the core."""
        (a, a_port), (b, b_port) = link.ends
        (start, entered), (_, nic) = ((b, b_port), (a, a_port)) if a in ends else ((a, a_port), (b, b_port))
        state = link.state(now)
        found: Json = {"nic": nic, "state": state, "hops": []}
        came: dict[str, tuple[str, str, str, Link]] = {}
        reached = self._spread(start, came)
        target = self._target(start, reached)
        way = [target]
        while way[-1] != start:
            way.append(came[way[-1]][0])
        hops: list[Json] = []
        for end in reversed(way):
            if hops:
                _, out, entered, cable = came[end]
                hops[-1]["out"] = out
                state = cable.state(now)
            hops.append({"node": end.partition("/")[2], "in": entered, "out": "", "state": state})
        return found | {"hops": hops, "core": target.partition("/")[2] if target in self._core else ""}

    def _spread(self, start: str, came: dict[str, tuple[str, str, str, Link]]) -> dict[str, int]:
        distance = {start: 0}
        queue = deque([start])
        while queue:
            end = queue.popleft()
            cables = sorted(self._cables.get(end, ()), key=lambda cable: cable[:3])
            for out, other, entered, link in cables:
                if other not in distance:
                    distance[other] = distance[end] + 1
                    came[other] = (end, out, entered, link)
                    queue.append(other)
        return distance

    def _target(self, start: str, reached: Mapping[str, int]) -> str:
        named = [end for end in reached if end in self._core]
        if named:
            return min(named, key=lambda end: (reached[end], end))
        degree = Counter({end: len({cable[1] for cable in self._cables.get(end, ())}) for end in reached})
        best = max(degree.values(), default=0)
        # The nearest of those with the most: where all are alike, that is the switch of the server itself.
        return min((end for end in reached if degree[end] == best), key=lambda end: (reached[end], end), default=start)


def _of(rows: Rows, links: Iterable[Link], medium: str, now: str) -> list[Json]:
    return views(rows, [link for link in links if link.medium == medium], now=now)


def _documents(rows: Rows, ends: Iterable[str]) -> dict[tuple[str, str], str]:
    names = [end.removeprefix(NODE) for end in ends]
    return {(row.node, row.part): row.body for row in fetch_among(rows, _DOCUMENTS, names)}


def _addresses(rows: Rows, ends: Collection[str], mac: str | None) -> frozenset[str]:
    found = {mac_of(mac or "")} - {""}
    for row in known_of(rows, ends) if not found else ():
        found |= {mark.removeprefix("mac:") for mark in orjson.loads(row.marks) if mark.startswith("mac:")}
    if not found:
        found = {end.removeprefix(f"{UNKNOWN}mac:") for end in ends if end.startswith(f"{UNKNOWN}mac:")}
    return frozenset(found)


def _learned(operation: str | None, addresses: Collection[str]) -> Json:
    """Where a hop has learned the server's addresses."""
    if operation is None:
        return {}
    found = [entry for entry in _READ.decode(operation).macs if mac_of(entry.mac) in addresses]
    return {"learned": [{"mac": mac_of(entry.mac), "vlan": entry.vlan, "port": entry.port} for entry in found]}


def _near(item: Json) -> tuple[str, str]:
    end = item["a"] if "node" in item["a"] else item["b"]
    return str(end.get("node", "")), str(end["port"])


def _with_state(item: Json, documents: Mapping[tuple[str, str], str], part: str) -> Json:
    node, key = _near(item)
    operation = documents.get((node, "operation"))
    running = getattr(_READ.decode(operation), part).get(key) if operation is not None else None
    return item | {"on": running.on if running is not None else None}


def _with_luns(item: Json, documents: Mapping[tuple[str, str], str]) -> Json:
    node, export = _near(item)
    observed = documents.get((node, "observed"))
    shown = _READ.decode(observed).exports.get(export) if observed is not None else None
    return item | {"luns": shown.luns if shown is not None else {}}
