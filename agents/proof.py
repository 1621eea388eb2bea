"""Whether a change cut nobody off: this node over the way by which it was changed, and those that stand beside it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import replace
from typing import ClassVar

from agents.backoff import Backoff
from agents.connections import Device
from agents.desk import Desk
from agents.nodes import Node
from device_profiles.compare import Goal, compare
from device_profiles.paths import Path, render_path
from device_profiles.state import State
from drivers.errors import Transient

Missing = Callable[[State], tuple[Path, ...]]


class NotReached(Transient):
    """Within the time the device did not show, over the way by which it was changed, what it shall."""

    reason: ClassVar[str] = "NotReached"


def lacking(goal: Goal) -> Missing:
    """What of a goal a reading does not show."""
    return lambda shown: tuple(change.path for change in compare(goal, shown))


class Proof:
    """Proves that a change cut nobody off: this node over the way it was changed by, and those beside it."""

    def __init__(self, node: Node, device: Device, *, desk: Desk, url: str, beside: frozenset[tuple[str, int]]) -> None:
        self._node = node
        self._device = device
        self._desk = desk
        self._beside = beside
        self._assignment = replace(node.accepted.assignment, access=(url,))
        self.answered = False
        """Whether the device answered when it was last asked."""

    @classmethod
    async def begin(cls, node: Node, device: Device, *, desk: Desk) -> Proof:
        """Remember who answers before the change."""
        beside = await desk.answering(desk.company.beside(node.name))
        return cls(node, device, desk=desk, url=device.url, beside=beside)

    async def reached(self, missing: Missing, *, slack_s: float = 0.0) -> State:
        """What the device shows once it shows what it shall. Raises :class:`~drivers.errors.DeviceError`."""
        within_s = self._desk.settings.confirm_s + slack_s
        backoff = Backoff(low_s=0.1, high_s=2.0)
        error: Transient = NotReached("the device was not asked")
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                while True:
                    try:
                        return await self._look(missing)
                    except Transient as failed:
                        error = failed
                    await self._desk.clock.sleep(backoff.next())
        await self._device.close()
        raise NotReached(f"{error} (waited {within_s:g} s)")

    async def _look(self, missing: Missing) -> State:
        self.answered = False
        driver = await self._device.ready(self._assignment)
        want = self._node.want(driver.capabilities)
        self._node.readings += 1
        observed = await self._device.call(lambda: driver.read(want))
        self.answered = True
        if absent := missing(observed):
            raise NotReached(f"{render_path(absent[0])} is not as it shall be")
        silent = self._beside - await self._desk.answering(self._beside)
        if silent:
            hosts = ", ".join(sorted(host for host, _ in silent))
            raise NotReached(f"{hosts} answered before the change, and does not now")
        return observed
