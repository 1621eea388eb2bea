"""What drivers of arrays share: when is read, what a reading becomes, and that nothing is planned without one.

A vendor's driver says how its array is read (:meth:`Array.see`, :meth:`Array.system`), how it is told something
(:meth:`Array.tell`) and in which words (:attr:`Array.tongue`).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import ClassVar

from device_profiles.compare import Goal
from device_profiles.facts import Facts
from device_profiles.links import Neighbour
from device_profiles.operation import Operation
from device_profiles.profile import Profile
from device_profiles.state import EMPTY, State
from drivers.contract import Connection, Step, Want
from drivers.errors import Rejected
from drivers.selection import Selection
from drivers.storage import planning, steps, telling
from drivers.storage.seen import Limits, Seen, System


class Array(ABC):
    """An array (see :class:`drivers.contract.Driver`)."""

    capabilities: ClassVar[frozenset[str]] = frozenset(
        {
            *("volumes", "volumes.size", "volumes.pool", "exports", "exports.initiators", "exports.luns"),
            *("operation", "facts", "neighbours"),
        }
    )
    limits: Limits = Limits()
    source: ClassVar[str]
    """Where readings come from, as operation names it."""

    def __init__(self, connection: Connection, profile: Profile) -> None:
        self.connection = connection
        self.profile = profile
        self.seen = Seen()
        """The last reading: what a plan knows beside the state."""
        self._state = EMPTY
        self._shown = EMPTY
        self._selection = Selection()

    @property
    @abstractmethod
    def tongue(self) -> steps.Tongue:
        """How the array is told what is planned, as of the last reading."""

    @abstractmethod
    async def see(self) -> Seen:
        """Read all of it, sessions as well. The same answers as at the last call may give the same object."""

    @abstractmethod
    async def system(self) -> System:
        """What the array is."""

    @abstractmethod
    async def tell(self, commands: Sequence[str], *, doing: str) -> None:
        """Run commands of a step, in order; the first that is refused ends it."""

    async def read(self, want: Want) -> State:
        """All volumes and exports, and then what of them is wanted."""
        seen = await self.see()
        if seen is not self.seen:
            state = seen.state
            self._state = self._state if state == self._state else state
            self.seen = seen
        self._shown = self._selection.of(self._state, want)
        return self._shown

    def plan(self, goal: Goal, observed: State) -> tuple[Step, ...]:
        """The steps to ``goal``. Sessions and pools are remembered from the last reading."""
        # Of the last reading all is known, whatever of it was shown.
        whole = self._state if observed is self._shown else observed
        able = self.capabilities & frozenset(self.profile.capabilities)
        found = planning.changes(goal, whole, seen=self.seen, limits=self.limits, capabilities=able)
        return steps.steps(found, self.tongue)

    async def apply(self, step: Step) -> None:
        """A step's commands in order."""
        if step.refused is not None:
            raise Rejected(f"{step.text}: {step.refused.message}")
        await self.tell(step.commands, doing=step.text)

    async def undo(self, step: Step) -> None:
        """A step's undo commands in order. A volume that was made or grown stays as it is."""
        if step.undo:
            await self.tell(step.undo, doing=f"undo of {step.text}")

    async def save(self) -> None:  # noqa: B027 -- nothing to do is right for most
        """Nothing to do, where an array keeps what it was told."""

    async def operation(self, want: Want) -> Operation:
        """``pools``, ``volumes`` and ``sessions``; nothing wanted is all."""
        at = datetime.now(UTC)
        return telling.operation(await self.see(), want, at=at, source=self.source)

    async def facts(self) -> Facts:
        """What the array is and holds."""
        system = await self.system()
        system = replace(system, manufacturer=system.manufacturer or self.profile.vendor)
        return telling.facts(await self.see(), system, platform=self.profile.name)

    async def links(self) -> tuple[Neighbour, ...]:
        """Who is logged in, and who may."""
        return telling.links(await self.see())

    async def close(self) -> None:  # noqa: B027 -- nothing to do is right for most
        """Close the driver's own streams; the connection stays."""
