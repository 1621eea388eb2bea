"""The assignment stream of one agent: a snapshot, then what changes, as it commits.

One that is signed begins with who speaks (``service``), and ends when the service's epoch or key become others.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import AsyncIterator
from typing import Any, Final

import orjson
import sqlalchemy as sa
import structlog

from device_profiles.wire import WIRE_SCHEMA
from proxy_service import clock
from proxy_service.agents import assignments, leases
from proxy_service.agents.presence import begin_stream, end_stream, still_there
from proxy_service.answers import problem_event
from proxy_service.declare.specs import read_location
from proxy_service.hub import Hub
from proxy_service.problems import Refused, not_found
from proxy_service.store import Cause, Rows
from proxy_service.store import tables as t
from proxy_service.store.broadcast import Stopping, Watch
from proxy_service.trust import site

_LOOK_S: Final = 1.0
"""How often leases are looked at where agents share a location."""
_RENEWALS: Final = 3
"""How often a lease is renewed before it would end."""
KEEP = b": keep\n\n"
_STREAM = Cause(action="stream")
log = structlog.get_logger(__name__)


class AssignmentStream:
    """One open stream. ``authorization`` is looked at again and again: a revoked token ends it."""

    def __init__(
        self, hub: Hub, *, agent: str, authorization: str | None, after: int | None, signed: bool = False
    ) -> None:
        self._hub = hub
        self._agent = agent
        self._authorization = authorization
        self._after = after
        self._signed = signed
        self._voice: tuple[str, str] | None = None
        self._id = uuid.uuid4().hex
        self._row: Any = None
        self._shared = False
        self._place_before: assignments.Place | None = None

    async def open(self) -> None:
        """Note that the agent is there. Raises :class:`Refused` for an agent that is not enrolled."""
        self._row = await self._hub.store.unit(_STREAM, begin_stream, self._agent, self._id)
        if self._row is None:
            raise not_found("agent", self._agent)
        self._hub.presence.noted(self._agent)

    async def messages(self) -> AsyncIterator[bytes]:
        """The bytes of the stream, until the agent, its token or the service goes."""
        streams = self._hub.metrics.streams.labels("assignments")
        streams.inc()
        log.info("agent connected", agent=self._agent, resumed=self._after is not None)
        try:
            topics = f"location:{self._row.location}", f"agent:{self._agent}", "site"
            with self._hub.store.changed.watching(*topics) as watch:
                async for data in self._all(watch):
                    yield data
        except Stopping:
            pass
        finally:
            streams.dec()
            log.info("agent disconnected", agent=self._agent)
            await self._hub.store.unit(_STREAM, end_stream, self._agent, self._id)

    async def _all(self, watch: Watch) -> AsyncIterator[bytes]:
        cursor = self._after
        if cursor is not None and await self._hub.store.view(assignments.forgotten, cursor):
            cursor = None
        if self._signed:
            yield await self._hub.store.view(self._hello)
        while (refusal := await self._refusal(time.monotonic())) is None:
            news = await self._hub.store.view(self._look, cursor)
            if news is None:
                return
            for message in news:
                cursor = message.id
                yield message.encoded()
            if self._shared:
                await self._settle()
            if not await self._wait(watch):
                yield KEEP
                await self._note_presence()
        yield problem_event(refusal)

    async def _wait(self, watch: Watch) -> bool:
        """Wait until something is new; False where nothing was for so long that the stream has to show that it is
        open. Leases end by themselves, so where agents share a location it is looked at again and again."""
        ends_at_s = time.monotonic() + self._hub.settings.keep_s
        while (left_s := ends_at_s - time.monotonic()) > 0:
            woken = await watch.wait(min(left_s, _LOOK_S) if self._shared else left_s)
            if woken or (self._shared and await self._settle()):
                return True
        return False

    async def _settle(self) -> bool:
        """See that every node of a shared location has an agent; whether something had to be changed."""
        hub, location = self._hub, self._row.location
        how = {"steady_s": hub.presence.steady.for_s(), "margin_s": hub.settings.lease_margin_s}
        due = await hub.store.view(leases.is_due, location, **how)
        if due:
            await hub.store.unit(_STREAM, leases.settle, location, **how)
        return due

    def _place(self, row: Any) -> assignments.Place:
        renew_s = self._hub.settings.lease_s / _RENEWALS if row.shares else None
        return assignments.Place(
            agent=self._agent,
            location=self._row.location,
            fence=row.fence,
            renew_s=renew_s,
            seal=self._seal(row) if self._signed else None,
        )

    def _seal(self, row: Any) -> site.Seal:
        overrules = orjson.loads(row.overrules) if row.overrules else {}
        return site.Seal(self._agent, row.epoch, site.signer_of(row.key), overrules)

    def _hello(self, rows: Rows) -> bytes:
        """Who speaks. Without a number: it is nothing that a stream could be resumed after."""
        row = rows.first(_STATE, {"agent": self._agent})
        if row is None:
            raise not_found("agent", self._agent)
        self._voice = (row.epoch, row.key)
        body = {
            "schema": WIRE_SCHEMA,
            "last_seq": row.last_seq,
            "keys": site.keys(rows),
            "standing": row.standing is not None,
        }
        return b"event: service\ndata: %b\n\n" % self._seal(row).message("service", body, rows.last_event())

    def _look(self, rows: Rows, after: int | None) -> list[assignments.Message] | None:
        """What is new; None where the agent is not the one any more that opened this stream."""
        row = rows.first(_STATE, {"agent": self._agent})
        if row is None or (row.fence, row.stream) != (self._row.fence, self._id):
            return None
        if self._voice is not None and self._voice != (row.epoch, row.key):
            return None
        self._shared = bool(row.shares) or read_location(row.spec).agents == "shared"
        place, before = self._place(row), self._place_before
        self._place_before = place
        if after is None or before not in (None, place):
            # A location that is shared from now on, or not any more, is begun with anew.
            return [assignments.snapshot(rows, place, at=clock.now_text())]
        return assignments.changes(rows, place, after=after, at=clock.now_text())

    async def _refusal(self, woken_at_s: float) -> Refused | None:
        """Why the agent's token is not good any more."""
        try:
            await self._hub.doorkeeper.caller(self._authorization, not_before_s=woken_at_s)
        except Refused as refusal:
            return refusal
        return None

    async def _note_presence(self) -> None:
        if self._hub.presence.is_due(self._agent):
            await self._hub.store.unit(_STREAM, still_there, self._agent)
            self._hub.presence.noted(self._agent)


_STATE = (
    sa.select(
        *(t.agents.c[name] for name in ("fence", "stream", "shares", "last_seq", "standing", "overrules")),
        t.locations.c.spec,
        site.word("epoch").label("epoch"),
        site.word("key").label("key"),
    )
    .join(t.locations, t.locations.c.name == t.agents.c.location)
    .where(t.agents.c.name == sa.bindparam("agent"))
)
