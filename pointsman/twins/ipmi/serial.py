"""A controller's serial-over-LAN, with a vde_switch at the far end of its port (IPMI v2.0, sections 15, 22.20, 24).

The characters are carried by pyghmi's own server of consoles; what is asked of the payload is answered here. One
session has it at a time, until it gives it back: like some controllers, this one does not notice that a session ended.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from pyghmi.ipmi.console import ServerConsole

from drivers.ipmi.messages import Answer, Code, NetFn, Request
from pointsman.twins.ipmi.users import USER
from pointsman.twins.vde import Console, Vde

ACTIVATE: Final = 0x48
_DEACTIVATE, _WHOSE, _SESSION, _USER = 0x49, 0x4B, 0x3D, 0x46
_TAKEN, _DISABLED = 0x80, 0x81
_MOST: Final = 64
_USUAL_PORT: Final = 623
_USER_NUMBER: Final = 2
_BREAK, _DEACTIVATED = 0x10, 0x10
_FROM: Final = bytes((127, 0, 0, 1))


class _Carried(ServerConsole):  # type: ignore[misc]  # the library has no types
    """pyghmi's end of a console, to ``talk``; it counts breaks."""

    def __init__(self, session: Any, talk: Callable[[bytes], bytes]) -> None:
        self.breaks = 0
        self._talk = talk
        super().__init__(session, self._typed)  # which may call us already

    def _typed(self, data: Any) -> None:
        if isinstance(data, bytes) and (said := self._talk(data)):
            self.send_data(said)

    def _got_sol_payload(self, payload: Any) -> None:
        if not isinstance(payload, dict) and payload[0] & 0x0F and payload[3] & _BREAK:
            self.breaks += 1
            payload[3] &= ~_BREAK
        super()._got_sol_payload(payload)


@dataclass(slots=True)
class SerialLine:
    """One controller's line. ``is_enabled`` is its setting."""

    is_enabled: bool = True
    switch: Vde = field(default_factory=lambda: Vde(numports=12))
    _carried: Any = None
    _session: Any = None

    @property
    def breaks(self) -> int:
        """Breaks on the line, since it was opened last."""
        return self._carried.breaks if self._carried is not None else 0

    @property
    def is_open(self) -> bool:
        """Whether a session has it."""
        return self._session is not None

    def answer(self, request: Request) -> Answer | None:
        """What a request about the payload is answered; None where it is about something else."""
        known: dict[int, Callable[[], Answer]] = {
            ACTIVATE: self._activate,
            _DEACTIVATE: self._deactivate,
            _WHOSE: lambda: Answer(Code.OK, (self._session.sessionid if self.is_open else 0).to_bytes(4, "little")),
            _SESSION: lambda: Answer(Code.OK, bytes((1, 4, 1, _USER_NUMBER, 4, 1)) + _FROM + bytes(8)),
            _USER: lambda: Answer(Code.OK, USER.encode().ljust(16, b"\0")),
        }
        found = known.get(request.command) if request.netfn == NetFn.APP else None
        return found() if found is not None else None

    def _deactivate(self) -> Answer:
        self._session = None
        return Answer(Code.OK)

    def _activate(self) -> Answer:
        if not self.is_enabled:
            return Answer(_DISABLED)
        if self.is_open:
            return Answer(_TAKEN)
        sizes = _MOST.to_bytes(2, "little") * 2
        return Answer(Code.OK, bytes(4) + sizes + _USUAL_PORT.to_bytes(2, "little") + b"\xff\xff")

    def carry(self, session: Any) -> None:
        """``session`` has the line from here on; the answer that says so was sent."""
        self._session = session
        self._carried = _Carried(session, Console(lambda: self.switch).feed)

    def cut(self) -> None:
        """Somebody else has the controller end it."""
        self._session.send_payload(bytearray((0, 0, 0, _DEACTIVATED)), payload_type=1, retry=False)
        self._session = None
