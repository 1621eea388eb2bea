"""Events in order of their commits: pages, and a stream that pages whenever something was committed.

A watcher has no buffer of its own: it reads the next page when the last one was sent, so a slow one costs nothing but
its place. Texts of recent pages are shared between watchers that stand at the same place, which most do.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Final

import orjson
import sqlalchemy as sa

from proxy_service.answers import problem_event
from proxy_service.hub import Hub
from proxy_service.problems import Refused, Slug
from proxy_service.store import Rows, Store
from proxy_service.store import tables as t
from proxy_service.store.broadcast import Stopping

PAGE: Final = 500
_PAGES_KEPT: Final = 64
_KEEP: Final = b": keep\n\n"
_AFTER: Final = sa.select(t.events).where(t.events.c.id > sa.bindparam("since")).order_by(t.events.c.id).limit(PAGE)
_COUNTER: Final = sa.select(t.counters.c.value, t.counters.c.pruned).where(t.counters.c.name == "events")


@dataclass(frozen=True, slots=True)
class Page:
    """Events after a place, as JSON texts with their ids; ``last`` is where the next page begins."""

    events: tuple[tuple[int, str, bytes], ...]
    last: int
    full: bool

    def tells_of(self, kind: str) -> bool:
        """Whether an event of a kind is among them."""
        return any(name == kind for _, name, _ in self.events)

    def encoded(self) -> bytes:
        """As server-sent events."""
        return b"".join(b"id: %d\nevent: %b\ndata: %b\n\n" % (n, kind.encode(), data) for n, kind, data in self.events)


def page(rows: Rows, since: int) -> Page:
    """The events after ``since``. Raises :class:`Refused` (gone) where some of them are no longer kept."""
    counter = rows.connection.execute(_COUNTER).one()
    if since < counter.pruned:
        oldest = rows.value(sa.select(sa.func.min(t.events.c.id))) or counter.value + 1
        detail = f"events up to {counter.pruned} are no longer kept; read the lists again and watch from their event on"
        raise Refused(Slug.GONE, detail, oldest=int(oldest))
    # A number from the future is of another database, or of one that was restored: there is nothing after it.
    found = rows.all(_AFTER, {"since": min(since, counter.value)})
    full = len(found) == PAGE
    # Numbers are also given to what only agents hear: without a full page, the next one begins at the newest number.
    last = found[-1].id if full else counter.value
    return Page(tuple((row.id, row.type, _text(row)) for row in found), last, full)


def _text(row: Any) -> bytes:
    body = {"id": row.id, "at": row.at, "type": row.type, "node": row.node, "role": row.role}
    return orjson.dumps({**body, "data": orjson.Fragment(row.data)})


class Pages:
    """Recent pages by where they begin and end; a thousand watchers of one event read the database once."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._kept: OrderedDict[int, Page] = OrderedDict()

    async def after(self, since: int, *, newest: int) -> Page:
        """The page after ``since``, which shows at least the event ``newest``."""
        kept = self._kept.get(since)
        if kept is not None and (kept.full or kept.last >= newest):
            return kept
        found = await self._store.view(page, since)
        self._kept[since] = found
        self._kept.move_to_end(since)
        while len(self._kept) > _PAGES_KEPT:
            self._kept.popitem(last=False)
        return found


async def stream(hub: Hub, pages: Pages, since: int, *, authorization: str | None) -> AsyncIterator[bytes]:
    """Events after ``since``, for ever; ends when the service stops, or with a problem when the token ends."""
    streams = hub.metrics.streams.labels("events")
    streams.inc()
    not_before_s = None
    try:
        with hub.store.changed.watching("events") as watch:
            while True:
                await hub.doorkeeper.caller(authorization, not_before_s=not_before_s)
                found = await pages.after(since, newest=hub.store.changed.known)
                since = found.last
                if found.events:
                    yield found.encoded()
                # A token that was read a moment ago may be the one that was revoked since.
                not_before_s = time.monotonic() if found.tells_of("token.revoked") else None
                if not_before_s is not None:
                    continue
                if not found.full and not await watch.wait(hub.settings.keep_s):
                    yield _KEEP
    except Refused as refusal:
        yield problem_event(refusal)
    except Stopping:
        return
    finally:
        streams.dec()


def oldest(rows: Rows) -> int:
    """The id after which every event is still kept."""
    return int(rows.connection.execute(_COUNTER).one().pruned)
