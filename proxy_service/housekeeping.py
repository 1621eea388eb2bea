"""What the service does by itself: ends pauses whose time is over, and forgets what was kept long enough."""

from __future__ import annotations

import asyncio
from typing import Final

import sqlalchemy as sa
import structlog

from proxy_service import clock
from proxy_service.consoles import transcripts
from proxy_service.declare.writes import end_pauses
from proxy_service.graph.ageing import age
from proxy_service.settings import Settings
from proxy_service.store import Cause, Store, Unit
from proxy_service.store import tables as t

IDEMPOTENCY_KEPT_S: Final = 86400.0
REQUESTS_KEPT_S: Final = 86400.0
_LONGEST_SLEEP_S: Final = 3600.0
_CAUSE: Final = Cause(action="housekeeping")
log = structlog.get_logger(__name__)


async def keep_house(store: Store, settings: Settings) -> None:
    """Forget old rows, for ever, every ``housekeeping_s``."""
    while True:
        try:
            await store.unit(_CAUSE, forget, settings)
        except sa.exc.DBAPIError as error:
            log.warning("old rows cannot be forgotten", error=type(error).__name__)
        await asyncio.sleep(settings.housekeeping_s)


def forget(unit: Unit, settings: Settings) -> None:
    """Delete what was kept long enough, or is too much."""
    _forget_events(unit, settings)
    _forget_passes(unit, most=settings.passes_most)
    age(unit, kept_s=settings.links_kept_s)
    for column, kept_s in (
        (t.passes.c.ended_at, settings.passes_kept_s),
        (t.audit.c.at, settings.audit_kept_s),
        (t.idempotency.c.at, IDEMPOTENCY_KEPT_S),
        (t.requests.c.deadline, REQUESTS_KEPT_S),
    ):
        unit.execute(sa.delete(column.table).where(column < clock.now_text(plus_s=-kept_s)))
    transcripts.forget(unit, settings)


def _forget_events(unit: Unit, settings: Settings) -> None:
    """Forget old events, and note up to which id they are gone."""
    oldest = clock.now_text(plus_s=-settings.events_kept_s)
    gone = [unit.value(sa.select(sa.func.max(table.c.id)).where(table.c.at < oldest)) for table in (t.events, t.feed)]
    last = max((int(number) for number in gone if number is not None), default=0)
    last = max(last, unit.last_event() - settings.events_most)
    if last > 0:
        for table in (t.events, t.feed):
            unit.execute(sa.delete(table).where(table.c.id <= last))
        counter = sa.update(t.counters).where(t.counters.c.name == "events", t.counters.c.pruned < last)
        unit.execute(counter.values(pruned=last))


def _forget_passes(unit: Unit, *, most: int) -> None:
    """Keep the newest passes of each node. By its index: nobody else can write meanwhile."""
    c = t.passes.c
    crowded = sa.select(c.node).group_by(c.node).having(sa.func.count() > most)
    for row in unit.all(crowded):
        newest = sa.select(c.started_at).where(c.node == row.node).order_by(c.started_at.desc())
        oldest = unit.value(newest.offset(most - 1).limit(1))
        unit.execute(sa.delete(t.passes).where(c.node == row.node, c.started_at < oldest))


async def watch_pauses(store: Store) -> None:
    """Resume nodes when their pause is over, for ever: sleeps until the next one ends, or one is declared."""
    while True:
        with store.changed.watching("pauses") as watch:
            names = await store.unit(_CAUSE, end_pauses)
            for node in names:
                log.info("pause is over", node=node)
            until = await store.view(lambda rows: rows.value(sa.select(sa.func.min(t.nodes.c.paused_until))))
            left_s = max(0.05, -clock.age_s(until)) if until is not None else _LONGEST_SLEEP_S
            await watch.wait(min(left_s, _LONGEST_SLEEP_S))
