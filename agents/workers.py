"""One worker per node: it alone reads from and writes to its device, one thing after the other.

What waits for a worker is small: one merged wake, the newest assignment, and the requests. Whatever happens to one node
(a device that hangs, garbles, or a fault of ours in its pass) stays with its worker.

How it goes on after a pass: all well, at the next poll or push; an error that may go well next time, with a growing
delay; an error that will not, when assignment or request change something, and every few minutes all the same.
While an error stands, pushes wait too: a device that refuses half of what we set tells us of the other half.
"""

from __future__ import annotations

import asyncio
import random
import traceback
from collections import deque
from collections.abc import Callable
from typing import Final

import structlog

from agents.assignments import Accepted
from agents.backoff import Backoff
from agents.connections import Device
from agents.desk import Desk
from agents.discovery import Discovery
from agents.nodes import Node
from agents.passes import Pass, Result
from agents.requests import answer_request
from agents.wakes import Wakes
from device_profiles.wire import AgentRequest, Answer, Cause
from drivers.contract import Driver, Watching
from drivers.errors import DeviceError, Transient

log = structlog.get_logger(__name__)

Answering = Callable[[AgentRequest, Answer], None]
_FIRST_PART: Final = 0.05
_LEAST_PART: Final = 0.95
"""How much of its interval a poll waits at least: the first one, and every other."""
_PUSH_S: Final = 0.02
"""Pushes within this time are one pass: a change by hand is often several transactions."""
_PUSH_GAP_S: Final = 0.1
_PUSH_IN_TROUBLE_S: Final = 30.0
_BLOCKED_S: Final = 300.0
_WATCH_AGAIN_S: Final = 5.0


