"""Reports into the store: a batch is one unit, and each report counts once per (agent, seq)."""

from __future__ import annotations

import dataclasses
import re
from typing import Any, Final

import orjson
import sqlalchemy as sa

from device_profiles.names import NODE_NAME
from device_profiles.wire import Report, Stored, Wanted
from proxy_service import clock
from proxy_service.agents import leases
from proxy_service.agents.findings import Findings, Status
from proxy_service.agents.reading import Batch
from proxy_service.graph import sights
from proxy_service.problems import not_found
from proxy_service.store import Unit
from proxy_service.store import tables as t
from proxy_service.store.prepared import Prepared, prepared, texts_in

_FIELDS: Final = tuple(field.name for field in dataclasses.fields(Status))
_NAME = re.compile(NODE_NAME.removesuffix("$") + r"\Z")

_NODES: Final = Prepared(
    lambda dialect: (
        sa.select(
            t.nodes.c.name,
            t.leases.c.agent.label("holder"),
            t.leases.c.fence.label("lease"),
            *(t.statuses.c[name] for name in _FIELDS),
        )
        .outerjoin(t.statuses, t.statuses.c.node == t.nodes.c.name)
        .outerjoin(t.leases, t.leases.c.node == t.nodes.c.name)
        .where(t.nodes.c.location == sa.bindparam("location"), t.nodes.c.name.in_(texts_in(dialect, "names")))
        .order_by(t.nodes.c.name)
        .with_for_update(read=True, key_share=True, of=t.nodes)
    )
)
_AGENT: Final = prepared(
    sa.select(t.agents.c.fence, t.agents.c.last_seq, t.agents.c.location)
    .where(t.agents.c.name == sa.bindparam("wanted"))
    .with_for_update()
)
_HEARD: Final = prepared(
    sa.update(t.agents)
    .where(t.agents.c.name == sa.bindparam("wanted"))
    .values(last_seq=sa.bindparam("seq"), last_seen=sa.bindparam("at"))
)
_HEARD_NEWS: Final = prepared(
    sa.update(t.agents)
    .where(t.agents.c.name == sa.bindparam("wanted"), t.agents.c.last_seq < sa.bindparam("first"))
    .values(last_seq=sa.bindparam("seq"), last_seen=sa.bindparam("at"))
    .returning(t.agents.c.fence)
)
_SEEN: Final = prepared(
    sa.update(t.statuses)
    .where(t.statuses.c.node == sa.bindparam("wanted"), t.statuses.c.last_seen < sa.bindparam("at"))
    .values(last_seen=sa.bindparam("at"))
)


def take(unit: Unit, *, agent: str, location: str, batch: Batch, lease_s: float = 30.0) -> Stored:
    """Store a batch. Raises :class:`Refused` where the agent is not enrolled any more.

    A report that was stored before, or is about a node that is not this agent's (any more), changes nothing.
    """
    fence, last_seq = _heard(unit, agent, batch)
    rows = _nodes(unit, location, batch)
    found: dict[str, Findings] = {}
    for received in batch.reports:
        report = received.report
        if report.seq <= last_seq or report.node not in rows:
            continue
        findings = found.get(report.node)
        if findings is None:
            findings = found[report.node] = Findings(report.node, _status(rows[report.node], agent))
        if _is_past(report, rows[report.node], agent=agent, fence=fence):
            findings.past(report)
        else:
            findings.take(received)
    _store(unit, found)
    seen = [
        {"wanted": node, "at": _time(at, unit.at)} for node, at in batch.seen.items() if _holds(rows.get(node), agent)
    ]
    if seen:
        unit.run(_SEEN, seen)
    wanted = tuple(
        Wanted(node=node, part=part) for node, item in found.items() for part, yes in item.wanted.items() if yes
    )
    renewed = _leases(unit, agent, location, batch, lease_s)
    return Stored(last_seq=max(last_seq, batch.last_seq), wanted=wanted, leases=renewed[0], lease_s=renewed[1])


def _leases(
    unit: Unit, agent: str, location: str, batch: Batch, lease_s: float
) -> tuple[tuple[str, ...], float | None]:
    """Renew what the batch says; the nodes that the agent holds on, and for how long."""
    if batch.leases is None:
        return (), None
    leases.release(unit, agent=agent, location=location, released=batch.released)
    renewed = leases.renew(
        unit, agent=agent, location=location, held=batch.leases, needs_s=batch.needs_s, lease_s=lease_s
    )
    return renewed or ((), None)


def _holds(row: Any, agent: str) -> bool:
    """Whether a node is the agent's, by a lease or for ever."""
    return row is not None and (row.lease is None or row.holder == agent)


def _is_past(report: Report, row: Any, *, agent: str, fence: int) -> bool:
    """Whether a report is of one who did not hold the node any more."""
    return not _holds(row, agent) or report.fence < (fence if row.lease is None else row.lease)


def _heard(unit: Unit, agent: str, batch: Batch) -> tuple[int, int]:
    """Note that the batch is stored. The agent's fence, and the ``seq`` up to which reports were stored before.

    Holds the agent's row until the commit, so that no other batch of it is between reading a status and writing it.
    """
    values = {"wanted": agent, "seq": batch.last_seq, "at": unit.at}
    first = min((received.report.seq for received in batch.reports), default=0)
    for row in unit.fetch(_HEARD_NEWS, {**values, "first": first}):  # all of it is new, as it nearly always is
        return row.fence, first - 1
    for row in unit.fetch(_AGENT, {"wanted": agent}):
        unit.run(_HEARD, [{**values, "seq": max(row.last_seq, batch.last_seq)}])
        return row.fence, row.last_seq
    raise not_found("agent", agent)


def _nodes(unit: Unit, location: str, batch: Batch) -> dict[str, Any]:
    """The agent's nodes that the batch names. Names from the wire are looked at before a database sees them."""
    names = {received.report.node for received in batch.reports} | batch.seen.keys()
    wanted = sorted(name for name in names if _NAME.match(name))
    if not wanted:
        return {}
    return {row.name: row for row in unit.fetch(_NODES, {"location": location, "names": orjson.dumps(wanted).decode()})}


def _status(row: Any, agent: str) -> Status:
    if row.agent is None:
        return Status(agent)
    return Status(**{**{name: getattr(row, name) for name in _FIELDS}, "agent": agent})


def _time(written: str, latest: str) -> str:
    """A time that an agent sent, in our form, and never later than now: else a wrong clock would hide silence."""
    try:
        return min(clock.text(clock.moment(written)), latest)
    except ValueError:
        return latest


def _store(unit: Unit, found: dict[str, Findings]) -> None:
    unit.upsert(t.statuses, [{"node": node, **_columns(item.status)} for node, item in found.items()])
    unit.upsert(t.documents, [row for item in found.values() for row in item.documents.values()])
    unit.upsert(t.passes, [row for item in found.values() for row in item.passes.values()])
    for node, item in found.items():
        if item.sights:
            sights.take(unit, node, item.sights)
        unit.touch(f"node:{node}")
        for kind, data in item.events:
            unit.event(kind, data, node=node)


def _columns(status: Status) -> dict[str, Any]:
    return {name: getattr(status, name) for name in _FIELDS}
