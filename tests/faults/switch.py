"""A switch that can be cut off, restarted to what it saved, and garbled; and that knows who made what on it.

Whose an element is, is kept by the device itself, as no agent can: what comes with a command of the agent is the
agent's, what comes by hand is not, and what a restart brings back is whose it was when it was saved. That is what the
ledger is held against.
"""

from __future__ import annotations

import asyncio
import copy
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from agents.elements import elements
from device_profiles.compare import Goal
from device_profiles.state import State
from drivers.contract import OwnPath, Step
from drivers.errors import Garbled, Unreachable
from drivers.planning import edits
from tests.unit.agents.devices import FakeConnection, FakeDriver, FakeSwitch, Rack

LATENCY_S = 0.004
FIRST, SECOND = "sw1", "console"
OWN_PORT, OWN_VLAN = "p48", 99
_SETS = {"ports": ("trunk_vlans",), "lags": ("members",)}


def is_cut(state: State) -> bool:
    """Whether the way over p48 in VLAN 99 is cut by the configuration."""
    port = state.ports.get(OWN_PORT)
    return port is None or port.enabled is False or str(OWN_VLAN) not in elements(port.trunk_vlans)


def elements_of(state: State) -> frozenset[str]:
    """All that can be somebody's: VLANs, bundles, and elements of sets, as paths."""
    found = {f"vlans.{vlan}" for vlan in state.vlans} | {f"lags.{lag}" for lag in state.lags}
    for section, names in _SETS.items():
        for key, item in getattr(state, section).items():
            for name in names:
                found |= {f"{section}.{key}.{name}.{element}" for element in elements(getattr(item, name))}
    return frozenset(found)


class TrialSwitch(FakeSwitch):
    """``reach`` is told of every point at which something may happen, and may raise."""

    def __init__(self, state: State, *, reach: Callable[[str], object]) -> None:
        super().__init__(state)
        self.reach = reach
        self.own_path = OwnPath(peer="10.8.0.1", ports=(OWN_PORT,), vlan=OWN_VLAN, evidence="FDB of the device")
        self.is_cut = is_cut
        self.cut_until: dict[str, float] = {}
        self.away_until = 0.0
        self.silent = False
        """Whether what is cut off gives no answer at all, in place of an error."""
        self.connections: list[FakeConnection] = []
        self.ours: set[str] = set()
        self.disputed: set[str] = set()
        """Elements of which the agent cannot know whose they are."""
        self.undoing = False
        self.taken_by_us: dict[str, bool] = {}
        """Of what the agent took away: whether it was its own. An undo brings it back as it was."""
        self._saved = self._snapshot()

    def _snapshot(self) -> tuple[Any, set[str]]:
        return copy.deepcopy(self._objects), set(self.ours)

    @property
    def saved_is_running(self) -> bool:
        return bool(self._saved[0] == self._objects)

    def save(self) -> None:
        self._saved = self._snapshot()

    def restart(self, *, away_s: float) -> None:
        """Lose power: the startup configuration is all that is left, and every session is gone."""
        objects, ours = self._saved
        self._objects, self.ours = copy.deepcopy(objects), set(ours)
        self.away_until = asyncio.get_running_loop().time() + away_s
        self.drop()
        self._changed()

    def drop(self) -> None:
        """Every session breaks."""
        for connection in self.connections:
            connection.closed = True
        self.connections.clear()
        self.push()

    def hang_up(self) -> None:
        """The agent's end of every session is gone."""
        self.connections.clear()

    def heal(self) -> None:
        """No fault lasts."""
        self.cut_until.clear()
        self.away_until, self.silent = 0.0, False

    async def at(self, point: str, host: str) -> None:
        await asyncio.sleep(LATENCY_S)
        now = asyncio.get_running_loop().time()
        if now < max(self.cut_until.get(host, 0.0), self.away_until) or (host == FIRST and is_cut(self.state)):
            if self.silent:
                await asyncio.Event().wait()
            raise Unreachable("no answer: the way is cut")
        self.calls[point] += 1
        if self.reach(point) == "hang":
            await asyncio.Event().wait()

    def run(self, command: str) -> None:
        self.reach("command")
        before = elements_of(self.state)
        super().run(command)
        after = elements_of(self.state)
        for path in before - after:
            self.taken_by_us[path] = path in self.ours
        self.ours -= before - after
        for path in after - before:
            if self.taken_by_us.get(path, True) or not self.undoing:
                self.ours.add(path)
                if not self.taken_by_us.get(path, not self.undoing):
                    self.disputed.add(path)

    @contextmanager
    def hands(self) -> Iterator[None]:
        """What changes meanwhile is done by somebody else."""
        before = elements_of(self.state)
        yield
        after = elements_of(self.state)
        self.ours -= before - after
        for path in before ^ after:
            self.taken_by_us.pop(path, None)

    async def answer(self) -> None:
        if self.reach("answer") == "hang":
            await asyncio.Event().wait()


class TrialDriver(FakeDriver):
    """A driver whose sessions end when the device or the agent does. ``alive`` raises once the agent is dead."""

    switch: TrialSwitch
    alive: Callable[[], None]

    async def _at(self, point: str) -> None:
        self.alive()
        if self.connection.closed:
            raise Unreachable("the connection was lost")
        await super()._at(point)
        self.alive()
        if self.connection.closed:
            raise Garbled("the answer ends in the middle")

    def plan(self, goal: Goal, observed: State) -> tuple[Step, ...]:
        steps = zip(super().plan(goal, observed), edits(goal, observed), strict=True)
        return tuple(_with_whole_undo(replace(step, removes=edit.removes), observed) for step, edit in steps)

    async def apply(self, step: Step) -> None:
        await self._at("apply")
        await self._run(step.commands)
        await self.switch.answer()

    async def undo(self, step: Step) -> None:
        await self._at("undo")
        self.switch.undoing = True
        try:
            await self._run(step.undo)
        finally:
            self.switch.undoing = False

    async def _run(self, commands: tuple[str, ...]) -> None:
        for command in commands:
            self.alive()
            if self.connection.closed or (self.connection.host == FIRST and is_cut(self.switch.state)):
                raise Unreachable("the connection was lost")
            self.switch.run(command)
            self.alive()

    async def save(self) -> None:
        await self._at("save")
        self.switch.save()
        self.switch.saves += 1


def _with_whole_undo(step: Step, observed: State) -> Step:
    """A port that changes its mode loses what belongs to the old one: an undo has to bring that back as well."""
    lost = [
        json.dumps(["set", (*path[:2], name), value])
        for path in step.touches
        if path[2:] == ("mode",) and path[1] in observed.ports
        for name in ("access_vlan", "native_vlan", "trunk_vlans")
        if (value := getattr(observed.ports[path[1]], name)) is not None
    ]
    return replace(step, undo=(*step.undo, *lost))


class TrialRack(Rack):
    """The switch behind both accesses, for one life of the agent."""

    def __init__(self, switch: TrialSwitch, *, alive: Callable[[], None]) -> None:
        super().__init__(**{FIRST: switch, SECOND: switch})
        self._switch = switch
        self._alive = alive

    async def open_driver(self, access: Any, **more: Any) -> Any:
        self._alive()
        _, connection = await super().open_driver(access, **more)
        self._alive()
        self._switch.connections.append(connection)  # type: ignore[arg-type]
        driver = TrialDriver(connection, more["profile"])  # type: ignore[arg-type]
        driver.alive = self._alive
        return driver, connection
