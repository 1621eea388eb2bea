"""Putting what a room heard and what was done in it on disk, many records in a unit, each once and in order."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa
import structlog

from device_profiles.console import Record
from proxy_service.consoles import transcripts
from proxy_service.consoles.transcripts import Place
from proxy_service.consoles.watching import Watcher
from proxy_service.store import Cause, Store, Unit

log = structlog.get_logger(__name__)

_AGAIN_S: Final = 1.0
_ALIVE_S: Final = 3.0
"""How often a room says on disk that it is served: well under :data:`~proxy_service.consoles.transcripts.STALE_S`."""
_CAUSE: Final = Cause(action="console")


class Elsewhere(Exception):
    """Another replica serves this console now."""


@dataclass(frozen=True, slots=True)
class _Deed:
    """What somebody did, for the audit and the events."""

    cause: Cause
    event: str
    who: str
    slot: str


class Keeping:
    """What one room has to put on disk. ``number`` is its transcript, ``place`` the process that serves it."""

    def __init__(self, store: Store, number: str, whose: Place, *, place: str) -> None:
        self._store = store
        self._number = number
        self._node = whose.node
        self._slot = whose.slot
        self._place = place
        self._pending: list[Record] = []
        self._deeds: list[_Deed] = []
        self._alive_at_s = time.monotonic()
        self.came = asyncio.Event()
        """Set when there is something to keep."""

    @property
    def has_records(self) -> bool:
        """Whether records wait."""
        return bool(self._pending)

    def add(self, record: Record) -> None:
        """Keep a record."""
        self._pending.append(record)
        self.came.set()

    def note(self, watcher: Watcher, verb: str, event: str, *, outcome: str = "done") -> None:
        """Keep what somebody did, in the audit and as an event."""
        caller = watcher.caller
        action = f"{verb} /v1/nodes/{self._node}/console" + (f"?slot={self._slot}" if self._slot else "")
        cause = Cause(action=action, token=caller.token, owner=caller.owner, outcome=outcome)
        self._deeds.append(_Deed(cause, event, watcher.who, self._slot))
        self.came.set()

    async def keep(self, *, line: str) -> int | None:
        """Put on disk what is not there yet; the last record that is now, None where none was added.

        What cannot be stored now is kept for the next time. Raises :class:`Elsewhere`.
        """
        self.came.clear()
        records = list(self._pending)  # more may come while these are being stored
        try:
            while self._deeds:
                await self._store.unit(self._deeds[0].cause, _told, self._deeds[0], self._node)
                self._deeds.pop(0)
            if not records and time.monotonic() - self._alive_at_s < _ALIVE_S:
                return None
            ours = await self._store.unit(
                _CAUSE, transcripts.append, self._number, records, place=self._place, line=line
            )
        except sa.exc.DBAPIError as error:
            log.warning("console cannot be stored", node=self._node, error=type(error).__name__)
            await asyncio.sleep(_AGAIN_S)
            self.came.set()
            return None
        self._alive_at_s = time.monotonic()
        self._pending = self._pending[len(records) :]
        if not ours:
            raise Elsewhere
        return records[-1].seq if records else None

    async def end(self, reason: str) -> None:
        """The session is over."""
        await self._store.unit(_CAUSE, transcripts.end, self._number, reason)


def _told(unit: Unit, deed: _Deed, node: str) -> None:
    slot = {"slot": deed.slot} if deed.slot else {}
    unit.event(deed.event, {"who": deed.who, "outcome": deed.cause.outcome, **slot}, node=node)
