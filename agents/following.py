"""The stream of what the service assigns and asks: followed for ever, resumed where it broke off.

The first event is a snapshot of everything, after that only changes. A node that a snapshot does not name is no longer
ours. While the service is away nothing happens here, and everything else goes on.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, Final, get_args

import orjson
import structlog
from pydantic import TypeAdapter, ValidationError

from agents.assignments import Accepted, AssignmentReader, BadAssignment
from agents.backoff import Backoff
from agents.client import NotWelcome, Service, ServiceAway, ServiceError
from agents.link import Link
from agents.roster import Roster, document_of
from device_profiles.sse import Event
from device_profiles.wire import AgentRequest, Answer, RequestKind

log = structlog.get_logger(__name__)

_KINDS: Final[tuple[RequestKind, ...]] = get_args(RequestKind)
_REQUESTS: Final = TypeAdapter(AgentRequest)
_AT_A_TIME: Final = 25


class Following:
    """The agent's ear. ``answering`` takes answers; ``not_welcome`` is tried when the service refuses the token."""

    def __init__(
        self,
        client: Service,
        link: Link,
        roster: Roster,
        *,
        reader: AssignmentReader,
        answering: Callable[[AgentRequest, Answer], None],
        not_welcome: Callable[[], Awaitable[None]],
    ) -> None:
        self._client = client
        self._link = link
        self._roster = roster
        self._reader = reader
        self._answering = answering
        self._not_welcome = not_welcome
        self._cursor = ""
        self._backoff = Backoff(low_s=0.2, high_s=15.0)
        self._asked: deque[str] = deque(maxlen=1000)

    async def run(self, agent: str) -> None:
        """Follow for ever."""
        while True:
            try:
                await self._follow(agent)
                raise ServiceAway("the service ended the stream")
            except NotWelcome as error:
                self._link.lost(error)
                self._cursor = ""
                await self._not_welcome()
            except ServiceError as error:
                self._link.lost(error)
            except sqlite3.Error as error:
                # What was not accepted is not acted on; it comes again with the next stream.
                log.error("store cannot be written", error=str(error))  # noqa: TRY400 -- nothing to trace
            await self._link.wait(self._backoff.next())

    async def _follow(self, agent: str) -> None:
        async with self._client.assignments(agent, after=self._cursor) as events:
            self._link.back()
            async for event in events:
                await self._take(event)
                self._backoff.reset()
                self._cursor = event.id or self._cursor

    async def _take(self, event: Event) -> None:
        try:
            data = orjson.loads(event.data)
        except orjson.JSONDecodeError:
            data = None
        if not isinstance(data, dict):
            log.error("event of the service cannot be read", event_name=event.name)
        elif event.name == "snapshot":
            await self._snapshot(data)
        elif event.name == "assignment":
            await self._roster.assign(await self._read([data]))
        elif event.name == "unassigned":
            self._roster.unassign([str(data.get("node"))])
        elif event.name == "request":
            self._request(data)

    async def _snapshot(self, data: dict[str, Any]) -> None:
        raws, requests = data.get("assignments"), data.get("requests", [])
        if not isinstance(raws, list) or not isinstance(requests, list):
            # Taken for "no nodes" it would let all of them go.
            log.error("snapshot of the service cannot be read")
            return
        renew_s = data.get("renew_s")
        self._roster.share(float(renew_s) if isinstance(renew_s, int | float) else None)
        named = {str(raw.get("node")) for raw in raws if isinstance(raw, dict)}
        await self._roster.assign(await self._read(raws))
        self._roster.unassign([node for node in self._roster if node not in named])
        for raw in requests:
            self._request(raw)

    async def _read(self, raws: list[Any]) -> list[tuple[Accepted, bytes]]:
        found = []
        for number, raw in enumerate(raws, 1):
            try:
                found.append((self._reader.read(raw), document_of(raw)))
            except BadAssignment as error:
                node = raw.get("node") if isinstance(raw, dict) else None
                log.error("assignment cannot be used", node=node, error=str(error))  # noqa: TRY400 -- nothing to trace
            if number % _AT_A_TIME == 0:
                # Hundreds of assignments take a while to read; others have something to do meanwhile.
                await asyncio.sleep(0)
        return found

    def _request(self, raw: Any) -> None:
        kind = raw.get("kind") if isinstance(raw, dict) else None
        try:
            request = _REQUESTS.validate_python(raw if kind in _KINDS else {**raw, "kind": _KINDS[0]})
        except (ValidationError, TypeError):
            log.error("request cannot be read", kind=str(kind))  # noqa: TRY400 -- nothing to trace
            return
        if request.id in self._asked:
            return
        self._asked.append(request.id)
        worker = self._roster.get(request.node)
        if kind not in _KINDS:
            sentence = "this agent does not know this kind of request: bring the agent up to date"
            self._answering(request, Answer(ok=False, reason="UnknownRequest", message=sentence))
        elif worker is None:
            sentence = f"the node {request.node} is not with this agent: ask again"
            self._answering(request, Answer(ok=False, reason="NotMine", message=sentence))
        else:
            worker.ask(request)