class Worker:
    """The worker of one node."""

    def __init__(self, node: Node, *, desk: Desk, answering: Answering) -> None:
        self.node = node
        self._desk = desk
        self._answering = answering
        self._device = Device(desk)
        desk.company.join(node.name, node.accepted.assignment.access)
        self._discovery = Discovery(node, self._device, desk=desk)
        self._wakes = Wakes(desk.clock)
        self._next: Accepted | None = None
        self._requests: deque[AgentRequest] = deque()
        self._backoff = Backoff(low_s=0.5, high_s=30.0)
        self._blocked = Backoff(low_s=_BLOCKED_S, high_s=_BLOCKED_S)
        self._trouble: str = ""
        self._ended = 0.0
        self._passing = False
        self._pushed_at = -1
        self._stirred = False
        self._poll_due = 0.0
        self._least_part = _FIRST_PART
        self._watch: asyncio.Task[None] | None = None
        self._watched: Driver | None = None
        self._watch_from = 0.0

    @property
    def accepted(self) -> Accepted:
        """The newest assignment, taken up or not."""
        return self._next or self.node.accepted

    def assign(self, accepted: Accepted) -> None:
        """A new assignment, taken up before the next pass."""
        self._next = accepted
        self._wakes.add("assignment")

    def stand(self, why: str) -> None:
        """What the service says of the node is not accepted, and why; empty: it is (again)."""
        if self.node.behind != why:
            self.node.stand(why, self._desk.clock.now())
            self._wakes.add("poll")

    def ask(self, request: AgentRequest) -> None:
        """Something to do for a caller who waits."""
        if request.kind == "console" and self._desk.consoles is not None:
            # Not between passes: whoever watches one would wait for its end.
            self._desk.consoles.ask(request, self.accepted.assignment, self.may_write)
            return
        self._requests.append(request)
        self._wakes.nudge()

    def may_write(self) -> None:
        """The lease on the node has begun (again), or a person let its line go: what waited for it is tried now."""
        if self._trouble:
            self._wakes.add("retry")

    def send_whole(self, part: str) -> None:
        """The service wants a document whole."""
        self.node.resend.add(part)
        if part in {"facts", "links"}:
            self._discovery.now(part)
        self._wakes.add("poll")

    def finish(self) -> None:
        """End after what is being done now."""
        self._wakes.close()

    async def run(self, cause: Cause) -> None:
        """Work until :meth:`finish` or cancelled; the device is closed then. ``cause`` is that of the first pass."""
        try:
            async with asyncio.TaskGroup() as group:
                self._wakes.add(cause)
                while (woken := await self._wakes.next()) is not None:
                    await self._turn(woken, group)
                self._stop_watching()
        finally:
            if self._desk.consoles is not None:
                self._desk.consoles.leave(self.node.name)
            await self._device.close()

    async def _turn(self, cause: Cause, group: asyncio.TaskGroup) -> None:
        try:
            await self._take_up()
            if cause == "request":
                if not self._requests:
                    return
                await self._answer(self._requests.popleft())
            elif cause != "poll" or self._is_due():
                await self._pass(cause)
            await self._beside(group)
        except Exception:  # noqa: BLE001 -- whatever it is (a full disk), it stays with this node
            trace = traceback.format_exc()
            log.error("pass broken off by a fault", node=self.node.name, profile=self.node.profile.name, trace=trace)  # noqa: TRY400
            self._desk.counters.passes_failed += 1
            self.node.distrust()
            self.node.ledger.doubted = True  # what is on disk counts, where a pass may stand without its end
            await self._device.close()
            self._wakes.add("retry", delay_s=self._backoff.next())
        self._ended = self._desk.clock.monotonic()
        if self._requests:
            self._wakes.nudge()

    async def _take_up(self) -> None:
        if self._next is None:
            return
        old, new = self.node.accepted.assignment, self._next.assignment
        self.node.take_over(self._next)
        if old.access != new.access:
            self._desk.company.join(self.node.name, new.access)
        self._next = None
        self._trouble = ""
        self._backoff.reset()
        if old.fence != new.fence:
            # Enrolled anew: what was told under the old fence went into history, not into the node's status.
            self.node.distrust()
        if (old.profile, old.access, old.credentials) != (new.profile, new.access, new.credentials):
            await self._device.close()
            if self._desk.consoles is not None:
                self._desk.consoles.leave(self.node.name)

    def _is_due(self) -> bool:
        """Whether a poll is one: it may as well be discovery that the worker was woken for."""
        node, now = self.node, self._desk.clock.monotonic()
        return bool(self._trouble or node.owed or node.resend or node.desired is not node.desired_done) or (
            now >= self._poll_due or self._device.driver is None
        )

    async def _pass(self, cause: Cause) -> None:
        self._passing, self._pushed_at = True, -1
        try:
            result = await Pass(self.node, self._device, desk=self._desk, cause=cause).run()
        finally:
            self._passing = False
        self._schedule(result.error)
        self._log(result)
        if result.record is not None and result.record.outcome == "changed":
            self._look_again(relinked=result.relinked)
        elif self._stirred and result.error is None:
            # Whatever the pass was for: a push that comes while a poll reads makes no pass of its own, and one that
            # waits beside an assignment neither; it may have told of a neighbour, which no pass reads.
            self._stirred = False
            self._discovery.stirred()
        if self._pushed_at == self.node.readings:
            self._pushed()

    def _look_again(self, *, relinked: bool) -> None:
        """See soon what a change made of the device; of its links only where the change may have moved them."""
        self._stirred = False
        self._discovery.soon("operation", *(("links",) if relinked else ()))

    def _schedule(self, error: DeviceError | None) -> None:
        if error is None:
            self._trouble = ""
            self._backoff.reset()
            delay = self._until_next_poll_s()
            if self.node.wake_at is not None:
                delay = min(delay, max((self.node.wake_at - self._desk.clock.now()).total_seconds(), 0.0) + _PUSH_S)
            self._poll_due = self._desk.clock.monotonic() + delay
            self._wakes.add("poll", delay_s=delay)
        else:
            backoff = self._backoff if isinstance(error, Transient) else self._blocked
            self._wakes.add("retry", delay_s=backoff.next())

    def _until_next_poll_s(self) -> float:
        """The poll interval, with a little chance; after the first pass, some part of it.

        Nodes that were started together would else be polled together: for minutes, until chance has parted them.
        """
        poll = self._desk.settings.poll_s or self.node.profile.poll_s
        least, self._least_part = self._least_part, _LEAST_PART
        return poll * random.uniform(least, 1.05)  # noqa: S311 -- no secret

    def _log(self, result: Result) -> None:
        record, error = result.record, result.error
        fields = {"node": self.node.name, "profile": self.node.profile.name, "generation": self.node.desired.generation}
        if error is not None:
            if self._trouble != error.reason:
                log.warning("pass failed", reason=error.reason, error=str(error), **fields)
            self._trouble = error.reason
        elif record is not None and record.outcome != "unchanged":
            log.info("pass done", outcome=record.outcome, pass_id=record.id, steps=len(record.steps), **fields)

    async def _answer(self, request: AgentRequest) -> None:
        answer = await answer_request(request, self.node, self._device, desk=self._desk)
        self._answering(request, answer)
        if request.kind == "converge" and answer.ok:
            self._look_again(relinked=answer.body.get("outcome") == "changed")
            if self._trouble:
                self._wakes.add("retry")

    async def _beside(self, group: asyncio.TaskGroup) -> None:
        """Watch and discover, where the device is open."""
        driver = self._device.driver
        if driver is None or self._trouble:
            return
        self._keep_watching(driver, group)
        if self._discovery.wait_s() == 0.0 and not self._requests and self._next is None:
            try:
                await self._discovery.run(driver)
            except Transient as error:
                log.info("device lost while discovering", node=self.node.name, reason=error.reason)
                self._wakes.add("retry", delay_s=self._backoff.next())
        due = min(self._discovery.wait_s(), self._poll_due - self._desk.clock.monotonic())
        self._wakes.add("poll", delay_s=max(due, 0.0))

    def _keep_watching(self, driver: Driver, group: asyncio.TaskGroup) -> None:
        now = self._desk.clock.monotonic()
        if driver is self._watched:
            if self._watch is None or not self._watch.done() or now < self._watch_from:
                return
        else:
            self._stop_watching()
            self._watched = driver
        if "watch" in self.node.capabilities & driver.capabilities and isinstance(driver, Watching):
            self._watch_from = now + _WATCH_AGAIN_S
            self._watch = group.create_task(self._follow(driver), name=f"watch {self.node.name}")

    async def _follow(self, driver: Watching) -> None:
        """Wake the worker for each change that the device pushes, and once more when it stops pushing."""
        try:
            async for _ in driver.changes():
                self._pushed()
        except DeviceError as error:
            log.debug("watch ended", node=self.node.name, reason=error.reason)
        except Exception:  # noqa: BLE001 -- polling goes on
            log.error("watch broken off by a fault", node=self.node.name, trace=traceback.format_exc())  # noqa: TRY400
        self._pushed()

    def _pushed(self) -> None:
        self._stirred = True
        if self._passing:
            # What the device tells of before the pass reads it again, as of our own change, that reading shows.
            self._pushed_at = self.node.readings
            return
        if self._trouble:
            delay = _PUSH_IN_TROUBLE_S
        else:
            delay = max(_PUSH_S, self._ended + _PUSH_GAP_S - self._desk.clock.monotonic())
        self._wakes.add("pushed", delay_s=delay)

    def _stop_watching(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None
