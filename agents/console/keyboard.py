"""The hold of the line for the person who writes: waited for, taken over, typed under, let go.

What is typed goes out in order and no faster than the line takes it; what is left when the hold ends is dropped, so
that nothing of one person goes out under another's hold or in the middle of automation's session.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Final, Protocol

from device_profiles.console import MarkKind
from drivers.errors import DeviceError
from drivers.line.holding import Held, Holder
from drivers.line.line import Line

_PATIENCE_S: Final = 3600.0
"""How long a person waits for automation to make way, unless they let go before."""
_MOST_TYPED_BYTES: Final = 1 << 20


class TellMark(Protocol):
    """Puts a mark into the transcript."""

    def __call__(self, kind: MarkKind, /, *, text: str = "", name: str = "") -> None: ...


class TellHolder(Protocol):
    """Says who holds the line now; what was said already is said ``again`` only where that is wanted."""

    def __call__(self, holder: Holder | None, text: str = "", *, again: bool = False) -> None: ...


class Keyboard:
    """Typing on one line. ``freed`` is called when a person let it go."""

    def __init__(self, tell_holder: TellHolder, mark: TellMark, freed: Callable[[], None]) -> None:
        self._tell_holder = tell_holder
        self._mark = mark
        self._freed = freed
        self._line: Line | None = None
        self._writer = ""
        self._held: Held | None = None
        self._waiting: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._typed: deque[bytes | None] = deque()
        self._typed_bytes = 0
        self._wanted = False
        self._came = asyncio.Event()

    def plug(self, line: Line) -> None:
        """The line is there (again): who wrote before it was lost goes on."""
        self._line = line
        if self._writer:
            self.hold(self._writer, take=False)

    async def unplug(self) -> None:
        """The line is gone."""
        self._line = None
        await self._end_hold()

    def hold(self, who: str, *, take: bool) -> None:
        """Have the line for ``who``: at once where ``take``, or where another person has it; else when it is free."""
        line, held = self._line, self._held
        self._writer = who
        if line is None:
            self._mark("note", text=f"the line is away just now: {who} gets it when it is back")
            return
        if held is not None and not held.closed and held.who.name == who:
            self._tell_holder(held.who, again=True)
            return
        self._stop_waiting()
        holder = Holder(who, person=True)
        before = line.holder
        try:
            if take or (before is not None and before.person):
                self._begin(line.seize(holder), before)
            elif before is None:
                self._waiting = self._begin_task(self._wait(line, holder))
            else:
                self._mark("waiting", name=before.name, text=f"{who} waits until {before.name} makes way")
                self._waiting = self._begin_task(self._wait(line, holder))
        except DeviceError as error:
            self._mark("refused", name="hold", text=str(error))

    async def _wait(self, line: Line, holder: Holder) -> None:
        try:
            self._begin(await line.acquire(holder, wait_s=_PATIENCE_S), None)
        except DeviceError as error:
            if not line.closed:  # else it is opened again, and they get it then
                self._mark("refused", name="hold", text=str(error))

    def _begin(self, held: Held, before: Holder | None) -> None:
        self._drop()
        self._held = held
        taken = before is not None and before != held.who
        text = f"{held.who.name} took the line over from {before.name}" if before is not None and taken else ""
        self._tell_holder(held.who, text)
        self._wanted = False
        held.on_wanted(self._is_wanted)

    def _is_wanted(self, who: Holder) -> None:
        if not self._wanted:
            self._wanted = True
            self._mark("wanted", name=who.name, text=f"{who.name} waits for the line")

    def type(self, data: bytes) -> None:
        """Something was typed."""
        if self._held is None or self._held.closed:
            return
        if self._typed_bytes + len(data) > _MOST_TYPED_BYTES:
            self._mark("refused", name="type", text="the line takes no more just now: what was typed is lost")
            return
        self._typed.append(data)
        self._typed_bytes += len(data)
        self._came.set()

    def press_break(self) -> None:
        """A break, behind what was typed before."""
        if self._held is not None and not self._held.closed:
            self._typed.append(None)
            self._came.set()

    def let_go(self) -> None:
        """The writer has let go."""
        self._stop_waiting()
        self._begin_task(self.release())

    async def release(self) -> None:
        """Let the line go. Never raises."""
        self._writer = ""
        await self._end_hold()

    async def _end_hold(self) -> None:
        self._stop_waiting()
        held, self._held = self._held, None
        self._drop()
        if held is not None:
            await held.close()
            self._tell_holder(self._line.holder if self._line is not None else None)
            self._freed()

    async def run(self) -> None:
        """Send what is typed, for ever."""
        while True:
            while not self._typed:
                self._came.clear()
                await self._came.wait()
            item, held, line = self._typed.popleft(), self._held, self._line
            if held is None or line is None:
                continue
            try:
                if item is None:
                    await line.send_break()
                    self._mark("note", text=f"{held.who.name} sent a break")
                else:
                    self._typed_bytes -= len(item)
                    await held.send(item)
            except DeviceError as error:
                if item is None:
                    self._mark("refused", name="break", text=str(error))
                # What is typed on a line that was taken over or lost is dropped: both were told.

    def _drop(self) -> None:
        self._typed.clear()
        self._typed_bytes = 0

    def _stop_waiting(self) -> None:
        waiting, self._waiting = self._waiting, None
        if waiting is not None and waiting is not asyncio.current_task():
            waiting.cancel()

    async def close(self) -> None:
        """End all that is under way."""
        await self.release()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _begin_task(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task
