"""Answers on their way back to the callers: sent at once, tried again until the caller's deadline, then dropped."""

from __future__ import annotations

import asyncio

import structlog

from agents.backoff import Backoff
from agents.client import Service, ServiceAway, ServiceError
from agents.clock import Clock
from agents.link import Link
from device_profiles.wire import AgentRequest, Answer

log = structlog.get_logger(__name__)


class Answers:
    """Sends answers, each in a task of its own in ``group``: a slow one holds no other up."""

    def __init__(self, client: Service, link: Link, *, clock: Clock, group: asyncio.TaskGroup) -> None:
        self._client = client
        self._link = link
        self._clock = clock
        self._group = group
        self._tasks: set[asyncio.Task[None]] = set()
        self.agent = ""
        """The agent's name with the service, from enrolment on."""

    def __call__(self, request: AgentRequest, answer: Answer) -> None:
        """Send an answer."""
        task = self._group.create_task(self._send(request, answer), name=f"answer {request.id}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def cancel(self) -> None:
        """Give up what is not sent."""
        for task in self._tasks:
            task.cancel()

    async def _send(self, request: AgentRequest, answer: Answer) -> None:
        backoff = Backoff(low_s=0.2, high_s=5.0)
        while True:
            try:
                await self._client.send_answer(self.agent, request.id, answer)
            except ServiceAway as error:
                self._link.lost(error)
                if self._clock.now() >= request.deadline:
                    log.info("answer came too late", request=request.id, node=request.node)
                    return
                await self._link.wait(backoff.next())
            except ServiceError as error:
                log.info("answer not wanted any more", request=request.id, node=request.node, error=str(error))
                return
            else:
                return
