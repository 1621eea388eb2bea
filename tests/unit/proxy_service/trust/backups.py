"""What a backup has to keep, of whichever database."""

from pathlib import Path
from typing import Any

import sqlalchemy as sa

from proxy_service.store import Cause, Rows, Store
from proxy_service.store import tables as t
from proxy_service.store.engine import open_database
from proxy_service.store.migrate import migrate
from proxy_service.trust import site
from proxy_service.trust.backup import Restored, restore, save

PARTS = 1203
"""More rows than are read or written at once."""


async def everything(url: str) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of a database."""

    def look(rows: Rows) -> dict[str, list[tuple[Any, ...]]]:
        found = {}
        for table in t.metadata.sorted_tables:
            query = sa.select(table).order_by(*table.primary_key)
            found[table.name] = [tuple(row) for row in rows.all(query)]
        return found

    store = Store(open_database(url))
    try:
        return await store.view(look)
    finally:
        await store.close()


async def filled(url: str) -> None:
    """A database with some of everything: many rows, bytes, booleans, nothing."""
    await migrate(url)
    store = Store(open_database(url))
    try:
        await store.unit(Cause(action="test"), site.ensure)
        await store.unit(Cause(action="test"), _fill)
    finally:
        await store.close()


def _fill(unit: Any) -> None:
    node = {"kind": "switch", "profile": "openvswitch", "location": "row", "owner": "a", "set_name": None}
    more = {"spec": "{}", "revision": 1, "generation": 4, "generation_at": unit.at, "desired": "{}", "held": "[]"}
    names = [f"sw{number:04}" for number in range(PARTS)]
    unit.execute(sa.insert(t.nodes), [{"name": name, **node, **more, "desired_hash": "\u00e4\n"} for name in names])
    role = {"name": "r", "spec": "{}", "owner": "a", "priority": 5, "labels": None, "set_name": None, "revision": 2}
    unit.execute(sa.insert(t.roles), role)
    unit.execute(sa.insert(t.reach), [{"role": "r", "node": name, "named": name > "sw0600"} for name in names])
    status = {"agent": "a1", "conditions": "[]", "drift": "[]", "drifting": 0, "identity": "{}", "facts_hash": "x"}
    unit.execute(sa.insert(t.statuses), {"node": names[0], "converged_generation": 4, **status})
    agent = {"location": "row", "version": "1", "drivers": "[]", "token": "t", "last_seq": 9, "stream": "s"}
    agent |= {"enrolled_at": unit.at, "last_seen": unit.at, "shares": 1, "lease_ms": 50_000, "standing": "[]"}
    unit.execute(sa.insert(t.agents), {"name": "a1", "fence": 3, **agent})
    lease = {"node": names[0], "location": "row", "agent": "a1", "left_by": None, "fence": 8, "ends_at": unit.at}
    unit.execute(sa.insert(t.leases), lease)
    unit.event("test.done")


async def kept_and_put_back(url: str, other: str, file: Path) -> Restored:
    """Save the database at ``url``, restore it at ``other``, and compare."""
    await filled(url)
    before = await everything(url)
    rows = await save(url, file, version="0.1.0")
    assert rows == sum(map(len, before.values()))
    done = await restore(other, file)
    after = await everything(other)
    for table in ("nodes", "reach", "roles", "tokens"):
        assert after[table] == before[table], table
    assert after["events"][: len(before["events"])] == before["events"]
    assert [row[2] for row in after["events"][len(before["events"]) :]] == ["epoch.begun", "service.restored"]
    words = dict(before["site"]), dict(after["site"])
    assert words[0]["key"] == words[1]["key"]
    assert words[0]["epoch"] != words[1]["epoch"] == done.epoch
    return done
