"""How an agent belongs to a service: known there by a name and a token, which it got for a join token, once.

What belongs to it: which service speaks to it (:mod:`agents.trust.voice`), the device at whose line it was started,
declared before anything else is asked of it (:mod:`agents.attaching`), and what it kept while it had no service but its
own (:mod:`agents.meeting`).
"""

from __future__ import annotations

import importlib.metadata
import sqlite3

import structlog

from agents.attaching import Attached, declare
from agents.backoff import Backoff
from agents.client import NotWelcome, Refused, Service, ServiceError
from agents.link import Link
from agents.meeting import Meeting, hand_over
from agents.outbox import Outbox
from agents.settings import Settings
from agents.starting import AgentError
from agents.store import Store, kept, queue, rows
from agents.trust.keyring import Mistrusted
from agents.trust.voice import Voice
from device_profiles.wire import WIRE_SCHEMA, Enrolment
from drivers.registry import driver_names

log = structlog.get_logger(__name__)


class Membership:
    """Of one agent at one service. Made by :meth:`begin`."""

    def __init__(
        self,
        settings: Settings,
        client: Service,
        link: Link,
        store: Store,
        *,
        join_token: str,
        attached: Attached | None,
        meeting: Meeting,
    ) -> None:
        self._settings = settings
        self._client = client
        self._link = link
        self._store = store
        self._join_token = join_token
        self._attached = attached
        self._meeting = meeting
        self._standing: kept.Standing = ""
        self._enrolled_now = False
        self.name = ""
        """The agent's name at the service; empty until it has one."""
        self.voice = Voice.unheard(store)

    async def begin(self, *, offline: bool, new_service: bool) -> None:
        """Find out where it stands: ``offline`` with a service of its own. Raises :class:`AgentError`."""
        folder = self._settings.data_dir
        if offline and not await self._store.write(kept.begin):
            raise AgentError(f"the agent of {folder} has joined a service: run it without --offline")
        self._standing = "" if offline else await self._store.write(kept.standing)
        if self._standing and self._attached is None:
            raise AgentError(
                f"{folder} was kept with no service: join one by `pointsman agent attach --data-dir {folder}`"
            )
        if not self.is_elsewhere:
            self.voice = await Voice.remembered(self._store, new_service=new_service)

    @property
    def is_elsewhere(self) -> bool:
        """Whether what was assigned is of another service than the one that is to be joined."""
        return self._standing == "keeping"

    async def join(self, outbox: Outbox) -> bool:
        """Be known at the service, and tell it what was kept for it; whether to go on.

        Waits as long as the service is away. Raises :class:`AgentError`.
        """
        await self._introduce()
        await self._attach()
        if not self._standing:
            return self._meeting.told(0)
        goes_on = await hand_over(self._meeting, self._store, outbox, self._link, agent=self.name)
        self._standing = ""
        return goes_on

    async def join_again(self) -> None:
        """Enrol once more where the service does not know the token, if there is a join token."""
        if not self._join_token:
            return
        try:
            await self._enrol()
        except Mistrusted as error:
            self._link.mistrusted(error)
        except ServiceError as error:
            log.info("service does not let this agent join again", error=str(error))

    async def _introduce(self) -> None:
        """Find the token in the store, or enrol until the service is there to do it."""
        token, name = await self._store.write(lambda db: (rows.get_meta(db, "token"), rows.get_meta(db, "agent")))
        if token and name and not self.is_elsewhere:
            self._client.token, self.name = token, name
            return
        if not self._join_token:
            raise AgentError(
                "this agent is not enrolled: start it once with a join token "
                f"(pointsman token create --scope join --location {self._settings.location})"
            )
        backoff = Backoff(low_s=0.2, high_s=15.0)
        while True:
            try:
                await self._enrol()
            except (NotWelcome, Refused, Mistrusted) as error:
                raise AgentError(f"the service does not take this agent: {error}") from None
            except ServiceError as error:
                self._link.lost(error)
                await self._link.wait(backoff.next())
            else:
                return

    async def _attach(self) -> None:
        """Declare the device at whose line this agent was started, if it was."""
        if self._attached is None:
            return
        try:
            try:
                await self._declare(self._attached)
            except NotWelcome:
                # What was kept was to be handed over to yet another service, and was not: this one knows nothing of us.
                if self._standing != "enrolled" or self._enrolled_now or not self._join_token:
                    raise
                self.voice = Voice.unheard(self._store)
                await self._enrol()
                await self._declare(self._attached)
        except (NotWelcome, Refused, Mistrusted) as error:
            raise AgentError(f"the service does not take the node {self._attached.node}: {error}") from None

    async def _declare(self, attached: Attached) -> None:
        await declare(attached, self._client, self._link, agent=self.name, location=self._settings.location)

    async def _enrol(self) -> None:
        settings = self._settings
        enrolment = Enrolment(
            schema=WIRE_SCHEMA,
            name=settings.name,
            location=settings.location,
            version=_version(),
            drivers=driver_names(),
            leases=True,
        )
        enrolled = await self._client.enrol(enrolment, join_token=self._join_token)
        keys = self.voice.pin(enrolled.keys)

        def change(db: sqlite3.Connection) -> None:
            if self._standing:
                kept.leave(db, fence=enrolled.fence, declared=self._meeting.declared)
            rows.put_meta(db, "keys", keys)
            queue.forget_acknowledged(db)
            rows.put_meta(db, "agent", enrolled.agent)
            rows.put_meta(db, "token", enrolled.token)

        await self._store.write(change)
        self._enrolled_now = True
        if self._standing:
            self._standing = "enrolled"
        self._client.token, self.name = enrolled.token, enrolled.agent
        self._link.back()
        log.info("agent enrolled", agent=enrolled.agent, location=settings.location)


def _version() -> str:
    try:
        return importlib.metadata.version("pointsman")
    except importlib.metadata.PackageNotFoundError:
        return "0+checkout"
