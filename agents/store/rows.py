"""Reading and writing the tables: small functions over a connection, to be run inside ``Store.write``."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from agents.ledger import LedgerChange
from device_profiles.wire import LedgerEntry

PASSES_KEPT = 20
"""How many passes of each node can still be rolled back."""


def get_meta(db: sqlite3.Connection, key: str) -> str | None:
    """One remembered word; None where there is none."""
    row = db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    return None if row is None else str(row[0])


def put_meta(db: sqlite3.Connection, key: str, value: str) -> None:
    """Remember one word."""
    db.execute("INSERT INTO meta VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value", (key, value))


def all_assignments(db: sqlite3.Connection) -> list[tuple[str, bytes]]:
    """Every node with its last accepted assignment, as it was received."""
    return db.execute("SELECT node, document FROM assignments ORDER BY node").fetchall()


def put_assignments(db: sqlite3.Connection, documents: Iterable[tuple[str, bytes]]) -> None:
    """Accept assignments."""
    db.executemany(
        "INSERT INTO assignments VALUES (?, ?) ON CONFLICT DO UPDATE SET document = excluded.document", documents
    )


def forget_nodes(db: sqlite3.Connection, nodes: Iterable[str]) -> None:
    """Forget nodes that are no longer ours, with all but the reports that nobody has yet."""
    names = [(node,) for node in nodes]
    for table in ("assignments", "nodes", "passes", "ledger", "pins"):
        db.executemany(f"DELETE FROM {table} WHERE node = ?", names)  # noqa: S608 -- a name of this file


def all_memories(db: sqlite3.Connection) -> dict[str, bytes]:
    """What is remembered about each node, as JSON."""
    return dict(db.execute("SELECT node, memory FROM nodes"))


def put_memory(db: sqlite3.Connection, node: str, memory: bytes) -> None:
    """Remember a node."""
    db.execute("INSERT INTO nodes VALUES (?, ?) ON CONFLICT DO UPDATE SET memory = excluded.memory", (node, memory))


@dataclass(frozen=True, slots=True)
class Remembered:
    """What is on disk of a node that no worker has: its memory as JSON, its ledger, whether a pass is to be proved."""

    memory: bytes | None
    ledger: tuple[LedgerEntry, ...]
    unconfirmed: bool


def remembered(db: sqlite3.Connection, nodes: Iterable[str]) -> dict[str, Remembered]:
    """What is on disk of these nodes, of those of which anything is."""
    found = {}
    for node in nodes:
        memory = db.execute("SELECT memory FROM nodes WHERE node = ?", (node,)).fetchone()
        ledger = _ledgers(db, "WHERE node = ?", (node,)).get(node, [])
        waits = db.execute("SELECT 1 FROM passes WHERE node = ? AND way != ''", (node,)).fetchone()
        if memory is not None or ledger or waits is not None:
            found[node] = Remembered(memory[0] if memory else None, tuple(ledger), waits is not None)
    return found


def all_ledgers(db: sqlite3.Connection) -> dict[str, list[LedgerEntry]]:
    """The ledger of every node."""
    return _ledgers(db, "", ())


def _ledgers(db: sqlite3.Connection, which: str, values: tuple[str, ...]) -> dict[str, list[LedgerEntry]]:
    found: dict[str, list[LedgerEntry]] = {}
    query = f"SELECT node, path, kind, state, pass_id, at, token, stage FROM ledger {which}"  # noqa: S608 -- ours
    for node, path, kind, state, pass_id, at, token, stage in db.execute(query, values):
        entry = LedgerEntry(
            path=path,
            kind=kind,
            state=state,
            pass_id=pass_id,
            at=datetime.fromisoformat(at),
            token=datetime.fromisoformat(token) if token else None,
            stage=stage,
        )
        found.setdefault(node, []).append(entry)
    return found


def write_ledger(db: sqlite3.Connection, node: str, change: LedgerChange) -> None:
    """Put and forget entries."""
    if not change:
        return
    db.executemany(
        "INSERT INTO ledger (node, path, kind, state, pass_id, at, token, stage) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET state = excluded.state, pass_id = excluded.pass_id, at = excluded.at,"
        " token = excluded.token, stage = excluded.stage",
        [
            (
                node,
                e.path,
                e.kind,
                e.state,
                e.pass_id,
                e.at.isoformat(),
                e.token.isoformat() if e.token else "",
                e.stage,
            )
            for e in change.put
        ],
    )
    db.executemany("DELETE FROM ledger WHERE node = ? AND path = ?", [(node, path) for path in change.forget])


@dataclass(frozen=True, slots=True, kw_only=True)
class PassRow:
    """A pass, as it began. ``goal`` and ``way`` are those of one that has to be confirmed (:mod:`agents.confirmed`)."""

    id: str
    node: str
    cause: str
    generation: int
    started_at: str
    before: bytes = b""
    goal: bytes = b""
    way: str = ""


def begin_pass(db: sqlite3.Connection, row: PassRow, steps: Sequence[bytes], *, phase: str, intended: int) -> None:
    """A pass that is about to take its first ``intended`` steps, with the journal of all; the oldest are forgotten."""
    db.execute(
        "DELETE FROM passes WHERE node = ? AND id <="
        " (SELECT id FROM passes WHERE node = ? ORDER BY id DESC LIMIT 1 OFFSET ?)",
        (row.node, row.node, PASSES_KEPT - 1),
    )
    db.execute(
        "INSERT INTO passes (id, node, cause, generation, started_at, before, goal, way, phase, step, steps)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 1, 0)",
        (row.id, row.node, row.cause, row.generation, row.started_at, row.before, row.goal, row.way, phase),
    )
    add_steps(db, row.id, 0, steps, intended=intended)


def add_steps(db: sqlite3.Connection, pass_id: str, first: int, steps: Sequence[bytes], *, intended: int = 0) -> None:
    """Journal further steps of a pass, from number ``first`` + 1, of which ``intended`` are taken now."""
    db.executemany(
        "INSERT OR REPLACE INTO steps VALUES (?, ?, ?, ?)",
        [
            (pass_id, first + number, document, "intended" if number <= intended else "pending")
            for number, document in enumerate(steps, 1)
        ],
    )


def widen_pass(db: sqlite3.Connection, row: PassRow) -> None:
    """A pass goes on with further steps, which touch further places."""
    db.execute("UPDATE passes SET before = ?, goal = ?, way = ? WHERE id = ?", (row.before, row.goal, row.way, row.id))


def keep_pass(db: sqlite3.Connection, pass_id: str) -> None:
    """What a pass did is confirmed, or undone: nobody need come back to it."""
    db.execute("UPDATE passes SET way = '', goal = '' WHERE id = ?", (pass_id,))


def move_pass(db: sqlite3.Connection, pass_id: str, phase: str, *, step: int = 0) -> None:
    """The pass has come to ``phase``."""
    db.execute("UPDATE passes SET phase = ?, step = ? WHERE id = ?", (phase, step, pass_id))


def mark_steps(db: sqlite3.Connection, pass_id: str, statuses: Mapping[int, str]) -> None:
    """Journal how far steps got."""
    if not statuses:
        return
    db.executemany(
        "UPDATE steps SET status = ? WHERE pass_id = ? AND number = ?",
        [(status, pass_id, number) for number, status in statuses.items()],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CutPass:
    """A pass that is kept, or that a crash cut short, and its steps with how far each got."""

    row: PassRow
    phase: str
    steps: tuple[tuple[bytes, str], ...]


def cut_passes(db: sqlite3.Connection) -> list[CutPass]:
    """The passes that are not ended, but for those that wait to be confirmed."""
    return _passes(db, "WHERE phase != 'reported' AND way = '' ORDER BY id", ())


def unconfirmed(db: sqlite3.Connection) -> list[CutPass]:
    """The passes whose end is neither proved nor taken back, of all nodes."""
    return _passes(db, "WHERE way != '' ORDER BY id", ())


def passes_of(db: sqlite3.Connection, node: str) -> list[CutPass]:
    """The passes of a node that are kept, the newest first."""
    return _passes(db, "WHERE node = ? ORDER BY id DESC", (node,))


def _passes(db: sqlite3.Connection, which: str, values: tuple[str, ...]) -> list[CutPass]:
    columns = "id, node, cause, generation, started_at, before, goal, way, phase"
    found = []
    for *fields, phase in db.execute(f"SELECT {columns} FROM passes {which}", values).fetchall():  # noqa: S608 -- ours
        row = PassRow(**dict(zip(columns.split(", "), fields, strict=False)))
        steps = db.execute("SELECT document, status FROM steps WHERE pass_id = ? ORDER BY number", (row.id,)).fetchall()
        found.append(CutPass(row=row, phase=phase, steps=tuple(steps)))
    return found


def last_pass_ms(db: sqlite3.Connection) -> int:
    """The time in the name of the newest pass (see ``Desk.pass_id``); 0 where there is none."""
    (newest,) = db.execute("SELECT max(id) FROM passes").fetchone()
    return 0 if newest is None else int(newest.split("-")[0], 16)


def all_pins(db: sqlite3.Connection) -> dict[str, str]:
    """The identity that each node's device showed at first contact."""
    return dict(db.execute("SELECT node, identity FROM pins"))


def put_pin(db: sqlite3.Connection, node: str, identity: str, *, access: str, at: str) -> None:
    """Pin a node to an identity."""
    db.execute("INSERT OR REPLACE INTO pins VALUES (?, ?, ?, ?)", (node, identity, access, at))
