"""Controllers behind pyghmi's own IPMI server: RMCP+ on loopback, many of them in one process.

pyghmi's server takes a proposal of SHA-256 and then speaks SHA-1; a client that does not look could log in by neither.
Here such a proposal is refused with "no matching cipher suite", as controllers do that have only suite 3; or it is
taken and kept to, as those do that have suite 17; or ("any") all is as pyghmi has it.
"""

from __future__ import annotations

from typing import Any, Final, Literal
from uuid import UUID

from pyghmi.cmd.fakebmc import FakeBmc
from pyghmi.ipmi import bmc
from pyghmi.ipmi.private import session

from drivers.ipmi.messages import Code, NetFn, Request
from drivers.ipmi.receiving import receive
from pointsman.twins.ipmi import suite17
from pointsman.twins.ipmi.controller import Controller
from pointsman.twins.ipmi.serial import ACTIVATE, SerialLine

HOST: Final = "127.0.0.1"
_OPEN_REQUEST: Final = 0x10
_SHA1, _SHA256 = 1, 3
Suite = Literal["3", "17", "any"]
_NO_MATCH: Final = 0x11
_LONGEST_S: Final = 0.5

session._io_recvfrom = receive


class Served(FakeBmc):  # type: ignore[misc]  # the library has no types
    """A controller on a UDP port of loopback; ``users`` are names and passwords."""

    def __init__(self, controller: Controller, users: dict[str, str], *, port: int = 0, suite: Suite = "3") -> None:
        bmc.Bmc.__init__(self, users, port=port, bmcuuid=UUID(bytes=controller.guid), address=HOST)
        self.controller = controller
        self.suite = suite
        self.port = self.serversocket.getsockname()[1]
        self.powerstate, self.bootdevice = "off", "default"
        self.line: SerialLine | None = None

    def sessionless_data(self, data: bytes, sockaddr: Any) -> None:
        """A proposal of SHA-256 is refused, or taken, as our suite is."""
        packet = bytearray(data)
        is_open = len(packet) >= 40 and packet[:4] == b"\x06\x00\xff\x07" and packet[4:6] == bytes((6, _OPEN_REQUEST))
        proposed = packet[16 + 12] if is_open else _SHA1
        if proposed == _SHA256 and self.suite == "17":
            suite17.begin(self, data, sockaddr)
            return
        if proposed != _SHA1 and self.suite != "any":
            payload = bytes((packet[16], _NO_MATCH, 0, 0)) + bytes(packet[20:24])
            header = b"\x06\x00\xff\x07\x06\x11" + bytes(8) + len(payload).to_bytes(2, "little")
            self.serversocket.sendto(header + payload, sockaddr)
            return
        bmc.Bmc.sessionless_data(self, data, sockaddr)

    def handle_raw_request(self, request: dict[str, Any], session: Any) -> None:
        """All that is asked in a session is the controller's to answer."""
        asked = Request(request["netfn"], request["command"], bytes(request["data"]))
        answer = self.line.answer(asked) if self.line is not None else None
        if answer is None:
            answer = self.controller.answer(asked)
        session.send_ipmi_response(code=answer.code, data=answer.data)
        if self.line is not None and (asked.netfn, asked.command, answer.code) == (NetFn.APP, ACTIVATE, Code.OK):
            self.line.carry(session)


def serve_for_a_while() -> None:
    """Serve all controllers of this process; comes back now and then."""
    session.Session.wait_for_rsp(timeout=_LONGEST_S)
