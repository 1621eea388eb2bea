"""A service in memory: it keeps reports once per seq, hands out assignments on streams, and can go away."""

from __future__ import annotations

import asyncio
import base64
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import TypeAdapter

from agents.client import NotWelcome, Refused, ServiceAway
from agents.reports import dump
from device_profiles.desired import Desired
from device_profiles.documents import Identity, Management
from device_profiles.names import OBSERVED
from device_profiles.profile import Profile
from device_profiles.signing import KeyLink, Kind, Standing, key_id, sealed, to_sign
from device_profiles.sse import Event
from device_profiles.wire import (
    WIRE_SCHEMA,
    AgentRequest,
    Answer,
    Assignment,
    Enrolled,
    Enrolment,
    Report,
    Reports,
    Stored,
    Wanted,
)

_REPORTS = TypeAdapter(Reports)
_ASSIGNMENTS = TypeAdapter(Assignment)
_STANDINGS = TypeAdapter(Standing)


class Seal:
    """A service that signs what it says, in an epoch of its own."""

    def __init__(self) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(b"a service of a test".ljust(32))
        self._public = self._key.public_key().public_bytes_raw()
        self.epoch = "e1"
        self.links = (KeyLink(key=base64.b64encode(self._public).decode()),)

    def message(self, kind: Kind, data: Any, *, event: int) -> bytes:
        body = orjson.dumps({**data, "agent": "a1", "epoch": self.epoch, "event": event})
        return sealed(body, key=key_id(self._public), signature=self._key.sign(to_sign(kind, body)))


