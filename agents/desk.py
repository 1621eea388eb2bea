"""What all nodes of one agent share: the store, the outbox, the clock, whom to tell, and how devices are reached."""

from __future__ import annotations

import itertools
import os
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from agents.clock import Clock
from agents.company import Company, answering
from agents.leases import Leases
from agents.metrics import Counters
from agents.nexthop import NextHop, next_hop
from agents.observers import Moment, Observer
from agents.opening import OpenDriver, Turnstile
from agents.outbox import Outbox
from agents.pins import Pins
from agents.secrets import Secrets
from agents.settings import Settings
from agents.store import Store
from agents.surge import Surge
from device_profiles.wire import AgentRequest, Assignment


class Opening(Protocol):
    """Opens consoles (:mod:`agents.console`)."""

    def ask(self, request: AgentRequest, assignment: Assignment, freed: Callable[[], None]) -> None:
        """Open the console of a node; ``freed`` is called whenever a person has let its line go."""

    def leave(self, node: str) -> None:
        """End the console of a node."""


@dataclass(slots=True, kw_only=True)
class Desk:
    """The agent's shared means."""

    settings: Settings
    clock: Clock
    store: Store
    outbox: Outbox
    pins: Pins
    secrets: Secrets
    open_driver: OpenDriver
    observers: Sequence[Observer] = ()
    counters: Counters
    turnstile: Turnstile
    leases: Leases
    surge: Surge
    company: Company = field(default_factory=Company)
    consoles: Opening | None = None
    next_hop: Callable[[str], Awaitable[NextHop]] = next_hop
    answering: Callable[[Collection[tuple[str, int]]], Awaitable[frozenset[tuple[str, int]]]] = answering
    last_pass_ms: int = 0
    """When the newest pass that is known was begun, by the clock as it went then."""
    _boot: str = field(default_factory=lambda: os.urandom(4).hex())
    _count: itertools.count[int] = field(default_factory=itertools.count)

    def pass_id(self) -> str:
        """A name for a pass: nobody else's, and sorted after all before it, though the clock be set back meanwhile."""
        self.last_pass_ms = max(int(self.clock.now().timestamp() * 1000), self.last_pass_ms + 1)
        return f"{self.last_pass_ms:012x}-{self._boot}-{next(self._count):x}"

    def tell(self, moment: Moment) -> None:
        """Tell the observers where a pass is."""
        for observer in self.observers:
            observer.notice(moment)
