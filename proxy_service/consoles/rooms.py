"""The consoles that this process serves, by node and slot.

A person who comes first has the room opened: a transcript is begun, the agent is asked to dial, and dials. Who comes
meanwhile waits for the same opening. An agent that dials for a transcript that no process serves (the service was
restarted under it) is taken up again, and what it kept is stored.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from typing import Final

import sqlalchemy as sa
import structlog

from proxy_service.agents import requests
from proxy_service.consoles import transcripts
from proxy_service.consoles.room import MOST_WATCHERS, SCROLLBACK_BYTES, Room
from proxy_service.consoles.transcripts import Begun, Place
from proxy_service.hub import Hub
from proxy_service.problems import Refused, Slug
from proxy_service.store import Cause

log = structlog.get_logger(__name__)

_ANSWER_S: Final = 30.0
_DIAL_S: Final = 10.0
_CAUSE: Final = Cause(action="console")


class Rooms:
    """All open consoles of one process."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self.place = uuid.uuid4().hex
        self._rooms: dict[Place, Room] = {}
        self._opening: dict[Place, asyncio.Task[Room]] = {}
        self._running: dict[Room, asyncio.Task[None]] = {}

    async def join(self, place: Place) -> Room:
        """The room of a node, or of a slot of it, opened where it is not yet. Raises :class:`Refused`."""
        room = await self._opened_room(place)
        if room.is_full:
            raise Refused(Slug.CONFLICT, f"{MOST_WATCHERS} people watch the console of {place} already: no more can")
        return room

    async def _opened_room(self, place: Place) -> Room:
        room = self._rooms.get(place)
        if room is not None and room.over is None and place not in self._opening:
            return room
        opening = self._opening.get(place)
        if opening is None:
            opening = self._opening[place] = asyncio.create_task(self._open(place), name=f"open console {place}")
            opening.add_done_callback(lambda done: self._opened(place, done))
        return await asyncio.shield(opening)

    async def adopt(self, agent: str, number: str) -> Room | None:
        """The room for which an agent dials; None where it is over. Raises :class:`Refused` where it is elsewhere."""
        for room in self._rooms.values():
            if room.id == number and room.over is None:
                return room if room.agent == agent else None
        await self._put_away(lambda room: room.id == number)
        begun = await self._hub.store.unit(
            _CAUSE, transcripts.adopt, number, agent=agent, place=self.place, tail_bytes=SCROLLBACK_BYTES
        )
        return self._start(begun) if begun is not None else None

    async def aclose(self) -> None:
        """End all rooms, as far as this process is concerned: what came is on disk when this returns."""
        tasks = [*self._opening.values(), *self._running.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        try:
            await self._hub.store.unit(_CAUSE, transcripts.let_go, self.place)
        except sa.exc.DBAPIError as error:
            log.warning("consoles cannot be let go", error=type(error).__name__)

    async def _put_away(self, which: Callable[[Room], bool]) -> None:
        """Wait until rooms that are over are on disk as such: nobody may take up what they are about to end."""
        ending = [task for room, task in self._running.items() if room.over is not None and which(room)]
        if ending:
            await asyncio.wait(ending)

    async def _open(self, place: Place) -> Room:
        await self._put_away(lambda room: room.place == place)
        begun = await self._hub.store.unit(
            _CAUSE, transcripts.begin, place, place=self.place, tail_bytes=SCROLLBACK_BYTES
        )
        room = self._start(begun)
        try:
            await self._call(room)
        except Refused as refusal:
            room.end(str(refusal.extra.get("reason", refusal.slug)), refusal.detail)
            raise
        return room

    def _opened(self, place: Place, done: asyncio.Task[Room]) -> None:
        self._opening.pop(place, None)
        if not done.cancelled():
            done.exception()  # whoever still waited has it; nobody may have

    def _start(self, begun: Begun) -> Room:
        """A room that is looked after from now on. One that was adopted meanwhile is that room."""
        known = self._rooms.get(begun.place)
        if known is not None and known.over is None and known.id == begun.id:
            return known

        async def call_again(room: Room) -> None:
            try:
                await self._hub.store.unit(
                    _CAUSE,
                    requests.open_request,
                    self._hub.presence,
                    number=uuid.uuid4().hex,
                    node=room.node,
                    kind="console",
                    body=_asked(room),
                    timeout_s=_ANSWER_S,
                )
            except Refused as refusal:
                log.info("agent of a console cannot be called", node=room.node, reason=str(refusal.slug))
                if refusal.slug is Slug.NOT_FOUND:
                    room.end(str(refusal.slug), f"the node {room.node} was deleted")

        room = Room(begun, store=self._hub.store, settings=self._hub.settings, place=self.place, call_agent=call_again)
        self._rooms[begun.place] = room
        task = self._running[room] = asyncio.create_task(room.run(), name=f"console {begun.place}")
        task.add_done_callback(lambda done: self._ended(room, done))
        log.info("console opened", node=room.node, slot=room.place.slot, agent=room.agent, transcript=room.id)
        return room

    def _ended(self, room: Room, done: asyncio.Task[None]) -> None:
        self._running.pop(room, None)
        if self._rooms.get(room.place) is room:
            del self._rooms[room.place]
        error = None if done.cancelled() else done.exception()
        if error is not None:
            log.error("console broken off by a fault", node=room.node, error=type(error).__name__, exc_info=error)
            room.end("Fault", "the console was broken off by a fault; the service's log says which: ask again")
        log.info("console closed", node=room.node, transcript=room.id)

    async def _call(self, room: Room) -> None:
        """Have the agent dial. Raises :class:`Refused` where it is away, or the node has no console."""
        try:
            await requests.ask(
                self._hub, _CAUSE, node=room.node, kind="console", body=_asked(room), timeout_s=_ANSWER_S
            )
        except Refused as refusal:
            if refusal.extra.get("reason") != "NoConsole":
                raise
            raise Refused(Slug.NO_CONSOLE, refusal.detail, node=room.node, reason="NoConsole") from None
        try:
            async with asyncio.timeout(_DIAL_S):
                await room.linked.wait()
        except TimeoutError:
            detail = (
                f"the agent {room.agent} opened the console of {room.place}, and its stream did not come here: "
                "look at its way to the service"
            )
            raise Refused(Slug.REQUEST_TIMEOUT, detail, node=room.node) from None
        if room.over is not None:
            raise Refused(Slug.NO_CONSOLE, room.said, node=room.node, reason=room.over.reason)


def _asked(room: Room) -> dict[str, str]:
    """The body of the request for a console."""
    return {"stream": room.id, **({"slot": room.place.slot} if room.place.slot else {})}
