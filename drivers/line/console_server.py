"""A line behind a console server that asks, has a menu, or takes keys for itself: what all that is, is data.

The way to a port is walked once, when the line is opened: what the server shows is answered as its family's data says
(:mod:`device_profiles.console_server`), each thing once. A login that is refused is not tried again, and a port that is
somebody else's is left to them. What the port shows behind that belongs to the device.

From then on it is a port (:mod:`drivers.line.served_port`).
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Final

from device_profiles.console_server import PASSWORD, PORT, Step
from device_profiles.names import printable
from drivers.access import Access
from drivers.cli.screen import rendered
from drivers.errors import Garbled, LineBusy, Unreachable, Unsupported
from drivers.line.endpoint import Endpoint, opening
from drivers.line.served_access import OPTION, ServerRefused, Wanted, wanted
from drivers.line.served_port import ServedPort
from drivers.line.sockets import NobodyListens
from drivers.sending import may_send

Dial = Callable[[Access], Awaitable[Endpoint]]
"""Connects to a console server."""
_MOST_SHOWN_BYTES: Final = 1 << 16
_MOST_MOVES: Final = 2
_SHOWN: Final = 80
_SHORTEST_PROMPT: Final = 4
"""A prompt that is shorter may be the device's as well."""


class Moved(Exception):
    """The server has the port at another TCP port."""

    def __init__(self, port: int) -> None:
        super().__init__(port)
        self.port = port


class Walk:
    """The way to a port, step by step, over what a server shows."""

    def __init__(self, to: Wanted) -> None:
        self._to = to
        self._left: Sequence[Step] = to.steps
        self._came = bytearray()
        self._last = ""
        self._is_told = False
        self.prompt = ""
        """The server's own prompt, where the port was asked for at one: when it comes back the port is not ours."""
        self.is_there = False

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to say, and nothing is to be shown by which the port is known to be ours."""
        return not self._left and not self._to.family.reached

    @property
    def rest(self) -> bytes:
        """What came and was not the server's."""
        return bytes(self._came)

    @property
    def last(self) -> str:
        """What the server showed last, to be told."""
        return printable(_text(self._came).rpartition("\n")[2] or self._last, most=_SHOWN)

    def take(self, data: bytes) -> bytes:
        """What is to be said to what came; nothing as long as more has to come, and when we are there.

        Raises :class:`Moved`, ``AuthFailed``, ``LineBusy``, ``Unsupported`` and ``Garbled``.
        """
        self._came += data
        if len(self._came) > _MOST_SHOWN_BYTES:
            raise Garbled(f"{self._to.where} shows no end of text, and nothing that {self._to.family.name} would")
        answer = bytearray()
        while not self.is_there and not self.is_done and self._came:
            line, end = self._came.partition(b"\n")[0], self._came.find(b"\n") + 1
            text = _text(line)
            self._judge(text, whole=end > 0)
            said = self._said(text, whole=end > 0)
            if said is None and not end:
                break
            answer += said or b""
            del self._came[: end or len(self._came)]
            self._last = text or self._last
        lines = [_text(line) for line in self._came.split(b"\n")]
        if self.is_done:  # whoever speaks now is the device, or the server that has something against it
            for each in lines:
                self._judge(each, whole=False)
        if self.prompt and self._has_said_all and not self.is_there and lines[-1] == self.prompt:
            words = _quoted(" ".join(lines[1:-1]) or self._last)
            if self._is_told:
                raise self._refused(words)
            raise LineBusy(f"{self._to.where} is not given to us: it says {words}")
        return bytes(answer)

    @property
    def _has_said_all(self) -> bool:
        """Whether nothing is left to say that the server must ask for."""
        return all(step.optional for step in self._left)

    def _refused(self, said: str) -> ServerRefused:
        return ServerRefused(
            f"the console server {self._to.access.host} refuses the login ({said}), which was tried once: "
            "check its user in access, and login="
        )

    def _judge(self, line: str, *, whole: bool) -> None:
        """Raise where a line says that this is not the way."""
        family, where = self._to.family, self._to.where
        if (busy := _first(family.busy, line)) is not None:
            who = busy.groupdict().get("who")
            by = f" by {printable(who, most=_SHOWN)}" if who else f" (it says {_quoted(line)})"
            raise LineBusy(f"{where} is in use{by}: wait, or ask them to let it go")
        if self._to.texts and _first(family.refused, line) is not None:
            raise self._refused(_quoted(line))
        if _first(family.missing, line) is not None:
            raise Unsupported(f"there is no {where}: it says {_quoted(line)}")
        if _first(family.down, line) is not None:
            raise Unreachable(f"{where} is not up: it says {_quoted(line)}")
        if family.moved and whole and self._left and (moved := _first((family.moved,), line)) is not None:
            raise Moved(int(moved["port"]))

    def _said(self, line: str, *, whole: bool) -> bytes | None:
        """What is said to a line; None where it is no line that we wait for."""
        family = self._to.family
        if family.reached and self._has_said_all and re.fullmatch(family.reached, line):
            self.is_there = True
            return b""
        for at, step in enumerate(self._left):
            if re.fullmatch(step.shows, line):
                self._left = self._left[at + 1 :]
                if PORT in step.say and not whole and len(line) >= _SHORTEST_PROMPT:
                    self.prompt = line
                self._is_told = self.prompt != "" and PASSWORD in step.say
                return self._to.filled(step.say)
            if not step.optional:
                return None
        return None


