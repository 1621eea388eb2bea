"""The tables of the agent's store and their version.

A store of an older version is brought up step by step; one of a newer version is refused, since an older agent cannot
know what it would leave out.
"""

from __future__ import annotations

import sqlite3
from typing import Final

_TABLES: Final = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE assignments (node TEXT PRIMARY KEY, document BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE nodes (node TEXT PRIMARY KEY, memory BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE passes (
  id TEXT PRIMARY KEY, node TEXT NOT NULL, cause TEXT NOT NULL, generation INTEGER NOT NULL, phase TEXT NOT NULL,
  step INTEGER NOT NULL, steps INTEGER NOT NULL, started_at TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX passes_node ON passes (node, id);
CREATE TABLE steps (
  pass_id TEXT NOT NULL REFERENCES passes (id) ON DELETE CASCADE, number INTEGER NOT NULL, document BLOB NOT NULL,
  status TEXT NOT NULL, PRIMARY KEY (pass_id, number)
) WITHOUT ROWID;
CREATE TABLE ledger (
  node TEXT NOT NULL, path TEXT NOT NULL, kind TEXT NOT NULL, state TEXT NOT NULL, pass_id TEXT NOT NULL,
  at TEXT NOT NULL, PRIMARY KEY (node, path)
) WITHOUT ROWID;
CREATE TABLE outbox (seq INTEGER PRIMARY KEY AUTOINCREMENT, node TEXT NOT NULL, kind TEXT NOT NULL, body BLOB NOT NULL);
CREATE INDEX outbox_node ON outbox (node, seq);
CREATE TABLE pins (node TEXT PRIMARY KEY, identity TEXT NOT NULL, access TEXT NOT NULL, at TEXT NOT NULL) WITHOUT ROWID;
"""

_WAYS_BACK: Final = """
ALTER TABLE passes ADD COLUMN before BLOB NOT NULL DEFAULT '';
ALTER TABLE passes ADD COLUMN goal BLOB NOT NULL DEFAULT '';
ALTER TABLE passes ADD COLUMN way TEXT NOT NULL DEFAULT '';
"""
"""``before``: what the touched places showed, as a goal; ``goal`` and ``way`` (an access) of a pass whose end has to be
confirmed, until it is."""

_TOKENS: Final = """
ALTER TABLE ledger ADD COLUMN token TEXT NOT NULL DEFAULT '';
ALTER TABLE ledger ADD COLUMN stage TEXT NOT NULL DEFAULT '';
"""

_KEPT: Final = """
CREATE TABLE kept (seq INTEGER NOT NULL, node TEXT NOT NULL, part TEXT NOT NULL, body BLOB NOT NULL,
  PRIMARY KEY (seq, part)) WITHOUT ROWID;
CREATE INDEX kept_part ON kept (node, part);
"""

_STEPS: Final = (_TABLES, _WAYS_BACK, _TOKENS, _KEPT)
"""What brings a store from each version to the next; the version is their number."""


class StoreError(Exception):
    """The store cannot be used; the message says why and what to do."""


def migrate(db: sqlite3.Connection) -> None:
    """Bring the store to this version, in one transaction. Raises :class:`StoreError`."""
    (version,) = db.execute("PRAGMA user_version").fetchone()
    if version > len(_STEPS):
        raise StoreError(
            f"the store is of version {version}, this agent knows {len(_STEPS)}: start a newer agent on it"
        )
    if version == len(_STEPS):
        return
    script = "".join(_STEPS[version:])
    db.executescript(f"BEGIN IMMEDIATE; {script} PRAGMA user_version = {len(_STEPS)}; COMMIT;")
