"""RFC 2217: a serial port behind telnet, with its speed and its break.

Bytes go as they are (RFC 856), only 255 is doubled. The server answers what it is asked by the same number and 100
(section 3 of the RFC), and says by itself when it cannot take more (``FLOWCONTROL-SUSPEND``). Modem lines are left
alone: behind a pseudo-terminal there are none, and no console needs them.
"""

from __future__ import annotations

import asyncio
from typing import Final, Self

from drivers.access import Access
from drivers.errors import Unreachable, Unsupported
from drivers.line.endpoint import opening
from drivers.line.sockets import TcpPort, TelnetPort, dial

OPTION: Final = 44
_SET_BAUDRATE, _SET_CONTROL, _SUSPEND, _RESUME = 1, 5, 8, 9
_BREAK_ON, _BREAK_OFF = 5, 6
_ANSWER: Final = 100
_ANSWER_S: Final = 5.0
_IAC, _SB, _SE = b"\xff", b"\xfa", b"\xf0"


class _HungUp(Unreachable):
    """The server ended the connection."""


class ComPort(TelnetPort):
    """A :class:`drivers.line.endpoint.Endpoint` of a server that speaks RFC 2217."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, name: str) -> None:
        super().__init__(reader, writer, name=name)
        self.greets = False  # what is at its far end goes on, whoever comes and leaves
        self._may_send = asyncio.Event()
        self._may_send.set()
        self._speed_told = asyncio.Event()
        self._ahead = b""

    async def begin(self, baud: int | None) -> Self:
        """Agree on the option, and set or ask the speed. Raises ``Unsupported`` where the server does not speak it."""
        await self._raw(self.negotiation.offer(OPTION) + self.negotiation.offer_binary())
        while (taken := self.negotiation.is_taken(OPTION)) is None:
            self._ahead += await self._pump()
        if not taken:
            raise Unsupported(f"{self.name} does not speak RFC 2217: write it telnet://")
        await self._ask(_SET_BAUDRATE, (baud or 0).to_bytes(4, "big"))
        while not self._speed_told.is_set():
            self._ahead += await self._pump()
        self._went_to(baud or self.speed)
        return self

    async def read(self) -> bytes:
        """The next bytes of the line; what the server tells of the port is taken out."""
        data, self._ahead = self._ahead, b""
        try:
            while not data:
                data = await self._pump()
        except _HungUp:
            return b""
        return data

    async def write(self, data: bytes) -> None:
        """Send bytes, when the server can take them."""
        await self._may_send.wait()
        await self._raw(data.replace(_IAC, _IAC + _IAC))

    async def set_speed(self, baud: int) -> None:
        """Have the server go to another speed; it is believed when it says so."""
        self._speed_told.clear()
        await self._ask(_SET_BAUDRATE, baud.to_bytes(4, "big"))
        try:
            async with asyncio.timeout(_ANSWER_S):
                await self._speed_told.wait()
        except TimeoutError:
            raise Unreachable(f"{self.name} did not say whether it went to {baud} baud") from None
        self._went_to(baud)

    def _went_to(self, baud: int | None) -> None:
        if self.speed != baud:
            raise Unsupported(f"{self.name} does not go to {baud} baud: its server says {self.speed}")

    async def send_break(self, seconds: float) -> None:
        """Hold the line in its break state."""
        await self._ask(_SET_CONTROL, bytes((_BREAK_ON,)))
        try:
            await asyncio.sleep(seconds)
        finally:
            await self._ask(_SET_CONTROL, bytes((_BREAK_OFF,)))

    async def _pump(self) -> bytes:
        """What the line said in the next bytes from the server, which may be nothing."""
        data = await TcpPort.read(self)
        if not data:
            raise _HungUp(f"{self.name} hung up")
        text, answer = self.negotiation.take(data)
        if answer:
            await self._raw(answer)
        while self.negotiation.told:
            self._told(self.negotiation.told.pop(0))
        return text

    def _told(self, told: bytes) -> None:
        if told[:1] != bytes((OPTION,)) or len(told) < 2:
            return
        word, value = told[1] - _ANSWER, told[2:]
        if word == _SET_BAUDRATE and len(value) == 4:
            self.speed = int.from_bytes(value, "big") or None
            self._speed_told.set()
        elif word == _SUSPEND:
            self._may_send.clear()
        elif word == _RESUME:
            self._may_send.set()

    async def _ask(self, word: int, value: bytes) -> None:
        await self._raw(_IAC + _SB + bytes((OPTION, word)) + value.replace(_IAC, _IAC + _IAC) + _IAC + _SE)

    async def _raw(self, data: bytes) -> None:
        await TcpPort.write(self, data)


async def open_com_port(access: Access, *, baud: int | None, timeout_s: float) -> ComPort:
    """Dial a server and agree with it. Raises :class:`~drivers.errors.Unreachable`, ``Unsupported``."""
    port = ComPort(*await dial(access, timeout_s=timeout_s), name=str(access))
    try:
        async with opening(port), asyncio.timeout(timeout_s):
            return await port.begin(baud)
    except TimeoutError:
        raise Unreachable(f"{access} answers, and does not speak RFC 2217 within {timeout_s:g} s") from None
