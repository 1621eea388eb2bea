"""The console of one node while it is open: the agent's stream, who watches, who writes, and the transcript.

What the agent sends is shown at once and put on disk a moment later, many records in a unit; only what is on disk is
acknowledged, and the agent keeps the rest. A room without watchers lingers and then ends; one whose agent is lost waits
for it, and calls it again.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from typing import Any, Final

from device_profiles.console import (
    CLOSE_ENDED,
    CLOSE_REPLACED,
    CLOSE_RESTART,
    Break,
    End,
    From,
    Hello,
    Hold,
    Mark,
    Record,
    Release,
    Resize,
    Stored,
)
from proxy_service.consoles.asciicast import sentence
from proxy_service.consoles.keeping import Elsewhere, Keeping
from proxy_service.consoles.links import Link
from proxy_service.consoles.transcripts import Begun, last_lines
from proxy_service.consoles.watching import Over, Watcher
from proxy_service.consoles.writing import Lease
from proxy_service.settings import Settings
from proxy_service.store import Store

SCROLLBACK_BYTES: Final = 64 << 10
MOST_WATCHERS: Final = 100
_GATHER_S: Final = 0.1
"""For how long records gather before they are put on disk together."""
_TICK_S: Final = 1.0
_OPENING_S: Final = 60.0
_CALL_S: Final = 5.0
"""How soon an agent that was lost is called again, and how often."""
Json = dict[str, Any]


class Room:
    """One open console. All but :meth:`run` is called from the event loop and never waits.

    ``call_agent`` asks the agent to dial; it is tried again where the agent was lost.
    """

    def __init__(
        self,
        begun: Begun,
        *,
        store: Store,
        settings: Settings,
        place: str,
        call_agent: Callable[[Room], Awaitable[None]],
    ) -> None:
        self.id = begun.id
        self.place = begun.place
        self.node = begun.place.node
        self.agent = begun.agent
        self.linked = asyncio.Event()
        self.over: Over | None = None
        self.said = ""
        """Why it is over, as a sentence."""
        self._settings = settings
        self._keeping = Keeping(store, begun.id, begun.place, place=place)
        self._call_agent = call_agent
        self._seq = begun.seq
        self._offset = begun.said
        self._ring = bytearray(begun.tail)
        self._watchers: dict[str, Watcher] = {}
        self._count = 0
        self._lease = Lease(settings.console_idle_s)
        self._link: Link | None = None
        self._hello: Hello | None = None
        self._holder: Json | None = None
        self._empty_since_s = time.monotonic()
        self._lost_since_s = time.monotonic()
        self._called_at_s = time.monotonic()
        self._why = ""

    # People.

    @property
    def is_full(self) -> bool:
        """Whether nobody more may watch."""
        return len(self._watchers) >= MOST_WATCHERS

    def enter(self, make: Callable[[str], Watcher]) -> Watcher:
        """Somebody comes: they are shown how things stand, what was said lately, and then all that is said."""
        self._count += 1
        watcher = make(str(self._count))
        self._watchers[watcher.id] = watcher
        watcher.tell({**self._shown(), "you": watcher.id})
        if self._ring:
            watcher.hear(bytes(self._ring))
        watcher.tell({"type": "live"})
        self._tell({"type": "watchers", "watchers": self._people()}, but=watcher)
        self._keeping.note(watcher, "WATCH", "console.watched")
        return watcher

    def leave(self, watcher: Watcher) -> None:
        """Somebody goes."""
        self._watchers.pop(watcher.id, None)
        if self._lease.is_of(watcher):
            self._end_writing("left")
        self._tell({"type": "watchers", "watchers": self._people()})
        if not self._watchers:
            self._empty_since_s = time.monotonic()

    def write(self, watcher: Watcher, *, take: bool) -> None:
        """Somebody wants to write; with ``take`` whoever has the line loses it."""
        writer = self._lease.writer
        if not watcher.may_write:
            return self._refuse(watcher, "Forbidden", "your token only watches here: it needs the scope console:write")
        if writer is not None and writer.watcher is not watcher and not take:
            return self._refuse(watcher, "Held", f"{writer.watcher.who} writes, since {writer.since}: take it over")
        before = self._lease.give(watcher)
        if before is not None:
            self._keeping.note(before.watcher, "RELEASE", "console.released", outcome="taken-over")
        self._keeping.note(watcher, "HOLD", "console.held")
        self._tell_writer(took_over_from=before.watcher.who if before is not None else None)
        if self._link is not None:
            self._link.say(Hold(who=watcher.who, take=take))
        return None

    def release(self, watcher: Watcher) -> None:
        """The writer writes no more."""
        if self._lease.is_of(watcher):
            self._end_writing("released")

    def type(self, watcher: Watcher, data: bytes) -> None:
        """Somebody typed. It goes to the agent, and nowhere else: what the device sends back is what all see."""
        writer = self._lease.writer
        if writer is None or writer.watcher is not watcher:
            self._refuse(watcher, "NotWriting", "you are watching: ask to write, or take over")
        elif self._link is None:
            self._refuse(watcher, "AgentAway", "the agent is away just now: what you typed is lost")
        elif not writer.holds:
            self._refuse(watcher, "Waiting", "the line is not free yet: wait, or take it over")
        elif not self._link.send(data):
            self._refuse(watcher, "TooFast", "the line takes no more just now: what you typed is lost")
        else:
            self._lease.renew()

    def press(self, watcher: Watcher, key: Break | Resize) -> None:
        """The writer sends a break, or has another size of terminal."""
        writer = self._lease.writer
        if writer is None or writer.watcher is not watcher or self._link is None:
            if isinstance(key, Break):
                self._refuse(watcher, "NotWriting", "who writes sends a break: ask to write, or take over")
            return
        self._lease.renew()
        self._link.say(key)

    # The agent.

    def attach(self, link: Link, hello: Hello) -> None:
        """The agent has dialled; one that knows no slots has opened something else, and is sent away."""
        if hello.slot != self.place.slot:
            link.close(CLOSE_ENDED, "not this console")
            self.end("NoConsole", f"the agent {self.agent} is too old for consoles of slots: update it")
            self.linked.set()
            return
        if self._link is not None:
            self._link.close(CLOSE_REPLACED, "the agent dialled anew")
        if self._hello is None:
            self._empty_since_s = time.monotonic()  # it was being opened until now, by somebody who wants to watch
        self._link, self._hello = link, hello
        link.say(From(after=self._seq))
        writer = self._lease.writer
        link.say(Hold(who=writer.watcher.who) if writer is not None else Release())
        self.linked.set()
        self._tell({"type": "agent", "connected": True, "agent": self.agent})

    def detach(self, link: Link) -> None:
        """The agent's stream is gone."""
        if self._link is not link:
            return
        self._link = None
        self._lost_since_s = self._called_at_s = time.monotonic()
        self.linked.clear()
        if self._lease.writer is not None:
            self._lease.writer.holds = False
        self._tell({"type": "agent", "connected": False, "agent": self.agent})

    def take(self, record: Record) -> None:
        """A record of the agent; one that was there before is left out."""
        if record.seq <= self._seq:
            return
        self._seq = record.seq
        self._keeping.add(record)
        if isinstance(record, Mark):
            self._marked(record)
            return
        self._offset += len(record.data)
        self._ring += record.data
        if len(self._ring) > 2 * SCROLLBACK_BYTES:
            self._ring = bytearray(last_lines(bytes(self._ring), SCROLLBACK_BYTES))
        for watcher in self._watchers.values():
            watcher.hear(record.data)

    def _marked(self, mark: Mark) -> None:
        writer = self._lease.writer
        if mark.kind == "holder":
            self._holder = {"name": mark.name, "person": mark.person} if mark.name else None
            if writer is not None:
                writer.holds = mark.person and mark.name == writer.watcher.who
            self._tell({"type": "holder", "holder": self._holder, "text": mark.text})
            return
        self._tell({"type": "note", "kind": mark.kind, "name": mark.name, "text": sentence(mark)})
        if mark.kind == "refused" and mark.name == "hold" and writer is not None:
            self._end_writing("refused")

    # The end.

    def end(self, reason: str, message: str) -> None:
        """The console is over, for everybody."""
        if self.over is not None:
            return
        self.over, self._why, self.said = Over(CLOSE_ENDED, reason), reason, message
        self._tell({"type": "end", "reason": reason, "message": message})
        self._tell(self.over)
        if self._link is not None:
            self._link.say(End(reason=reason, message=message))
            self._link.close(CLOSE_ENDED, reason)
        self._keeping.came.set()

    async def run(self) -> None:
        """Put records on disk and look after the room until it is over; what is left is stored when cancelled."""
        try:
            while self.over is None:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_TICK_S):
                        await self._keeping.came.wait()
                if self._keeping.has_records:
                    await asyncio.sleep(_GATHER_S)
                await self._keep()
                await self._look()
        finally:
            stopped = self.over is None
            if stopped:
                self.over = Over(CLOSE_RESTART, "the service is stopping")
                self._tell(self.over)
            if self._lease.writer is not None:
                self._end_writing("stopped" if stopped else "ended")
            await self._keep()
            if not stopped and self._why != "elsewhere":
                await self._keeping.end(self._why)

    async def _keep(self) -> None:
        """Put on disk what is not there yet, and acknowledge it."""
        try:
            stored = await self._keeping.keep(line=self._hello.line if self._hello is not None else "")
        except Elsewhere:
            self.end("elsewhere", "another replica of the service serves this console now: ask again")
        else:
            if stored is not None and self._link is not None:
                self._link.say(Stored(seq=stored))

    async def _look(self) -> None:
        """End what is over by time: a lease, a room that nobody watches, the patience with a lost agent."""
        now = time.monotonic()
        if self._lease.is_over:
            self._end_writing("idle")
        lingered = now - self._empty_since_s >= self._settings.console_linger_s
        if not self._watchers and self._hello is not None and lingered:
            self.end("unwatched", "nobody watches any more")
        elif self._link is None and now - self._lost_since_s >= self._patience_s:
            self.end("AgentAway", f"the agent {self.agent} is away; look at it, or at its way to the service")
        elif self._link is None and self._watchers and now - self._called_at_s >= _CALL_S:
            self._called_at_s = now
            await self._call_agent(self)

    @property
    def _patience_s(self) -> float:
        """How long an agent may be gone; one that was never here may still be opening its line."""
        lost_s = self._settings.console_lost_s
        return lost_s if self._hello is not None else max(lost_s, _OPENING_S)

    # Telling.

    def _end_writing(self, outcome: str) -> None:
        before = self._lease.end()
        if before is None:
            return
        self._keeping.note(before.watcher, "RELEASE", "console.released", outcome=outcome)
        self._tell_writer(was=before.watcher.who, why=outcome)
        if self._link is not None:
            self._link.say(Release())

    def _refuse(self, watcher: Watcher, reason: str, message: str) -> None:
        watcher.tell({"type": "error", "reason": reason, "message": message})

    def _tell_writer(self, **more: str | None) -> None:
        writer = self._lease.writer
        self._tell({"type": "writer", "writer": writer.shown() if writer is not None else None, **more})

    def _tell(self, message: Json | Over, *, but: Watcher | None = None) -> None:
        for watcher in self._watchers.values():
            if watcher is not but:
                watcher.tell(message)

    def _people(self) -> list[Json]:
        return [
            {"id": watcher.id, "who": watcher.who, "writes": self._lease.is_of(watcher)}
            for watcher in self._watchers.values()
        ]

    def _shown(self) -> Json:
        writer, hello = self._lease.writer, self._hello
        return {
            "type": "open",
            "node": self.node,
            "slot": self.place.slot,
            "transcript": self.id,
            "agent": self.agent,
            "connected": self._link is not None,
            "line": hello.line if hello is not None else None,
            "access": hello.access if hello is not None else None,
            "speed": hello.speed if hello is not None else None,
            "watchers": self._people(),
            "writer": writer.shown() if writer is not None else None,
            "holder": self._holder,
            "scrollback": {"from": self._offset - len(self._ring), "to": self._offset},
        }
