"""Getting to know nodes by the facts that they tell, beside the reports that carry them.

A report of facts shall cost little, and what a node is known by rarely changes with them. So the facts are stored, and
looked at here a moment later, those of many nodes and of many reports at once. What was not looked at when a service
stopped is looked at by the next one: the hash of the facts is kept with what was taken from them.
"""

from __future__ import annotations

import asyncio
from typing import Final

import sqlalchemy as sa
import structlog

from proxy_service.graph.people import take_news
from proxy_service.graph.sights import FACTS
from proxy_service.store import Cause, Store

_CAUSE: Final = Cause(action="facts")
_GATHER_S: Final = 0.25
_REST_S: Final = 1.0
_LONGEST_S: Final = 3600.0
log = structlog.get_logger(__name__)


async def get_acquainted(store: Store) -> None:
    """Look at new facts, for ever, as they come."""
    while True:
        with store.changed.watching(FACTS) as watch:
            try:
                while await store.unit(_CAUSE, take_news):
                    pass
            except sa.exc.DBAPIError as error:
                log.warning("facts cannot be looked at", error=type(error).__name__)
            await asyncio.sleep(_REST_S)
            if await watch.wait(_LONGEST_S):
                await asyncio.sleep(_GATHER_S)
