"""After a crash: passes that were cut short are told of, and ended; what they did is left for a new reading to judge.

What a crash left on a device is seen in the device and nowhere else, so nothing is concluded from the journal but this:
the service hears that the pass was begun, and how far its steps got. The ordinary pass that follows does the rest.
"""

from __future__ import annotations

import sqlite3
from datetime import datetime

import structlog

from agents.desk import Desk
from agents.ledger import Ledger
from agents.nodes import Node
from agents.observers import Phase
from agents.reports import report
from agents.stepping import told
from agents.store import queue, rows
from device_profiles.wire import LedgerEntry

log = structlog.get_logger(__name__)

_MESSAGE = "the agent was ended in the middle of this pass; it reads the device again and goes on from there"
_NOT_WRITTEN = "the agent could not write down the end of this pass; it reads the device again and goes on from there"


async def recover(node: Node, desk: Desk) -> None:
    """Begin anew from what is on disk, as after a crash, where a write failed (a full disk) and the agent lives on."""
    fences, now = {node.name: node.accepted.assignment.fence}, desk.clock.now()

    def change(db: sqlite3.Connection) -> tuple[list[LedgerEntry], bool]:
        end_cut_passes(db, fences=fences, now=now, message=_NOT_WRITTEN, only=node.name)
        waits = any(cut.row.node == node.name for cut in rows.unconfirmed(db))
        return rows.all_ledgers(db).get(node.name, []), waits

    entries, node.unconfirmed = await desk.store.write(change)
    node.ledger = Ledger(entries)
    node.resend.add("ledger")
    desk.outbox.wake()


def end_cut_passes(
    db: sqlite3.Connection, *, fences: dict[str, int], now: datetime, message: str = _MESSAGE, only: str | None = None
) -> int:
    """Queue a report for each pass that was cut short, and end it, in one change; how many there were.

    ``only`` those of one node.
    """
    found = [cut for cut in rows.cut_passes(db) if only in {None, cut.row.node}]
    for cut in found:
        node = cut.row.node
        if node in fences:
            record = record_of(cut, now=now, message=message)
            body = report(fence=fences[node], node=node, at=now, parts={"record": record})
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
