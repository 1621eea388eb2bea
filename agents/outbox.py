"""The way of reports to the service: a durable queue in front, batches in order behind, each report once.

A report is numbered in the store write that says the pass is done, so that none is lost and none is numbered twice. It
is deleted only when the service said that it holds it; a batch that was sent twice is stored once there. While one post
is under way the next gather, which makes batches as large as they need to be. Heartbeats carry what was read and is as
it was. What is to be said of leases rides with them.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import sqlite3
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

import structlog

from agents.backoff import Backoff
from agents.client import Refused, Service, ServiceAway, ServiceError
from agents.clock import Clock
from agents.leases import Leases, Renewal
from agents.link import Link
from agents.metrics import Counters
from agents.reports import batch
from agents.store import Store, kept, queue
from device_profiles.wire import Wanted

log = structlog.get_logger(__name__)

MOST_WAITING: Final = 20_000
_MOST_PER_POST: Final = 200
_GAP_S: Final = 0.05


class Outbox:
    """The queue of one agent. ``on_wanted`` is told of documents that the service asks for.

    ``keeps``: what the service has is kept all the same, for another one (:mod:`agents.store.kept`).
    """

    def __init__(
        self,
        store: Store,
        client: Service,
        link: Link,
        *,
        clock: Clock,
        counters: Counters,
        leases: Leases,
        keeps: bool = False,
    ) -> None:
        self._store = store
        self._client = client
        self._link = link
        self._clock = clock
        self._counters = counters
        self._leases = leases
        self._keeps = keeps
        leases.on_need = self.wake
        self._news = asyncio.Event()
        self._told = asyncio.Event()
        self._most = _MOST_PER_POST
        self._posted = clock.monotonic() - _GAP_S
        self._backoff = Backoff(low_s=0.2, high_s=15.0)
        self.on_wanted: Callable[[Wanted], None] = _nobody
        self.seen: dict[str, datetime] = {}
        """When each node was last read, since the service was last told."""

    def add(self, db: sqlite3.Connection, node: str, body: bytes, *, record: bool) -> int:
        """Queue a report inside a store write; what it supersedes is folded into it while the service is away."""
        return queue.add_report(db, node, body, record=record, fold=self._link.away)

    def wake(self) -> None:
        """Something was queued."""
        self._news.set()

    async def run(self, agent: str, *, heartbeat_s: float) -> None:
        """Send for ever."""
        self._news.set()
        beat = self._clock.monotonic() + heartbeat_s
        while True:
            beat = min(beat, self._clock.monotonic() + self._leases.renew_s)
            timer = self._clock.call_later(max(beat - self._clock.monotonic(), 0.0), self._news.set)
            await self._news.wait()
            timer.cancel()
            # Changes come in swarms: what follows within the gap goes as one post, and the first has gone at once.
            await self._clock.sleep(self._posted + _GAP_S - self._clock.monotonic())
            self._news.clear()
            due = self._clock.monotonic() >= beat
            try:
                await self._drain(agent, beat=due)
            except (ServiceError, sqlite3.Error) as error:
                await self._failed(error)
                continue
            if due:
                beat = self._clock.monotonic() + heartbeat_s

    async def _failed(self, error: Exception) -> None:
        if isinstance(error, sqlite3.Error):
            log.error("store cannot be used", error=str(error))
        else:
            self._link.lost(error)
            with contextlib.suppress(sqlite3.Error):
                await self._trim()
        await self._link.wait(self._backoff.next())
        self._news.set()

    async def all_told(self) -> None:
        """Wait until the service has all that waits now, and what is queued meanwhile."""
        while await self._store.write(queue.depth):
            self._told.clear()
            if await self._store.write(queue.depth):
                await self._told.wait()

    async def flush(self, agent: str) -> None:
        """Try once to hand over what waits. Raises :class:`~agents.client.ServiceError`."""
        await self._drain(agent, beat=True)

    async def _drain(self, agent: str, *, beat: bool) -> None:
        more = True
        while more:
            most = self._most
            found = await self._store.write(functools.partial(queue.next_reports, most=most))
            seen = self.seen if beat else {}
            if not found and not seen and self._leases.due() is None:
                return
            if beat:
                self.seen, beat = {}, False
            try:
                await self._post(agent, found, seen)
            except ServiceError:
                self.seen = {**seen, **self.seen}
                raise
            # A batch that was not full was all there was, unless it was refused and is tried again by halves.
            more = len(found) >= most or self._most != most

    async def _post(self, agent: str, found: list[tuple[int, bytes]], seen: dict[str, datetime]) -> None:
        self._posted = self._clock.monotonic()
        try:
            # Measured from before it is sent: the service counts from when it came, which is later.
            renewal = self._leases.due()
            stored = await self._client.send_reports(agent, batch(found, seen, more=_said(renewal)))
        except Refused as error:
            await self._refused(found, error)
            return
        self._link.back()
        self._backoff.reset()
        self._most = _MOST_PER_POST
        if renewal is not None:
            self._leases.answered(renewal, stored)
        for wanted in stored.wanted:
            self.on_wanted(wanted)
        if not found:
            return
        if stored.last_seq < found[0][0]:
            raise ServiceAway("the service took none of the reports")
        last = min(stored.last_seq, found[-1][0])
        self._counters.reports_sent += sum(seq <= last for seq, _ in found)
        await self._store.write(functools.partial(self._acknowledge, seq=last))
        self._told.set()

    def _acknowledge(self, db: sqlite3.Connection, *, seq: int) -> None:
        if self._keeps:
            kept.keep_through(db, seq)
        queue.acknowledge(db, seq)

    async def _refused(self, found: list[tuple[int, bytes]], error: Refused) -> None:
        """Find the one report that the service will not take, by halves, and drop it: it must not stop the others."""
        if len(found) > 1:
            self._most = max(len(found) // 2, 1)
            return
        for seq, _ in found:
            self._counters.reports_refused += 1
            log.error("report refused by the service and dropped", seq=seq, error=str(error))
            await self._store.write(functools.partial(queue.delete_one, seq=seq))

    async def _trim(self) -> None:
        """Keep the queue within bounds while the service is away."""
        given_up = await self._store.write(lambda db: queue.give_up_oldest(db, most_rows=MOST_WAITING))
        if given_up > 0:
            self._counters.reports_given_up += given_up
            log.error("too many reports wait for the service, the oldest were given up", count=given_up)


def _said(renewal: Renewal | None) -> dict[str, Any] | None:
    if renewal is None:
        return None
    return {"leases": renewal.leases, "needs_s": renewal.needs_s, "released": renewal.released}


def _nobody(wanted: Wanted) -> None:
    """Until the roster listens nobody is there to send it; the service asks again at the next report."""
    log.info("service wants a document before the nodes are there", node=wanted.node, part=wanted.part)
