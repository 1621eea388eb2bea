"""One promise on trial: a device in a known state, drivers opened on it, and everything that was heard meanwhile.

Whatever a driver raises passes through :meth:`Trial.call`, where an exception that is none of :mod:`drivers.errors` is
itself a broken promise. On a device that cannot be reset at once, every step that was applied is remembered and undone
in reverse; that leaves the device as it was found, or says that it did not.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from device_profiles.compare import Goal
from device_profiles.leaves import SHAPES
from device_profiles.state import State
from drivers.conformance.commanded import CommandedWire
from drivers.conformance.differences import difference
from drivers.conformance.goals import Goals
from drivers.conformance.listening import listening
from drivers.conformance.managed import ManagedWire
from drivers.conformance.served import ServedWire
from drivers.conformance.subject import Subject
from drivers.conformance.wire import Clock, Fault, Wire
from drivers.contract import Connection, Driver, Step
from drivers.errors import DeviceError
from drivers.ipmi.messages import Commanded
from drivers.rest.served import Served
from drivers.snmp.managed import Managed

_T = TypeVar("_T")


class Broken(AssertionError):
    """A promise that was not kept; the message says what was seen."""


class NotRestored(Broken):
    """The device is not as it was found; nothing further may be tried on it."""


@dataclass(slots=True, eq=False)
class Opened:
    """A driver and the wire it talks over."""

    driver: Driver
    wire: Wire


@dataclass(slots=True, eq=False)
class Trial:
    """What a promise's check works with."""

    subject: Subject
    clock: Clock
    goals: Goals
    heard: list[str] = field(default_factory=list)
    """All texts that came out of the driver: errors, steps, logs; none may hold a secret."""
    _connection: Connection | None = None
    _opened: list[Opened] = field(default_factory=list)
    _journal: list[Step] = field(default_factory=list)
    _found: State | None = None

    @property
    def want(self) -> frozenset[str]:
        """Everything of the schema that the profile declares."""
        return frozenset(self.subject.profile.capabilities) & SHAPES

    @property
    def patience_s(self) -> float:
        """How long a driver may wait before it must say that nobody answers: its deadlines, and room for a second
        try.
        """
        return 3 * (self.subject.profile.command_timeout_s + self.subject.profile.connect_timeout_s)

    async def open(self, fault: Fault | None = None, *, sessions: int | None = None) -> Opened:
        """A fresh driver on the device."""
        if self._connection is None or self._connection.closed:
            self._connection = await self.subject.open()
        wire = self._wire(self._connection, fault or Fault(), sessions)
        opened = Opened(self.subject.driver(wire, self.subject.profile), wire)
        self.heard += (repr(opened.driver), str(opened.driver))
        self._opened.append(opened)
        return opened

    def _wire(self, connection: Connection, fault: Fault, sessions: int | None) -> Wire:
        limit_s = self.subject.profile.command_timeout_s
        # First, since it can do what the others are known by, and more.
        if isinstance(connection, Managed):
            return ManagedWire(connection, self.clock, fault, sessions, timeout_s=limit_s)
        if isinstance(connection, Served):
            return ServedWire(connection, self.clock, fault, sessions, timeout_s=limit_s)
        if isinstance(connection, Commanded):
            return CommandedWire(connection, self.clock, fault, sessions, timeout_s=limit_s)
        return Wire(connection, self.clock, fault, sessions)

    async def call(self, work: Awaitable[_T], doing: str) -> _T:
        """The result of a driver's coroutine. Device errors pass; anything else is a broken promise."""
        try:
            return await work
        except DeviceError as error:
            self._hear(error)
            raise
        except StopAsyncIteration:
            raise
        except Exception as error:
            self.heard.append(repr(error))
            raise Broken(f"{doing} raised {type(error).__name__}, which is none of drivers.errors: {error}") from error

    def _hear(self, error: DeviceError) -> None:
        """What a log with a traceback would show of an error."""
        beside = None if error.__suppress_context__ else error.__context__
        self.heard += (str(error), repr(error), repr(error.__cause__), repr(beside))

    async def read(self, opened: Opened, want: Iterable[str] | None = None) -> State:
        """A reading of all that is declared, or of ``want``."""
        return await self.call(opened.driver.read(self.want if want is None else frozenset(want)), "read")

    async def plan(self, opened: Opened, goal: Goal) -> tuple[Step, ...]:
        """A reading, and the plan from there."""
        return self.planned(opened, goal, await self.read(opened))

    def planned(self, opened: Opened, goal: Goal, observed: State) -> tuple[Step, ...]:
        """A plan. Device errors pass; anything else is a broken promise."""
        try:
            steps = opened.driver.plan(goal, observed)
        except DeviceError as error:
            self._hear(error)
            raise
        except Exception as error:
            raise Broken(f"plan raised {type(error).__name__}, which is none of drivers.errors: {error}") from error
        self.heard += (repr(step) for step in steps)
        return steps

    async def apply(self, opened: Opened, *steps: Step) -> None:
        """Apply steps in order, remembering them."""
        for step in steps:
            self.remember(step)
            await self.call(opened.driver.apply(step), f"apply of '{step.text}'")

    def remember(self, *steps: Step) -> None:
        """Remember steps that are about to be applied, to be undone when the device is brought back."""
        self._journal += steps

    async def later(self, seconds: float) -> None:
        """Come back when this time has passed on the device; where it has a real clock, when it really has."""
        if self.subject.later is not None:
            await self.subject.later(seconds)
        else:
            await asyncio.sleep(seconds)

    async def converge(self, opened: Opened, goal: Goal) -> State:
        """Read, plan and apply; what is then read."""
        await self.apply(opened, *await self.plan(opened, goal))
        return await self.read(opened)

    async def settle(self, *goals: Goal) -> Opened:
        """The device in its known state, and then brought to each goal in turn; with a fresh driver."""
        await self.restore()
        opened = await self.open()
        for goal in goals:
            await self.converge(opened, goal)
        return opened

    async def restore(self) -> None:
        """The device as it was found. Raises :class:`NotRestored`."""
        await self.close_drivers()
        if self.subject.reset is not None:
            await self.subject.reset()
            return
        if not self._journal and self._found is not None:
            return
        opened = await self.open()
        if self._found is None:
            self._found = await self.read(opened)
            self._unused(self._found)
        try:
            while self._journal:
                await self.call(opened.driver.undo(self._journal[-1]), "undo")
                self._journal.pop()
            state = await self.read(opened)
        except DeviceError as error:
            raise NotRestored(f"the device could not be brought back to what it was: {error}") from error
        if state != self._found:
            raise NotRestored(
                f"the device is not what it was, although all was undone: {difference(self._found, state)}"
            )

    def _unused(self, state: State) -> None:
        """Raise :class:`NotRestored` where what was given for the suite to change is in use, or is not there."""
        ground = self.subject.ground
        taken = [f"VLAN {vlan}" for vlan in ground.vlans if vlan in state.vlans]
        taken += [f"the LAG {ground.lag}" for lag in state.lags if lag == ground.lag]
        lacking = [port for port in ground.ports if port not in state.ports]
        if taken:
            raise NotRestored(f"{taken[0]} is on the device already: name one that is not")
        if lacking:
            raise NotRestored(f"the device has no port {lacking[0]}")

    async def close_drivers(self) -> None:
        """Close every driver that was opened, as their users do."""
        while self._opened:
            opened = self._opened.pop()
            opened.wire.fault = Fault()
            await self.call(opened.driver.close(), "close")
            await opened.wire.close()

    async def close(self) -> None:
        """End the trial."""
        await self.close_drivers()
        if self._connection is not None:
            await self._connection.close()
            self._connection = None

    async def writes(self) -> int:
        """The device's write counter; 0 where it has none, so that it never moves."""
        return 0 if self.subject.writes is None else await self.subject.writes()

    def kept_secrets(self) -> None:
        """Raise :class:`Broken` where a secret was heard; the secret itself is not repeated."""
        for text in self.heard:
            for secret in self.subject.secrets:
                if secret and secret in text:
                    raise Broken(f"a secret is shown in: {text.replace(secret, '(the secret)')[:200]}")


@contextlib.asynccontextmanager
async def trying(subject: Subject) -> AsyncIterator[Trial]:
    """A trial on ``subject``; the device is as it was found when it ends, or :class:`NotRestored` says otherwise."""
    clock = Clock()
    trial = Trial(subject, clock, Goals(subject.profile, subject.ground, few=subject.few))
    with clock.driving(), listening(trial.heard):
        try:
            yield trial
        finally:
            try:
                await trial.restore()
            finally:
                await trial.close()


def expect(condition: object, seen: str) -> None:
    """Raise :class:`Broken` with what was seen, where the condition does not hold."""
    if not condition:
        raise Broken(seen)


async def attempt(work: Awaitable[_T]) -> _T | DeviceError:
    """The result, or the device error that came in its place."""
    try:
        return await work
    except DeviceError as error:
        return error


async def cancelled(task: asyncio.Task[object]) -> bool:
    """Whether a task ended by being cancelled; any other end is its result or error, which is raised."""
    await asyncio.wait({task})
    if task.cancelled():
        return True
    task.result()
    return False
