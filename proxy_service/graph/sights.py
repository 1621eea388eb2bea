"""What reports tell of the world around a node, taken into the graph: neighbours, MAC tables, facts.

Called within the unit that stores a report. Nothing new costs one query and no write.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from device_profiles.links import Neighbour
from device_profiles.names import printable
from device_profiles.operation import MacEntry
from proxy_service import clock
from proxy_service.graph.edges import edge_macs
from proxy_service.graph.intervals import Intervals, Sighting, open_rows
from proxy_service.graph.links import FDB_GRACE_S
from proxy_service.graph.looking_up import owners_of
from proxy_service.graph.marks import mac_of
from proxy_service.graph.resolving import LONGEST_PORT, NODE, SWITCH
from proxy_service.store import Unit
from proxy_service.store import tables as t
from proxy_service.store.prepared import prepared

FACTS: Final = "facts"
"""The topic of the store that tells that some node has told new facts."""
MOST_NEIGHBOURS: Final = 5_000
"""Beyond so many a device makes them up."""
_OBSERVED: Final = prepared(
    sa.select(t.documents.c.body).where(t.documents.c.node == sa.bindparam("wanted"), t.documents.c.part == "observed")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What one report told of the world; None where it told nothing new of it."""

    at: str
    links: tuple[Neighbour, ...] | None = None
    macs: tuple[MacEntry, ...] | None = None
    down: frozenset[str] = frozenset()
    """Ports without a carrier: what is still in the MAC table of one is of before."""
    facts: bool = False
    """Whether there are new facts: they are stored, and looked at soon (:mod:`proxy_service.graph.acquainting`)."""


def take(unit: Unit, node: str, sights: Iterable[Sight]) -> None:
    """Work what was seen from a node into the graph, in order."""
    for sight in sights:
        if sight.facts:
            unit.touch(FACTS)
        if sight.links is not None:
            neighbours_seen(unit, NODE + node, sight.links, sight.at)
        if sight.macs is not None:
            macs_seen(unit, node, sight.macs, sight.at, down=sight.down)


def neighbours_seen(unit: Unit, end: str, neighbours: Iterable[Neighbour], at: str) -> None:
    """A good reading of what the ports of a node (or NICs of a server) see: all of it, so what it lacks is gone."""
    told = [each for each in neighbours if each.kind not in {"fdb", "declared"}][:MOST_NEIGHBOURS]
    seen = {sighting.seen: sighting for sighting in map(Sighting.of, told)}
    held = {row.seen: row for row in open_rows(unit, end) if row.kind != "fdb"}
    new = [sighting for number, sighting in seen.items() if number not in held]
    gone = [row for number, row in held.items() if number not in seen]
    Intervals(unit, end, end, at).record(new, gone)


def macs_seen(
    unit: Unit, node: str, entries: tuple[MacEntry, ...], at: str, *, down: frozenset[str] = frozenset()
) -> None:
    """A good reading of a MAC table. What it lacks is missing at first, and closed when its grace is over.

    Nobody is at a port that is down: some switches keep its entries until they have aged.
    """
    entries = tuple(entry for entry in entries if entry.port not in down)
    held = open_rows(unit, NODE + node)
    known = {(row.a_port, _mac(row)): row for row in held if row.kind == "fdb"}
    if not entries and not known:
        return
    uplinks = frozenset(row.a_port for row in held if row.far_kind == SWITCH)
    edges = _edges(unit, node, entries, uplinks, known)
    seen = {(port, mac) for port, found in edges.items() for mac in found}
    entry_ports = {printable(entry.port, most=LONGEST_PORT) for entry in entries}
    barred = {port for port in entry_ports if port not in edges} | down
    missing = [row for key, row in known.items() if key not in seen]
    ended = [row for row in missing if row.a_port in barred or _is_over(row, at)]
    over = {row.id for row in ended}
    intervals = Intervals(unit, NODE + node, NODE + node, at)
    intervals.there_again(row.id for key, row in known.items() if key in seen and row.missing_since)
    intervals.set_missing(row.id for row in missing if not row.missing_since and row.id not in over)
    fresh = [key for key in sorted(seen) if key not in known]
    intervals.record([_fdb(port, mac) for port, mac in fresh], ended)


def _edges(
    unit: Unit,
    node: str,
    entries: tuple[MacEntry, ...],
    uplinks: frozenset[str],
    known: Mapping[tuple[str, str], Any],
) -> dict[str, tuple[str, ...]]:
    """MACs by edge port. Owners and bundles are looked up only where something is new."""
    safe = [MacEntry(mac=each.mac, vlan=each.vlan, port=printable(each.port, most=LONGEST_PORT)) for each in entries]
    first = edge_macs(safe, owners={}, uplinks=uplinks, lags={})
    new = {f"mac:{mac}" for port, found in first.items() for mac in found if (port, mac) not in known}
    if not new:
        return first
    return edge_macs(safe, owners=owners_of(unit, new), uplinks=uplinks, lags=_lags(unit, node))


def _fdb(port: str, mac: str) -> Sighting:
    return Sighting.of(Neighbour(port=port, kind="fdb", chassis_id=mac))


def _mac(row: Any) -> str:
    return mac_of(str(msgspec.json.decode(row.body).get("chassis_id", "")))


def _is_over(row: Any, at: str) -> bool:
    """Whether the grace of a missing entry is over."""
    if not row.missing_since:
        return False
    return (clock.moment(at) - clock.moment(row.missing_since)).total_seconds() >= FDB_GRACE_S


class _Lag(msgspec.Struct):
    members: list[str] | None = None


class _Lags(msgspec.Struct):
    lags: dict[str, _Lag] = {}


_LAGS: Final = msgspec.json.Decoder(_Lags)


def _lags(unit: Unit, node: str) -> dict[str, list[str]]:
    """The bundles of a node with their members, as last observed."""
    rows = unit.fetch(_OBSERVED, {"wanted": node})
    if not rows:
        return {}
    return {name: lag.members or [] for name, lag in _LAGS.decode(rows[0].body).lags.items()}
