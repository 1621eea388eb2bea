"""What a pass is to do about a reading, with what only device and surroundings can tell: ways, and ways back.

The choice itself is pure (:mod:`agents.choice`). Only where it holds a step that may cut a way is anything more asked:
by which way we came, and then, if the node allows that step, how it could be taken back. Passes and previews share it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from agents.choice import Choice, choose, choose_back
from agents.connections import Device
from agents.desk import Desk
from agents.feeding import Fed, LastFeeds, feeds, steady
from agents.guard import Scene
from agents.holding import cycle_step
from agents.judging import NOTHING_AROUND, Around
from agents.nodes import Node
from agents.rollback import Backwards
from agents.ways import Ways, may_cut
from agents.waysback import WayBack, find_way_back
from device_profiles.desired import Desired
from device_profiles.state import State
from drivers.contract import Driver


@dataclass(frozen=True, slots=True)
class Considered:
    """A choice, and the proved way back of its steps where they need one. Whoever takes it closes that."""

    choice: Choice
    way_back: WayBack | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Considering:
    """Considers readings of one node. ``desired`` in place of the node's own for a dry run, ``back`` for a rollback."""

    node: Node
    device: Device
    desk: Desk
    now: datetime
    desired: Desired | None = None
    back: Backwards | None = None
    acts: bool = False
    """Whether what is chosen will be done: then nobody else may count on the feeds that it takes."""

    async def consider(self, driver: Driver, observed: State) -> Considered:
        """What to do about a reading. Raises :class:`~drivers.errors.DeviceError`."""
        choice = self._choose(driver, observed)
        # What only waits is judged as well: nobody shall be asked to approve what would be refused afterwards.
        steps = (*choice.steps, *(item.step for item in choice.holding.held), *map(cycle_step, choice.cycles))
        if not any(map(may_cut, steps)):
            return Considered(choice)
        ways = await self._ways(observed)
        scene = Scene(choice.goal, observed)
        if not choice.cycles and not any(ways.cut_by(step, scene) for step in steps):
            return Considered(choice)
        choice = self._choose(driver, observed, Around(ways=ways))
        if not choice.cuts:
            return Considered(choice)
        found = await find_way_back(
            self.node, self.device, driver, desk=self.desk, observed=observed, ways=ways, cuts=choice.cuts
        )
        if isinstance(found, str):
            return Considered(self._choose(driver, observed, Around(ways=ways, no_way_back=found)))
        return Considered(choice, found)

    def _fed(self, observed: State) -> dict[str, Fed]:
        """What the node's outlets feed."""
        desired = self.desired or self.node.desired
        return feeds(observed, desired.state, self.node.accepted.assignment.management.feeds)

    async def _ways(self, observed: State) -> Ways:
        """The ways through this device that must not be cut, as the device and what was discovered tell them."""
        assignment = self.node.accepted.assignment
        # Over a serial line the device tells how we come by that; the way that must not be cut is the first access's.
        own = await self.device.own_path() if self.device.url == assignment.access[0] else None
        management = assignment.management.ports
        fed = self._fed(observed).values() if observed.outlets else ()
        return self.desk.company.ways(self.node.name, own=own, management=management, fed=tuple(fed))

    def _choose(self, driver: Driver, observed: State, around: Around = NOTHING_AROUND) -> Choice:
        """Choose; where this is done, the feeds that are taken are nobody's to count on from here on."""
        if not observed.outlets:
            return self._chosen(driver, observed, around)
        desired, company = self.desired or self.node.desired, self.desk.company
        fed = self._fed(observed)
        ways_need = {key for way in company.powered(self.node.name, fed.values()) for key in way.outlets}
        last_feeds = LastFeeds(
            {key: each for key, each in fed.items() if key not in ways_need},
            desired.state,
            company.supplied(but=self.node.name),
            allowed="outage" in desired.allow,
        )
        choice = self._chosen(driver, observed, replace(around, last_feeds=last_feeds))
        if self.acts:
            going = {key for key, item in choice.goal.state.outlets.items() if item.power == "off"}
            going |= {cycle.place[1] for cycle in choice.cycles}
            company.supply(self.node.name, steady(fed, observed, desired.state, leaving=going))
        return choice

    def _chosen(self, driver: Driver, observed: State, around: Around) -> Choice:
        node, protect = self.node, self.desk.settings.protect
        if self.back is not None:
            return choose_back(node, observed, self.back, protect=protect, around=around)
        return choose(node, observed, driver=driver, protect=protect, now=self.now, desired=self.desired, around=around)

    def done(self, observed: State) -> None:
        """What was chosen is done: others may count on the feeds that are on now."""
        if observed.outlets:
            fed = self._fed(observed)
            self.desk.company.supply(self.node.name, steady(fed, observed, self.node.desired.state))
