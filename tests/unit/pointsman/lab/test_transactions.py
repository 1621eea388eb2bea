"""The database log of a switch is counted record by record, past rewriting and half-written records."""

import json
from pathlib import Path
from typing import Any

import pytest

from pointsman.lab.boxes import REAL
from pointsman.lab.transactions import TransactionLog, is_configuration

pytestmark = pytest.mark.unit

SCHEMA = {"name": "Open_vSwitch", "tables": {}}
SET_TAG = {"_date": 1, "_is_diff": True, "Port": {"u1": {"tag": 10}}, "Open_vSwitch": {"u0": {"next_cfg": 2}}}
STATUS = {"_date": 2, "Open_vSwitch": {"u0": {"cur_cfg": 2}}, "Interface": {"u2": {"ofport": 4, "error": ["set", []]}}}


def written(*records: dict[str, Any]) -> bytes:
    bodies = [json.dumps(record).encode() + b"\n" for record in records]
    return b"".join(b"OVSDB JSON %d %s\n%s" % (len(body), b"0" * 40, body) for body in bodies)


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "conf.db"
    path.write_bytes(written(SCHEMA, SET_TAG))
    return path


def append(path: Path, data: bytes) -> None:
    with path.open("ab") as log:
        log.write(data)


@pytest.mark.parametrize(
    ("record", "counts"),
    [
        (SET_TAG, True),
        (STATUS, False),
        (SCHEMA, False),
        ({"Port": {"u1": None}}, True),
        ({"Port": {"u1": {"bond_active_slave": "02:00:00:00:00:01"}}}, False),
        ({"Port": {"u1": {"bond_active_slave": "02:00:00:00:00:01", "tag": 1}}}, True),
        ({"_comment": f"ovs-vsctl (invoked by sh): {REAL}/ovs-vsctl set Port p1 tag=1", **SET_TAG}, False),
        ({"_comment": "compacting database online", **SET_TAG}, False),
        ({"_comment": "", "_date": 3}, False),
    ],
)
def test_only_configuration_that_no_counted_command_made_counts(record: dict[str, Any], counts: bool) -> None:
    assert is_configuration(record) is counts


def test_it_counts_from_the_reset_on(database: Path) -> None:
    log = TransactionLog(database)
    log.reset()
    assert log.count() == 0
    append(database, written(SET_TAG, STATUS, SET_TAG))
    assert log.count() == 2
    assert TransactionLog(database).count() == 2, "another reader goes on from there"


def test_a_half_written_record_is_counted_when_it_is_whole(database: Path) -> None:
    log = TransactionLog(database)
    log.reset()
    record = written(SET_TAG)
    for cut in (5, 60, len(record) - 1):
        append(database, record[:cut])
        assert log.count() == 0
        append(database, record[cut:])
        assert log.count() == 1
        log.reset()


def test_a_rewritten_log_loses_nothing_and_its_snapshot_is_not_counted(database: Path) -> None:
    log = TransactionLog(database)
    log.reset()
    append(database, written(SET_TAG))
    fresh = database.with_name("fresh")
    fresh.write_bytes(written(SCHEMA, {"_comment": "compacting database online", **SET_TAG}, SET_TAG))
    fresh.replace(database)
    assert log.count() == 2
    append(database, written(SET_TAG))
    assert log.count() == 3
