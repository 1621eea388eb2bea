"""Counting committed configuration changes in an Open vSwitch database, from the database's own log.

ovsdb-server appends one record to `conf.db` for each committed transaction that changes anything durable (format:
ovsdb(5), "OVSDB JSON <length> <sha1>" and then that many bytes). Reads leave no record, and most of what ovs-vswitchd
reports is ephemeral and leaves none either; a few status columns are durable, and records that touch nothing else are
passed over. Transactions of the counted commands (see `commands`) carry the path of the real program in their comment
and are counted there already.

The server sometimes rewrites the log ("compaction": a new file that begins with one snapshot record). A hard link keeps
the old file readable, so that what came after the last reading and before the rewriting is counted all the same.
"""

import json
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

from pointsman.lab.boxes import REAL
from pointsman.lab.state import locked

_STATUS_COLUMNS = {
    "Open_vSwitch": {
        *("cur_cfg", "ovs_version", "db_version", "system_type", "system_version"),
        *("datapath_types", "iface_types", "dpdk_initialized", "dpdk_version"),
    },
    "Bridge": {"datapath_version"},
    "Port": {"bond_active_slave"},
    "Interface": {"ofport", "error", "cfm_flap_count"},
}
"""Durable columns that ovs-vswitchd itself writes; see ovs-vswitchd.conf.db(5)."""

_COMPACTED = "compacting database"


@dataclass(slots=True)
class _Position:
    inode: int = 0
    offset: int = 0
    count: int = 0


class TransactionLog:
    """The counting reader of one conf.db; its place is kept beside the file."""

    def __init__(self, database: Path) -> None:
        self._database = database
        self._linked = database.with_suffix(".counted")
        self._place = database.with_suffix(".position")

    def count(self) -> int:
        """Configuration changes committed since `reset`."""
        with self._alone():
            position = self._load()
            if position.inode and self._database.stat().st_ino != position.inode:
                position.count += self._read(self._linked, position)
                position.inode = 0
            if not position.inode:
                self._follow(position)
            position.count += self._read(self._database, position)
            self._save(position)
        return position.count

    def reset(self, *, count: int = 0) -> None:
        """Count from here on, from that number."""
        with self._alone():
            position = _Position(count=count)
            self._follow(position)
            self._read(self._database, position)
            self._save(position)

    def _alone(self) -> AbstractContextManager[None]:
        """Two readers at once would each move the place."""
        return locked(self._database.with_suffix(".counting"), wait=True)

    def _follow(self, position: _Position) -> None:
        self._linked.unlink(missing_ok=True)
        os.link(self._database, self._linked)
        position.inode, position.offset = self._linked.stat().st_ino, 0

    def _read(self, path: Path, position: _Position) -> int:
        found = 0
        with path.open("rb") as log:
            log.seek(position.offset)
            for record in _records(log):
                found += is_configuration(record)
                position.offset = log.tell()
        return found

    def _load(self) -> _Position:
        return _Position(**json.loads(self._place.read_text())) if self._place.exists() else _Position()

    def _save(self, position: _Position) -> None:
        fresh = self._place.with_suffix(".fresh")
        fresh.write_text(json.dumps(asdict(position)))
        fresh.replace(self._place)


def _records(log: BinaryIO) -> Iterator[dict[str, Any]]:
    """Whole records from the current place on; one that is still being written is left for the next time."""
    while header := log.readline():
        words = header.split()
        if not header.endswith(b"\n") or len(words) != 4:
            return
        body = log.read(int(words[2]))
        if len(body) < int(words[2]):
            return
        yield json.loads(body)


def is_configuration(record: dict[str, Any]) -> bool:
    """Whether a record of the log is a change of configuration that no counted command stands for."""
    comment = str(record.get("_comment", ""))
    if "tables" in record or comment.startswith(_COMPACTED) or f"{REAL}/" in comment:
        return False  # the schema, a snapshot of what was counted before, or counted as a command
    return any(
        row is None or not set(row) <= _STATUS_COLUMNS.get(table, set())
        for table, rows in record.items()
        if not table.startswith("_")
        for row in rows.values()
    )
