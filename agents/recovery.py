"""After a crash: passes that were cut short are told of, and ended; what they did is left for a new reading to judge.

What a crash left on a device is seen in the device and nowhere else, so nothing is concluded from the journal but this:
the service hears that the pass was begun, and how far its steps got. The ordinary pass that follows does the rest.
"""

from __future__ import annotations

import sqlite3
from datetime import datetime

import structlog

from agents.observers import Phase
from agents.reports import report
from agents.stepping import told
from agents.store import queue, rows

log = structlog.get_logger(__name__)

_MESSAGE = "the agent was ended in the middle of this pass; it reads the device again and goes on from there"


def end_cut_passes(db: sqlite3.Connection, *, fences: dict[str, int], now: datetime) -> int:
    """Queue a report for each pass that was cut short, and end it, in one change; how many there were."""
    found = rows.cut_passes(db)
    for cut in found:
        node = cut.row.node
        if node in fences:
            body = report(fence=fences[node], node=node, at=now, parts={"record": record_of(cut, now=now)})
            queue.add_report(db, node, body, record=True, fold=False)
        rows.move_pass(db, cut.row.id, Phase.REPORTED)
        log.info("pass was cut short, the device is read again", node=node, pass_id=cut.row.id, phase=cut.phase)
    return len(found)


def record_of(
    cut: rows.CutPass, *, now: datetime, reason: str = "Interrupted", message: str = _MESSAGE, undone: bool = False
) -> dict[str, object]:
    """A :class:`~device_profiles.wire.PassRecord` of a pass that was cut short, as JSON."""
    return {
        "id": cut.row.id,
        "cause": cut.row.cause,
        "generation": cut.row.generation,
        "outcome": "failed",
        "started_at": cut.row.started_at,
        "ended_at": now,
        "steps": [
            told(document, "undone" if undone and status != "pending" else status) for document, status in cut.steps
        ],
        "reason": reason,
        "message": message,
    }
