"""The nodes of this agent and their workers: who joins, who changes, who leaves. None of it touches the others."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Sequence

import orjson
import structlog

from agents.assignments import Accepted
from agents.desk import Desk
from agents.ledger import Ledger, LedgerChange
from agents.nodes import Node, read_memory
from agents.store import rows
from agents.workers import Answering, Worker
from device_profiles.wire import Cause, LedgerEntry

log = structlog.get_logger(__name__)


class Roster:
    """All workers, by node. They run in ``group``."""

    def __init__(self, desk: Desk, group: asyncio.TaskGroup, *, answering: Answering) -> None:
        self._desk = desk
        self._group = group
        self._answering = answering
        self._workers: dict[str, Worker] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._leaving: dict[str, asyncio.Task[None]] = {}
        self._unkept: set[str] = set()
        """Nodes whose last assignment did not come to the disk."""

    def __iter__(self) -> Iterator[str]:
        return iter(tuple(self._workers))

    def __len__(self) -> int:
        return len(self._workers)

    def get(self, node: str) -> Worker | None:
        """A node's worker; None where the node is not ours."""
        return self._workers.get(node)

    def start(
        self,
        accepted: Accepted,
        *,
        memory: bytes | None,
        ledger: Iterable[LedgerEntry],
        cause: Cause = "start",
        unconfirmed: bool = False,
    ) -> None:
        """Put a worker to a node that is new here, or known from the store."""
        known, now = read_memory(memory), self._desk.clock.now()
        node = Node(accepted, memory=known, ledger=Ledger(ledger), now=now, unconfirmed=unconfirmed)
        self._desk.leases.accept(accepted.assignment)
        worker = Worker(node, desk=self._desk, answering=self._answering)
        self._workers[node.name] = worker
        self._tasks[node.name] = self._group.create_task(worker.run(cause), name=f"node {node.name}")

    async def assign(self, found: Sequence[tuple[Accepted, bytes]]) -> asyncio.Future[None] | None:
        """Take over assignments, each with its document as received; what is done when they are on disk.

        None where nothing of it is new. One that did not come to the disk is new when it comes again.
        """
        news = [(accepted, text) for accepted, text in found if not self._has(accepted)]
        if not news:
            return None
        self.unassign([accepted.assignment.node for accepted, _ in news if self._was_elsewhere(accepted)])
        back = [task for node in news if (task := self._leaving.get(node[0].assignment.node)) is not None]
        if back:
            await asyncio.wait(back)
        fresh = {each.assignment.node: each.assignment for each, _ in news if each.assignment.node not in self._workers}
        known = await self._desk.store.write(lambda db: rows.remembered(db, fresh)) if fresh else {}
        ledgers = {node: _ledger(assignment.ledger, known.get(node)) for node, assignment in fresh.items()}

        def change(db: sqlite3.Connection) -> None:
            rows.put_assignments(db, [(accepted.assignment.node, text) for accepted, text in news])
            for node, entries in ledgers.items():
                rows.write_ledger(db, node, LedgerChange(put=entries))

        # The store keeps its order: whatever a worker writes down because of an assignment comes after it. So nobody
        # need wait for the disk here, but for whoever has to know that it is there.
        nodes = [accepted.assignment.node for accepted, _ in news]
        self._unkept.difference_update(nodes)
        stored = self._desk.store.submit(change)
        stored.add_done_callback(lambda done: self._stored(nodes, done))
        for accepted, _ in news:
            node = accepted.assignment.node
            self._give(accepted, known.get(node), ledgers.get(node, ()))
        return stored

    def _stored(self, nodes: Collection[str], done: asyncio.Future[None]) -> None:
        if not done.cancelled() and done.exception() is not None:
            self._unkept.update(nodes)

    def _has(self, accepted: Accepted) -> bool:
        if accepted.assignment.node in self._unkept:
            return False
        worker = self._workers.get(accepted.assignment.node)
        held = worker.accepted if worker is not None else None
        return held is not None and (held.digest, held.epoch) == (accepted.digest, accepted.epoch)

    def _was_elsewhere(self, accepted: Accepted) -> bool:
        """Whether another agent may have held the node meanwhile: what is remembered of it is not true any more."""
        worker = self._workers.get(accepted.assignment.node)
        before = worker.accepted.assignment if worker is not None else None
        return before is not None and before.lease is not None and before.fence != accepted.assignment.fence

    def _give(self, accepted: Accepted, known: rows.Remembered | None, ledger: Sequence[LedgerEntry]) -> None:
        worker = self._workers.get(accepted.assignment.node)
        if worker is None:
            memory, waits = (known.memory, known.unconfirmed) if known is not None else (None, False)
            self.start(accepted, memory=memory, ledger=ledger, cause="assignment", unconfirmed=waits)
        else:
            self._desk.leases.accept(accepted.assignment)
            worker.assign(accepted)

    def share(self, renew_s: float | None) -> None:
        """Whether other agents share the location; see :meth:`~agents.leases.Leases.share`."""
        self._desk.leases.share(renew_s)

    def unassign(self, nodes: Collection[str]) -> None:
        """Let nodes go: nothing is written to their devices. It is done when their workers have ended."""
        gone = [node for node in nodes if node in self._workers]
        for node in gone:
            del self._workers[node]
            self._desk.leases.leave(node)
            self._leaving[node] = self._group.create_task(self._let_go(node, self._tasks.pop(node)))
        if gone:
            log.info("nodes let go", nodes=gone)

    async def _let_go(self, node: str, task: asyncio.Task[None]) -> None:
        """End a worker, which may take a moment where its device hangs; then forget the node."""
        task.cancel()
        await asyncio.wait([task])
        self._desk.leases.release(node)
        self._desk.pins.forget(node)
        self._desk.company.leave(node)
        self._desk.outbox.seen.pop(node, None)
        await self._desk.store.write(lambda db: rows.forget_nodes(db, [node]))
        del self._leaving[node]

    async def finish(self, *, within_s: float) -> None:
        """Let every worker end what it is doing, and break off those that take longer than ``within_s``."""
        tasks = list(self._tasks.values())
        for worker in self._workers.values():
            worker.finish()
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=within_s)
            for task in late:
                task.cancel()


def _ledger(assigned: Sequence[LedgerEntry], known: rows.Remembered | None) -> tuple[LedgerEntry, ...]:
    """The ledger of a node that no worker has yet: what is on disk here is newer than what the service was told."""
    own = {entry.path: entry for entry in (known.ledger if known is not None else ())}
    return (*(entry for entry in assigned if entry.path not in own), *own.values())


def document_of(raw: object) -> bytes:
    """An assignment as it is kept in the store."""
    return orjson.dumps(raw)
