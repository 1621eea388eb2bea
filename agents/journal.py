"""What a pass writes down as it goes: its row, its steps, and what the ledger knows of them.

Nothing reaches the device before its intention is on disk; what only reads the device need not wait for the disk, and
is handed over in order. Changes of the ledger ride along with the next write: were they lost in a crash, the next
reading would find them again.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from agents.beginning import Beginning
from agents.guard import reach
from agents.ledger import LedgerChange, merged
from agents.nodes import Node
from agents.observers import Phase
from agents.places import cut_out, joined, places_of, write_goal
from agents.stepping import write_step
from agents.store import Store, rows
from device_profiles.compare import Goal
from device_profiles.paths import Path
from device_profiles.state import State
from device_profiles.wire import StepRecord, StepStatus
from drivers.contract import Step


class Journal:
    """The journal of one pass over ``node``."""

    def __init__(self, node: Node, store: Store, *, begun: Beginning) -> None:
        self._node = node
        self._store = store
        self._begun = begun
        self._steps: list[Step] = []
        self._statuses: list[StepStatus] = []
        self._unwritten: dict[int, str] = {}
        self._documents: list[bytes] = []
        self._before: Goal = Goal()
        self._goal: Goal | None = None
        self._way = ""
        self._ledger = LedgerChange()
        self._moving: list[asyncio.Future[None]] = []
        self.ledger_moved = False
        """Whether the ledger is another than when the pass began."""

    def __len__(self) -> int:
        return len(self._steps)

    @property
    def relinks(self) -> bool:
        """Whether a step opens or shuts a port, changes a bundle, or names what an outlet feeds."""
        touched = (path for step in self._steps for path in reach(step))
        return any(
            path[0] == "lags" or path[2:] == ("enabled",) or (path[0], *path[2:]) == ("outlets", "name")
            for path in touched
        )

    def plan(self, steps: Sequence[Step], *, observed: State) -> int:
        """Steps that will be taken; the number of the first. They are written with the intention of the first."""
        first = len(self._steps) + 1
        self._before = joined(self._before, cut_out(observed, places_of(steps)))
        self._steps.extend(steps)
        self._statuses.extend(["pending"] * len(steps))
        self._documents = [write_step(step) for step in steps]
        return first

    def must_be_confirmed(self, goal: Goal, *, way: str) -> None:
        """The steps planned next may cut our own way: after a crash they are to be proved or undone, over ``way``."""
        self._goal, self._way = goal, way

    def is_confirmed(self, *, pass_id: str) -> None:
        """What was done is proved, or undone: nobody need come back to it."""
        self._goal, self._way = None, ""
        self._moving.append(self._store.submit(lambda db: rows.keep_pass(db, pass_id)))

    def taken(self) -> tuple[Step, ...]:
        """The steps that reached the device, or may have, the last first: the order in which they are undone."""
        return tuple(
            step
            for step, status in zip(reversed(self._steps), reversed(self._statuses), strict=True)
            if status != "pending"
        )

    def undone(self) -> None:
        """Every step that was taken was taken back."""
        numbers = [number for number, status in enumerate(self._statuses, 1) if status != "pending"]
        self._mark(numbers, "undone")
        self._unwritten.update(dict.fromkeys(numbers, "undone"))

    def judge(self, observed: State, *, verified: bool) -> None:
        """See what a reading says of the ledger."""
        self.note(self._node.ledger.judge(observed, verified=verified, unsaved=self._node.save_owed))

    async def intend(
        self, numbers: range, creates: Iterable[Path], *, observed: State, pass_id: str, now: datetime
    ) -> None:
        """Write down that steps are about to be taken, and what they will create."""
        self.note(self._node.ledger.intend(creates, observed=observed, pass_id=pass_id, now=now))
        ledger, self._ledger = self._ledger, LedgerChange()
        statuses, self._unwritten = self._unwritten, {}
        documents, self._documents = self._documents, []
        node, row, memory = self._node.name, self._row(), self._node.memory()
        self._mark(numbers, "failed")

        def change(db: sqlite3.Connection) -> None:
            if numbers[0] == 1:
                rows.begin_pass(db, row, documents, phase=Phase.APPLYING, intended=len(numbers))
                rows.put_memory(db, node, memory)
            else:
                if documents:
                    rows.add_steps(db, pass_id, numbers[0] - 1, documents)
                    rows.widen_pass(db, row)
                rows.mark_steps(db, pass_id, {**statuses, **dict.fromkeys(numbers, "intended")})
                rows.move_pass(db, pass_id, Phase.APPLYING, step=numbers[0])
            rows.write_ledger(db, node, ledger)

        await self._on_disk(self._store.submit(change))

    def done(self, numbers: range) -> None:
        """The device took steps; the next write says so."""
        self._mark(numbers, "done")
        self._unwritten.update(dict.fromkeys(numbers, "done"))

    def come_to(self, phase: Phase, *, pass_id: str) -> None:
        """Come to a phase that changes nothing on the device: its row need not be waited for, only come in order."""
        statuses, self._unwritten = self._unwritten, {}

        def change(db: sqlite3.Connection) -> None:
            rows.mark_steps(db, pass_id, statuses)
            rows.move_pass(db, pass_id, phase)

        self._moving.append(self._store.submit(change))

    async def close(self, tell: Callable[[sqlite3.Connection], object]) -> None:
        """Write the end of the pass, with the ledger, the node's memory, and what ``tell`` queues for the service."""
        statuses, self._unwritten = self._unwritten, {}
        ledger, self._ledger = self._ledger, LedgerChange()
        node, memory, pass_id = self._node.name, self._node.memory(), self._begun.id if self._steps else ""

        def change(db: sqlite3.Connection) -> None:
            if pass_id:
                rows.mark_steps(db, pass_id, statuses)
                rows.move_pass(db, pass_id, Phase.REPORTED)
            rows.write_ledger(db, node, ledger)
            rows.put_memory(db, node, memory)
            tell(db)

        await self._on_disk(*self._moving, self._store.submit(change))

    async def _on_disk(self, *writes: asyncio.Future[None]) -> None:
        """Wait for writes. Where one fails, what we know of the ledger is more than what is on disk."""
        try:
            await asyncio.gather(*writes)
        except BaseException:
            self._node.ledger.doubted = True
            raise

    def records(self) -> tuple[StepRecord, ...]:
        """The steps and how far they got."""
        return tuple(record_of(step, status) for step, status in zip(self._steps, self._statuses, strict=True))

    def _mark(self, numbers: Iterable[int], status: StepStatus) -> None:
        for number in numbers:
            self._statuses[number - 1] = status

    def _row(self) -> rows.PassRow:
        goal = b"" if self._goal is None else write_goal(self._goal)
        return replace(self._begun.row(), before=write_goal(self._before), goal=goal, way=self._way)

    def note(self, change: LedgerChange) -> None:
        """Take a change of the ledger along with the next write."""
        if change:
            self._node.ledger.apply(change)
            self._ledger = merged(self._ledger, change)
            self.ledger_moved = True


def record_of(step: Step, status: StepStatus) -> StepRecord:
    """A step as people see it."""
    return StepRecord(
        capability=step.capability,
        text=step.text,
        commands=step.commands,
        undo=step.undo,
        impact=step.impact,
        status=status,
    )
