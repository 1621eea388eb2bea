"""Everything that the service remembers, out to a file and back in.

A backup is one consistent view, taken while the service runs. Restoring replaces all that is in a database, in one
unit. What has happened since then is lost to the service and not to the devices, so whatever was proved, promised or
handed out counts no more: an epoch begins, fences rise above all that can have been given, nobody holds a lease before
all that can be held have ended, and every agent tells everything anew.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import make_url

from proxy_service import clock
from proxy_service.agents.leases import MOST_NEEDED_S
from proxy_service.agents.sharing import FOR_EVER
from proxy_service.store import Cause, DatabaseUnusable, Rows, Store, Unit
from proxy_service.store import tables as t
from proxy_service.store.engine import open_database
from proxy_service.store.migrate import head, migrate
from proxy_service.store.usage import in_use, others
from proxy_service.trust import archive, site
from proxy_service.trust.archive import Head, TableRows, Unreadable

_CHUNK: Final = 500
_LEAST_LEASE_S: Final = 60.0
_CAUSE: Final = Cause(action="restore", token="restore", owner="local")  # noqa: S106 -- whoever has the machine


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What a restore did. ``waits_until``: nobody writes in shared locations before then; None: there are none."""

    made_at: str
    rows: int
    nodes: int
    agents: int
    tokens: int
    epoch: str
    waits_until: str | None


async def save(url: str, file: Path, *, version: str) -> int:
    """Write a backup of the database at ``url``; how many rows it has.

    Raises :class:`DatabaseUnusable`, and OSError for the file.
    """
    _must_exist(url)
    store = Store(open_database(url))
    try:
        return await store.view(_save, file, version)
    finally:
        await store.close()


def _must_exist(url: str) -> None:
    """SQLite would make a database that is not there."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite" and not Path(parsed.database or "").exists():
        raise DatabaseUnusable(f"there is no database at {parsed.database}: name its --data-dir or --database")


def _save(rows: Rows, file: Path, version: str) -> int:
    """In one view, whose rows are written out as they come: all of them at once may be more than memory holds."""
    found = _schema(rows)
    if found != head():
        raise DatabaseUnusable(
            f"the database is of schema {found or 'none'}, this version's is {head()}: run `pointsman migrate` first"
        )
    about = Head(schema=found, made_at=clock.now_text(), version=version, epoch=site.words(rows).get("epoch", ""))
    return archive.write(file, about, _all(rows))


def _schema(rows: Rows) -> str:
    if not sa.inspect(rows.connection).has_table("alembic_version"):
        return ""
    return str(rows.connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar() or "")


def _all(rows: Rows) -> Iterator[TableRows]:
    for table in t.metadata.sorted_tables:
        keys = list(table.primary_key)
        names = tuple(column.name for column in table.columns)
        at = [names.index(key.name) for key in keys]
        query, last = sa.select(table).order_by(*keys).limit(_CHUNK), None
        while True:
            more = query if last is None else query.where(sa.tuple_(*keys) > sa.tuple_(*_bound(keys, last)))
            found = [list(row) for row in rows.all(more)]
            yield TableRows(table.name, names, found)
            if len(found) < _CHUNK:
                break
            last = [found[-1][place] for place in at]


def _bound(keys: list[sa.Column[Any]], values: list[Any]) -> list[sa.BindParameter[Any]]:
    return [sa.literal(value, key.type) for key, value in zip(keys, values, strict=True)]


async def held(url: str) -> dict[str, int]:
    """How many nodes and tokens a database holds; raises :class:`DatabaseUnusable`."""
    with in_use(url, alone=True):
        await migrate(url)
        store = Store(open_database(url))
        try:
            return await store.view(_held)
        finally:
            await store.close()


def _held(rows: Rows) -> dict[str, int]:
    return {table.name: int(rows.value(sa.select(sa.func.count()).select_from(table))) for table in (t.nodes, t.tokens)}


async def restore(url: str, file: Path) -> Restored:
    """Put a backup in the place of all that is in the database at ``url``.

    Raises :class:`~proxy_service.trust.archive.Unreadable` and :class:`DatabaseUnusable`; then nothing was changed.
    """
    about = await asyncio.to_thread(archive.read_head, file, schema=head())
    with in_use(url, alone=True):
        await migrate(url)
        store = Store(open_database(url))
        try:
            return await store.unit(_CAUSE, _restore, file, about)
        finally:
            await store.close()


def _restore(unit: Unit, file: Path, about: Head) -> Restored:
    if others(unit):
        raise DatabaseUnusable("others are connected to the database: stop every service that uses it first")
    for table in reversed(t.metadata.sorted_tables):
        unit.execute(sa.delete(table))
    count = _fill(unit, file)
    fence, until = int(time.time()), _distrust(unit)
    for holders in (t.agents, t.leases):
        higher = sa.case((holders.c.fence >= fence, holders.c.fence + 1), else_=fence)
        unit.execute(sa.update(holders).values(fence=higher))
    site.raise_fence(unit, fence)
    epoch = site.begin_epoch(unit)
    unit.event("service.restored", {"made_at": about.made_at, "epoch": epoch})
    kept = _held(unit)
    return Restored(
        made_at=about.made_at,
        rows=count,
        nodes=kept["nodes"],
        agents=int(unit.value(sa.select(sa.func.count()).select_from(t.agents))),
        tokens=int(unit.value(sa.select(sa.func.count()).where(t.tokens.c.revoked_at.is_(None)))),
        epoch=epoch,
        waits_until=until,
    )


def _fill(unit: Unit, file: Path) -> int:
    """Insert all rows; how many."""
    tables, count = {table.name: table for table in t.metadata.sorted_tables}, 0
    for name, parts in itertools.groupby(archive.read_rows(file), key=lambda part: part.table):
        table = tables.get(name)
        if table is None:
            raise Unreadable(f"{file} has rows of {name}, which this version does not know: use the one that made it")
        while chunk := list(itertools.islice(parts, _CHUNK)):
            unit.execute(sa.insert(table), [dict(zip(part.columns, part.rows[0], strict=True)) for part in chunk])
            count += len(chunk)
    return count


def _distrust(unit: Unit) -> str | None:
    """Take back what was promised and proved. Until when leases may be held that we do not know of."""
    unit.execute(sa.update(t.agents).values(stream=None, standing=None, overrules=None))
    nothing = {"observed_hash": None, "facts_hash": None, "links_hash": None}
    unit.execute(sa.update(t.statuses).values(converged_generation=0, **nothing))
    unit.execute(sa.update(t.requests).where(t.requests.c.state == "open").values(state="expired"))
    unit.execute(sa.delete(t.idempotency))
    if unit.first(sa.select(t.leases.c.node).limit(1)) is None:
        return None
    longest_ms = unit.value(sa.select(sa.func.max(t.agents.c.lease_ms))) or 0
    until = clock.now_text(plus_s=max(longest_ms / 1000, _LEAST_LEASE_S) + MOST_NEEDED_S)
    c = t.leases.c
    left = sa.update(t.leases).where(c.ends_at != FOR_EVER)
    unit.execute(left.values(left_by=sa.func.coalesce(c.agent, c.left_by), agent=None, ends_at=until))
    return until
