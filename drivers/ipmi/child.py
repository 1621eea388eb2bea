"""pyghmi in a process of its own: sessions to many controllers, driven by one loop, spoken to over pipes.

Why a process: pyghmi has one I/O thread for everything, waits in ``select`` (which takes no file descriptor above 1023,
and an agent has those), and has been seen to stall. Here it has few descriptors, and whoever started us kills us when
we stop answering.

Why callbacks only: pyghmi's blocking calls wait for their own answer while nobody takes those of the others. So nothing
is ever called here that waits: login, commands and timeouts all come back as callbacks of ``Session.wait_for_rsp``,
which one loop calls. No command is sent from within a callback: when that returns, pyghmi forgets the command that it
takes for the answered one, and would forget the new one.

What of pyghmi's session is our own: the privilege level is asked for by callback, the controller's GUID is looked at
before the login goes on, and a controller that takes SHA-256 and then speaks SHA-1 is asked for SHA-1. Keep-alives are
sent by us, since pyghmi's collide with commands.

Protocol: one JSON document a line. In: ``{"id", "do": "open" | "ask" | "close" | "ping", ...}``; out: ``{"id"}`` with
the answer or ``error`` (one of :data:`ERRORS`) and ``text``. It ends at the end of its input.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import orjson
from pyghmi.exceptions import IpmiException
from pyghmi.ipmi.private import session
from pyghmi.ipmi.private.session import Session

ERRORS: Final = ("auth", "busy", "lost", "refused", "silent", "wrong")
_HASHES: Final = {3: 1, 17: 256}
"""Cipher suites by what pyghmi calls their hash."""
_AUTH_OF_SUITE: Final = {1: 1, 256: 3}
"""Authentication algorithms (table 13-17) of pyghmi's hashes."""
_IDLE_S: Final = 20.0
"""A controller ends a session that is idle for 60 s, some after 30."""
_LOOK_S: Final = 0.1
"""pyghmi's I/O thread may miss to wake us; then we look by ourselves."""
_APP: Final = 6
_SET_PRIVILEGE, _GET_DEVICE_ID = 0x3B, 0x01
_ADMIN, _OPERATOR = 4, 3

Reply = Callable[[dict[str, Any]], None]


class _Session(Session):  # type: ignore[misc]  # the library has no types
    """pyghmi's session without what would wait. ``pins``: GUIDs one of which must be shown; ``suite`` to log in by."""

    pins: frozenset[bytes] = frozenset()
    suite: int | None = None
    remoteguid: bytes = b""
    privlevel: int
    later: Callable[[Callable[[], None]], None]
    """Has something done by the loop, behind the callbacks."""

    def _open_rmcpplus_request(self) -> None:
        if self.suite is not None:
            self.attemptedhash = self.suite
        super()._open_rmcpplus_request()

    def _got_rmcp_response(self, data: bytearray) -> Any:
        spoken = data[16] if len(data) >= 20 and data[1] == 0 else None
        if spoken is not None and spoken != _AUTH_OF_SUITE[self.attemptedhash] and self.suite is None:
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

    def leave(self) -> None:
        """Log out, or give up logging in, without waiting."""
        self.free()
        if self.logged:
            self.logout(False)
        elif not self.broken:
            self._mark_broken("closed")


@dataclass(frozen=True, slots=True)
class _Command:
    """A command that waits for its turn. ``id`` None: nobody waits for the answer."""

    id: int | None
    netfn: int
    command: int
    data: bytes
    resend_s: float


class _Controller:
    """One controller: a session, and its commands one at a time."""

    def __init__(self, line: dict[str, Any], reply: Reply, later: Callable[[Callable[[], None]], None]) -> None:
        self._reply = reply
        self._later = later
        self._opening: int | None = line["id"]
        self._waiting: deque[_Command] = deque()
        self._current: _Command | None = None
        self.used_at = time.monotonic()
        self.is_lost = False
        self._session = _Session(
            line["address"], line["user"], line["password"], port=line["port"], onlogon=self._logged_on, keepalive=False
        )
        # Nothing was heard yet: what comes is taken by the loop that called us.
        self._session.pins = frozenset(map(bytes.fromhex, line["pins"]))
        self._session.suite = _HASHES.get(line["suite"])
        self._session.later = later

    def ask(self, command: _Command) -> None:
        """Send a command when those before it are answered."""
        self.used_at = time.monotonic()
        self._waiting.append(command)
        self._next()

    def keep_alive(self) -> None:
        """Say something, so that the session is not taken for idle."""
        if self._opening is None and self._current is None and not self._waiting:
            self.ask(_Command(None, _APP, _GET_DEVICE_ID, b"", 1.0))

    def leave(self) -> None:
        """Log out; nothing more is answered."""
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
        self._later(self._next)

    def _lose(self, text: str) -> None:
        """The session is over: nobody waits for it in vain."""
        self.is_lost = True
        waiting = [command for command in (self._current, *self._waiting) if command is not None]
        self._current = None
        self._waiting.clear()
        for command in waiting:
            if command.id is not None:
                self._reply({"id": command.id, "error": "lost", "text": text})


