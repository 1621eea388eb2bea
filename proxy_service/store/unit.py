"""The unit of work: everything that one write changes, on disk together or not at all.

A unit is a plain function over a :class:`Unit`. It cannot await, so it cannot do any other input or output; it runs
off the event loop, in the thread that holds the connection. Row locks are taken in one order in every unit:
``counters:declare``, agents, nodes by name, what belongs to nodes, and ``counters:events`` as the last thing before
the commit. So two units never wait for each other in a circle, and event ids follow the order of commits.
"""

from __future__ import annotations

import functools
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from proxy_service import clock
from proxy_service.store import tables as t
from proxy_service.store.prepared import Prepared, prepared
from proxy_service.store.session import Session

CHUNK = 1000
"""Names in one IN list: databases limit the number of parameters."""

_TAKE: Final = prepared(
    sa.update(t.counters)
    .where(t.counters.c.name == sa.bindparam("which"))
    .values(value=t.counters.c.value + sa.bindparam("by"))
    .returning(t.counters.c.value)
)
_APPEND: Final = prepared(sa.insert(t.events))
_FEED: Final = prepared(sa.insert(t.feed))


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Why something is written: which token did what. Without a token it is the service's own doing, unaudited."""

    action: str
    token: str = ""
    owner: str = ""
    document_hash: str | None = None
    outcome: str = "done"


