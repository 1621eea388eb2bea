"""What reports about one node make of its status: a pure step from what is stored to what shall be.

Reports arrive in order. Each may carry some of: conditions, a pass, documents or their hashes, drift, the ledger. What
watchers want to hear of (a condition that changed, drift that began or ended) comes from comparing with what is
stored.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Final

import orjson
from pydantic import TypeAdapter

from device_profiles.conditions import Condition
from device_profiles.documents import Identity
from device_profiles.facts import LARGEST_FACTS_BYTES
from device_profiles.names import printable
from device_profiles.operation import Operation
from device_profiles.state import State
from device_profiles.wire import DriftItem, LedgerEntry, Part, PassRecord, Report
from proxy_service import clock
from proxy_service.agents.reading import Received
from proxy_service.graph.sights import Sight

_CONDITIONS: Final = TypeAdapter(tuple[Condition, ...])
_STATE: Final = TypeAdapter(State)
_OPERATION: Final = TypeAdapter(Operation)
_LEDGER: Final = TypeAdapter(tuple[LedgerEntry, ...])
_DRIFT: Final = TypeAdapter(tuple[DriftItem, ...])
_RECORD: Final = TypeAdapter(PassRecord)

_IDENTITY_FIELDS: Final = frozenset(entry.name for entry in fields(Identity))

Happened = tuple[str, dict[str, Any]]
"""An event's type and data."""


@dataclass(slots=True)
class Status:
    """The status of one node, as a row of ``statuses`` without its key."""

    agent: str
    converged_generation: int = 0
    conditions: str = "[]"
    drift: str = "[]"
    drifting: int = 0
    last_pass: str | None = None
    last_seen: str | None = None
    identity: str = "{}"
    observed_hash: str | None = None
    facts_hash: str | None = None
    links_hash: str | None = None


