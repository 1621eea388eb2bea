"""What an agent has told nobody but a service of its own, kept until it meets the site's.

Reports go into these rows when they were acknowledged, under the numbers that they had. Passes and neighbours stay, one
row for each report that told of them; of all else (what was observed, facts, conditions, the ledger) only the newest is
kept, as for a service that is away (:mod:`agents.store.queue`). ``standing`` says how far the hand-over has come: kept,
enrolled with the other service, handed over. Each step of it is one transaction.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from itertools import groupby
from typing import Any, Final, Literal

import orjson

from agents.store import queue, rows

Standing = Literal["", "keeping", "enrolled"]
_STANDING: Final = "kept"
_FENCE: Final = "kept_fence"
_HISTORY: Final = ("record", "links", "links_hash")
_NEWEST: Final = ("observed", "operation", "facts", "conditions", "drift", "ledger", "identity")
_MOST: Final = 20_000
_OF_SERVICE: Final = ("keys", "epoch", "behind")
"""What is remembered of the one service, and means nothing to the other (:mod:`agents.trust.voice`)."""


def standing(db: sqlite3.Connection) -> Standing:
    """Whether reports are kept here for a service that is still to be met, or their hand-over was begun."""
    word = rows.get_meta(db, _STANDING)
    return "keeping" if word == "keeping" else "enrolled" if word == "enrolled" else ""


def begin(db: sqlite3.Connection) -> bool:
    """Keep from now on what is acknowledged; False where this store belongs to an agent of another service."""
    if rows.get_meta(db, "token") and standing(db) != "keeping":
        return False
    rows.put_meta(db, _STANDING, "keeping")
    return True


def keep_through(db: sqlite3.Connection, seq: int | None = None) -> None:
    """Keep the reports up to ``seq`` that wait; without it all of them."""
    query = "SELECT seq, node, body FROM outbox WHERE ? IS NULL OR seq <= ? ORDER BY seq"
    for number, node, body in db.execute(query, (seq, seq)).fetchall():
        for part, document in _parts(orjson.loads(body)):
            if part:
                db.execute("DELETE FROM kept WHERE node = ? AND part = ?", (node, part))
            db.execute("INSERT OR REPLACE INTO kept VALUES (?, ?, ?, ?)", (number, node, part, orjson.dumps(document)))
    db.execute("DELETE FROM kept WHERE part = '' AND seq <= (SELECT max(seq) FROM kept) - ?", (_MOST,))


def _parts(body: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """What is kept of a report: what is history under an empty name, each other part under its own."""
    at = {"at": body["at"]}
    history = {name: body[name] for name in _HISTORY if name in body}
    if "record" in history or "links" in history:
        yield "", at | history
    for part in _NEWEST:
        if part in body:
            yield part, at | {name: body[name] for name in (part, f"{part}_hash") if name in body}


def leave(db: sqlite3.Connection, *, fence: int, declared: bool) -> None:
    """The agent has enrolled with another service, by ``fence``: forget what the one of its own has assigned.

    ``declared``: what it was kept at is declared there. Else nothing counts as made by us any more: where nobody
    declares it, what we made would be taken off the device.
    """
    keep_through(db)
    db.execute("DELETE FROM outbox")
    db.execute("DELETE FROM assignments")
    for node, memory in db.execute("SELECT node, memory FROM nodes").fetchall():
        known = orjson.loads(memory)
        owed = {name: known[name] for name in ("save_owed", "others_unsaved") if name in known}
        rows.put_memory(db, node, orjson.dumps(owed))
    if not declared:
        db.execute("DELETE FROM ledger WHERE kind = 'created'")
        for seq, body in db.execute("SELECT seq, body FROM kept WHERE part = 'ledger'").fetchall():
            document = orjson.loads(body)
            document["ledger"] = [entry for entry in document["ledger"] if entry.get("kind") == "token"]
            db.execute("UPDATE kept SET body = ? WHERE seq = ? AND part = 'ledger'", (orjson.dumps(document), seq))
    for key in _OF_SERVICE:
        db.execute("DELETE FROM meta WHERE key = ?", (key,))
    queue.forget_acknowledged(db)
    rows.put_meta(db, _STANDING, "enrolled")
    rows.put_meta(db, _FENCE, str(fence))


def hand_over(db: sqlite3.Connection) -> int:
    """Queue all that was kept for the service that is there now; how many passes there are. Nothing is kept then.

    Generations are left out of what they prove: they are counts of another service.
    """
    fence, passes = int(rows.get_meta(db, _FENCE) or 0), 0
    found = db.execute("SELECT seq, node, body FROM kept ORDER BY seq, part").fetchall()
    for (seq, node), group in groupby(found, key=lambda row: row[:2]):
        body: dict[str, Any] = {"fence": fence, "node": node}
        for *_, text in group:
            body |= orjson.loads(text)
        record = body.get("record")
        if record is not None:
            passes += 1
            record["offline"] = True
        kind = "status" if record is None else "pass"
        db.execute(
            "INSERT INTO outbox (seq, node, kind, body) VALUES (?, ?, ?, ?)", (seq, node, kind, orjson.dumps(body))
        )
    db.execute("DELETE FROM kept")
    rows.put_meta(db, _STANDING, "")
    return passes
