"""Requests of kind ``console``: the line of a node opened, and its stream dialled.

They are answered beside the node's worker, not by it: a person who watches a pass must not wait for its end.
"""

from __future__ import annotations

import asyncio
import re
import traceback
from collections import defaultdict
from collections.abc import Callable
from typing import Final

import structlog

from agents.console.dialling import Dial
from agents.console.session import Session
from agents.console.slots import NoConsole
from agents.console.sources import source_of
from agents.desk import Desk
from device_profiles.wire import AgentRequest, Answer, Assignment
from drivers.errors import DeviceError

log = structlog.get_logger(__name__)

_STREAM: Final = re.compile(r"[a-f0-9]{1,32}")
_Key = tuple[str, str]
"""A node, and a slot of it; an empty one is the node itself."""


class Consoles:
    """The open consoles of one agent, by node and slot.

    They run in ``group``; ``agent`` is the agent's name at the service.
    """

    def __init__(
        self,
        desk: Desk,
        group: asyncio.TaskGroup,
        *,
        dial: Dial,
        agent: Callable[[], str],
        answering: Callable[[AgentRequest, Answer], None],
    ) -> None:
        self._desk = desk
        self._group = group
        self._dial = dial
        self._agent = agent
        self._answering = answering
        self._sessions: dict[_Key, Session] = {}
        self._opening: defaultdict[_Key, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._tasks: set[asyncio.Task[None]] = set()

    def ask(self, request: AgentRequest, assignment: Assignment, freed: Callable[[], None]) -> None:
        """Open the console that is asked for. ``freed`` is called whenever a person has let the line go."""
        task = self._group.create_task(self._open(request, assignment, freed), name=f"console {request.node}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def leave(self, node: str) -> None:
        """The node is not ours any more, or is reached in another way."""
        for key in [key for key in self._sessions if key[0] == node]:
            self._end(key)

    def _end(self, key: _Key) -> None:
        session = self._sessions.pop(key, None)
        if session is not None:
            session.end()

    def cancel(self) -> None:
        """End all of them."""
        for task in self._tasks:
            task.cancel()

    async def _open(self, request: AgentRequest, assignment: Assignment, freed: Callable[[], None]) -> None:
        try:
            await self._serve(request, assignment, freed)
        except NoConsole as error:
            self._answering(request, Answer(ok=False, reason="NoConsole", message=str(error)))
        except DeviceError as error:
            self._answering(request, Answer(ok=False, reason=error.reason, message=str(error)))
        except Exception:  # noqa: BLE001 -- whatever it is, it stays with this console
            log.error("console broken off by a fault", node=request.node, trace=traceback.format_exc())  # noqa: TRY400
            sentence = "the agent could not open the console; its log says why"
            self._answering(request, Answer(ok=False, reason="Fault", message=sentence))

    async def _serve(self, request: AgentRequest, assignment: Assignment, freed: Callable[[], None]) -> None:
        stream = str(request.body.get("stream", ""))
        if not _STREAM.fullmatch(stream):
            sentence = "a console needs the id of its stream in its body"
            self._answering(request, Answer(ok=False, reason="BadRequest", message=sentence))
            return
        slot = str(request.body.get("slot", ""))
        key = request.node, slot
        async with self._opening[key]:
            session = self._sessions.get(key)
            if session is not None and session.stream == stream:
                session.dial_now()
                self._answering(request, Answer(ok=True, body={"stream": stream}))
                return
            self._end(key)
            source = await source_of(assignment, self._desk, slot=slot)
            opened = await source.open()
            session = Session(request.node, stream, source, opened, dial=self._dial, agent=self._agent, freed=freed)
            self._sessions[key] = session
        self._answering(request, Answer(ok=True, body={"stream": stream}))
        log.info("console opened", node=request.node, slot=slot, access=source.access)
        try:
            await session.run()
        finally:
            if self._sessions.get(key) is session:
                del self._sessions[key]
            log.info("console closed", node=request.node, slot=slot)