@dataclass(slots=True)
class Findings:
    """What is new about one node."""

    node: str
    status: Status
    documents: dict[str, dict[str, Any]] = field(default_factory=dict)
    passes: dict[str, dict[str, Any]] = field(default_factory=dict)
    events: list[Happened] = field(default_factory=list)
    sights: list[Sight] = field(default_factory=list)
    """What it told of the world around it, for the graph."""
    wanted: dict[Part, bool] = field(default_factory=dict)

    def take(self, received: Received) -> None:
        """Work one report in."""
        report = received.report
        at = clock.text(report.at)
        # An agent whose clock is ahead must not look alive for longer than it is.
        self.status.last_seen = max(self.status.last_seen or "", min(at, clock.now_text()))
        if report.converged_generation is not None:
            self.status.converged_generation = report.converged_generation
        if report.conditions is not None:
            self._conditions(report.conditions)
        if report.identity is not None:
            self.status.identity = orjson.dumps(_known_of(report.identity)).decode()
        if report.record is not None:
            self._record(report.record)
        if report.drift is not None:
            self._drift(report.drift)
        if report.ledger is not None:
            self._document("ledger", at, "", _LEDGER.dump_json(report.ledger).decode())
        if report.operation is not None:
            text = _OPERATION.dump_json(report.operation, exclude_none=True).decode()
            self._document("operation", clock.text(report.operation.at), "", text)
        self._observed(report, at)
        self._facts(report, received.facts, at)
        self._links(report)
        self._sight(report, at, facts=received.facts is not None)

    def past(self, report: Report) -> None:
        """Keep only the history in a report of an agent that was replaced meanwhile."""
        if report.record is not None:
            self._keep_pass(report.record)

    def _observed(self, report: Report, at: str) -> None:
        if report.observed is not None:
            self.status.observed_hash = report.observed_hash
            self._document(
                "observed", at, report.observed_hash, _STATE.dump_json(report.observed, exclude_none=True).decode()
            )
        self._compare("observed", report.observed_hash, self.status.observed_hash)

    def _facts(self, report: Report, text: str | None, at: str) -> None:
        if text is not None:
            self.status.facts_hash = report.facts_hash
            if len(text.encode()) <= LARGEST_FACTS_BYTES:
                self._document("facts", at, report.facts_hash, text)
                self.events.append(("facts.changed", {"hash": report.facts_hash}))
            else:
                self.events.append(("facts.refused", {"message": "the facts are too large to be kept"}))
        self._compare("facts", report.facts_hash, self.status.facts_hash)

    def _links(self, report: Report) -> None:
        if report.links is not None:
            self.status.links_hash = report.links_hash
            self.events.append(("links.changed", {"links": len(report.links)}))
        self._compare("links", report.links_hash, self.status.links_hash)

    def _sight(self, report: Report, at: str, *, facts: bool) -> None:
        running = report.operation
        macs = running.macs if running is not None else None
        ports = running.ports if running is not None else {}
        down = frozenset(name for name, port in ports.items() if port.oper_up is False)
        if report.links is not None or facts or macs is not None:
            # A clock that is ahead must not open intervals in the future.
            now = clock.now_text()
            self.sights.append(Sight(at=min(at, now), links=report.links, macs=macs, down=down, facts=facts))

    def _compare(self, part: Part, reported: str | None, held: str | None) -> None:
        """Ask for a document of which the agent reports another hash than ours; the last report of a batch counts."""
        if reported is not None:
            self.wanted[part] = reported != held

    def _document(self, part: str, at: str, digest: str | None, body: str) -> None:
        self.documents[part] = {"node": self.node, "part": part, "at": at, "hash": digest or "", "body": body}

    def _conditions(self, conditions: tuple[Condition, ...]) -> None:
        before = {item["type"]: (item["status"], item["reason"]) for item in orjson.loads(self.status.conditions)}
        for item in conditions:
            if before.get(item.type) != (item.status, item.reason):
                data = {"condition": item.type, "status": item.status, "reason": item.reason, "message": item.message}
                self.events.append(("condition.changed", data))
        self.status.conditions = _CONDITIONS.dump_json(conditions).decode()

    def _drift(self, drift: tuple[DriftItem, ...]) -> None:
        before = {item["path"] for item in orjson.loads(self.status.drift)}
        now = {item.path for item in drift}
        found = _DRIFT.dump_json(drift)
        self._drift_found(item for item in orjson.loads(found) if item["path"] not in before)
        if before - now:
            self.events.append(("drift.ended", {"paths": sorted(before - now)}))
        self.status.drift = found.decode()
        self.status.drifting = len(drift)

    def _drift_found(self, items: Iterable[Mapping[str, Any]], **more: Any) -> None:
        data = [{key: item[key] for key in ("path", "expected", "found", "roles")} for item in items]
        if data:
            self.events.append(("drift.found", {"items": data, **more}))

    def _record(self, record: PassRecord) -> None:
        row = self._keep_pass(record)
        self.status.last_pass = record.id
        parsed = orjson.loads(row["body"])
        data = {"pass": record.id, "cause": record.cause, "outcome": record.outcome, "generation": record.generation}
        data |= {"steps": len(record.steps), "reason": record.reason}
        if record.offline:
            # Of another count of generations, and of before: it is told with its time, and is no plan for this one.
            self.events.append(("pass.finished", data | {"offline": True, "ended_at": row["ended_at"]}))
            return
        plan = {"generation": record.generation, "at": row["ended_at"], "pass": record.id, "steps": parsed["steps"]}
        plan |= {"plan": record.plan, "waits": parsed["waits"]}
        self._document("plan", row["ended_at"], "", orjson.dumps(plan).decode())
        self._drift_found(parsed["drift"], **{"pass": record.id})
        self.events.append(("pass.finished", data))

    def _keep_pass(self, record: PassRecord) -> dict[str, Any]:
        row = {
            "node": self.node,
            "id": record.id,
            "started_at": clock.text(record.started_at),
            "ended_at": clock.text(record.ended_at),
            # A number of another count is no generation of ours: no write of ours has caused that pass.
            "generation": 0 if record.offline else record.generation,
            "outcome": record.outcome,
            "body": _RECORD.dump_json(record).decode(),
        }
        self.passes[record.id] = row
        return row


def _known_of(identity: Mapping[str, str]) -> dict[str, str]:
    """What of a reported identity this service can hand on, made safe to show."""
    return {name: printable(value) for name, value in identity.items() if name in _IDENTITY_FIELDS}