class Rows:
    """Reading within one consistent view of the database."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.connection = session.connection

    def fetch(self, query: Prepared, values: Mapping[str, Any]) -> list[Any]:
        """All rows of a prepared query."""
        return self.session.fetch(query, values)

    def all(self, query: sa.Select[Any], values: Mapping[str, Any] | None = None) -> Sequence[sa.Row[Any]]:
        """All rows of a query."""
        return self.connection.execute(query, values or {}).all()

    def first(self, query: sa.Select[Any], values: Mapping[str, Any] | None = None) -> sa.Row[Any] | None:
        """The first row of a query, or None."""
        return self.connection.execute(query, values or {}).first()

    def value(self, query: sa.Select[Any], values: Mapping[str, Any] | None = None) -> Any:
        """The first column of the first row, or None."""
        return self.connection.execute(query, values or {}).scalar()

    def among(self, query: sa.Select[Any], column: sa.Column[Any], names: Iterable[str]) -> list[sa.Row[Any]]:
        """All rows of ``query`` whose ``column`` is one of ``names``, however many."""
        wanted = sorted(set(names))
        found: list[sa.Row[Any]] = []
        for start in range(0, len(wanted), CHUNK):
            found += self.connection.execute(query.where(column.in_(wanted[start : start + CHUNK]))).all()
        return found

    def last_event(self) -> int:
        """The id of the newest event that this view shows."""
        return int(self.value(sa.select(t.counters.c.value).where(t.counters.c.name == "events")) or 0)


@dataclass(slots=True)
class _Event:
    type: str
    node: str | None
    role: str | None
    data: Mapping[str, Any]


@dataclass(slots=True)
class Outcome:
    """What a unit did for others to hear: the event ids that it took, and the topics it touched."""

    first: int = 0
    last: int = 0
    topics: set[str] = field(default_factory=set)


class Unit(Rows):
    """One write under way."""

    def __init__(self, session: Session, cause: Cause) -> None:
        super().__init__(session)
        self.cause = cause
        self.at = clock.now_text()
        self.revision: int | None = None
        self.generations: dict[str, int] = {}
        self._events: list[_Event] = []
        self._feed: list[dict[str, Any]] = []
        self._topics: set[str] = set()

    def execute(self, statement: sa.Executable, values: Any = None) -> sa.CursorResult[Any]:
        """Run a statement that writes; ``values`` is a mapping, or a list of them for many rows."""
        return self.connection.execute(statement, values)

    def run(self, statement: Prepared, rows: Sequence[Mapping[str, Any]]) -> None:
        """Run a prepared statement that writes, once for each row of values."""
        self.session.run(statement, rows)

    def delete_among(self, statement: sa.Delete, column: sa.Column[Any], names: Iterable[str]) -> None:
        """Delete the rows whose ``column`` is one of ``names``, however many."""
        wanted = sorted(set(names))
        for start in range(0, len(wanted), CHUNK):
            self.connection.execute(statement.where(column.in_(wanted[start : start + CHUNK])))

    def upsert(self, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert rows, or replace those of the same primary key. All rows have the same columns."""
        if rows:
            self.session.run(_upsert(table, tuple(rows[0])), rows)

    def declare(self) -> int:
        """Become the only one who declares until the commit; the revision of this write."""
        if self.revision is None:
            self.revision = self._take("declare", 1)
        return self.revision

    def lock_nodes(self, names: Iterable[str]) -> None:
        """Hold the rows of these nodes until the commit. Reports about them go on; deleting them waits."""
        query = sa.select(t.nodes.c.name).order_by(t.nodes.c.name).with_for_update(key_share=True)
        self.among(query, t.nodes.c.name, names)

    def event(
        self, kind: str, data: Mapping[str, Any] | None = None, *, node: str | None = None, role: str | None = None
    ) -> None:
        """Something happened that watchers hear of after the commit."""
        self._events.append(_Event(kind, node, role, data or {}))
        self.touch("events", *([f"node:{node}"] if node else []), *([f"role:{role}"] if role else []))

    def tell(self, location: str, node: str, *, request: str | None = None) -> None:
        """The agent of ``location`` shall look at ``node`` again, or at a request about it."""
        self._feed.append({"at": self.at, "location": location, "node": node, "request": request})
        self.touch(f"location:{location}", f"node:{node}")

    def touch(self, *topics: str) -> None:
        """Wake who waits for these topics after the commit."""
        self._topics.update(topics)

    def finish(self) -> Outcome:
        """Number and append what this unit has to tell. The last thing before the commit."""
        if self.cause.token:
            self.touch("audit")
        if not self._topics:
            return Outcome()
        count = max(1, len(self._events) + len(self._feed))
        last = self._take("events", count)
        numbers = iter(range(last - count + 1, last + 1))
        if self._feed:
            self.session.run(_FEED, [{**row, "id": next(numbers)} for row in self._feed])
        if self._events:
            self.session.run(_APPEND, [self._row(event, next(numbers)) for event in self._events])
        if self.cause.token:
            self._audit(last)
        return Outcome(last - count + 1, last, self._topics)

    def _row(self, event: _Event, number: int) -> dict[str, Any]:
        data = orjson.dumps(event.data, option=orjson.OPT_NON_STR_KEYS).decode()
        return {"id": number, "at": self.at, "type": event.type, "node": event.node, "role": event.role, "data": data}

    def _audit(self, event: int) -> None:
        row = {
            "id": uuid.uuid4().hex,
            "at": self.at,
            "token": self.cause.token,
            "owner": self.cause.owner,
            "action": self.cause.action,
            "document_hash": self.cause.document_hash,
            "revision": self.revision,
            "event": event,
            "generations": orjson.dumps(self.generations).decode(),
            "outcome": self.cause.outcome,
        }
        self.execute(sa.insert(t.audit), row)

    def _take(self, which: str, by: int) -> int:
        return int(self.session.fetch(_TAKE, {"which": which, "by": by})[0].value)


@functools.cache
def _upsert(table: sa.Table, columns: tuple[str, ...]) -> Prepared:
    keys = [column.name for column in table.primary_key]

    def build(dialect: str) -> sa.Insert:
        insert = sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)
        replaced = {name: insert.excluded[name] for name in columns if name not in keys}
        return insert.on_conflict_do_update(index_elements=keys, set_=replaced)

    return Prepared(build, columns=columns)
