"""How an agent that kept its nodes with no service but its own comes to the site's.

It enrols as any other, and with that leaves the service of its own: what that one assigned is let go, and nothing is
written to a device before the site's has assigned the node. Then it declares its node there, for reports about a node
that is not declared are nobody's, and hands over what it has kept, before it hears what the node shall be. Each step is
on disk before the next one, and is not taken twice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import structlog

from agents.backoff import Backoff
from agents.client import ServiceError
from agents.link import Link
from agents.outbox import Outbox
from agents.store import Store, kept

log = structlog.get_logger(__name__)


def _go_on(passes: int) -> bool:
    del passes
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """What is to be done about what was kept. ``declared``: what the node was kept at is declared at the service.

    ``told`` is called with the number of passes that were handed over, and answers whether the agent goes on.
    """

    declared: bool = False
    told: Callable[[int], bool] = _go_on


async def hand_over(meeting: Meeting, store: Store, outbox: Outbox, link: Link, *, agent: str) -> bool:
    """Hand over what was kept, however long the service is away; whether the agent is to go on.

    What was queued and not acknowledged when the agent was ended is handed over with its other reports.
    """
    passes = await store.write(kept.hand_over)
    backoff = Backoff(low_s=0.2, high_s=15.0)
    while True:
        try:
            await outbox.flush(agent)
        except ServiceError as error:
            link.lost(error)
            await link.wait(backoff.next())
        else:
            log.info("kept reports handed over", passes=passes)
            return meeting.told(passes)
