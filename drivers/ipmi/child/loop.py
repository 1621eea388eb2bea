"""The one loop of the child: what is asked goes to controllers, what comes from them goes to who asked."""

from __future__ import annotations

import contextlib
import os
import struct
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any, Final

import orjson
from pyghmi.exceptions import IpmiException, PyghmiException
from pyghmi.ipmi.private import session
from pyghmi.ipmi.private.session import Session

from drivers.ipmi.child.controllers import Command, Controller, Reply

IDLE_S: Final = 20.0
"""A controller ends a session that is idle for 60 s, some after 30."""
_LOOK_S: Final = 0.1
"""pyghmi's I/O thread may miss to wake us; then we look by ourselves."""
_RUBBISH: Final = (PyghmiException, ArithmeticError, AttributeError, LookupError, TypeError, ValueError, struct.error)
"""What pyghmi raises where a packet is none: it must not end the sessions of all others; its own runs out of time."""


def _pyghmis_time() -> float:
    """The clock of pyghmi's deadlines (``os.times``), which counts from another moment than ours."""
    return os.times().elapsed


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
            session.ioqueue.append((_pyghmis_time() + 300, self, None))


class Loop:
    """The one loop. ``lines`` come from a thread that reads; ``reply`` writes an answer."""

    def __init__(self, reply: Reply) -> None:
        self._reply = reply
        self._lines: deque[bytes] = deque()
        self._news = threading.Event()
        self._waiter = _Waiter(self._news)
        self._controllers: dict[int, Controller] = {}
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
                self._take()
            while self._behind:
                self._behind.popleft()()
            self._keep_alive()
            self._waiter.register()
            if not self._lines and not session.sessionqueue and not self._behind:
                self._news.wait(max(min(self._due_s(), _LOOK_S if Session.waiting_sessions else IDLE_S / 4), 0.0))

    def _take(self) -> None:
        """Take what came, and send again what is due."""
        with contextlib.suppress(*_RUBBISH):
            Session.wait_for_rsp(timeout=0)

    def _due_s(self) -> float:
        """Seconds until a command is to be sent again, or given up."""
        now = _pyghmis_time()
        return min((each["timeout"] - now for each in Session.waiting_sessions.values()), default=IDLE_S)

    def _keep_alive(self) -> None:
        now = time.monotonic()
        for controller in self._controllers.values():
            if now - controller.used_at > IDLE_S and not controller.is_lost:
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
            self._controllers[line["bmc"]] = Controller(line, self._reply, self._behind.append)
        except (IpmiException, OSError) as error:
            self._reply({"id": line["id"], "error": "silent", "text": str(error)})

    def _ask(self, line: dict[str, Any]) -> None:
        controller = self._controllers.get(line["bmc"])
        if controller is None or controller.is_lost:
            self._reply({"id": line["id"], "error": "lost", "text": "the session was lost"})
            return
        data = bytes.fromhex(line["data"])
        controller.ask(Command(line["id"], line["netfn"], line["command"], data, line["resend_s"]))
