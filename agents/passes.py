"""One pass over one node: read, plan, guard, apply step by step, read again, save, report.

The pass is a state machine whose phases are rows in the agent's store, committed before they are acted on. Planning
and guarding touch nothing, so their row is committed together with what they lead to: the intention of the first step,
with the ledger's entries for what it will create. From then on every step's intention is on disk before the step
reaches the device, and the last phase is committed in one write with the ledger, the node's memory and the report. A
crash leaves either nothing or a row that is not ``reported``; the answer is always to read again, and an ordinary
pass.

A pass that finds everything as it was writes nothing and tells nothing.
"""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Final

import structlog

from agents import saving
from agents.applying import Applying
from agents.beginning import Beginning
from agents.choice import Choice
from agents.confirmed import Unfinished
from agents.connections import Device
from agents.considering import Considering
from agents.desk import Desk
from agents.feeding import LAST_FEED
from agents.holding import waits
from agents.journal import Journal, record_of
from agents.nodes import Node
from agents.observers import Phase
from agents.recovery import recover
from agents.reports import report
from agents.rollback import Backwards
from agents.shutting import forgotten
from agents.store import rows
from agents.verdicts import is_told, judge_failure, judge_success, remember
from agents.waysback import WayBack
from device_profiles.paths import render_path
from device_profiles.state import State
from device_profiles.wire import Cause, DriftItem, Outcome, PassRecord
from drivers.contract import Driver
from drivers.errors import DeviceError, Transient

log = structlog.get_logger(__name__)

_ROUNDS: Final = 3
"""How often a pass plans and applies until the device shows what it shall."""
_WAYS: Final = frozenset({"OwnPath", "NoWayBack", LAST_FEED})
"""Objections that may fall away while the device shows the same: what is known of ways and feeds changes by itself."""


def _may_pass(choice: Choice) -> bool:
    """Whether something that stands in the way may go though the device shows the same: a way, a session, a pool."""
    steps = [item.step for item in choice.verdict.refused]
    return not _WAYS.isdisjoint(item.reason for item in choice.problems) or any(
        step.refused is not None or "live_session" in step.needs for step in steps
    )


class NotVerified(Transient):
    """Every step went well, and still the device does not show what it shall."""

    reason: ClassVar[str] = "NotVerified"


class InternalError(Transient):
    """A fault of the agent, or of a driver that raises what it must not."""

    reason: ClassVar[str] = "InternalError"


@dataclass(frozen=True, slots=True)
class Result:
    """How a pass ended. ``record`` where there was something to do or somebody asked."""

    record: PassRecord | None = None
    error: DeviceError | None = None
    relinked: bool = False
    """Whether links may have moved: a port was opened or shut, or a bundle changed."""


QUIET: Final = Result()


