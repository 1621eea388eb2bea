"""A port of a console server once the way to it was walked, and its server's own keys, which nobody else may send.

A device's configuration with Ctrl-Z in it, or a person's ``~.``, must not hang up: what is sent to the device is looked
through for the keys (:class:`Keys`). Only we send them: for a break, and when the line is closed.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Sequence
from typing import Final

from device_profiles.console_server import ConsoleServer, Escape
from device_profiles.names import printable
from drivers.cli.screen import rendered
from drivers.errors import DeviceError, Unreachable, Unsupported
from drivers.line.endpoint import Endpoint, Proved

_LEAVES_S: Final = 0.5
"""How long a server is given to let us go before the connection is closed all the same."""
_MOST_LINE_BYTES: Final = 512
_ENTER: Final = (b"\r", b"\n")


class Keys:
    """Keeps a server's own keys from it, in what is sent to a device. State is kept between sends."""

    def __init__(self, escapes: Sequence[Escape]) -> None:
        self._escapes = [(each.keys.encode(), each.instead.encode(), each.after_enter) for each in escapes]
        self._sent = b"\r"
        self._longest = max((len(keys) for keys, *_ in self._escapes), default=0) + 1

    @property
    def count_now(self) -> bool:
        """Whether the server would take its keys for its own after what was sent last, and not send them on."""
        return self._sent[-1:] in _ENTER or not any(after_enter for *_, after_enter in self._escapes)

    def kept(self, data: bytes) -> bytes:
        """``data`` as it is sent."""
        if not self._escapes:
            return data
        out = bytearray()
        for at in range(len(data)):
            byte = data[at : at + 1]
            out += self._instead(self._sent + byte, byte)
            self._sent = (self._sent + byte)[-self._longest :]
        return bytes(out)

    def _instead(self, recent: bytes, byte: bytes) -> bytes:
        for keys, instead, after_enter in self._escapes:
            before = recent[: -len(keys)]
            if recent.endswith(keys) and (not after_enter or before[-1:] in _ENTER):
                return instead
        return byte


class ServedPort:
    """A port of a console server as an :class:`~drivers.line.endpoint.Endpoint`, once the way to it was walked."""

    def __init__(self, endpoint: Endpoint, family: ConsoleServer, *, where: str, prompt: str, ahead: bytes) -> None:
        self._endpoint = endpoint
        self._family = family
        self._where = where
        self._keys = Keys(family.escapes)
        self._prompt = prompt
        self._shown = b""
        self._ahead = ahead
        self._is_left = False

    @property
    def proof(self) -> str:
        """What the server showed of itself, where the way to it has that."""
        return self._endpoint.proof if isinstance(self._endpoint, Proved) else ""

    @property
    def speed(self) -> int | None:
        """What the way to the server knows of it."""
        return self._endpoint.speed

    async def read(self) -> bytes:
        """The next bytes of the device; ``b""`` where the server hung up.

        Raises ``Unreachable`` where the server's own prompt is back: what is meant for the device is not for that.
        """
        data, self._ahead = self._ahead, b""
        try:
            data = data or await self._endpoint.read()
        except DeviceError:
            self._is_left = True
            raise
        self._is_left = not data
        self._look(data)
        return data

    def _look(self, data: bytes) -> None:
        """Raise where the port is not ours any more."""
        self._shown = (self._shown + data)[-_MOST_LINE_BYTES:]
        line = rendered(self._shown.rstrip(b"\r\n") if not data else self._shown)
        last = line.decode("utf-8", "replace").rpartition("\n")[2].strip()
        if self._prompt and last == self._prompt:
            self._is_left = True
            raise Unreachable(f"{self._where} was lost: the server's own prompt came back")
        if not data and any(re.fullmatch(pattern, last) for pattern in self._family.busy):
            raise Unreachable(f"{self._where} was lost: the server says '{printable(last)}'")

    async def write(self, data: bytes) -> None:
        """Send bytes to the device, and none of the server's keys."""
        if kept := self._keys.kept(data):
            await self._endpoint.write(kept)

    async def set_speed(self, baud: int) -> None:
        """As the way to the server can."""
        await self._endpoint.set_speed(baud)

    async def send_break(self, seconds: float) -> None:
        """A break by the means of the family."""
        if not self._family.break_by:
            raise Unsupported(f"{self._where} has no key for a break")
        if self._family.break_by == "telnet":
            await self._endpoint.send_break(seconds)
        elif not self._keys.count_now:
            raise Unsupported(f"{self._where} takes a break at the beginning of a line only: press Enter before")
        else:
            await self._endpoint.write(self._family.break_by.encode())

    async def close(self) -> None:
        """Leave the port, and hang up. Never raises."""
        left, self._is_left = self._is_left, True
        if self._family.leave and not left and self._keys.count_now:
            with contextlib.suppress(DeviceError, TimeoutError):
                async with asyncio.timeout(_LEAVES_S):
                    await self._endpoint.write(self._family.leave.encode())
                    while await self._endpoint.read():
                        pass
        await self._endpoint.close()
