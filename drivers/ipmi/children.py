"""The child processes that hold sessions to management controllers, as the event loop sees them.

A child serves many controllers (:data:`MOST`), and no address twice, since pyghmi would take that for one session. It
is started when a controller needs it and ends with its last one. Every question has a deadline of ours; when one runs
out, the child is pinged, and one that does not answer that is killed: its controllers are then unreachable, and
whoever opens them anew gets another child.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final
from weakref import WeakKeyDictionary

import orjson
import structlog

from drivers.errors import AuthFailed, Busy, DeviceError, Rejected, Unreachable, WrongDevice

log = structlog.get_logger(__name__)

MOST: Final = 64
"""Controllers a child: as many as pyghmi puts on one socket."""
PING_S: Final = 2.0
_ENDING_S: Final = 2.0
_HERE: Final = Path(__file__).resolve().parents[2]
_SECRETS: Final = "POINTSMAN_SECRET_"
_ENDED: Final = "the process for IPMI ended: it is started again"
_ERRORS: Final[Mapping[str, type[DeviceError]]] = {
    "auth": AuthFailed,
    "busy": Busy,
    "lost": Unreachable,
    "refused": Rejected,
    "silent": Unreachable,
    "wrong": WrongDevice,
}
Address = tuple[str, int]


class Failed(Exception):
    """A child says that something did not go well. ``kind``: what it is for us."""

    def __init__(self, answer: Mapping[str, Any]) -> None:
        super().__init__(str(answer.get("text", "")))
        self.kind = _ERRORS.get(str(answer.get("error")), Unreachable)
        self.guid = bytes.fromhex(str(answer.get("guid", "")))


class Child:
    """One process. Made by :class:`Children`."""

    def __init__(self) -> None:
        self.held: set[Address] = set()
        self.ready = asyncio.Event()
        self.is_dead = False
        self._process: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None
        self._asked: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._hearers: dict[int, Callable[[dict[str, Any]], None]] = {}
        self._numbers = itertools.count(1)
        self._pinging: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        """Its process id, while it runs."""
        return None if self._process is None or self.is_dead else self._process.pid

    async def start(self) -> None:
        """Start the process. Raises ``Unreachable``."""
        environment = {name: text for name, text in os.environ.items() if not name.startswith(_SECRETS)}
        try:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-P",
                "-m",
                "drivers.ipmi.child",
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                env={**environment, "PYTHONPATH": os.fspath(_HERE)},
            )
        except OSError as error:
            self.is_dead = True
            raise Unreachable(f"the process for IPMI cannot be started: {error.strerror}") from None
        finally:
            self.ready.set()
        self._reading = asyncio.create_task(self._read(self._process), name="IPMI child")

    async def ask(self, timeout_s: float, **line: Any) -> dict[str, Any]:
        """One question and its answer. Raises :class:`Failed`, and ``Unreachable`` when the time is over."""
        await self.ready.wait()
        if self.is_dead or self._process is None or self._process.stdin is None:
            raise Unreachable(_ENDED)
        number = next(self._numbers)
        future: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._asked[number] = future
        try:
            self._process.stdin.write(orjson.dumps({"id": number, **line}) + b"\n")
            async with asyncio.timeout(timeout_s):
                answer = await future
        except TimeoutError:
            self._doubt()
            raise Unreachable(f"no answer within {timeout_s:g} s") from None
        finally:
            self._asked.pop(number, None)
        if "error" in answer:
            raise Failed(answer)
        return answer

    def tell(self, **line: Any) -> None:
        """Say something whose answer nobody waits for."""
        if not self.is_dead and self._process is not None and self._process.stdin is not None:
            self._process.stdin.write(orjson.dumps({"id": 0, **line}) + b"\n")

    def listen(self, bmc: int, hear: Callable[[dict[str, Any]], None] | None) -> None:
        """Have ``hear`` called with what comes unasked from a controller; None: no longer."""
        if hear is None:
            self._hearers.pop(bmc, None)
        else:
            self._hearers[bmc] = hear

    def _doubt(self) -> None:
        """See whether it is the controller that is silent, or this process."""
        if not self.is_dead and (self._pinging is None or self._pinging.done()):
            self._pinging = asyncio.create_task(self._ping(), name="IPMI ping")

    async def _ping(self) -> None:
        with contextlib.suppress(Unreachable, Failed):
            await self._answers()
            return
        log.warning("the process for IPMI stopped answering, and is started again", pid=self.pid, nodes=len(self.held))
        self.kill()

    async def _answers(self) -> None:
        number = next(self._numbers)
        future: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._asked[number] = future
        try:
            assert self._process is not None  # noqa: S101 -- it was asked before
            assert self._process.stdin is not None  # noqa: S101
            self._process.stdin.write(orjson.dumps({"id": number, "do": "ping"}) + b"\n")
            async with asyncio.timeout(PING_S):
                await future
        except TimeoutError:
            raise Unreachable("the process for IPMI does not answer") from None
        finally:
            self._asked.pop(number, None)

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None  # noqa: S101 -- made with a pipe
        while line := await process.stdout.readline():
            answer = orjson.loads(line)
            if "id" not in answer:
                self._hear(answer)
                continue
            future = self._asked.get(answer["id"])
            if future is not None and not future.done():
                future.set_result(answer)
        self._died()

    def _hear(self, news: dict[str, Any]) -> None:
        if (hear := self._hearers.get(news["bmc"])) is not None:
            hear(news)

    def kill(self) -> None:
        """End it at once."""
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
        self._died()

    def _died(self) -> None:
        self.is_dead = True
        for future in self._asked.values():
            if not future.done():
                future.set_result({"error": "lost", "text": _ENDED})
        for hear in tuple(self._hearers.values()):
            hear({"lost": _ENDED})

    async def end(self) -> None:
        """End it, and wait until it has ended. Never raises."""
        await self.ready.wait()
        self.is_dead = True
        process = self._process
        if process is None:
            return
        if process.stdin is not None:
            process.stdin.close()
        try:
            async with asyncio.timeout(_ENDING_S):
                await process.wait()
        except TimeoutError:
            self.kill()
            await process.wait()
        tasks = {task for task in (self._reading, self._pinging) if task is not None}
        for task in tasks - {self._reading}:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)


class Children:
    """All children of one event loop."""

    def __init__(self) -> None:
        self._children: list[Child] = []

    @property
    def pids(self) -> tuple[int, ...]:
        """The process ids of those that run."""
        return tuple(child.pid for child in self._children if child.pid is not None)

    async def take(self, address: Address) -> Child:
        """A child for a controller, which is to be given back. Raises ``Unreachable``."""
        for child in self._children:
            if not child.is_dead and len(child.held) < MOST and address not in child.held:
                child.held.add(address)
                return child
        child = Child()
        child.held.add(address)
        self._children.append(child)
        try:
            await child.start()
        except BaseException:
            await self.give_back(child, address)
            raise
        return child

    async def give_back(self, child: Child, address: Address) -> None:
        """A child whose last controller this was ends."""
        child.held.discard(address)
        if not child.held:
            if child in self._children:
                self._children.remove(child)
            await child.end()


_ALL: Final[WeakKeyDictionary[asyncio.AbstractEventLoop, Children]] = WeakKeyDictionary()


def children() -> Children:
    """The children of the running event loop."""
    return _ALL.setdefault(asyncio.get_running_loop(), Children())