class Pass:
    """One run. Made anew for each; holds what is known until it is on disk."""

    def __init__(self, node: Node, device: Device, *, desk: Desk, cause: Cause, back: Backwards | None = None) -> None:
        self._node = node
        self._device = device
        self._desk = desk
        self._back = back
        self._begun = Beginning(node, desk=desk, cause=cause)
        self._spent_before = device.spent_s
        self._journal = Journal(node, desk.store, begun=self._begun)
        self._applying = Applying(node, device, desk=desk, journal=self._journal, begun=self._begun)
        self._choice: Choice | None = None
        self._first: Choice | None = None
        self._drift: list[DriftItem] = []
        self._saved = False
        self._way_back: WayBack | None = None
        self._considering = Considering(node=node, device=device, desk=desk, now=self._begun.at, back=back, acts=True)

    async def run(self) -> Result:
        """Run it. What the device or its driver does wrong ends in the result; a fault of ours is raised."""
        observed = None
        try:
            await self._finish_unconfirmed()
            driver = await self._device.ready(self._node.accepted.assignment)
            self._applying.tell(Phase.READING)
            observed = await self._applying.read(driver)
            told = is_told(self._node.conditions, self._device.detour)
            if told and self._begun.cause != "request" and self._node.is_quiet(observed, self._begun.at):
                self._node.observed = observed
                self._desk.counters.passes_quiet += 1
                return QUIET
            observed = await self._act(driver, observed)
        except DeviceError as error:
            return await self._conclude(await self._truth(observed), error)
        except Exception as error:  # noqa: BLE001 -- the seam at which a driver's fault is kept to its node
            await self._tell_fault()
            return await self._conclude(None, InternalError(f"{type(error).__name__} in agent or driver: see its log"))
        return await self._conclude(observed, None)

    async def _tell_fault(self) -> None:
        # Without local variables: a secret may be among them.
        log.error("fault in a pass", node=self._node.name, pass_id=self._begun.id, trace=traceback.format_exc())
        await self._device.close()

    async def _finish_unconfirmed(self) -> None:
        """Prove or take back what an earlier pass may have cut us off with. Raises what is to be said of it."""
        if self._node.ledger.doubted:
            await recover(self._node, self._desk)
        if not self._node.unconfirmed:
            return
        await self._applying.hold()
        for cut in await self._desk.store.write(rows.unconfirmed):
            if cut.row.node == self._node.name:
                error = await Unfinished(self._node, self._device, desk=self._desk, cut=cut).finish()
                if error is not None:
                    raise error
        self._node.unconfirmed = False

    async def _truth(self, observed: State | None) -> State | None:
        """What the device shows after a failure, where it can still be asked; None where nothing is known."""
        driver = self._device.driver
        if not len(self._journal):
            return observed
        if driver is None:
            return None
        try:
            shown = await self._applying.read(driver)
        except DeviceError:
            return None
        except Exception:  # noqa: BLE001 -- as in run: how the pass ended is to be told all the same
            await self._tell_fault()
            return None
        self._journal.judge(shown, verified=False)
        return shown

    async def _act(self, driver: Driver, observed: State) -> State:
        self._journal.judge(observed, verified=False)
        choice = await self._choose(driver, observed)
        if any(cycle.stage for cycle in choice.cycles):
            observed = await self._applying.cycle(driver, choice.cycles, observed, begun=True)
            choice = await self._choose(driver, observed)
        if self._back is not None:
            # Written with the first step: were it not, a crash would be followed by the declaration once more.
            self._node.refuse(self._back.because)
        if choice.steps:
            await saving.before_first_step(self._node, self._device, driver)
        for _ in range(_ROUNDS):
            if not choice.steps:
                break
            observed = await self._applying.apply(driver, choice, observed, way=self._way_back)
            # Proved by what this round was to reach. What others did meanwhile makes a new choice, and another round.
            if not choice.missing(observed):
                break
            choice = await self._choose(driver, observed)
        missing = () if choice.paused else choice.missing(observed)
        if missing:
            raise NotVerified(f"{render_path(missing[0])} is not as it was set: see what else changes it on the device")
        observed = await self._applying.cycle(driver, choice.cycles, observed)
        if choice.cycles and self._node.asked_off:
            choice = await self._choose(driver, observed)  # a machine that shuts down is waited for
        self._journal.judge(observed, verified=not choice.paused)
        await self._save(driver, choice)
        if self._saved:
            self._journal.judge(observed, verified=not choice.paused)
        self._considering.done(observed)
        return observed

    async def _choose(self, driver: Driver, observed: State) -> Choice:
        considered = await self._considering.consider(driver, observed)
        choice, self._way_back = considered.choice, considered.way_back
        self._choice = choice
        self._first = self._first or choice
        self._node.asked = choice.holding.granted or self._node.asked
        self._journal.note(forgotten(self._node.ledger, choice.off.wanted))
        self._node.asked_off &= choice.off.wanted
        # Somebody may change it again while it is put back: a later round's drift is drift as well.
        known = {(item.path, repr(item.found)) for item in self._drift}
        self._drift += [item for item in choice.drift if (item.path, repr(item.found)) not in known]
        return choice

    async def _save(self, driver: Driver, choice: Choice) -> None:
        """Save on the device what was verified; owed until then, even over a restart of this agent."""
        owed = self._node.save_owed and not choice.paused
        if owed and await saving.may_save(self._node, self._device, driver):
            await self._applying.hold()
            with self._desk.leases.writing(self._node.accepted.assignment):
                await self._device.call(driver.save)
            self._node.save_owed = self._node.others_unsaved = False
            self._saved = True
            if len(self._journal):
                self._journal.come_to(Phase.SAVED, pass_id=self._begun.id)
        if len(self._journal):
            self._applying.tell(Phase.SAVED)

    async def _conclude(self, observed: State | None, error: DeviceError | None) -> Result:
        """Remember how it ended and tell of it, in one write."""
        if self._way_back is not None:
            await self._way_back.close()
        node, choice, now = self._node, self._choice, self._desk.clock.now()
        parts: dict[str, Any] = {}
        if observed is not None:
            node.observe(observed, parts)
        if error is None and choice is not None:
            members = self._desk.pins.pinned(node.name)
            fresh = judge_success(node, choice, identity=members, now=now, detour=self._device.detour)
            node.identify(members, parts)
        else:
            fresh = judge_failure(node, error, read=observed is not None, now=now)
        waits_anew = choice is not None and remember(
            node, choice, drift=self._drift if len(self._journal) else (), proved=error is None, now=now
        )
        record = self._record(error, waits_anew=waits_anew)
        if choice is not None:
            standing = choice.standing if error is None else choice.drift
            if standing != node.drift:
                parts["drift"] = node.drift = standing
        if self._journal.ledger_moved or "ledger" in node.resend:
            parts["ledger"] = node.ledger.entries
            node.resend.discard("ledger")
        # A device that cannot be read is a condition; a record is for passes that came so far as to make a choice.
        if len(self._journal) or record.outcome == "reported" or (fresh and choice is not None):
            parts["record"] = record
        hindered = choice is not None and _may_pass(choice)
        node.owed = error is not None or hindered
        node.desired_done = node.desired if error is None else None
        self._desk.counters.passes_changed += record.outcome == "changed"
        self._desk.counters.passes_failed += record.outcome == "failed"
        await self._write(parts, now)
        return Result(record, error, self._journal.relinks)

    async def _write(self, parts: dict[str, Any], now: datetime) -> None:
        node, outbox = self._node, self._desk.outbox
        if node.conditions.dirty:
            parts["conditions"] = node.conditions.all()
        if not parts and not self._saved:
            return
        hashes = {f"{part}_hash": node.hashes.get(part) for part in ("observed", "facts", "links")}
        told = {"converged_generation": node.told_generation, **hashes, **parts}
        body = report(fence=node.accepted.assignment.fence, node=node.name, at=now, parts=told)
        node.conditions.dirty = False
        await self._journal.close(lambda db: outbox.add(db, node.name, body, record="record" in parts))
        self._applying.tell(Phase.REPORTED)
        outbox.wake()

    def _record(self, error: DeviceError | None, *, waits_anew: bool) -> PassRecord:
        first, done = self._first, self._journal.records()
        held = self._choice.holding.held if self._choice is not None and error is None else ()
        plan = self._choice.holding.plan if held and self._choice is not None else None
        outcome: Outcome = "failed" if error is not None else "changed" if len(self._journal) else "unchanged"
        if outcome == "unchanged" and first is not None:
            outcome = "reported" if waits_anew or _paths(first.drift) - _paths(self._node.drift) else outcome
        return PassRecord(
            id=self._begun.id,
            cause=self._begun.cause,
            generation=self._node.desired.generation,
            outcome=outcome,
            started_at=self._begun.at,
            ended_at=self._desk.clock.now(),
            steps=(*done, *(record_of(item.step, "pending") for item in held)),
            drift=tuple(self._drift),
            reason=error.reason if error is not None else "",
            message=str(error) if error is not None else "",
            device_ms=round((self._device.spent_s - self._spent_before) * 1000, 3),
            plan=plan.hash if plan is not None else "",
            waits=waits(held, after=len(done)),
        )


def _paths(drift: Sequence[DriftItem]) -> set[str]:
    return {item.path for item in drift}
