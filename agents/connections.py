"""A node's device, open over many passes, with a deadline on everything that is asked of it.

Opening goes: a place at the turnstile, the secret (only for that address), the pin, the connection, the driver. Each
access is tried in order, and only what may go well elsewhere (:class:`~drivers.errors.Transient`) goes on to the next.
Whatever does not answer within the profile's time is closed, so that the next pass begins with a fresh connection.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeVar

from agents.desk import Desk
from agents.identity import FACT_KINDS, difference, proved_by, shown
from agents.linepath import is_line, line_path
from device_profiles.facts import Facts
from device_profiles.profile import Profile
from device_profiles.wire import Assignment
from drivers.access import Access, parse_access
from drivers.contract import Connection, Driver, OwnPath, Placed, Timed, login_of
from drivers.errors import DeviceError, Transient, Unreachable, WrongDevice

T = TypeVar("T")
_CLOSING_S = 2.0
_OWN_PATH_S = 30.0
_FACTS_FRESH_S = 10.0
_BACK_S = 60.0
"""How long an access other than the first is used before the first is tried again."""
_LONG_ANSWER_BYTES = 64 << 10
"""What a slow line gets time for with each call, beside the profile's; its session judges silence by itself."""
_CALLS_A_PASS = 10
"""The deadline of a whole pass, in deadlines of one command."""


