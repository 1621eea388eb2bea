"""At which speed somebody answers on a line, and what they show. Nothing is typed but the Enter key.

The speeds are tried in the order in which consoles come out of the box. What is heard counts where it can be read and
is the same again for a second Enter: bytes at a wrong speed are neither.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from device_profiles.cli import OBSTACLES, LoginPrompts
from device_profiles.names import printable
from drivers.access import Access
from drivers.cli.screen import rendered
from drivers.errors import Garbled, Unreachable
from drivers.line.holding import Held, Holder
from drivers.line.line import Line
from drivers.line.shared import borrow, speed_of

SPEEDS: Final = (9600, 115200, 38400, 19200, 57600, 4800, 2400)
WHO: Final = Holder("pointsman agent attach")
_OPEN_S: Final = 5.0
_WAIT_S: Final = 5.0
_FIRST_S: Final = 0.2
"""How long is listened before anything is typed: a device that starts says so."""
_QUIET_S: Final = 0.25
_SILENT_S: Final = 0.8
_REFUSED_S: Final = 5.0
"""Enter was an empty password where nothing but a new line comes: login(1) says so after 3 s, and up to half of that
more (pam_fail_delay(3))."""
_ENTER: Final = b"\r"
_ERASE: Final = b"\x15"
"""Ctrl-U: what was sent at a wrong speed came out as rubbish, and stands at the prompt now."""
_READABLE: Final = frozenset(range(0x20, 0x7F)) | frozenset(b"\r\n\t\b\x07\x1b\x00")
_SHARE: Final = 0.97
_SETTLES: Final = 3
_LOGIN: Final = LoginPrompts()

LOOK: Final = "look at the cable, then at the device's power, then whether the cable must be a null-modem one"


@dataclass(frozen=True, slots=True)
class Heard:
    """What a line shows after Enter, as a terminal would, and at which speed; None where it has none."""

    text: str
    speed: int | None

    @property
    def last_line(self) -> str:
        """The line that the cursor is on."""
        return _last_line(self.text)

    @property
    def asks_who(self) -> bool:
        """Whether the line stands at a login."""
        return _asks_who(self.last_line)


async def hear(access: Access) -> Heard:
    """Find the speed of a line, and what it shows.

    Raises :class:`~drivers.errors.Unreachable` where nobody answers at any speed, or the device has no command line
    just now; ``Garbled`` where what answers can be read at none; and as :func:`drivers.line.shared.borrow`.
    """
    borrowed = await borrow(access, timeout_s=_OPEN_S)
    try:
        line = borrowed.line
        async with line.hold(WHO, wait_s=_WAIT_S) as stream:
            before = await _until_quiet(stream, _FIRST_S)
            _passable(before)
            return await _at_some_speed(access, line, stream)
    finally:
        await borrowed.give_back()


async def _at_some_speed(access: Access, line: Line, stream: Held) -> Heard:
    garbled, at, keys = False, "", _ENTER
    for speed in _speeds(access, line.speed):
        if speed is not None and speed != line.speed:
            await line.set_speed(speed)
        at = " at any speed" if at else f" at {speed} baud" if speed else " "
        text, came = await _answer(stream, keys)
        if text:
            _passable(text.encode())
            return Heard(text, speed)
        garbled, keys = garbled or came, _ERASE + _ENTER
    where = f"{line.name}{at.rstrip()}"
    if garbled:
        raise Garbled(f"something answers on {where}, and cannot be read: look at the cable's shield and ground")
    raise Unreachable(f"nothing answers on {where}: {LOOK}")


def _speeds(access: Access, now: int | None) -> Iterator[int | None]:
    """The speeds to try: the one that the URL names, or the one that is set and then the others."""
    if now is None or speed_of(access) is not None:
        yield now
        return
    yield from dict.fromkeys((now, *SPEEDS))


async def _answer(stream: Held, keys: bytes) -> tuple[str, bool]:
    """What is shown for Enter, where it is the same twice, or asks who is there; and whether anything came at all."""
    last, came = "", False
    for _ in range(_SETTLES):
        await stream.send(keys)
        data = await _until_quiet(stream, _SILENT_S)
        if b"\n" in data and not data.strip():
            data += await _until_quiet(stream, _REFUSED_S)
        came = came or bool(data)
        text = _read(data)
        line = _last_line(text)
        if not line:
            return "", came
        if line == last or _asks_who(line):
            return text, True
        last = line
    return "", came


def _last_line(text: str) -> str:
    return text.rstrip().rpartition("\n")[2].strip()


def _asks_who(line: str) -> bool:
    # login(1) takes Enter for an empty name, and asks for the password of that.
    return any(re.fullmatch(pattern, line) for pattern in (_LOGIN.asks_user, _LOGIN.password))


def _read(data: bytes) -> str:
    """The text of bytes that can be read; empty for what cannot."""
    if not data or sum(byte in _READABLE for byte in data) < _SHARE * len(data):
        return ""
    return rendered(data).decode("ascii", "replace")


async def _until_quiet(stream: Held, first_s: float) -> bytes:
    """What comes until the line is quiet: within ``first_s``, and then with no longer gaps than a moment."""
    data = b""
    wait_s = first_s
    while True:
        try:
            async with asyncio.timeout(wait_s):
                data += await stream.receive()
        except TimeoutError:
            return data
        wait_s = _QUIET_S


def _passable(data: bytes) -> None:
    line = _last_line(rendered(data).decode("ascii", "replace"))
    is_at = obstacle(line)
    if is_at:
        raise Unreachable(f"the device {is_at} ({printable(line, most=60)}); nothing was written to it")


def obstacle(line: str) -> str:
    """Where a device stands that shows ``line`` and has no command line; empty where that may be one."""
    for each in OBSTACLES:
        if re.fullmatch(each.shows, line) or re.fullmatch(each.shows, f"{line} "):
            return each.is_at
    return ""
