"""The durable queue of reports: numbered in the write that puts them there, deleted when the service has them.

While the service is away, what is superseded is folded together: of a node's observed state, operation, facts, links,
conditions, drift and ledger only the newest waits. Records of passes are never folded; only when ``most_rows`` wait
are the oldest given up, and counted. Bodies are JSON without ``seq``, which is put in front on the way out.
"""

from __future__ import annotations

import sqlite3
from typing import Final

import orjson

from agents.store import rows

ACKNOWLEDGED: Final = "acknowledged"
MOST_BYTES: Final = 4_000_000
_KEPT: Final = frozenset({"fence", "node", "at", "record"})


def add_report(db: sqlite3.Connection, node: str, body: bytes, *, record: bool, fold: bool) -> int:
    """Queue a report and return its seq. ``record``: it carries a pass; ``fold``: what it supersedes may go."""
    if fold:
        body = _folded(db, node, body)
    kind = "pass" if record else "status"
    cursor = db.execute("INSERT INTO outbox (node, kind, body) VALUES (?, ?, ?)", (node, kind, body))
    return int(cursor.lastrowid or 0)


def _folded(db: sqlite3.Connection, node: str, body: bytes) -> bytes:
    """``body`` with what earlier unsent reports of the node still had to say; they keep only their passes."""
    new = orjson.loads(body)
    waiting = db.execute("SELECT seq, kind, body FROM outbox WHERE node = ? ORDER BY seq", (node,)).fetchall()
    carried: dict[str, object] = {}
    for seq, kind, text in waiting:
        old = orjson.loads(text)
        carried.update({key: value for key, value in old.items() if key not in _KEPT})
        if kind == "status":
            db.execute("DELETE FROM outbox WHERE seq = ?", (seq,))
            continue
        left = {key: value for key, value in old.items() if key in _KEPT}
        if len(left) < len(old):
            db.execute("UPDATE outbox SET body = ? WHERE seq = ?", (orjson.dumps(left), seq))
    return orjson.dumps({**carried, **new})


def next_reports(db: sqlite3.Connection, *, most: int, most_bytes: int = MOST_BYTES) -> list[tuple[int, bytes]]:
    """The oldest reports with their seq, at least one if there is one."""
    found: list[tuple[int, bytes]] = []
    size = 0
    for seq, body in db.execute("SELECT seq, body FROM outbox ORDER BY seq LIMIT ?", (most,)):
        size += len(body)
        if found and size > most_bytes:
            break
        found.append((seq, body))
    return found


def delete_through(db: sqlite3.Connection, seq: int) -> None:
    """Forget the reports that the service has."""
    db.execute("DELETE FROM outbox WHERE seq <= ?", (seq,))


def acknowledge(db: sqlite3.Connection, seq: int) -> None:
    """The service has all reports up to ``seq``: they are forgotten, and that it had them is not."""
    delete_through(db, seq)
    rows.put_meta(db, ACKNOWLEDGED, str(seq))


def acknowledged(db: sqlite3.Connection) -> int:
    """Up to which report the service has acknowledged, in the epoch that it is in."""
    return int(rows.get_meta(db, ACKNOWLEDGED) or 0)


def forget_acknowledged(db: sqlite3.Connection) -> None:
    """The service begins anew with us, or is another one."""
    rows.put_meta(db, ACKNOWLEDGED, "0")


def delete_one(db: sqlite3.Connection, seq: int) -> None:
    """Forget one report that the service will not take."""
    db.execute("DELETE FROM outbox WHERE seq = ?", (seq,))


def give_up_oldest(db: sqlite3.Connection, *, most_rows: int) -> int:
    """Keep ``most_rows`` reports; how many older ones were given up."""
    return db.execute(
        "DELETE FROM outbox WHERE seq <= (SELECT seq FROM outbox ORDER BY seq DESC LIMIT 1 OFFSET ?)", (most_rows,)
    ).rowcount


def depth(db: sqlite3.Connection) -> int:
    """How many reports wait."""
    (count,) = db.execute("SELECT count(*) FROM outbox").fetchone()
    return int(count)