class FakeService:
    """One service, as one agent sees it. Its state outlives the agents that are started against it."""

    seal: Seal | None = None
    """What signs; None: a service of before signatures."""

    def __init__(self) -> None:
        self.token = ""
        self.away = False
        self.refuses: Callable[[Reports], bool] = lambda reports: False
        self.forgets_token = False
        self.enrolments: list[Enrolment] = []
        self.attached: list[tuple[str, bytes]] = []
        self.reports: dict[int, Report] = {}
        self.posts = 0
        self.repeated: list[int] = []
        self.seen: dict[str, Any] = {}
        self.answers: dict[str, Answer] = {}
        self.wanted: list[Wanted] = []
        self.documents: dict[str, Any] = {}
        self.lose_next_answer = False
        """Store the next batch, and break the line before the answer."""
        self.renewals: list[Reports] = []
        """What was said of leases."""
        self.lease_s: float | None = None
        """For how long every lease is renewed; None: no lease is heard of."""
        self.not_theirs: set[str] = set()
        """Nodes whose lease is not renewed."""
        self.standings: list[Standing] = []
        """Of which nodes the agent did not believe us, each time that it said so."""
        self._asked: dict[str, Any] = {}
        self._events: list[Event] = []
        self._streams: set[asyncio.Queue[Event | None]] = set()
        self.changed = asyncio.Event()

    def assign(self, desired: Desired, *, profile: Profile, **more: Any) -> None:
        """Give a node to the agent, or change it."""
        assignment = Assignment(
            schema=WIRE_SCHEMA,
            node=desired.node,
            fence=more.get("fence", 1),
            profile=profile,
            access=more.get("access", (f"ssh://root@{desired.node}",)),
            credentials=more.get("credentials"),
            identity=more.get("identity", Identity()),
            pinned=more.get("pinned", {}),
            management=more.get("management", Management()),
            desired=desired,
            ledger=more.get("ledger", ()),
            approved=more.get("approved", ()),
            lease=more.get("lease"),
        )
        self.assign_raw(
            _ASSIGNMENTS.dump_python(assignment, mode="json", exclude_none=True)
            | {"credentials": assignment.credentials}
        )

    def assign_raw(self, raw: dict[str, Any]) -> None:
        """Give a node as a document."""
        self.documents[raw["node"]] = raw
        self._send("assignment", raw)

    def unassign(self, node: str) -> None:
        """Take a node from the agent."""
        del self.documents[node]
        self._send("unassigned", {"node": node})

    def ask(self, request: AgentRequest) -> None:
        """Ask the agent for something."""
        self._asked[request.id] = orjson.loads(dump(request))
        self._send("request", self._asked[request.id])

    def _said(self, kind: Kind, data: Any, *, event: int) -> bytes:
        return orjson.dumps(data) if self.seal is None else self.seal.message(kind, data, event=event)

    def _send(self, name: Kind, data: Any) -> None:
        number = len(self._events) + 1
        self._events.append(Event(str(number), name, self._said(name, data, event=number)))
        for stream in self._streams:
            stream.put_nowait(self._events[-1])

    def go(self) -> None:
        """Go away: streams break, calls fail."""
        self.away = True
        for stream in self._streams:
            stream.put_nowait(None)

    def come(self) -> None:
        """Be there again."""
        self.away = False

    async def until(self, condition: Callable[[], Any], *, within_s: float = 5.0) -> None:
        """Wait until something holds; looked at whenever the agent sends something, and every few milliseconds."""
        async with asyncio.timeout(within_s):
            while not condition():
                self.changed.clear()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(0.005):
                        await self.changed.wait()

    async def hears(self, node: str, reason: str, *, within_s: float = 5.0) -> None:
        """Wait until a node was reported not to be converged, for this reason."""
        await self.until(lambda: self.condition(node, "Converged") == (False, reason), within_s=within_s)

    def of(self, node: str) -> list[Report]:
        """The reports about a node, in order."""
        return [report for _, report in sorted(self.reports.items()) if report.node == node]

    def converged(self, node: str, generation: int) -> bool:
        """Whether the node was last reported converged at a generation."""
        found = [r.converged_generation for r in self.of(node) if r.converged_generation is not None]
        return bool(found) and found[-1] == generation

    def condition(self, node: str, kind: str) -> tuple[bool | None, str] | None:
        """Status and reason of a condition, as last reported."""
        for report in reversed(self.of(node)):
            for condition in report.conditions or ():
                if condition.type == kind:
                    return condition.status, condition.reason
        return None

    def client(self, url: str) -> FakeService:
        """What an agent opens."""
        return self

    def _there(self) -> None:
        if self.away:
            raise ServiceAway("nobody is there")

    async def close(self) -> None:
        return None

    async def enrol(self, enrolment: Enrolment, *, join_token: str) -> Enrolled:
        self._there()
        if join_token != "join":
            raise NotWelcome("the join token is not known")
        self.enrolments.append(enrolment)
        keys = self.seal.links if self.seal is not None else ()
        return Enrolled(schema=1, agent=enrolment.name, token="token", fence=1, keys=keys)

    async def send_reports(self, agent: str, body: bytes) -> Stored:
        await asyncio.sleep(0)
        self._there()
        self.posts += 1
        batch = _REPORTS.validate_json(body, context=OBSERVED)
        if self.refuses(batch):
            raise Refused("this is no report")
        seqs = [report.seq for report in batch.reports]
        assert seqs == sorted(set(seqs))
        for report in batch.reports:
            if report.seq in self.reports:
                self.repeated.append(report.seq)
            else:
                assert not self.reports or report.seq > max(self.reports)
                self.reports[report.seq] = report
        self.seen.update(batch.seen)
        self.changed.set()
        if self.lose_next_answer:
            self.lose_next_answer = False
            raise ServiceAway("the line broke")
        wanted, self.wanted = tuple(self.wanted), []
        kept: tuple[str, ...] = ()
        if batch.leases is not None:
            self.renewals.append(batch)
            kept = tuple(set(batch.leases) - self.not_theirs)
        last_seq, lease_s = max(self.reports, default=0), self.lease_s
        return Stored(last_seq=last_seq, wanted=wanted, leases=kept if lease_s else (), lease_s=lease_s)

    async def send_answer(self, agent: str, request_id: str, answer: Answer) -> None:
        self._there()
        self.answers[request_id] = answer
        self._asked.pop(request_id, None)
        self.changed.set()

    async def attach(self, agent: str, node: str, body: bytes) -> None:
        self._there()
        self.attached.append((node, body))
        self.changed.set()

    async def send_standing(self, agent: str, body: bytes) -> None:
        self._there()
        self.standings.append(_STANDINGS.validate_json(body))
        self.changed.set()

    @contextlib.asynccontextmanager
    async def assignments(self, agent: str, *, after: str) -> AsyncIterator[AsyncIterator[Event]]:
        self._there()
        if self.forgets_token:
            self.forgets_token = False
            raise NotWelcome("the token is not known")
        stream: asyncio.Queue[Event | None] = asyncio.Queue()
        self._streams.add(stream)
        try:
            yield self._follow(stream, int(after or 0))
        finally:
            self._streams.discard(stream)

    async def _follow(self, stream: asyncio.Queue[Event | None], after: int) -> AsyncIterator[Event]:
        last = len(self._events)
        if self.seal is not None:
            links = [{"key": link.key} for link in self.seal.links]
            hello = {"schema": 1, "last_seq": max(self.reports, default=0), "keys": links}
            yield Event("", "service", self._said("service", hello, event=last))
        if after == 0:
            documents = [self._said("assignment", raw, event=last) for raw in self.documents.values()]
            snapshot = {"assignments": list(map(orjson.Fragment, documents)), "requests": list(self._asked.values())}
            yield Event(str(last), "snapshot", self._said("snapshot", snapshot, event=last))
        else:
            for event in self._events[after:]:
                yield event
        while (event := await stream.get()) is not None:
            yield event
        raise ServiceAway("the line broke")
