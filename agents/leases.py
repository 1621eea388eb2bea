"""Which nodes this agent may write to, and until when.

In a location of one agent a node is ours for ever. Where several share a location a node is held by a lease: it was
given with a fence, it begins when the service first answered a renewal of it, and it ends so long after the moment at
which that renewal was *sent*: the service counts from when it heard it, which is later. Nothing is written in the last
part of a lease: a step is begun only where the lease outlasts it, and each send looks again. What only reads goes on.

The time is the machine's since it was booted, with the time in which it slept, where the system keeps that.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import ClassVar, Final

import structlog

from agents.clock import Clock
from device_profiles.wire import Assignment, Stored
from drivers.errors import Transient
from drivers.sending import only_while

log = structlog.get_logger(__name__)

_SPARE_S: Final = 2.0
"""What must be left of a lease beyond the longest that a step may take."""
_LAST_S: Final = 1.0
"""What must be left of a lease for bytes to be sent: they are on their way for a while."""
_WAIT_S: Final = 1.0
"""How long a pass waits for a renewal that is under way."""
_AT_MOST: Final = 0.6
"""Of a whole lease: what is asked to be left must be there between two renewals."""


class LeaseLost(Transient):
    """The lease has ended, or ends too soon: nothing is written until it is renewed."""

    reason: ClassVar[str] = "LeaseLost"


class NotHolder(Transient):
    """The node is, or is about to be, another agent's."""

    reason: ClassVar[str] = "NotHolder"


@dataclass(slots=True)
class _Held:
    fence: int
    longest_s: float
    ends_s: float = -math.inf
    refused: bool = False
    leaving: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewal:
    """What a post says of leases. ``sent_s``: when, by the time by which leases are measured."""

    sent_s: float
    leases: Mapping[str, int]
    needs_s: float
    released: Mapping[str, int]


