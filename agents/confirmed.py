"""A change that may cut our own way: kept only once it is proved, else taken back, over a restart of the agent as well.

"Proved" means over the access by which it was made: that the device still answers on its serial line proves nothing
(decision 0008). The device ends in the old or in the new state.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

import structlog

from agents.choice import Choice
from agents.connections import Device
from agents.desk import Desk
from agents.findings import Finding
from agents.journal import Journal
from agents.nodes import Node
from agents.observers import Phase
from agents.places import cut_out, is_ours, places_of, read_goal
from agents.proof import NotReached, Proof, lacking
from agents.recovery import record_of
from agents.reports import report
from agents.stepping import read_step
from agents.store import rows
from agents.ways import Way
from agents.waysback import NATIVE, SecondAccess, WayBack
from device_profiles.compare import Goal
from device_profiles.paths import render_path
from device_profiles.state import State
from drivers.contract import Step
from drivers.errors import Blocked, DeviceError, Unreachable

log = structlog.get_logger(__name__)


class CutOff(Blocked):
    """The change cut the agent, or a node beside this one, off; it was taken back."""

    reason: ClassVar[str] = "CutOff"


class ChangedMeanwhile(Blocked):
    """A change that cut us off cannot be taken back: somebody else has changed the same things since."""

    reason: ClassVar[str] = "ChangedMeanwhile"


def refuse(node: Node, path: str, error: DeviceError) -> DeviceError:
    """What is desired now is not tried again: it was taken back. The error itself, to be raised."""
    node.refuse(Finding(path, error.reason, f"{error}; it is not tried again until the declaration changes"))
    return error


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmedApply:
    """One such change, while it is made."""

    node: Node
    device: Device
    desk: Desk
    journal: Journal
    pass_id: str
    way: WayBack

    async def run(self, choice: Choice, observed: State, take: Callable[[], Awaitable[None]]) -> State:
        """Take the steps and prove them; what the device shows. Raises :class:`CutOff` where they were taken back."""
        before = cut_out(observed, places_of(choice.steps))
        try:
            proof = await Proof.begin(self.node, self.device, desk=self.desk)
            try:
                await self._in_time(take)
                shown = await proof.reached(choice.missing)
                await self._keep()
            except Exception as error:  # noqa: BLE001 -- a fault of ours or of a driver cuts us off as well as any
                self.node.unconfirmed = True
                with self.desk.leases.writing(self.node.accepted.assignment):
                    await self.way.undo(self.journal.taken())
                await _restored(proof, self.way, before)
                self.node.unconfirmed = False
                self.journal.undone()
                self.journal.is_confirmed(pass_id=self.pass_id)
                raise refuse(self.node, _place(choice.cuts), CutOff(_sentence(choice, error, self.way))) from None
        finally:
            await self.way.close()
        self.journal.is_confirmed(pass_id=self.pass_id)
        return shown

    async def _keep(self) -> None:
        driver = self.device.driver
        if driver is None:
            raise Unreachable("the connection was lost before the change was confirmed")
        with self.desk.leases.writing(self.node.accepted.assignment):
            await self.way.keep(driver)

    async def _in_time(self, take: Callable[[], Awaitable[None]]) -> None:
        """Take the steps; the one that cuts us off never answers, and need not be waited for as long as others."""
        within_s = self.desk.settings.confirm_s
        try:
            async with asyncio.timeout(within_s):
                await take()
        except TimeoutError:
            await self.device.close()
            raise Unreachable(f"no answer from the device within {within_s:g} s") from None


def _place(cuts: Sequence[Way]) -> str:
    return render_path(cuts[0].place) if cuts else "ports"


def _sentence(choice: Choice, error: Exception, way: WayBack) -> str:
    # The words of any other error are not for people, and there may be a secret in them.
    said = str(error) if isinstance(error, DeviceError) else f"{type(error).__name__} in agent or driver"
    return f"the change was undone over {way.url}, since it touched {choice.cuts[0]} and then: {said}"


async def _restored(proof: Proof, way: WayBack, before: Goal) -> None:
    """Prove that all is as it was ``before``. Raises :class:`NotReached` where it is not, or not yet.

    The way back may prove it as well: what still keeps the first access away is then not of our making, and to wait
    for its end would leave the change open to what others do on the device meanwhile.
    """
    try:
        await proof.reached(lacking(before), slack_s=way.slack_s)
    except NotReached:
        if not await way.shows(lacking(before)):
            raise


class Unfinished:
    """A change of an earlier run of this agent, or of a pass that could not end: to be proved or taken back now."""

    def __init__(self, node: Node, device: Device, *, desk: Desk, cut: rows.CutPass) -> None:
        self._node = node
        self._device = device
        self._desk = desk
        self._cut = cut
        self._goal = read_goal(cut.row.goal)
        self._before = read_goal(cut.row.before)

    async def finish(self) -> DeviceError | None:
        """Prove it or take it back; None where it stands, or where an ordinary pass may go on from here.

        Raises :class:`~drivers.errors.DeviceError` where neither was possible yet.
        """
        way = self._cut.row.way
        url = next((url for url in self._node.accepted.assignment.access if url != way), way)
        proof = Proof(self._node, self._device, desk=self._desk, url=url, beside=frozenset())
        slack_s = 90.0 if way == NATIVE else 0.0
        try:
            await proof.reached(lacking(self._goal), slack_s=slack_s)
        except NotReached as error:
            if proof.answered:
                # It cuts nobody off as it is. What was half done is taken back, or its rest would be all that a later
                # cut takes back; then an ordinary pass reads it, and goes on under the same guard.
                undone = way != NATIVE and await self._take_back_half()
                sentence = "the agent was ended in the middle of this pass, which cut nobody off"
                return await self._end(None, sentence + (" and was undone" if undone else ""), undone=undone)
            if way == NATIVE:
                sentence = f"the device is to take the change back by itself, and does not answer yet: {error}"
                raise Unreachable(sentence) from None
            taken_back = await self._take_back(way, proof)
            return await self._end(taken_back, str(taken_back))
        return await self._end(None, "the agent was ended in the middle of this pass; after its start all was proved")

    async def _take_back_half(self) -> bool:
        """Undo, over the first access, which answers, what was begun; False where somebody else was there since."""
        driver = await self._device.ready(self._node.accepted.assignment)
        want = self._node.want(driver.capabilities)
        shown = await self._device.call(lambda: driver.read(want))
        if not is_ours(shown, goal=self._goal, before=self._before):
            return False
        for step in self._taken():
            with self._desk.leases.writing(self._node.accepted.assignment):
                await self._device.call(lambda step=step: driver.undo(step))  # type: ignore[misc]
        return True

    async def _take_back(self, url: str, proof: Proof) -> DeviceError:
        way = SecondAccess(self._node, url, desk=self._desk)
        try:
            shown = await way.read()
            if not is_ours(shown, goal=self._goal, before=self._before):
                message = (
                    f"what was changed before is neither as it was nor as it was left: see it over {url}, and mend it"
                )
                return refuse(self._node, "ports", ChangedMeanwhile(message))
            if lacking(self._before)(shown):
                await way.undo(self._taken())
            await _restored(proof, way, self._before)
        finally:
            await way.close()
        message = f"the device did not answer after the change, which was undone over {url} after the agent's restart"
        return refuse(self._node, "ports", CutOff(message))

    def _taken(self) -> tuple[Step, ...]:
        """The steps that may have reached the device, the last first."""
        taken = [document for document, status in reversed(self._cut.steps) if status != "pending"]
        return tuple(map(read_step, taken))

    async def _end(self, error: DeviceError | None, message: str, *, undone: bool = False) -> DeviceError | None:
        """Write down and tell how it ended."""
        node, desk, cut = self._node, self._desk, self._cut
        now, undone = desk.clock.now(), undone or isinstance(error, CutOff)
        reason = "Interrupted" if error is None else error.reason
        record = record_of(cut, now=now, reason=reason, message=message, undone=undone)
        body = report(fence=node.accepted.assignment.fence, node=node.name, at=now, parts={"record": record})

        def change(db: sqlite3.Connection) -> None:
            rows.keep_pass(db, cut.row.id)
            rows.move_pass(db, cut.row.id, Phase.REPORTED)
            desk.outbox.add(db, node.name, body, record=True)

        await desk.store.write(change)
        desk.outbox.wake()
        node.unconfirmed = False
        log.info("unconfirmed change settled", node=node.name, pass_id=cut.row.id, reason=reason)
        return error
