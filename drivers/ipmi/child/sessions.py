"""pyghmi's session without what would wait, and with a look at who answers before the login goes on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from pyghmi.ipmi.private import session
from pyghmi.ipmi.private.session import Session

from drivers.ipmi.receiving import receive

_AUTH_OF_HASH: Final = {1: 1, 256: 3}
"""Authentication algorithms (table 13-17) of pyghmi's hashes."""
_APP, _SET_PRIVILEGE = 0x06, 0x3B
_ADMIN, _OPERATOR = 4, 3
_SERIAL: Final = 1
"""The type of payload that is serial over LAN (table 13-16)."""

session._io_recvfrom = receive


class QuietSession(Session):  # type: ignore[misc]  # the library has no types
    """pyghmi's session without what would wait. ``pins``: GUIDs one of which must be shown; ``suite`` to log in by."""

    pins: frozenset[bytes] = frozenset()
    suite: int | None = None
    remoteguid: bytes = b""
    privlevel: int
    lastpayload: Any
    sol_handler: Callable[[bytearray], None] | None
    later: Callable[[Callable[[], None]], None]
    """Has something done by the loop, behind the callbacks."""

    def _open_rmcpplus_request(self) -> None:
        if self.suite is not None:
            self.attemptedhash = self.suite
        super()._open_rmcpplus_request()

    def _got_rmcp_response(self, data: bytearray) -> Any:
        spoken = data[16] if len(data) >= 20 and data[1] == 0 else None
        if spoken is not None and spoken != _AUTH_OF_HASH[self.attemptedhash] and self.suite is None:
            self.suite = self.attemptedhash = 1
            return self._open_rmcpplus_request()
        if data[1] != 0 and self.suite is not None:
            self.attemptedhash = 1  # as asked, or not at all
        return super()._got_rmcp_response(data)

    def _got_rakp2(self, data: bytearray) -> Any:
        guid = bytes(data[24:40])
        if self.pins and data[1] == 0 and len(data) >= 40 and guid not in self.pins:
            self.sessioncontext = "FAILED"
            self.remoteguid = guid
            self.onlogon({"error": "wrong"})
            return -9
        return super()._got_rakp2(data)

    def _req_priv_level(self) -> None:
        self.logged = 1
        self.logoutexpiry = None
        self.maxtimeout = 4
        self.logontries = 0
        self.raw_command(netfn=_APP, command=_SET_PRIVILEGE, data=[self.privlevel], callback=self._got_privilege)

    def _got_privilege(self, response: dict[str, Any]) -> None:
        self.free()
        if response.get("code") in (0x80, 0x81) and self.privlevel == _ADMIN:
            self.privlevel = _OPERATOR
            self.later(self._req_priv_level)
            return
        self.logging = False
        if response.get("error") or response["code"]:
            self.onlogon({"error": "this user may be neither administrator nor operator"})
        else:
            self.onlogon({"success": True})

    def free(self) -> None:
        """Say that no command is under way: who gives a callback has to."""
        self.incommand = False
        while self.evq:
            self.evq.popleft().set()

    def send_serial(self, payload: bytes) -> None:
        """Send a packet of serial over LAN at once: it neither waits for the command under way, nor is it one."""
        command, self.lastpayload = self.lastpayload, None
        try:
            self.send_payload(payload=payload, payload_type=_SERIAL, retry=False)
        finally:
            self.lastpayload = command

    def leave(self) -> None:
        """Log out, or give up logging in, without waiting."""
        self.sol_handler = None  # else pyghmi ends its own console, and waits
        self.free()
        if self.logged:
            self.logout(False)
        elif not self.broken:
            self._mark_broken("closed")
