"""Whether an agent is there: it has an open stream, and was heard not long ago.

A stream notes its beginning and its end, so an agent that hangs up is away at once; a service that was killed could
not, so silence counts as well. Being heard is written at most every few seconds, and computed when it is asked.
"""

from __future__ import annotations

import time
from typing import Any, Final

import sqlalchemy as sa

from proxy_service import clock
from proxy_service.agents.leases import Steady
from proxy_service.store import Unit
from proxy_service.store import tables as t

WRITE_EVERY_S: Final = 10.0


class Presence:
    """When agents were heard by this process, so that not every sign of life is a write."""

    def __init__(self, silence_s: float) -> None:
        self.silence_s = silence_s
        self.steady = Steady()
        self._written_at_s: dict[str, float] = {}

    def noted(self, agent: str) -> None:
        """The agent's sign of life is in the database."""
        self._written_at_s[agent] = time.monotonic()

    def is_due(self, agent: str) -> bool:
        """Whether a sign of life has to be written again."""
        return time.monotonic() - self._written_at_s.get(agent, 0.0) >= WRITE_EVERY_S

    def is_connected(self, stream: str | None, last_seen: str | None) -> bool:
        """Whether an agent with this stream and this last sign of life is there."""
        return stream is not None and last_seen is not None and clock.age_s(last_seen) <= self.silence_s


def begin_stream(unit: Unit, agent: str, stream: str) -> sa.Row[Any] | None:
    """Note that ``stream`` is open now. The agent's row, or None where there is no such agent."""
    row = unit.first(sa.select(t.agents).where(t.agents.c.name == agent).with_for_update())
    if row is not None:
        unit.execute(sa.update(t.agents).where(t.agents.c.name == agent).values(stream=stream, last_seen=unit.at))
        unit.event("agent.connected", {"agent": agent, "location": row.location})
        unit.touch(f"agent:{agent}", f"agents-at:{row.location}")
    return row


def end_stream(unit: Unit, agent: str, stream: str) -> None:
    """Note that ``stream`` has ended, unless the agent has opened another one meanwhile."""
    c = t.agents.c
    statement = sa.update(t.agents).where(c.name == agent, c.stream == stream).values(stream=None, last_seen=unit.at)
    if unit.execute(statement).rowcount:
        unit.event("agent.away", {"agent": agent})
        unit.touch(f"agent:{agent}")


def still_there(unit: Unit, agent: str) -> None:
    """Note a sign of life."""
    unit.execute(sa.update(t.agents).where(t.agents.c.name == agent).values(last_seen=unit.at))