class Leases:
    """The leases of one agent. ``on_need`` is called when a renewal shall go out soon, ``on_gained`` for each node
    that may be written to (again)."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._held: dict[str, _Held] = {}
        self._released: dict[str, int] = {}
        self._renew_s = math.inf
        self._asked_s = -math.inf
        self._length_s = math.inf
        self._news = asyncio.Event()
        self.shared = False
        """Whether several agents share the location: the service hears of us even where we hold nothing."""
        self.on_need: Callable[[], None] = _nobody
        self.on_gained: Callable[[str], None] = _nothing

    @property
    def renew_s(self) -> float:
        """How often a renewal is to go out at least; infinite where nothing is leased."""
        return self._renew_s if self._counts() else math.inf

    def share(self, renew_s: float | None) -> None:
        """Whether the location is shared, as the service says: renewals are due every ``renew_s`` then."""
        self.shared = renew_s is not None
        if renew_s is not None:
            self._renew_s = renew_s
            self.on_need()

    def accept(self, assignment: Assignment) -> None:
        """A node was given to this agent. Another fence is another lease, which has not begun."""
        node = assignment.node
        self._released.pop(node, None)
        if assignment.lease is None:
            self._held.pop(node, None)
            return
        self._renew_s = assignment.lease.renew_s
        held = self._held.get(node)
        if held is None or held.leaving or held.fence != assignment.fence:
            self._held[node] = held = _Held(assignment.fence, 0.0)
            self.on_need()
        held.longest_s = assignment.profile.command_timeout_s

    def leave(self, node: str) -> None:
        """The node is no longer ours: it is not written to from here on."""
        if node in self._held:
            self._held[node].leaving = True

    def release(self, node: str) -> None:
        """Nothing of ours touches the node any more: the service may give it to another agent at once."""
        held = self._held.get(node)
        if held is not None and held.leaving:
            del self._held[node]
            self._released[node] = held.fence
            self.on_need()

    # -- renewing ----------------------------------------------------------------------------------------------------

    def due(self) -> Renewal | None:
        """What a post that is sent now is to say of leases; None where nothing is to be said."""
        now = self._clock.elapsed()
        held = {node: each for node, each in self._held.items() if not each.leaving}
        fresh = now < self._asked_s + self._renew_s / 4
        if not self._counts() or (fresh and not self._released and all(each.ends_s > now for each in held.values())):
            return None
        return Renewal(
            sent_s=now,
            leases={node: each.fence for node, each in held.items()},
            needs_s=_SPARE_S + max((each.longest_s for each in held.values()), default=0.0),
            released=dict(self._released),
        )

    def answered(self, renewal: Renewal, stored: Stored) -> None:
        """What the service said to a renewal."""
        self._asked_s = renewal.sent_s
        for node in renewal.released:
            if self._released.get(node) == renewal.released[node]:
                del self._released[node]
        if stored.lease_s is None:
            return
        self._length_s = stored.lease_s
        now, kept = self._clock.elapsed(), frozenset(stored.leases)
        for node, fence in renewal.leases.items():
            held = self._held.get(node)
            if held is None or held.fence != fence:
                continue
            held.refused = node not in kept
            if not held.refused:
                was_over = held.ends_s <= now
                held.ends_s = max(held.ends_s, renewal.sent_s + stored.lease_s)
                if was_over:
                    self.on_gained(node)
        self._news.set()

    # -- writing -----------------------------------------------------------------------------------------------------

    def check(self, assignment: Assignment, *, needs_s: float) -> None:
        """Raise :class:`LeaseLost` or :class:`NotHolder` where the node may not be written to for ``needs_s`` more."""
        if assignment.lease is None:
            return
        node = assignment.node
        held = self._held.get(node)
        if held is None or held.leaving or held.refused or held.fence != assignment.fence:
            raise NotHolder(f"{node} was given to another agent, or is given anew: this one only reads it")
        left_s = held.ends_s - self._clock.elapsed()
        if left_s == -math.inf:
            raise LeaseLost(f"the lease on {node} has not begun: nothing is written until the service has answered")
        if left_s <= 0:
            raise LeaseLost(
                f"the lease on {node} ended {-left_s:.0f} s ago: nothing is written until the service renews it"
            )
        if left_s < needs_s:
            raise LeaseLost(
                f"the lease on {node} ends in {left_s:.0f} s, a step may take {needs_s:.0f} s: it is not begun"
            )

    async def hold(self, assignment: Assignment, *, needs_s: float) -> None:
        """Wait a moment for a lease that outlasts ``needs_s``. Raises :class:`LeaseLost` or :class:`NotHolder`."""
        wanted_s = min(needs_s + _SPARE_S, _AT_MOST * self._length_s)
        late = False

        def give_up() -> None:
            nonlocal late
            late = True
            self._news.set()

        timer = self._clock.call_later(_WAIT_S, give_up)
        try:
            while True:
                self._news.clear()
                try:
                    self.check(assignment, needs_s=wanted_s)
                except LeaseLost:
                    if late:
                        raise
                else:
                    return
                self.on_need()
                await self._news.wait()
        finally:
            timer.cancel()

    @contextmanager
    def writing(self, assignment: Assignment, *, needs_s: float | None = None) -> Iterator[None]:
        """For the length of a block something is written that takes ``needs_s`` at most (a command's time, if None).

        Raises before it is begun, and at each send, where the lease has ended or ends too soon.
        """
        if assignment.lease is None:
            yield
            return
        longest_s = assignment.profile.command_timeout_s if needs_s is None else needs_s
        self.check(assignment, needs_s=longest_s + _SPARE_S)
        with only_while(lambda: self.check(assignment, needs_s=_LAST_S)):
            yield

    def _counts(self) -> bool:
        return bool(self.shared or self._held or self._released)


def _nothing(node: str) -> None:
    """Until workers listen, none waits for ``node``."""


def _nobody() -> None:
    """Until somebody sends renewals there is nobody to be told."""
