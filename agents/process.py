"""The agent: its parts put together, started, and ended without loose ends.

Workers start from the store before anything else, so an agent that finds no service goes on with what it accepted last.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
import socket
from collections.abc import Callable, Sequence

import orjson
import structlog
import uvloop

from agents.answers import Answers
from agents.assignments import Accepted, AssignmentReader, BadAssignment
from agents.attaching import Attached
from agents.client import Service, ServiceError
from agents.clock import Clock, SystemClock
from agents.company import Company
from agents.console.consoles import Consoles
from agents.console.dialling import dialler
from agents.desk import Desk
from agents.following import Following
from agents.leases import Leases
from agents.link import Link
from agents.meeting import Meeting
from agents.membership import Membership
from agents.metrics import Counters
from agents.nexthop import own_macs
from agents.observers import Observer
from agents.opening import OpenDriver, Turnstile, open_by_registry
from agents.outbox import Outbox
from agents.pins import Pins
from agents.recovery import end_cut_passes
from agents.roster import Roster
from agents.secrets import Secrets
from agents.settings import Settings
from agents.starting import alone, open_client
from agents.store import Store, rows
from agents.surge import Surge
from agents.trust.keyring import Mistrusted
from agents.trust.standing import Standings
from device_profiles.wire import Wanted

log = structlog.get_logger(__name__)

_FINISH_S = 3.0
_FLUSH_S = 2.0
_COLLECT = (20_000, 10, 20)
"""The collector's thresholds. Hundreds of passes at a time hold much that is young and no garbage: by Python's own
(700, 10, 10) all of it is walked again and again, a tenth of a change."""


class Agent:
    """One agent process. ``open_driver`` is how devices are reached, ``open_service`` how the service is.

    ``offline``: its service is its own, and what that is told is kept for another one; ``meeting`` is what is done when
    that one is met.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        join_token: str = "",
        new_service: bool = False,
        attached: Attached | None = None,
        offline: bool = False,
        meeting: Meeting | None = None,
        observers: Sequence[Observer] = (),
        open_driver: OpenDriver = open_by_registry,
        open_service: Callable[[str], Service] | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.settings = settings
        self.counters = Counters()
        self._join_token = join_token
        self._new_service = new_service
        self._attached = attached
        self._offline = offline
        self._meeting = meeting or Meeting()
        self._outbox: Outbox | None = None
        self._observers = tuple(observers)
        self._open_driver = open_driver
        self._clock = clock or SystemClock()
        self._stopping = asyncio.Event()
        self._client = open_service(settings.service) if open_service is not None else open_client(settings)
        self._link = Link(self._clock, service=settings.service)

    def stop(self) -> None:
        """End soon: what is being done now is finished, if it does not take long."""
        self._stopping.set()

    async def run(self) -> None:
        """Run until :meth:`stop`. Raises :class:`AgentError` and :class:`~agents.store.schema.StoreError`."""
        folder = self.settings.data_dir
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with alone(self.settings):
            async with contextlib.AsyncExitStack() as stack:
                stack.push_async_callback(self._client.close)
                store = await stack.enter_async_context(Store(folder / "agent.db"))
                desk = await self._desk(store)
                member = Membership(
                    self.settings,
                    self._client,
                    self._link,
                    store,
                    join_token=self._join_token,
                    attached=self._attached,
                    meeting=self._meeting,
                )
                await member.begin(offline=self._offline, new_service=self._new_service)
                await self._work(desk, member)
                await self._flush(desk, member)
        log.info("agent stopped", agent=self.settings.name)

    async def all_told(self) -> None:
        """Wait until the service has all that there is to be told."""
        if self._outbox is not None:
            await self._outbox.all_told()

    async def _desk(self, store: Store) -> Desk:
        settings = self.settings
        pins = await store.write(rows.all_pins)
        last_pass_ms = await store.write(rows.last_pass_ms)
        leases = Leases(self._clock)
        outbox = Outbox(
            store,
            self._client,
            self._link,
            clock=self._clock,
            counters=self.counters,
            leases=leases,
            keeps=self._offline,
        )
        self._outbox = outbox
        return Desk(
            settings=settings,
            clock=self._clock,
            store=store,
            last_pass_ms=last_pass_ms,
            outbox=outbox,
            leases=leases,
            pins=Pins(store, self._clock, pins),
            secrets=Secrets(folder=settings.secrets_dir, rules=settings.secrets),
            open_driver=self._open_driver,
            observers=self._observers,
            counters=self.counters,
            turnstile=Turnstile(self._clock),
            surge=Surge(self._clock, gap_s=settings.power_on_gap_s),
            company=Company(own_macs(), own_names=(settings.name, socket.gethostname())),
        )

    async def _work(self, desk: Desk, member: Membership) -> None:
        async with asyncio.TaskGroup() as group:
            answers = Answers(self._client, self._link, clock=self._clock, group=group)
            dial = dialler(self.settings.service, lambda: self._client.token, ca_file=self.settings.ca_file)
            consoles = Consoles(desk, group, dial=dial, agent=lambda: member.name, answering=answers)
            desk.consoles = consoles
            roster = Roster(desk, group, answering=answers)
            reader = AssignmentReader()
            await self._resume(desk, member, roster, reader)
            serving = group.create_task(self._serve(desk, member, roster, reader, answers), name="service")
            await self._stopping.wait()
            serving.cancel()
            consoles.cancel()
            await roster.finish(within_s=_FINISH_S)
            answers.cancel()

    async def _resume(self, desk: Desk, member: Membership, roster: Roster, reader: AssignmentReader) -> None:
        """Start from the store: the nodes as last accepted, with their ledgers."""
        documents = await desk.store.write(rows.all_assignments)
        ledgers = await desk.store.write(rows.all_ledgers)
        memories = await desk.store.write(rows.all_memories)
        fences: dict[str, int] = {}
        found: list[tuple[str, Accepted]] = []
        for node, document in documents:
            try:
                accepted = reader.read(orjson.loads(member.voice.stored(document)))
            except (BadAssignment, Mistrusted) as error:
                log.error("stored assignment cannot be used", node=node, error=str(error))  # noqa: TRY400
                continue
            found.append((node, accepted))
            member.voice.heard(accepted.epoch, accepted.event)
            fences[node] = accepted.assignment.fence
        now = self._clock.now()
        await desk.store.write(lambda db: end_cut_passes(db, fences=fences, now=now))
        if member.is_elsewhere:
            return  # what another service than this one has assigned
        waiting = {cut.row.node for cut in await desk.store.write(rows.unconfirmed)}
        for node, accepted in found:
            roster.start(accepted, memory=memories.get(node), ledger=ledgers.get(node, ()), unconfirmed=node in waiting)
        log.info("agent started", agent=self.settings.name, nodes=len(roster))

    async def _serve(
        self, desk: Desk, member: Membership, roster: Roster, reader: AssignmentReader, answers: Answers
    ) -> None:
        """Everything that needs the service."""
        if not await member.join(desk.outbox):
            self.stop()
            return
        answers.agent = member.name

        def wanted(what: Wanted) -> None:
            worker = roster.get(what.node)
            if worker is not None:
                worker.send_whole(what.part)

        async def not_welcome() -> None:
            await member.join_again()
            answers.agent = member.name

        def gained(node: str) -> None:
            worker = roster.get(node)
            if worker is not None:
                worker.may_write()

        desk.outbox.on_wanted = wanted
        desk.leases.on_gained = gained
        standings = Standings(self._client, self._link)
        following = Following(
            self._client,
            self._link,
            roster,
            store=desk.store,
            voice=member.voice,
            standings=standings,
            reader=reader,
            answering=answers,
            not_welcome=not_welcome,
        )
        async with asyncio.TaskGroup() as group:
            group.create_task(following.run(member.name), name="assignments")
            group.create_task(standings.run(member.name), name="standings")
            group.create_task(desk.outbox.run(member.name, heartbeat_s=self.settings.heartbeat_s), name="outbox")

    async def _flush(self, desk: Desk, member: Membership) -> None:
        """Hand over what the last passes found, if the service is there; it is not lost if not."""
        if member.name:
            with contextlib.suppress(ServiceError, TimeoutError):
                async with asyncio.timeout(_FLUSH_S):
                    await desk.outbox.flush(member.name)


def run_agent(
    settings: Settings,
    *,
    join_token: str = "",
    new_service: bool = False,
    attached: Attached | None = None,
    meeting: Meeting | None = None,
    observers: Sequence[Observer] = (),
) -> None:
    """Run an agent in this process until SIGTERM or SIGINT. Raises :class:`AgentError`."""

    async def main() -> None:
        agent = Agent(
            settings,
            join_token=join_token,
            new_service=new_service,
            attached=attached,
            meeting=meeting,
            observers=observers,
        )
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, agent.stop)
        # What is imported by now stays to the end: a full collection need not walk all of it again and again.
        gc.collect()
        gc.freeze()
        gc.set_threshold(*_COLLECT)
        await agent.run()

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        try:
            runner.run(main())
        except ExceptionGroup as group:
            raise _only(group) from None


def _only(group: ExceptionGroup[Exception]) -> Exception:
    """The one sentence in a nest of task groups, where there is just one."""
    error: Exception = group
    while isinstance(error, ExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    return error