def _quoted(line: str) -> str:
    return f"'{printable(line, most=_SHOWN)}'"


def _text(line: bytes | bytearray) -> str:
    return rendered(bytes(line)).decode("utf-8", "replace").strip()


def _first(patterns: Sequence[str], line: str) -> re.Match[str] | None:
    return next((found for pattern in patterns if (found := re.fullmatch(pattern, line)) is not None), None)


async def walk(endpoint: Endpoint, to: Wanted, *, timeout_s: float) -> ServedPort:
    """Go to the port that is wanted. What goes wrong raises, and the endpoint is the caller's to close.

    Raises :class:`Moved`, ``Unreachable``, ``AuthFailed``, ``LineBusy``, ``Unsupported``, ``Garbled``.
    """
    way = Walk(to)
    try:
        async with asyncio.timeout(timeout_s):
            while not way.is_there:
                data = await _next(endpoint, way, settle_s=to.family.settle_s)
                if data is None:
                    break
                if said := way.take(data):
                    may_send()
                    await endpoint.write(said)
    except TimeoutError:
        raise Unreachable(
            f"{to.where} shows '{way.last}', and not what a {to.family.name} shows: look at {OPTION}= and login="
        ) from None
    return ServedPort(endpoint, to.family, where=to.where, prompt=way.prompt, ahead=way.rest)


async def _next(endpoint: Endpoint, way: Walk, *, settle_s: float) -> bytes | None:
    """The next bytes; None where all was said and the server has nothing against it."""
    try:
        async with asyncio.timeout(settle_s if way.is_done else None):
            data = await endpoint.read()
    except TimeoutError:
        return None
    if not data:
        raise Unreachable(f"the console server hung up: it said '{way.last}' last")
    return data


async def through(access: Access, dial: Dial, *, timeout_s: float) -> Endpoint:
    """The port that ``access`` wants, over what ``dial`` opens. Raises as :func:`wanted` and :func:`walk` do."""
    to = wanted(access)
    for _ in range(_MOST_MOVES):
        try:
            endpoint = await dial(to.access)
        except NobodyListens as refused:
            if not to.family.hangs_up:
                raise
            raise LineBusy(f"{refused}: somebody has that line, or it takes nobody: see `show line` there") from None
        try:
            async with opening(endpoint):
                return await walk(endpoint, to, timeout_s=timeout_s)
        except Moved as moved:
            to = replace(to, access=replace(to.access, port=moved.port))
    raise Unreachable(f"{to.where} is sent from one TCP port to the next")
