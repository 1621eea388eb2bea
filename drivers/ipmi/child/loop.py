"""The one loop of the child: what is asked goes to controllers, what comes from them goes to who asked."""

from __future__ import annotations

import contextlib
import os
import struct
import threading
import time
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any, Final

import orjson
from pyghmi.exceptions import IpmiException, PyghmiException
from pyghmi.ipmi.private import session
from pyghmi.ipmi.private.session import Session

from drivers.ipmi.child.controllers import Command, Controller, Reply

IDLE_S: Final = 20.0
"""A controller ends a session that is idle for 60 s, some after 30."""
_SERIAL_IDLE_S: Final = 10.0
"""How often it is asked whether a serial line is still ours: nothing else tells that, on one that is silent."""
_LOOK_S: Final = 0.1
"""pyghmi's I/O thread may miss to wake us; then we look by ourselves."""
_RUBBISH: Final = (PyghmiException, ArithmeticError, AttributeError, LookupError, TypeError, ValueError, struct.error)
"""What pyghmi raises where a packet is none: it must not end the sessions of all others; its own runs out of time."""
_LOST: Final = {"error": "lost", "text": "the session was lost"}


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
            serial_s = self._serial_s()
            self._waiter.register()
            if not self._lines and not session.sessionqueue and not self._behind:
                look_s = _LOOK_S if Session.waiting_sessions else IDLE_S / 4
                self._news.wait(max(min(self._due_s(), serial_s, look_s), 0.0))

    def _serial_s(self) -> float:
        """Do what the serial lines have due, and say in how many seconds they are to be looked at again."""
        lines = [each.serial for each in self._controllers.values() if each.serial is not None]
        for each in lines:
            each.tick()
        now = time.monotonic()
        due = (each.next_at - now for each in lines if each.next_at is not None)
        return min((_LOOK_S, *due)) if lines else IDLE_S

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
            idle_s = IDLE_S if controller.serial is None else _SERIAL_IDLE_S
            if now - controller.used_at > idle_s and not controller.is_lost:
                controller.keep_alive()

    def _do(self, line: dict[str, Any]) -> None:
        known: dict[str, Callable[[dict[str, Any]], None]] = {
            "open": self._open,
            "ask": self._ask,
            "attach": self._attach,
            "say": self._say,
            "close": self._close,
            "ping": self._done,
        }
        known[line["do"]](line)

    def _done(self, line: dict[str, Any]) -> None:
        self._reply({"id": line["id"]})

    def _close(self, line: dict[str, Any]) -> None:
        controller = self._controllers.pop(line["bmc"], None)
        if controller is not None:
            controller.leave()
        self._done(line)

    def _attach(self, line: dict[str, Any]) -> None:
        controller = self._controllers.get(line["bmc"])
        if controller is None or controller.is_lost:
            self._reply({"id": line["id"], **_LOST})
            return
        controller.attach(line["most"])
        self._done(line)

    def _say(self, line: dict[str, Any]) -> None:
        """Characters, or a break where there are none; answered when the controller has taken them."""
        controller = self._controllers.get(line["bmc"])
        if controller is None or controller.is_lost or controller.serial is None:
            self._reply({"id": line["id"], **_LOST})
        elif line["data"]:
            controller.serial.say(bytes.fromhex(line["data"]), partial(self._said, line["id"]))
        else:
            controller.serial.send_break(partial(self._said, line["id"]))

    def _said(self, number: int, error: str) -> None:
        self._reply({"id": number, "error": "lost", "text": error} if error else {"id": number})

    def _open(self, line: dict[str, Any]) -> None:
        try:
            self._controllers[line["bmc"]] = Controller(line, self._reply, self._behind.append)
        except (IpmiException, OSError) as error:
            self._reply({"id": line["id"], "error": "silent", "text": str(error)})

    def _ask(self, line: dict[str, Any]) -> None:
        controller = self._controllers.get(line["bmc"])
        if controller is None or controller.is_lost:
            self._reply({"id": line["id"], **_LOST})
            return
        data = bytes.fromhex(line["data"])
        controller.ask(Command(line["id"], line["netfn"], line["command"], data, line["resend_s"]))
