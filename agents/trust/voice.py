"""The service as this agent knows it: by which keys, in which epoch, and how far it had come when it was heard last.

What must outlive the process is in the store before it is acted on: the keys, the epoch, up to which report the service
has acknowledged (:func:`agents.store.queue.acknowledge`), and the epoch in which it was found to be behind. Once found
so it stays so: new writes make its numbers grow past ours, and give back nothing of what it has lost.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Any, Final, Self

import orjson
import structlog
from pydantic import TypeAdapter, ValidationError

from agents.store import Store, queue, rows
from agents.trust.keyring import KeyRing, Mistrusted
from device_profiles.signing import Hello, KeyLink, Kind

log = structlog.get_logger(__name__)
_HELLO: Final = TypeAdapter(Hello)
_KEYS, _EPOCH, _BEHIND = "keys", "epoch", "behind"


@dataclass(slots=True, kw_only=True)
class Known:
    """What was known of the service when the agent was started."""

    keys: KeyRing
    epoch: str
    behind: str


class Voice:
    """One service, over all its streams."""

    def __init__(self, store: Store, known: Known) -> None:
        self._store = store
        self._keys = known.keys
        self._behind_in = known.behind
        self._highest = 0
        self.agent = ""
        self.epoch = known.epoch
        self.signs = False
        """Whether the stream that is open began with who speaks."""

    @classmethod
    async def remembered(cls, store: Store, *, new_service: bool = False) -> Self:
        """As it was before this process. ``new_service``: its keys are forgotten, and pinned anew."""

        def read(db: sqlite3.Connection) -> Known:
            if new_service:
                rows.put_meta(db, _KEYS, "[]")
            keys, epoch, behind = (rows.get_meta(db, key) for key in (_KEYS, _EPOCH, _BEHIND))
            return Known(keys=KeyRing.load(keys), epoch=epoch or "", behind=behind or "")

        return cls(store, await store.write(read))

    @classmethod
    def unheard(cls, store: Store) -> Self:
        """A service of which nothing is known yet, whatever the store says of another one."""
        return cls(store, Known(keys=KeyRing(), epoch="", behind=""))

    @property
    def behind(self) -> str:
        """Why the service as a whole is older than this agent; empty where it is not."""
        if not self.epoch or self._behind_in != self.epoch:
            return ""
        return "the service's database was put back: it does not know reports or events that this agent has seen of it"

    def pin(self, links: tuple[KeyLink, ...]) -> str:
        """The keys to be kept after an enrolment. Raises :class:`Mistrusted`."""
        if links or len(self._keys):
            self._keys.learn(links)
        return self._keys.dump()

    def stored(self, document: bytes) -> bytes:
        """A stored assignment, where it is as the service signed it. Raises :class:`Mistrusted`."""
        if len(self._keys):
            self._keys.opened("assignment", document)
        return document

    def begin(self, agent: str) -> None:
        """A stream begins, of the agent of this name."""
        self.agent, self.signs = agent, False

    async def hello(self, data: bytes, *, acknowledged: int) -> Hello:
        """Who speaks on this stream. ``acknowledged``: the last report, before it was opened, that the service had.

        Raises :class:`Mistrusted`.
        """
        try:
            said = _HELLO.validate_json(data)
        except ValidationError:
            raise Mistrusted("the service does not say who it is in words that this agent knows") from None
        first, keys = not len(self._keys), KeyRing.load(self._keys.dump())
        learnt = keys.learn(said.keys)
        keys.opened("service", data)
        self._for_us(said.agent)
        self._keys = keys
        if first:
            log.info("service is known by its key from now on", epoch=said.epoch)
        was, self.epoch, self.signs = self.epoch, said.epoch, True
        if was != said.epoch:
            self._highest = 0
        elif said.last_seq < acknowledged or said.event < self._highest:
            self._behind_in = said.epoch
        await self._remember(learnt=learnt, anew=was != said.epoch)
        return said

    async def _remember(self, *, learnt: bool, anew: bool) -> None:
        def change(db: sqlite3.Connection) -> None:
            rows.put_meta(db, _KEYS, self._keys.dump())
            rows.put_meta(db, _EPOCH, self.epoch)
            rows.put_meta(db, _BEHIND, self._behind_in)
            if anew:
                queue.forget_acknowledged(db)

        if learnt or anew or self._behind_in == self.epoch:
            await self._store.write(change)

    def opened(self, kind: Kind, data: bytes) -> dict[str, Any] | None:
        """What a message says; None where that cannot be read.

        Raises :class:`Mistrusted` where it is not said by the service, to us, now.
        """
        if not self.signs:
            if len(self._keys):
                raise Mistrusted("the service does not say who it is: it is older than the one that is known")
            return parsed(data)
        self._keys.opened(kind, data)
        said = parsed(data) or {}
        self._for_us(said.get("agent"))
        event = said.get("event")
        if said.get("epoch") != self.epoch or not isinstance(event, int):
            raise Mistrusted("a message is of another epoch than its stream")
        if event < self._highest and not self.behind:
            raise Mistrusted(f"a message is of event {event}, and {self._highest} was heard before: it is a repetition")
        self._highest = max(self._highest, event)
        return said

    def heard(self, epoch: str, event: int) -> None:
        """An assignment of this epoch and event was accepted before."""
        if epoch == self.epoch:
            self._highest = max(self._highest, event)

    def _for_us(self, agent: object) -> None:
        if agent != self.agent:
            raise Mistrusted("a message is for another agent")


def parsed(data: bytes) -> dict[str, Any] | None:
    """A message that is an object; None for anything else."""
    try:
        found = orjson.loads(data)
    except orjson.JSONDecodeError:
        return None
    return found if isinstance(found, dict) else None
