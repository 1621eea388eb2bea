"""The stream of what the service assigns and asks: followed for ever, resumed where it broke off.

The first event is a snapshot of everything, after that only changes. A node that a snapshot does not name is no longer
ours. While the service is away nothing happens here, and everything else goes on. Before any of it a service that signs
says who it is (``service``); what is older than what was accepted before is not accepted (:mod:`agents.trust`).
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Final, get_args

import msgspec
import structlog
from pydantic import TypeAdapter, ValidationError

from agents.assignments import Accepted, AssignmentReader, BadAssignment
from agents.backoff import Backoff
from agents.client import NotWelcome, Service, ServiceAway, ServiceError
from agents.link import Link
from agents.roster import Roster, document_of
from agents.store import Store, queue
from agents.trust.judging import Verdict, judge, judge_gone
from agents.trust.keyring import Mistrusted
from agents.trust.standing import Standings
from agents.trust.voice import Voice, parsed
from device_profiles.signing import Refusal
from device_profiles.sse import Event
from device_profiles.wire import AgentRequest, Answer, RequestKind

log = structlog.get_logger(__name__)

_KINDS: Final[tuple[RequestKind, ...]] = get_args(RequestKind)
_REQUESTS: Final = TypeAdapter(AgentRequest)
_AT_A_TIME: Final = 25
_MOST_STORING: Final = 500


class _Slices(msgspec.Struct):
    """A snapshot whose assignments are left as they came, so that each can be verified and kept."""

    assignments: list[msgspec.Raw]


_SLICES: Final = msgspec.json.Decoder(_Slices)


class _Anew(Exception):
    """The stream was resumed in another epoch: it is to be begun again, with a snapshot."""


class Following:
    """The agent's ear. ``answering`` takes answers; ``not_welcome`` is tried when the service refuses the token."""

    def __init__(
        self,
        client: Service,
        link: Link,
        roster: Roster,
        *,
        store: Store,
        voice: Voice,
        standings: Standings,
        reader: AssignmentReader,
        answering: Callable[[AgentRequest, Answer], None],
        not_welcome: Callable[[], Awaitable[None]],
    ) -> None:
        self._client = client
        self._link = link
        self._roster = roster
        self._store = store
        self._voice = voice
        self._standings = standings
        self._reader = reader
        self._answering = answering
        self._not_welcome = not_welcome
        self._cursor = ""
        self._backoff = Backoff(low_s=0.2, high_s=15.0)
        self._asked: deque[str] = deque(maxlen=1000)
        self._heard: deque[tuple[str, asyncio.Future[None] | None]] = deque()
        """Events that were dealt with, by their numbers, with what of each goes to the disk; the oldest first."""

    async def run(self, agent: str) -> None:
        """Follow for ever."""
        while True:
            try:
                await self._follow(agent)
                raise ServiceAway("the service ended the stream")
            except _Anew:
                self._begin_anew()
                continue
            except NotWelcome as error:
                self._link.lost(error)
                self._begin_anew()
                await self._not_welcome()
            except Mistrusted as error:
                self._begin_anew()
                self._link.mistrusted(error)
            except ServiceError as error:
                self._link.lost(error)
            except sqlite3.Error as error:
                # What was not accepted is not acted on; it comes again with the next stream.
                log.error("store cannot be written", error=str(error))  # noqa: TRY400 -- nothing to trace
            await self._link.wait(self._backoff.next())

    def _begin_anew(self) -> None:
        """The next stream begins with a snapshot."""
        self._cursor = ""
        self._heard.clear()

    async def _follow(self, agent: str) -> None:
        acknowledged = await self._store.write(queue.acknowledged)
        self._voice.begin(agent)
        try:
            await self._move_cursor(most=0)
        finally:
            self._heard.clear()
        async with self._client.assignments(agent, after=self._cursor) as events:
            self._link.back()
            async for event in events:
                stored = None
                if event.name == "service":
                    await self._hello(event, acknowledged)
                else:
                    stored = await self._take(event)
                self._backoff.reset()
                self._heard.append((event.id, stored))
                await self._move_cursor(most=_MOST_STORING)

    async def _move_cursor(self, *, most: int) -> None:
        """The stream is resumed after the last event up to which all is on disk. Raises what the store does.

        The disk is waited for only where more than ``most`` events do: what comes for hundreds of nodes at once is
        given to their workers at once, and goes to the disk in few commits.
        """
        while self._heard:
            number, stored = self._heard[0]
            if stored is not None:
                if not stored.done() and len(self._heard) <= most:
                    return
                await stored
            self._cursor = number or self._cursor
            self._heard.popleft()

    async def _hello(self, event: Event, acknowledged: int) -> None:
        before = self._voice.epoch
        said = await self._voice.hello(event.data, acknowledged=acknowledged)
        self._standings.known(kept=said.standing)
        if self._cursor and before != said.epoch:
            raise _Anew
        if self._cursor:
            self._standings.tell()

    async def _take(self, event: Event) -> asyncio.Future[None] | None:
        """Deal with an event; what of it goes to the disk."""
        stored = None
        if event.name == "snapshot":
            stored = await self._snapshot(event.data, self._voice.opened("snapshot", event.data))
        elif event.name == "assignment":
            stored = await self._assign([(self._voice.opened("assignment", event.data), event.data)])
        elif event.name == "unassigned":
            said = self._said(event, self._voice.opened("unassigned", event.data))
            self._let_go([str(said.get("node"))], {str(said.get("node")): said.get("overrules")})
        elif event.name == "request":
            self._request(self._said(event, self._voice.opened("request", event.data)))
        elif event.name == "problem":
            raise _problem(event.data)
        self._standings.tell()
        return stored

    def _said(self, event: Event, said: dict[str, Any] | None) -> dict[str, Any]:
        if said is None:
            log.error("event of the service cannot be read", event_name=event.name)
        return said or {}

    async def _snapshot(self, data: bytes, said: dict[str, Any] | None) -> asyncio.Future[None] | None:
        raws, requests = (said or {}).get("assignments"), (said or {}).get("requests", [])
        if said is None or not isinstance(raws, list) or not isinstance(requests, list):
            # Taken for "no nodes" it would let all of them go.
            log.error("snapshot of the service cannot be read")
            return None
        renew_s, overrules = said.get("renew_s"), said.get("overrules")
        self._roster.share(float(renew_s) if isinstance(renew_s, int | float) else None)
        named = {str(raw.get("node")) for raw in raws if isinstance(raw, dict)}
        slices = [bytes(each) for each in _SLICES.decode(data).assignments] if self._voice.signs else None
        stored = await self._assign(list(zip(raws, slices or map(document_of, raws), strict=True)), within=True)
        gone = [node for node in self._roster if node not in named]
        self._let_go(gone, overrules if isinstance(overrules, dict) else {})
        for raw in requests:
            self._request(raw)
        return stored

    async def _assign(self, offered: list[tuple[Any, bytes]], *, within: bool = False) -> asyncio.Future[None] | None:
        """Accept what may be accepted. ``within`` a snapshot each has a signature of its own, by which it is kept."""
        taken = []
        for number, (raw, document) in enumerate(offered, 1):
            accepted = self._read(raw, document, within=within)
            if accepted is not None and self._accepts(accepted):
                taken.append((accepted, document))
            if number % _AT_A_TIME == 0:
                # Hundreds of assignments take a while to read; others have something to do meanwhile.
                await asyncio.sleep(0)
        return await self._roster.assign(taken)

    def _read(self, raw: Any, document: bytes, *, within: bool) -> Accepted | None:
        if within and self._voice.signs:
            raw = self._voice.opened("assignment", document)
        try:
            return self._reader.read(raw)
        except BadAssignment as error:
            node = raw.get("node") if isinstance(raw, dict) else None
            log.error("assignment cannot be used", node=node, error=str(error))  # noqa: TRY400 -- nothing to trace
            return None

    def _accepts(self, offered: Accepted) -> bool:
        worker = self._roster.get(offered.assignment.node)
        held = worker.accepted if worker is not None else None
        verdict = judge(held, offered, behind=self._voice.behind)
        self._stand(offered.assignment.node, held, verdict, offered=offered.assignment.desired.generation)
        return verdict.accept

    def _let_go(self, nodes: Iterable[str], overrules: dict[str, Any]) -> None:
        gone = []
        for node in nodes:
            worker = self._roster.get(node)
            if worker is not None:
                mark = str(overrules.get(node) or "")
                verdict = judge_gone(
                    worker.accepted, epoch=self._voice.epoch, overrules=mark, behind=self._voice.behind
                )
                self._stand(node, worker.accepted, verdict, offered=None)
                if verdict.accept:
                    gone.append(node)
        self._roster.unassign(gone)

    def _stand(self, node: str, held: Accepted | None, verdict: Verdict, *, offered: int | None) -> None:
        """Keep in mind, and have told, whether the service is believed of a node."""
        worker = self._roster.get(node)
        if worker is not None:
            worker.stand(verdict.why)
        if not verdict.why:
            self._standings.accept(node)
            return
        self._standings.refuse(
            Refusal(
                node=node,
                message=verdict.why,
                holds=held.holds if held is not None else "",
                epoch=held.epoch if held is not None else self._voice.epoch,
                generation=held.assignment.desired.generation if held is not None else 0,
                offered=offered,
            )
        )

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


def _problem(data: bytes) -> ServiceError:
    """Why the service ends a stream, in its words."""
    said = parsed(data) or {}
    sentence = str(said.get("detail") or "the service ended the stream")
    return NotWelcome(sentence) if said.get("status") in (401, 403, 404) else ServiceAway(sentence)
