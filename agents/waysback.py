"""Ways back: how a change is undone when it has cut us off.

Two are known: the device's own commit-confirm (:class:`~drivers.contract.Confirming`), and a second access, over which
the agent undoes step by step. A second access is proved before anything is written: over it the device shows the very
same configuration, and it does not run through the device's own ports (decision 0008).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final, Protocol

import structlog

from agents.connections import Device
from agents.desk import Desk
from agents.feeding import plain
from agents.nodes import Node
from agents.proof import Missing
from agents.ways import Way, Ways
from device_profiles.state import State
from drivers.access import parse_access
from drivers.contract import Confirming, Driver, Placed, Step
from drivers.errors import DeviceError, Transient

log = structlog.get_logger(__name__)

_LOCAL: Final = frozenset({"serial"})
NATIVE: Final = "the device itself"


class WayBack(Protocol):
    """How a change is taken back when it cut us off."""

    @property
    def url(self) -> str:
        """By which way, in words that may be shown."""

    @property
    def slack_s(self) -> float:
        """How much longer than the agent the device may take until it has taken a change back."""

    async def keep(self, driver: Driver) -> None:
        """The change is proved: keep it."""

    async def undo(self, steps: Sequence[Step]) -> None:
        """Undo these steps, in this order. Raises :class:`~drivers.errors.DeviceError`."""

    async def shows(self, missing: Missing) -> bool:
        """Whether the device shows over it that nothing is missing. Raises :class:`~drivers.errors.DeviceError`."""

    async def close(self) -> None:
        """Close what was opened for it. Never raises."""


class OwnTimer:
    """The device takes the change back by itself unless it is confirmed (commit-confirm)."""

    url = NATIVE
    slack_s = 90.0
    """Junos counts in whole minutes, and needs a while to commit the old configuration again."""

    def __init__(self, driver: Confirming) -> None:
        self._driver = driver

    async def keep(self, driver: Driver) -> None:
        """Confirm, over whatever session the device is reached by now."""
        if isinstance(driver, Confirming):
            await driver.confirm()

    async def undo(self, steps: Sequence[Step]) -> None:
        """Tell the device not to wait for its timer; where it cannot be told, the timer does it."""
        del steps
        try:
            await self._driver.revert()
        except Transient as error:
            log.info("the device takes the change back by its own timer", reason=error.reason)

    async def shows(self, missing: Missing) -> bool:
        """No: it is no way to the device."""
        del missing
        return False

    async def close(self) -> None:
        """Nothing was opened."""


class SecondAccess:
    """Another access of the node, held open while the change is made."""

    slack_s = 0.0

    def __init__(self, node: Node, url: str, *, desk: Desk) -> None:
        self.url = url
        self._desk = desk
        self._node = node
        self._device = Device(desk)

    async def driver(self) -> Driver:
        """The driver over this access. Raises :class:`~drivers.errors.DeviceError`."""
        return await self._device.ready(replace(self._node.accepted.assignment, access=(self.url,)))

    async def read(self) -> State:
        """What the device shows over this access."""
        driver = await self.driver()
        want = self._node.want(driver.capabilities)
        return await self._device.call(lambda: driver.read(want))

    async def doubt(self, observed: State, ways: Ways, *, cuts: Sequence[Way]) -> str:
        """Why this is no way back, as the end of a sentence; empty where it is one."""
        own = {port for way in ways.ways for port in way.ports}
        for whom in sorted({name for way in cuts for name in way.feeds}):
            if doubt := await self._needs(whom):
                return doubt
        try:
            if await self.read() != observed:
                return f"{self.url} shows another configuration"
            driver = await self.driver()
            path = await self._device.call(driver.own_path) if isinstance(driver, Placed) else None
        except DeviceError as error:
            return f"{self.url} cannot be used: {error}"
        if path is not None and path.ports:
            return f"{self.url} runs over {', '.join(path.ports)} as well"
        return "" if path is not None else await self._crossing(own)

    async def _needs(self, whom: str) -> str:
        """Whether this access is gone with the power of a machine."""
        access, company = parse_access(self.url), self._desk.company
        if company.is_us(whom):
            return "nothing is taken back by an agent that has no power"
        if access.scheme in _LOCAL:
            return ""
        hop = await self._desk.next_hop(access.host)
        crosses = company.crosses(hop.mac, whom) if hop.mac else None
        if plain(access.host) == whom or crosses:
            return f"{self.url} needs the power of {whom} as well"
        if crosses is None and not hop.here:
            return f"it cannot be told whether {self.url} needs the power of {whom}"
        return ""

    async def _crossing(self, own: set[str]) -> str:
        """Whether the next hop to this access stands behind a port of the device itself, other than our own."""
        access = parse_access(self.url)
        if access.scheme in _LOCAL:
            return ""
        hop = await self._desk.next_hop(access.host)
        if hop.here:
            return ""
        if not hop.mac:
            return f"it cannot be told whether {self.url} runs through the device itself"
        seen = {entry.port for entry in self._desk.company.of(self._node.name).macs if entry.mac == hop.mac}
        return f"{self.url} runs through the device itself, by {', '.join(sorted(seen))}" if seen - own else ""

    async def keep(self, driver: Driver) -> None:
        """Nothing is to be done: no timer runs."""

    async def undo(self, steps: Sequence[Step]) -> None:
        """See :class:`WayBack`."""
        for step in steps:
            driver = await self.driver()
            with self._desk.leases.writing(self._node.accepted.assignment):
                await self._device.call(lambda step=step, driver=driver: driver.undo(step))  # type: ignore[misc]

    async def shows(self, missing: Missing) -> bool:
        """See :class:`WayBack`."""
        return not missing(await self.read())

    async def close(self) -> None:
        """See :class:`WayBack`."""
        await self._device.close()


async def find_way_back(
    node: Node, device: Device, driver: Driver, *, desk: Desk, observed: State, ways: Ways, cuts: Sequence[Way]
) -> WayBack | str:
    """A proved way back of what makes ``cuts``; else why there is none, as the end of a sentence."""
    if "confirmed_commit" in node.capabilities & driver.capabilities and isinstance(driver, Confirming):
        return OwnTimer(driver)
    doubts = []
    used = parse_access(device.url)
    for url in node.accepted.assignment.access:
        if parse_access(url).host == used.host and parse_access(url).scheme == used.scheme:
            continue
        way = SecondAccess(node, url, desk=desk)
        doubt = await way.doubt(observed, ways, cuts=cuts)
        if not doubt:
            return way
        await way.close()
        doubts.append(doubt)
    return "; ".join(doubts) or "there is no way back: the node has no second access, and the device no commit-confirm"
