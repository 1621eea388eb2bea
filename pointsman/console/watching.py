"""A person at a console: what the line says, what else happens there, and what is typed.

A stream that breaks (the service restarts, the network is gone for a moment) is opened again; what was seen already is
not shown twice, since the service says at which byte of the transcript its scrollback begins.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, Final

from device_profiles.console import CLOSE_DONE, CLOSE_ENDED, CLOSE_UNAUTHENTICATED, MOST_TYPED_BYTES
from pointsman.console.keys import Command, Keys, help_text
from pointsman.console.stream import Closed, ConsoleStream, open_stream
from pointsman.console.terminal import Terminal
from pointsman.endpoint import Endpoint
from pointsman.problems import PointsmanError, ServiceAway, ServiceRefused

_AGAIN_S: Final = 0.5
_SURE_S: Final = 5.0
_PATIENCE_S: Final = 60.0
"""For how long a console that was lost is tried again."""
_CTRL_C: Final = b"\x03"
_FINAL: Final = frozenset({CLOSE_DONE, CLOSE_ENDED, CLOSE_UNAUTHENTICATED})


class Watching:
    """One visit to a console, a node's or that of a ``slot`` of it.

    ``writes``: ask for the line; ``takes``: take it over; ``cycle`` is the power key.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        node: str,
        terminal: Terminal,
        *,
        writes: bool,
        takes: bool,
        slot: str = "",
        cycle: Callable[[], Awaitable[str]] | None = None,
    ) -> None:
        self._endpoint = endpoint
        self._node = node
        self._slot = slot
        self._whose = f"slot {slot} of {node}" if slot else node
        self._terminal = terminal
        self._writes = writes
        self._takes = takes
        self._keys = Keys()
        self._typed: deque[bytes | Command] = deque()
        self._came = asyncio.Event()
        self._me = ""
        self._writer = ""
        self._people: list[dict[str, Any]] = []
        self._transcript = ""
        self._offset = 0
        self._skip = 0
        self._end: PointsmanError | None = None
        self._told_refusal = ""
        self._echoes = False
        self._cycle = cycle
        self._asked_at_s = 0.0

    async def run(self) -> None:
        """Stay until it is quit. Raises :class:`~pointsman.problems.PointsmanError` where it ends otherwise."""
        with contextlib.ExitStack() as stack:
            opened = False
            lost_s = asyncio.get_running_loop().time()
            while True:
                try:
                    async with open_stream(self._endpoint, self._node, slot=self._slot) as stream:
                        if not opened and self._terminal.is_interactive:
                            stack.enter_context(self._terminal.raw(self._key, self._resized))
                        opened = True
                        if await self._visit(stream):
                            return
                except (ServiceAway, ServiceRefused) as error:
                    if not opened or not _may_pass(error):
                        raise
                    if asyncio.get_running_loop().time() - lost_s > _PATIENCE_S:
                        raise
                else:
                    lost_s = asyncio.get_running_loop().time()
                    self._terminal.note("the console was lost: trying again, Ctrl-] q quits")
                if await self._quits(_AGAIN_S):
                    return

    async def _quits(self, within_s: float) -> bool:
        """Whether somebody quits while there is no stream; whatever else is typed is for nobody."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                while Command.QUIT not in self._typed:
                    self._came.clear()
                    await self._came.wait()
        quits = Command.QUIT in self._typed
        self._typed.clear()
        return quits

    async def _visit(self, stream: ConsoleStream) -> bool:
        """One stream to its end: True where it was quit, False where it was lost. Raises where it is over."""
        showing = asyncio.create_task(self._show(stream))
        typing = asyncio.create_task(self._type(stream))
        try:
            await asyncio.wait([showing, typing], return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (showing, typing):
                task.cancel()
            results = await asyncio.gather(showing, typing, return_exceptions=True)
        quit_ = typing.done() and not typing.cancelled() and typing.exception() is None
        for result in results:
            if isinstance(result, Exception) and not isinstance(result, Closed):
                raise result
        if quit_:
            return True
        code = next((result.code for result in results if isinstance(result, Closed)), 0)
        if self._end is not None:
            raise self._end
        if code in _FINAL:
            raise PointsmanError(f"the console of {self._whose} was closed: your token is no longer good, or it ended")
        return False

    @property
    def _writing(self) -> bool:
        return self._writer != "" and self._writer == self._me

    # What comes.

    async def _show(self, stream: ConsoleStream) -> None:
        while True:
            frame = await stream.next()
            if isinstance(frame, bytes):
                self._offset += len(frame)
                seen = min(self._skip, len(frame))
                self._skip -= seen
                await self._terminal.show(frame[seen:])
            else:
                await self._told(stream, frame)

    async def _told(self, stream: ConsoleStream, message: dict[str, Any]) -> None:
        kind = str(message.get("type"))
        if kind == "open":
            self._opened(message)
        elif kind == "live":
            await self._begin(stream)
        elif kind == "watchers":
            self._people = message["watchers"]
        elif kind == "lost":
            self._offset += int(message["bytes"])
            self._terminal.note(f"{message['bytes']} bytes are missing here: this terminal was too slow")
        elif kind == "writer":
            self._wrote(message)
        elif kind == "end":
            self._end = PointsmanError(f"the console of {self._whose} is over: {message['message']}")
        elif (text := _sentence(kind, message)) and text != self._told_refusal:
            self._told_refusal = text if kind == "error" else ""
            self._terminal.note(text)

    def _opened(self, message: dict[str, Any]) -> None:
        if message.get("slot", "") != self._slot:
            raise PointsmanError(
                f"the service is too old for consoles of slots: it shows {self._node}'s own; update it"
            )
        self._me, self._people = message["you"], message["watchers"]
        self._writer = message["writer"]["id"] if message["writer"] is not None else ""
        begin = int(message["scrollback"]["from"])
        again = message["transcript"] == self._transcript
        self._skip = max(0, self._offset - begin) if again else 0
        missing = begin - self._offset
        self._transcript, self._offset = message["transcript"], begin
        if again and missing > 0:
            self._terminal.note(f"{missing} bytes are missing here; the transcript has them")
        if not again:
            others = [person["who"] for person in self._people if person["id"] != self._me]
            here = f"; also here: {', '.join(others)}" if others else ""
            way = f" by {message['access']}" if message.get("access") else ""
            help_ = "Ctrl-] ? for help" if self._terminal.is_interactive else "read only"
            self._terminal.note(f"console of {self._whose}{way}, agent {message['agent']}{here}; {help_}")

    async def _begin(self, stream: ConsoleStream) -> None:
        """The scrollback is over: ask for the line, if that is wanted."""
        if not self._writes:
            return
        columns, rows = self._terminal.size()
        await stream.say("take_over" if self._takes else "write")
        await stream.say("resize", columns=columns, rows=rows)
        self._takes = False

    def _wrote(self, message: dict[str, Any]) -> None:
        writer = message["writer"]
        self._writer = writer["id"] if writer is not None else ""
        self._told_refusal = ""
        who = "you" if self._writing else writer["who"] if writer is not None else "nobody"
        if message.get("took_over_from"):
            self._terminal.note(f"{who} took the line over from {message['took_over_from']}")
        elif writer is not None:
            self._terminal.note(f"{who} may write" if self._writing else f"{who} writes")
        else:
            self._terminal.note(f"nobody writes: {message.get('was')} {_WHY.get(message.get('why', ''), 'let go')}")

    # What is typed.

    def _key(self, data: bytes) -> None:
        if not data:
            self._typed.append(Command.QUIT)
        self._typed.extend(self._keys.feed(data))
        self._came.set()

    def _resized(self) -> None:
        self._came.set()

    async def _type(self, stream: ConsoleStream) -> None:
        """Send what is typed, until it is quit."""
        size = self._terminal.size()
        while True:
            while not self._typed:
                self._came.clear()
                await self._came.wait()
                if self._terminal.size() != size and self._writing:
                    size = self._terminal.size()
                    await stream.say("resize", columns=size[0], rows=size[1])
            item = self._typed.popleft()
            if item is Command.QUIT or (item == _CTRL_C and not self._writing):
                return
            if isinstance(item, bytes):
                if self._echoes and self._writing:
                    await self._terminal.show(item.replace(b"\r", b"\r\n"))
                for start in range(0, len(item), MOST_TYPED_BYTES):
                    await stream.type(item[start : start + MOST_TYPED_BYTES])
            else:
                await self._command(stream, item)

    async def _command(self, stream: ConsoleStream, command: Command) -> None:
        if command is Command.HELP:
            self._terminal.note(help_text())
        elif command is Command.ECHO:
            self._echoes = not self._echoes
            self._terminal.note(
                "what you type is shown here, and nowhere else" if self._echoes else "as the line has it"
            )
        elif command is Command.POWER:
            await self._power()
        elif command is Command.WHO:
            self._terminal.note("\n".join(self._shown(person) for person in self._people))
        else:
            if command is not Command.BREAK:
                self._writes = command is not Command.RELEASE
            await stream.say(command.name.lower())

    async def _power(self) -> None:
        """Cycle the power, where it was asked for twice within a moment."""
        now_s = asyncio.get_running_loop().time()
        if self._cycle is None:
            self._terminal.note("nothing says what this key shall cycle: begin with --power NODE/outlets.KEY")
        elif now_s - self._asked_at_s > _SURE_S:
            self._asked_at_s = now_s
            self._terminal.note(f"Ctrl-] p again within {_SURE_S:g} s cycles the power")
        else:
            self._asked_at_s = 0.0
            try:
                self._terminal.note(await self._cycle())
            except PointsmanError as error:
                self._terminal.note(error.sentence)

    def _shown(self, person: dict[str, Any]) -> str:
        me, writes = person["id"] == self._me, person["id"] == self._writer
        return f"{person['who']}{' (you)' if me else ''}{' writes' if writes else ''}"


_WHY: Final = {
    "left": "left",
    "idle": "typed nothing for too long",
    "released": "let go",
    "refused": "could not get the line",
}


_PASSING: Final = frozenset({"stream-elsewhere", "agent-away", "stopping", "request-timeout"})


def _sentence(kind: str, message: dict[str, Any]) -> str:
    """A message of the service for people; empty where there is nothing to say."""
    if kind == "agent":
        return f"the agent {message['agent']} is {'back' if message['connected'] else 'away'}"
    if kind == "error":
        return str(message["message"])
    if kind in ("note", "holder"):
        return str(message.get("text", ""))
    return ""


def _may_pass(error: ServiceAway | ServiceRefused) -> bool:
    """Whether a console that was lost may be there again soon."""
    return isinstance(error, ServiceAway) or error.slug in _PASSING
