"""The assignment stream of one agent: a snapshot, then what changes, as it commits."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from typing import Any

import sqlalchemy as sa
import structlog

from proxy_service import clock
from proxy_service.agents import assignments
from proxy_service.agents.presence import begin_stream, end_stream, still_there
from proxy_service.hub import Hub
from proxy_service.problems import Refused, not_found
from proxy_service.store import Cause, Rows
from proxy_service.store import tables as t
from proxy_service.store.broadcast import Stopping, Watch

KEEP = b": keep\n\n"
_STREAM = Cause(action="stream")
log = structlog.get_logger(__name__)


class AssignmentStream:
    """One open stream. ``authorization`` is looked at again and again: a revoked token ends it."""

    def __init__(self, hub: Hub, *, agent: str, authorization: str | None, after: int | None) -> None:
        self._hub = hub
        self._agent = agent
        self._authorization = authorization
        self._after = after
        self._id = uuid.uuid4().hex
        self._row: Any = None

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
            with self._hub.store.changed.watching(f"location:{self._row.location}", f"agent:{self._agent}") as watch:
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
        if cursor is None or await self._hub.store.view(assignments.forgotten, cursor):
            first = await self._hub.store.view(assignments.snapshot, at=clock.now_text(), **self._place())
            cursor = first.id
            yield first.encoded()
        while await self._may_go_on():
            news = await self._hub.store.view(self._look, cursor)
            if news is None:
                return
            for message in news:
                cursor = message.id
                yield message.encoded()
            if not await watch.wait(self._hub.settings.keep_s):
                yield KEEP
                await self._note_presence()

    def _place(self) -> dict[str, Any]:
        return {"agent": self._row.name, "location": self._row.location, "fence": self._row.fence}

    def _look(self, rows: Rows, after: int) -> list[assignments.Message] | None:
        """What is new; None where the agent is not the one any more that opened this stream."""
        row = rows.first(_STATE, {"agent": self._agent})
        if row is None or (row.fence, row.stream) != (self._row.fence, self._id):
            return None
        return assignments.changes(rows, after=after, at=clock.now_text(), **self._place())

    async def _may_go_on(self) -> bool:
        """Whether the agent's token is still good."""
        try:
            await self._hub.doorkeeper.caller(self._authorization)
        except Refused:
            return False
        return True

    async def _note_presence(self) -> None:
        if self._hub.presence.is_due(self._agent):
            await self._hub.store.unit(_STREAM, still_there, self._agent)
            self._hub.presence.noted(self._agent)


_STATE = sa.select(t.agents.c.fence, t.agents.c.stream).where(t.agents.c.name == sa.bindparam("agent"))
