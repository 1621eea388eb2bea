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

import asyncio
import contextlib
import functools
import sqlite3
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Final

import structlog

from agents.choice import Choice, choose
from agents.connections import Device
from agents.desk import Desk
from agents.ledger import LedgerChange, merged
from agents.nodes import Node
from agents.observers import Moment, Phase
from agents.reports import dump, report
from agents.store import rows
from agents.verdicts import judge_failure, judge_success
from device_profiles.paths import render_path
from device_profiles.state import State
from device_profiles.wire import Cause, DriftItem, Outcome, PassRecord, StepRecord, StepStatus
from drivers.contract import Driver, Step
from drivers.errors import DeviceError, Transient

log = structlog.get_logger(__name__)

_ROUNDS: Final = 3
"""How often a pass plans and applies until the device shows what it shall."""


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


QUIET: Final = Result()


class Pass:
    """One run. Made anew for each; holds what is known until it is on disk."""

    def __init__(self, node: Node, device: Device, *, desk: Desk, cause: Cause) -> None:
        self._node = node
        self._device = device
        self._desk = desk
        self._cause = cause
        self._id = ""
        self._started = desk.clock.now()
        self._spent_before = device.spent_s
        self._steps: list[Step] = []
        self._statuses: list[StepStatus] = []
        self._unwritten: dict[int, str] = {}
        self._ledger = LedgerChange()
        self._ledger_moved = False
        self._moving: list[asyncio.Future[None]] = []
        self._choice: Choice | None = None
        self._first: Choice | None = None

    @property
    def id(self) -> str:
        """The pass's name, given when somebody first asks: most passes find nothing to tell, and need none."""
        if not self._id:
            self._id = self._desk.pass_id()
        return self._id

    async def run(self) -> Result:
        """Run it. Device errors end in the result; anything else is a fault of ours and is raised."""
        observed = None
        try:
            driver = await self._device.ready(self._node.accepted.assignment)
            self._tell(Phase.READING)
            observed = await self._read(driver)
            if self._cause != "request" and self._node.is_quiet(observed):
                self._node.observed = observed
                self._desk.counters.passes_quiet += 1
                return QUIET
            observed = await self._act(driver, observed)
        except DeviceError as error:
            return await self._conclude(await self._truth(observed), error)
        except Exception as error:  # noqa: BLE001 -- the seam at which a driver's fault is kept to its node
            # Without local variables: a secret may be among them.
            log.error("fault in a pass", node=self._node.name, pass_id=self.id, trace=traceback.format_exc())  # noqa: TRY400
            await self._device.close()
            return await self._conclude(None, InternalError(f"{type(error).__name__} in agent or driver: see its log"))
        return await self._conclude(observed, None)

    async def _read(self, driver: Driver) -> State:
        observed = await self._device.call(lambda: driver.read(self._node.want))
        self._desk.outbox.seen[self._node.name] = self._desk.clock.now()
        return observed

    async def _truth(self, observed: State | None) -> State | None:
        """What the device shows after a failure, where it can still be asked; None where nothing is known."""
        driver = self._device.driver
        if driver is None or not self._steps:
            return observed if not self._steps else None
        with contextlib.suppress(DeviceError):
            shown = await self._read(driver)
            self._judge_ledger(shown, verified=False)
            return shown
        return None

    async def _act(self, driver: Driver, observed: State) -> State:
        self._judge_ledger(observed, verified=False)
        choice = self._choose(driver, observed)
        for _ in range(_ROUNDS):
            if not choice.steps:
                break
            observed = await self._apply(driver, choice, observed)
            # Proved by what this round was to reach. What others did meanwhile makes a new choice, and another round.
            if not choice.missing(observed):
                break
            choice = self._choose(driver, observed)
        missing = () if choice.paused else choice.missing(observed)
        if missing:
            raise NotVerified(f"{render_path(missing[0])} is not as it was set: see what else changes it on the device")
        self._judge_ledger(observed, verified=not choice.paused)
        await self._save(driver, choice)
        return observed

    def _choose(self, driver: Driver, observed: State) -> Choice:
        desk = self._desk
        self._choice = choose(self._node, observed, driver=driver, protect=desk.settings.protect, now=self._started)
        self._first = self._first or self._choice
        return self._choice

    async def _apply(self, driver: Driver, choice: Choice, observed: State) -> State:
        first = len(self._steps)
        self._tell(Phase.PLANNED)
        self._tell(Phase.GUARDED)
        self._steps.extend(choice.steps)
        self._statuses.extend(["pending"] * len(choice.steps))
        self._owe_save()
        for number, step in enumerate(choice.steps, first + 1):
            await self._intend(number, step, observed, choice=choice)
            self._tell(Phase.APPLYING, step=number)
            self._statuses[number - 1] = "failed"
            await self._device.call(functools.partial(driver.apply, step))
            self._statuses[number - 1] = self._unwritten[number] = "done"
            self._desk.counters.steps_applied += 1
            self._tell(Phase.APPLIED, step=number)
        self._move(Phase.VERIFYING)
        observed = await self._read(driver)
        self._judge_ledger(observed, verified=False)
        return observed

    async def _intend(self, number: int, step: Step, observed: State, *, choice: Choice) -> None:
        """Write down that a step is about to be taken, and what it will create."""
        first_of_round = step is choice.steps[0]
        creates = (*step.creates, *(choice.fresh if first_of_round else ()))
        now = self._desk.clock.now()
        self._note(self._node.ledger.intend(creates, observed=observed, pass_id=self.id, now=now))
        ledger, self._ledger = self._ledger, LedgerChange()
        statuses, self._unwritten = {**self._unwritten, number: "intended"}, {}
        node, pass_id, before = self._node, self.id, number - 1
        documents = [dump(record_of(each, "pending")) for each in choice.steps] if first_of_round else []
        row, memory = self._row(number), node.memory()

        def change(db: sqlite3.Connection) -> None:
            if documents and before == 0:
                rows.begin_pass(db, row, documents)
                rows.put_memory(db, node.name, memory)
            elif documents:
                rows.add_steps(db, pass_id, before, documents)
            rows.mark_steps(db, pass_id, statuses)
            rows.move_pass(db, pass_id, Phase.APPLYING, step=number)
            rows.write_ledger(db, node.name, ledger)

        await self._desk.store.write(change)

    def _row(self, step: int) -> rows.PassRow:
        return rows.PassRow(
            id=self.id,
            node=self._node.name,
            cause=self._cause,
            generation=self._node.desired.generation,
            phase=Phase.APPLYING,
            step=step,
            steps=len(self._steps),
            started_at=self._started.isoformat(),
        )

    def _move(self, phase: Phase) -> None:
        """Come to a phase that changes nothing on the device: its row need not be waited for, only come in order."""
        self._moving.append(self._desk.store.submit(self._moved(phase)))
        self._tell(phase)

    def _moved(self, phase: Phase) -> Callable[[sqlite3.Connection], None]:
        pass_id, statuses, self._unwritten = self.id, self._unwritten, {}

        def change(db: sqlite3.Connection) -> None:
            rows.mark_steps(db, pass_id, statuses)
            rows.move_pass(db, pass_id, phase)

        return change

    def _owe_save(self) -> None:
        if self._node.profile.persistence == "startup":
            self._node.save_owed = True

    async def _save(self, driver: Driver, choice: Choice) -> None:
        """Save on the device what was verified; owed until then, even over a restart of this agent."""
        if self._node.save_owed and not choice.paused:
            await self._device.call(driver.save)
            self._node.save_owed = False
        if self._steps:
            self._move(Phase.SAVED)

    def _judge_ledger(self, observed: State, *, verified: bool) -> None:
        self._note(self._node.ledger.judge(observed, verified=verified))

    def _note(self, change: LedgerChange) -> None:
        """Take over a change of the ledger; the next write carries it, and after a crash it would be found again."""
        if change:
            self._node.ledger.apply(change)
            self._ledger = merged(self._ledger, change)
            self._ledger_moved = True

    async def _conclude(self, observed: State | None, error: DeviceError | None) -> Result:
        """Remember how it ended and tell of it, in one write."""
        node, now = self._node, self._desk.clock.now()
        parts: dict[str, Any] = {}
        if observed is not None:
            node.observe(observed, parts)
        if error is None and self._choice is not None:
            fresh = judge_success(node, self._choice, identity=self._device.identity, now=now)
        else:
            fresh = judge_failure(node, error, read=observed is not None, now=now)
        record = self._pass_record(error)
        standing = node.drift
        if self._choice is not None:
            standing = self._choice.standing if error is None else self._choice.drift
        if standing != node.drift:
            parts["drift"] = node.drift = standing
        if self._ledger_moved or "ledger" in node.resend:
            parts["ledger"] = node.ledger.entries
            node.resend.discard("ledger")
        # A device that cannot be read is a condition; a record is for passes that came so far as to make a choice.
        if self._steps or record.outcome == "reported" or (fresh and self._choice is not None):
            parts["record"] = record
        node.owed = error is not None
        node.desired_done = node.desired if error is None else None
        self._count(record)
        await self._write(parts, now)
        return Result(record, error)

    async def _write(self, parts: dict[str, Any], now: datetime) -> None:
        node = self._node
        if node.conditions.dirty:
            parts["conditions"] = node.conditions.all()
        if not parts and not self._steps:
            return
        assignment = node.accepted.assignment
        hashes = {f"{part}_hash": node.hashes.get(part) for part in ("observed", "facts", "links")}
        told = {"converged_generation": node.converged_generation, **hashes, **parts}
        body = report(fence=assignment.fence, node=node.name, at=now, parts=told)
        ledger, self._ledger = self._ledger, LedgerChange()
        memory, moved, outbox = node.memory(), self._moved(Phase.REPORTED), self._desk.outbox

        def change(db: sqlite3.Connection) -> None:
            moved(db)
            rows.write_ledger(db, node.name, ledger)
            rows.put_memory(db, node.name, memory)
            outbox.add(db, node.name, body, record="record" in parts)

        node.conditions.dirty = False
        await asyncio.gather(*self._moving, self._desk.store.submit(change))
        self._tell(Phase.REPORTED)
        outbox.wake()

    def _pass_record(self, error: DeviceError | None) -> PassRecord:
        choice = self._first
        outcome: Outcome = "failed" if error is not None else "changed" if self._steps else "unchanged"
        if outcome == "unchanged" and choice is not None and _paths(choice.drift) - _paths(self._node.drift):
            outcome = "reported"
        return PassRecord(
            id=self.id,
            cause=self._cause,
            generation=self._node.desired.generation,
            outcome=outcome,
            started_at=self._started,
            ended_at=self._desk.clock.now(),
            steps=_records(self._steps, self._statuses),
            drift=choice.drift if choice is not None else (),
            reason=error.reason if error is not None else "",
            message=str(error) if error is not None else "",
            device_ms=round((self._device.spent_s - self._spent_before) * 1000, 3),
        )

    def _count(self, record: PassRecord) -> None:
        counters = self._desk.counters
        counters.passes_changed += record.outcome == "changed"
        counters.passes_failed += record.outcome == "failed"

    def _tell(self, phase: Phase, *, step: int = 0) -> None:
        if self._desk.observers:
            self._desk.tell(Moment(self._node.name, self.id, phase, step, len(self._steps)))


def _paths(drift: Sequence[DriftItem]) -> set[str]:
    return {item.path for item in drift}


def _records(steps: Sequence[Step], statuses: Sequence[StepStatus]) -> tuple[StepRecord, ...]:
    return tuple(record_of(step, status) for step, status in zip(steps, statuses, strict=True))


def record_of(step: Step, status: StepStatus) -> StepRecord:
    return StepRecord(
        capability=step.capability,
        text=step.text,
        commands=step.commands,
        undo=step.undo,
        impact=step.impact,
        status=status,
    )
