"""One controller of the child: a session that logs in, and its commands one at a time."""

from __future__ import annotations

import contextlib
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from pyghmi.exceptions import IpmiException

from drivers.ipmi.child.serial import Serial
from drivers.ipmi.child.sessions import QuietSession

KINDS: Final = {
    "wrong": ("wrong",),
    "auth": ("password", "unauthorized", "privilege", "this user", "integrity check", "kg", "inactive role"),
    "busy": ("insufficient resources", "slot", "busy"),
    "silent": ("timeout", "failed to initialize", "no longer connected"),
}
"""What goes wrong in a login, by the words that pyghmi has for it; all else is ``refused``. Later it is ``lost``."""
_HASHES: Final = {3: 1, 17: 256}
"""Cipher suites by what pyghmi calls their hash."""
_APP, _GET_DEVICE_ID, _WHOSE_PAYLOAD = 0x06, 0x01, 0x4B
_SERIAL_1: Final = b"\x01\x01"
"""The payload serial over LAN, and its first instance."""

Reply = Callable[[dict[str, Any]], None]


@dataclass(frozen=True, slots=True)
class Command:
    """A command that waits for its turn. ``id`` None: nobody waits for the answer."""

    id: int | None
    netfn: int
    command: int
    data: bytes
    resend_s: float
    then: Callable[[int, bytes], None] | None = None
    """Called with code and data of the answer."""


class Controller:
    """One controller: a session, and its commands one at a time."""

    def __init__(self, line: dict[str, Any], reply: Reply, later: Callable[[Callable[[], None]], None]) -> None:
        self._reply = reply
        self._later = later
        self._opening: int | None = line["id"]
        self._waiting: deque[Command] = deque()
        self._current: Command | None = None
        self.used_at = time.monotonic()
        self.is_lost = False
        self._session = QuietSession(
            line["address"], line["user"], line["password"], port=line["port"], onlogon=self._logged_on, keepalive=False
        )
        # Nothing was heard yet: what comes is taken by the loop that called us.
        self._session.pins = frozenset(map(bytes.fromhex, line["pins"]))
        self._session.suite = _HASHES.get(line["suite"])
        self._session.later = later
        self._bmc: int = line["bmc"]
        self._serial: Serial | None = None

    def ask(self, command: Command) -> None:
        """Send a command when those before it are answered."""
        self.used_at = time.monotonic()
        self._waiting.append(command)
        self._next()

    def keep_alive(self) -> None:
        """Say something, so that the session is not taken for idle; of a serial line, look whether it is still ours."""
        if self._opening is not None or self._current is not None or self._waiting:
            return
        if self._serial is None:
            self.ask(Command(None, _APP, _GET_DEVICE_ID, b"", 1.0))
        else:
            self.ask(Command(None, _APP, _WHOSE_PAYLOAD, _SERIAL_1, 1.0, self._owned))

    # Its machine's serial line.

    @property
    def serial(self) -> Serial | None:
        """The serial line, once it was attached."""
        return self._serial

    def attach(self, most: int) -> None:
        """From here on the session carries the serial line, which was activated; ``most`` characters at once."""
        self._serial = Serial(
            send=self._session.send_serial, hear=self._heard, lose=self._lost_line, most=most, clock=time.monotonic
        )
        self._session.sol_handler = self._came

    def _came(self, payload: bytearray) -> None:
        if self._serial is not None:
            self._serial.take(bytes(payload))

    def _heard(self, data: bytes) -> None:
        self._reply({"bmc": self._bmc, "heard": data.hex()})

    def _lost_line(self, text: str) -> None:
        serial, self._serial, self._session.sol_handler = self._serial, None, None
        if serial is not None:
            serial.end(text)
            self._reply({"bmc": self._bmc, "lost": text})

    def _owned(self, code: int, data: bytes) -> None:
        if code == 0 and len(data) >= 4 and int.from_bytes(data[:4], "little") != self._session.sessionid:
            self._lost_line("somebody else took its serial-over-LAN")

    def leave(self) -> None:
        """Log out; nothing more is answered."""
        self._serial = None
        self._opening = self._current = None
        self._waiting.clear()
        self.is_lost = True
        with contextlib.suppress(IpmiException):
            self._session.leave()

    def _logged_on(self, result: dict[str, Any]) -> None:
        opening, self._opening = self._opening, None
        if opening is None:
            return
        guid = bytes(self._session.remoteguid)
        if "error" in result:
            self.is_lost = True
            text = str(result["error"])
            self._reply({"id": opening, "error": _kind(text), "text": text, "guid": guid.hex()})
        else:
            self._reply({"id": opening, "guid": guid.hex()})
            self._later(self._next)

    def _next(self) -> None:
        if self._opening is not None or self._current is not None or not self._waiting:
            return
        self._current = command = self._waiting.popleft()
        if not self._session.logged or self._session.broken:
            self._lose("the session was lost")
            return
        try:
            self._session.raw_command(
                command.netfn, command.command, data=command.data, timeout=command.resend_s, callback=self._answered
            )
        except IpmiException as error:
            self._lose(str(error))

    def _answered(self, response: dict[str, Any]) -> None:
        self._session.free()
        command, self._current = self._current, None
        if response.get("error") == "timeout":
            self._current = command
            self._lose("it does not answer any more")
            return
        if command is not None and command.id is not None:
            self._reply({"id": command.id, "code": response["code"], "data": bytes(response["data"]).hex()})
        if command is not None and command.then is not None:
            command.then(response["code"], bytes(response["data"]))
        self._later(self._next)

    def _lose(self, text: str) -> None:
        """The session is over: nobody waits for it in vain."""
        self.is_lost = True
        self._lost_line(text)
        waiting = [command for command in (self._current, *self._waiting) if command is not None]
        self._current = None
        self._waiting.clear()
        for command in waiting:
            if command.id is not None:
                self._reply({"id": command.id, "error": "lost", "text": text})


def _kind(text: str) -> str:
    """One of :data:`KINDS` for what pyghmi says."""
    lower = text.lower()
    return next((kind for kind, found in KINDS.items() if any(word in lower for word in found)), "refused")
