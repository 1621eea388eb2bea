"""Threads for blocking calls: bounded, each with a deadline that the event loop keeps.

A thread cannot be cancelled. So each call says how it is *cut*: closing what it waits for, from outside. When its time
is over, or nobody waits for it any more, the call is cut and the caller goes on at once; the thread ends when the
library notices. Until then it holds its *slot*: there are so many for a library and so many for one device, and a
device whose calls do not end can take no more than its own. A thread is made for a call and ends with it, so that
nothing idles between passes, and never belongs to the loop's default executor.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import threading
from collections import Counter, deque
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

import structlog

from drivers.errors import Crowded, Unreachable

T = TypeVar("T")
_LOG: Final = structlog.get_logger()
SLOTS: Final = 64
"""Calls of one library at a time in this process; netmiko was fastest with about a hundred threads on two cores."""
SLOTS_A_DEVICE: Final = 2
"""One call at work, and one that was cut and has not noticed yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What a pool is doing. ``overdue`` calls were cut and have not ended; ``refused`` is how many found no slot."""

    slots: int
    taken: int
    waiting: int
    overdue: int
    refused: int


class Pool:
    """The threads of one library. Safe to use from several event loops."""

    def __init__(self, library: str, *, slots: int = SLOTS, slots_a_device: int = SLOTS_A_DEVICE) -> None:
        self.library = library
        self._slots = slots
        self._slots_a_device = slots_a_device
        self._lock = threading.Lock()
        self._taken: Counter[Hashable] = Counter()
        self._waiting: deque[_Waiter] = deque()
        self._overdue = 0
        self._refused = 0

    @property
    def usage(self) -> Usage:
        """What it is doing now."""
        with self._lock:
            return Usage(
                slots=self._slots,
                taken=self._taken.total(),
                waiting=len(self._waiting),
                overdue=self._overdue,
                refused=self._refused,
            )

    async def call(
        self,
        work: Callable[[], T],
        *,
        device: Hashable,
        timeout_s: float,
        cut: Callable[[], Awaitable[None]],
        doing: str,
    ) -> T:
        """The result of ``work``, run in a thread.

        ``cut`` makes it end; it is awaited when ``timeout_s`` are over (waiting for a slot counts) or the caller is
        cancelled. Raises what ``work`` raises, :class:`~drivers.errors.Unreachable` for a call that took too long, and
        ``Crowded`` where no slot became free.
        """
        call: _Call[T] | None = None
        try:
            async with asyncio.timeout(timeout_s):
                async with self._slot(device, doing):
                    call = _Call(work, loop=asyncio.get_running_loop(), ended=lambda made: self._ended(made, device))
                    call.start(f"{self.library}: {doing}")
                return await call.done
        except TimeoutError:
            if call is None:
                self._refused += 1
                _LOG.warning("no thread is free for a library", library=self.library, slots=self._slots, doing=doing)
                raise Crowded(
                    f"no thread of the {self._slots} for {self.library} was free in {timeout_s:g} s: other devices "
                    "hold them, and it is tried again"
                ) from None
            raise Unreachable(f"no answer to {doing} in {timeout_s:g} s") from None
        finally:
            if call is not None and not call.is_over:
                self._cut(call)
                await cut()

    def _cut(self, call: _Call[T]) -> None:
        with self._lock:
            if not call.is_over:
                call.overdue = True
                self._overdue += 1

    @asynccontextmanager
    async def _slot(self, device: Hashable, doing: str) -> AsyncIterator[None]:
        """A slot, which is given back here only where no thread could be started; else when its call ends."""
        with self._lock:
            if self._taken[device] >= self._slots_a_device:
                self._refused += 1
                raise Crowded(f"earlier calls to the device have not ended, and {doing} was not begun")
            waiter = None
            if self._taken.total() < self._slots:
                self._taken[device] += 1
            else:
                waiter = _Waiter(asyncio.get_running_loop(), device)
                self._waiting.append(waiter)
        if waiter is not None:
            await self._wait(waiter)
        try:
            yield
        except BaseException:
            self._give_back(device)
            raise

    async def _wait(self, waiter: _Waiter) -> None:
        try:
            await waiter.given
        except asyncio.CancelledError:
            with self._lock:
                with contextlib.suppress(ValueError):
                    self._waiting.remove(waiter)
                has_it = waiter.has_it
            if has_it:
                self._give_back(waiter.device)
            raise

    def _ended(self, call: _Call[T], device: Hashable) -> None:
        """A call's thread is about to end; called there."""
        with self._lock:
            call.is_over = True
            self._overdue -= call.overdue
        self._give_back(device)

    def _give_back(self, device: Hashable) -> None:
        with self._lock:
            self._taken[device] -= 1
            if not self._taken[device]:
                del self._taken[device]
            while self._waiting:
                waiter = self._waiting.popleft()
                self._taken[waiter.device] += 1
                if waiter.give():
                    return
                self._taken[waiter.device] -= 1


class _Waiter:
    """Somebody who waits for a slot."""

    def __init__(self, loop: asyncio.AbstractEventLoop, device: Hashable) -> None:
        self.device = device
        self.given: asyncio.Future[None] = loop.create_future()
        self.has_it = False
        self._loop = loop

    def give(self) -> bool:
        """Give it the slot; whether it could be told."""
        try:
            self._loop.call_soon_threadsafe(self._tell)
        except RuntimeError:  # its loop was closed meanwhile
            return False
        self.has_it = True
        return True

    def _tell(self) -> None:
        if not self.given.done():
            self.given.set_result(None)


class _Call(Generic[T]):
    """One call in a thread of its own; ``done`` is its result."""

    def __init__(
        self, work: Callable[[], T], *, loop: asyncio.AbstractEventLoop, ended: Callable[[_Call[T]], None]
    ) -> None:
        self._work = work
        self._context = contextvars.copy_context()
        self._loop = loop
        self._ended = ended
        self.done: asyncio.Future[T] = loop.create_future()
        self.is_over = False
        self.overdue = False

    def start(self, name: str) -> None:
        """Begin. The thread does not keep the process from ending."""
        threading.Thread(target=self._run, name=name, daemon=True).start()

    def _run(self) -> None:
        result: T | None = None
        error: BaseException | None = None
        try:
            result = self._context.run(self._work)
        except BaseException as raised:  # noqa: BLE001 -- whatever it is, it is raised where the call was made
            error = raised
        self._ended(self)
        with contextlib.suppress(RuntimeError):  # the loop was closed meanwhile: nobody waits
            self._loop.call_soon_threadsafe(self._tell, result, error)

    def _tell(self, result: T | None, error: BaseException | None) -> None:
        if self.done.done():
            return
        if error is not None:
            self.done.set_exception(error)
        else:
            self.done.set_result(result)  # type: ignore[arg-type]  # a T where there is no error