class Device:
    """The device of one node, open or not."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._driver: Driver | None = None
        self._connection: Connection | None = None
        self._identity = ""
        self._kind = ""
        self._identified_for: Assignment | None = None
        self._facts: tuple[float, Facts] | None = None
        self._url = ""
        self._opened = 0.0
        self._own: tuple[float, OwnPath | None] | None = None
        self._deadline = 0.0
        self._timeout_s = 0.0
        self._slow_s = 0.0
        self._timed: Timed | None = None
        self.detour = ""
        """That another access than the first was taken, and why, as a sentence; empty where the first is good."""
        self._spent_s = 0.0

    @property
    def driver(self) -> Driver | None:
        """The driver, while the device is open."""
        return self._driver if self._connection is not None and not self._connection.closed else None

    @property
    def identity(self) -> str:
        """What the device proved to be, when it was last opened."""
        return self._identity

    @property
    def url(self) -> str:
        """The access by which the device was last opened."""
        return self._url

    async def facts(self) -> Facts:
        """The facts of the open device; those with which it was identified just now are not asked for again."""
        found, self._facts = self._facts, None
        if found is not None and time.monotonic() - found[0] < _FACTS_FRESH_S:
            return found[1]
        driver = self.driver
        if driver is None:
            raise Unreachable("the connection was lost")
        return await self.call(driver.facts)

    async def own_path(self) -> OwnPath | None:
        """By which way the device is asked, by its own account; None where it cannot tell.

        It is not asked again for a while: while a session stands, its way hardly moves.
        """
        driver, now = self.driver, time.monotonic()
        if self._own is None or now - self._own[0] > _OWN_PATH_S:
            own = None
            access = parse_access(self._url) if driver is not None else None
            if driver is not None and access is not None and is_line(access):
                own = await self.call(partial(line_path, access, driver, find_hop=self._desk.next_hop))
            elif driver is not None and isinstance(driver, Placed):
                own = await self.call(driver.own_path)
            self._own = now, own
        return self._own[1]

    @property
    def spent_s(self) -> float:
        """Seconds spent waiting for the device, since ever: by the driver's own account where it keeps one."""
        return self._spent_s + (self._timed.waited_s if self._timed is not None else 0.0)

    async def ready(self, assignment: Assignment) -> Driver:
        """The driver, opened if need be; begins the deadline of a pass. Raises :class:`~drivers.errors.DeviceError`."""
        profile = assignment.profile
        self._timeout_s = profile.command_timeout_s
        if assignment is not self._identified_for:
            expected = self._known(assignment).get(self._kind)
            if expected and self._identity and expected != self._identity:
                await self.close()
            self._identified_for = assignment
        if self._url != assignment.access[0] and time.monotonic() - self._opened > _BACK_S:
            # Another access is for an outage of the first, which may be over.
            await self.close()
        if self.driver is None:
            await self.close()
            await self._open(assignment)
            self.begin(profile)
            await self._identify(assignment)
        self.begin(profile)
        driver = self.driver
        if driver is None:
            raise Unreachable("the connection was lost as soon as it was open")
        return driver

    async def meet(self, assignment: Assignment, *, pin: str | None) -> Driver:
        """The driver of a device that is not known yet: it must prove ``pin`` and nothing else, and is not pinned.

        Raises :class:`~drivers.errors.DeviceError`.
        """
        await self.close()
        self._timeout_s = assignment.profile.command_timeout_s
        access = parse_access(assignment.access[0])
        driver = await self._open_with(access, assignment, pin=pin)
        self._url = assignment.access[0]
        self.begin(assignment.profile)
        return driver

    def begin(self, profile: Profile) -> None:
        """Begin the deadline of all that is asked from here on."""
        self._deadline = time.monotonic() + _CALLS_A_PASS * (profile.command_timeout_s + self._slow_s)

    def _known(self, assignment: Assignment) -> dict[str, str]:
        return self._desk.pins.known(assignment.node, declared=assignment.identity, pinned=assignment.pinned)

    async def _identify(self, assignment: Assignment) -> None:
        """Look at what the device says of itself, and pin what is new. Raises ``WrongDevice``."""
        driver, profile = self.driver, assignment.profile
        countable = set(profile.identity) & FACT_KINDS
        if driver is None or not countable or "facts" not in driver.capabilities:
            return
        facts = await self.call(driver.facts)
        self._facts = time.monotonic(), facts
        known: dict[str, str] = {kind: item for kind, item in self._known(assignment).items() if kind in countable}
        found = shown(facts, profile)
        if wrong := difference(known, found):
            await self.close()
            raise WrongDevice(wrong)
        await self._desk.pins.learn(assignment.node, found, access=self._url)

    async def _open(self, assignment: Assignment) -> None:
        first: DeviceError | None = None
        for url in assignment.access:
            try:
                await self._open_at(parse_access(url), assignment)
                self._url, self._own, self._opened = url, None, time.monotonic()
                self.detour = f"the device answers over {parse_access(url)}, since {first}" if first is not None else ""
            except Transient as error:
                first = first or error
            else:
                return
        raise first or Unreachable("the node has no access")

    async def _open_at(self, access: Access, assignment: Assignment) -> None:
        kind = proved_by(access.scheme, assignment.profile)
        pin = self._known(assignment).get(kind)
        await self._open_with(access, assignment, pin=pin)
        shown = self._identity
        if pin is not None and shown and shown != pin:
            await self.close()
            raise WrongDevice(f"{access} shows {shown}, and shall show {pin}", shown=shown)
        if shown and kind:
            await self._desk.pins.learn(assignment.node, {kind: shown}, access=str(access))

    async def _open_with(self, access: Access, assignment: Assignment, *, pin: str | None) -> Driver:
        desk, profile = self._desk, assignment.profile
        credential = await desk.secrets.resolve(assignment.credentials, host=access.host)
        access = await desk.secrets.equip(access)
        async with desk.turnstile.place():
            try:
                async with asyncio.timeout(profile.connect_timeout_s):
                    driver, connection = await desk.open_driver(access, profile=profile, credential=credential, pin=pin)
            except TimeoutError:
                raise Unreachable(f"{access} did not answer within {profile.connect_timeout_s:g} s") from None
        self._driver, self._connection, self._identity = driver, connection, connection.identity
        self._kind, self._facts = proved_by(access.scheme, profile), None
        self._timed = driver if isinstance(driver, Timed) else None
        bytes_per_s = login_of(connection).bytes_per_s
        self._slow_s = _LONG_ANSWER_BYTES / bytes_per_s if bytes_per_s else 0.0
        desk.counters.connects += 1
        return driver

    async def call(self, ask: Callable[[], Awaitable[T]], *, long_answers: int = 1) -> T:
        """Ask the open device for something, within its time: once for each answer as long as a configuration.

        Raises :class:`~drivers.errors.DeviceError`.
        """
        begun, timed = time.monotonic(), self._timed
        limit = min(long_answers * (self._timeout_s + self._slow_s), self._deadline - begun)
        try:
            async with asyncio.timeout(limit):
                return await ask()
        except TimeoutError:
            await self.close()
            raise Unreachable(f"no answer from the device within {max(limit, 0):.3g} s") from None
        except Transient:
            await self.close()
            raise
        finally:
            if timed is None:
                self._spent_s += time.monotonic() - begun

    async def close(self) -> None:
        """Close driver and connection; never takes long, never raises."""
        driver, connection = self._driver, self._connection
        self._spent_s, self._timed = self.spent_s, None
        self._driver = self._connection = None
        for each in (driver, connection):
            if each is not None:
                try:
                    async with asyncio.timeout(_CLOSING_S):
                        await each.close()
                except TimeoutError:
                    continue
