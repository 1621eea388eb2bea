"""The part of a pass that touches the device: take steps, each written down before it is sent, and read again.

Whatever is sent goes the same way: the intention is on disk with the ledger's entries for what it creates, the lease
outlasts it, then the device is asked, then it is noted as done. So a crash at any point leaves a row that tells what a
reading has to decide.
"""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable, Collection, Sequence

from agents.beginning import Beginning
from agents.choice import Choice
from agents.confirmed import ConfirmedApply
from agents.connections import Device
from agents.cycling import Cycling
from agents.desk import Desk
from agents.journal import Journal
from agents.ledger import LedgerChange
from agents.nodes import Node
from agents.observers import Moment, Phase
from agents.shutting import entry_of
from agents.surge import switches_on
from agents.tokens import Cycle
from agents.waysback import OwnTimer, WayBack
from device_profiles.paths import Path
from device_profiles.state import State
from drivers.contract import Confirming, Driver, Step


class Applying:
    """Takes steps for one pass."""

    def __init__(self, node: Node, device: Device, *, desk: Desk, journal: Journal, begun: Beginning) -> None:
        self._node = node
        self._device = device
        self._desk = desk
        self._journal = journal
        self._begun = begun

    async def hold(self, *, more_s: float = 0.0) -> None:
        """See that the lease outlasts a step and ``more_s``."""
        assignment = self._node.accepted.assignment
        await self._desk.leases.hold(assignment, needs_s=assignment.profile.command_timeout_s + more_s)

    async def read(self, driver: Driver) -> State:
        """What the device shows of all that is declared."""
        want = self._node.want(driver.capabilities)
        self._node.readings += 1
        observed = await self._device.call(lambda: driver.read(want))
        self._desk.outbox.seen[self._node.name] = self._desk.clock.now()
        return observed

    async def apply(self, driver: Driver, choice: Choice, observed: State, *, way: WayBack | None) -> State:
        """Take the steps of a choice; what the device shows then. ``way`` leads back where they may cut a way."""
        self.tell(Phase.PLANNED)
        self.tell(Phase.GUARDED)
        await self.hold(more_s=self._desk.settings.confirm_s if choice.cuts else 0.0)
        first = self._journal.plan(choice.steps, observed=observed)
        asked = self._asking(choice)
        if self._node.profile.persistence == "startup":
            self._node.save_owed = True
        own_timer = isinstance(way, OwnTimer) and bool(choice.cuts)
        take = functools.partial(self._take, driver, choice, observed, first=first, own_timer=own_timer)
        if choice.cuts and way is not None:
            self._journal.must_be_confirmed(choice.goal, way=way.url)
            confirmed = ConfirmedApply(
                node=self._node,
                device=self._device,
                desk=self._desk,
                journal=self._journal,
                pass_id=self._begun.id,
                way=way,
            )
            shown = await confirmed.run(choice, observed, take)
        else:
            await take()
            shown = await self.read(driver)
        self._node.asked_off |= asked
        self._journal.judge(shown, verified=False)
        return shown

    def _asking(self, choice: Choice) -> set[Path]:
        """The machines that the steps of a choice ask to shut down, with the ledger's word of it before they do."""
        found = {path for path in choice.off.asks if any(path in step.touches for step in choice.steps)}
        now = self._desk.clock.now()
        self._journal.note(LedgerChange(tuple(entry_of(path, pass_id=self._begun.id, now=now) for path in found)))
        return found

    async def cycle(self, driver: Driver, due: Sequence[Cycle], observed: State, *, begun: bool = False) -> State:
        """Do the power cycles that are due, or only what is left of those that were begun."""
        cycling = Cycling(
            driver=driver,
            pass_id=self._begun.id,
            now=self._desk.clock.now,
            note=self._journal.note,
            take=functools.partial(self._take_further, driver),
            asked=self._node.asked_off.add,
        )
        for cycle in due:
            if cycle.stage or not begun:
                observed = await cycling.run(cycle, observed)
        return observed

    def tell(self, phase: Phase, *, step: int = 0) -> None:
        """Tell who watches that the pass has come so far."""
        if self._desk.observers:
            self._desk.tell(Moment(self._node.name, self._begun.id, phase, step, len(self._journal)))

    async def _take(self, driver: Driver, choice: Choice, observed: State, *, first: int, own_timer: bool) -> None:
        """Take the steps: all at once where the device can, else one by one."""
        able = self._node.capabilities & driver.capabilities
        if "confirmed_commit" in able and isinstance(driver, Confirming):
            within_s = self._desk.settings.confirm_s if own_timer else None
            whole = functools.partial(driver.apply_all, choice.steps, within_s=within_s)
            await self._do(choice.steps, whole, fresh=choice.fresh, observed=observed, first=first)
        else:
            # What may have cut us off is proved or taken back in time: nothing waits in it.
            apart = not choice.cuts
            await self._one_by_one(driver, choice.steps, observed, first=first, fresh=choice.fresh, apart=apart)
        self._journal.come_to(Phase.VERIFYING, pass_id=self._begun.id)
        self.tell(Phase.VERIFYING)

    async def _take_further(self, driver: Driver, steps: Sequence[Step], observed: State) -> State:
        """Steps that belong to no choice; what the device shows then."""
        first = self._journal.plan(steps, observed=observed)
        await self._one_by_one(driver, steps, observed, first=first)
        return await self.read(driver)

    async def _one_by_one(
        self,
        driver: Driver,
        steps: Sequence[Step],
        observed: State,
        *,
        first: int,
        fresh: Collection[Path] = frozenset(),
        apart: bool = True,
    ) -> None:
        """``fresh`` are paths that the first of the steps makes ours as well; ``apart``: power-ons wait their turn."""
        for number, step in enumerate(steps, first):
            if apart and switches_on(step, observed) and await self._desk.surge.turn():
                self._device.begin(self._node.profile)
                await self.hold()
            one = functools.partial(driver.apply, step)
            await self._do((step,), one, fresh=fresh if number == first else (), observed=observed, first=number)

    async def _do(
        self,
        steps: Sequence[Step],
        ask: Callable[[], Awaitable[None]],
        *,
        fresh: Collection[Path],
        observed: State,
        first: int,
    ) -> None:
        """Send the device something, with what it means written down before."""
        numbers = range(first, first + len(steps))
        open_again = ((*path, "enabled") for step in steps for path in step.reopens)
        creates = (*(path for step in steps for path in step.creates), *fresh, *open_again)
        now = self._desk.clock.now()
        await self._journal.intend(numbers, creates, observed=observed, pass_id=self._begun.id, now=now)
        self.tell(Phase.APPLYING, step=first)
        with self._desk.leases.writing(self._node.accepted.assignment):
            await self._device.call(ask)
        self._journal.done(numbers)
        self._desk.counters.steps_applied += len(steps)
        self.tell(Phase.APPLIED, step=numbers[-1])