def _kind(text: str) -> str:
    """One of :data:`ERRORS` for what pyghmi says."""
    lower = text.lower()
    words = {
        "wrong": ("wrong",),
        "auth": ("password", "unauthorized", "privilege", "this user", "integrity check", "kg", "inactive role"),
        "busy": ("insufficient resources", "slot", "busy"),
        "silent": ("timeout", "failed to initialize", "no longer connected"),
    }
    return next((kind for kind, found in words.items() if any(word in lower for word in found)), "refused")


class _Waiter:
    """What pyghmi's I/O thread wakes us by: it sets whatever it was given, once, when something came."""

    def __init__(self, news: threading.Event) -> None:
        self._news = news
        self._is_known = False

    def set(self) -> None:
        """Called by the I/O thread."""
        self._is_known = False
        self._news.set()

    def register(self) -> None:
        """Have the I/O thread know of us for the next time."""
        if not self._is_known:
            self._is_known = True
            session.ioqueue.append((time.monotonic() + 300, self, None))


class Loop:
    """The one loop. ``lines`` come from a thread that reads; ``reply`` writes an answer."""

    def __init__(self, reply: Reply) -> None:
        self._reply = reply
        self._lines: deque[bytes] = deque()
        self._news = threading.Event()
        self._waiter = _Waiter(self._news)
        self._controllers: dict[int, _Controller] = {}
        self._behind: deque[Callable[[], None]] = deque()

    def put(self, line: bytes) -> None:
        """Something to do; called by the thread that reads."""
        self._lines.append(line)
        self._news.set()

    def run(self) -> None:
        """Work until the process ends."""
        while True:
            self._news.clear()
            while self._lines:
                self._do(orjson.loads(self._lines.popleft()))
            if session.sessionqueue or self._due_s() <= 0:
                Session.wait_for_rsp(timeout=0)
            while self._behind:
                self._behind.popleft()()
            self._keep_alive()
            self._waiter.register()
            if not self._lines and not session.sessionqueue and not self._behind:
                self._news.wait(max(min(self._due_s(), _LOOK_S if Session.waiting_sessions else _IDLE_S / 4), 0.0))

    def _due_s(self) -> float:
        """Seconds until a command is to be sent again, or given up."""
        now = time.monotonic()
        return min((each["timeout"] - now for each in Session.waiting_sessions.values()), default=_IDLE_S)

    def _keep_alive(self) -> None:
        now = time.monotonic()
        for controller in self._controllers.values():
            if now - controller.used_at > _IDLE_S and not controller.is_lost:
                controller.keep_alive()

    def _do(self, line: dict[str, Any]) -> None:
        what = line["do"]
        if what == "ping":
            self._reply({"id": line["id"]})
        elif what == "open":
            self._open(line)
        elif what == "ask":
            self._ask(line)
        elif what == "close":
            controller = self._controllers.pop(line["bmc"], None)
            if controller is not None:
                controller.leave()
            self._reply({"id": line["id"]})

    def _open(self, line: dict[str, Any]) -> None:
        try:
            self._controllers[line["bmc"]] = _Controller(line, self._reply, self._behind.append)
        except (IpmiException, OSError) as error:
            self._reply({"id": line["id"], "error": "silent", "text": str(error)})

    def _ask(self, line: dict[str, Any]) -> None:
        controller = self._controllers.get(line["bmc"])
        if controller is None or controller.is_lost:
            self._reply({"id": line["id"], "error": "lost", "text": "the session was lost"})
            return
        data = bytes.fromhex(line["data"])
        controller.ask(_Command(line["id"], line["netfn"], line["command"], data, line["resend_s"]))


def main() -> None:
    """Serve the pipes. What pyghmi prints goes to the error output."""
    output = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())

    def reply(answer: dict[str, Any]) -> None:
        left = orjson.dumps(answer) + b"\n"
        while left:
            left = left[os.write(output, left) :]

    loop = Loop(reply)

    def read() -> None:
        for line in sys.stdin.buffer:
            loop.put(line)
        os._exit(0)  # whoever started us is gone or done, and the loop may be stuck

    # What stops a whole group or service is for the agent, which ends in order, and us by the end of our input.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    threading.Thread(target=read, daemon=True).start()
    loop.run()


if __name__ == "__main__":
    main()
