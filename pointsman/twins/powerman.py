"""A powermand with sixteen outlets: its line protocol, as powermand 2.3.27 speaks it.

Outlets may be switched some queries after the command was answered (``late``), as those of controllers do that work
through a queue; or never, though it was answered as done (``lazy``).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

_PROMPT = "powerman> "


@dataclass(slots=True)
class Powermand:
    """The daemon and its one controller. ``dead``: the controller does not answer, and all is unknown."""

    outlets: dict[str, bool] = field(default_factory=lambda: {f"outlet{place}": True for place in range(1, 17)})
    """By the names that powerman.conf gives them: a number, or the machine behind it."""
    late: int = 0
    lazy: set[str] = field(default_factory=set)
    dead: bool = False
    busy: bool = False
    writes: int = 0
    boots: Counter[str] = field(default_factory=Counter)
    """How often what a node feeds got its power back."""
    pending: dict[str, tuple[int, bool]] = field(default_factory=dict)

    def talk(self) -> Talk:
        """A session."""
        return Talk(self)

    def switch(self, name: str, *, on: bool) -> None:
        """Carry out a command, now or later."""
        self.writes += 1
        if name in self.lazy:
            return
        if self.late:
            self.pending[name] = (self.late, on)
        else:
            self._turn(name, on=on)

    def _turn(self, name: str, *, on: bool) -> None:
        self.boots[name] += on and not self.outlets[name]
        self.outlets[name] = on

    def word(self, name: str) -> str:
        """An outlet's state, as a query shows it."""
        if name in self.pending:
            left, on = self.pending.pop(name)
            if left > 1:
                self.pending[name] = (left - 1, on)
            else:
                self._turn(name, on=on)
        return "unknown" if self.dead else "on" if self.outlets[name] else "off"


class Talk:
    """One session: bytes in, bytes out."""

    def __init__(self, daemon: Powermand) -> None:
        self._daemon = daemon
        self._held = b""
        self._expanded = False

    def greeting(self) -> bytes:
        """What a session begins with."""
        return f"001 2.3.27\r\n{_PROMPT}".encode()

    def __call__(self, data: bytes) -> bytes:
        """The answers to all lines that are whole."""
        self._held += data
        *lines, self._held = self._held.split(b"\n")
        return b"".join(f"{self._answer(line.decode('latin-1').strip())}{_PROMPT}".encode() for line in lines)

    def _answer(self, line: str) -> str:
        word, _, rest = line.partition(" ")
        names = rest.split() or list(self._daemon.outlets)
        if unknown := [name for name in names if name not in self._daemon.outlets]:
            return f"209 No such nodes: {','.join(unknown)}\r\n"
        if self._daemon.busy and word in ("on", "off", "status"):
            return "208 Command in progress\r\n"
        if word in ("on", "off") and rest:
            return self._switch(names, on=word == "on")
        queries = {"exprange": self._exprange, "status": lambda: self._status(names), "device": self._device}
        return queries.get(word, lambda: "201 Unknown command\r\n")()

    def _exprange(self) -> str:
        self._expanded = not self._expanded
        return f"105 Hostrange expansion {'ON' if self._expanded else 'OFF'}\r\n"

    def _device(self) -> str:
        state = "not connected" if self._daemon.dead else "connected"
        hosts = ",".join(self._daemon.outlets)
        return f"304 pdu1: state={state} reconnects=000 actions=001 type=vpc hosts={hosts}\r\n103 Query complete\r\n"

    def _status(self, names: list[str]) -> str:
        words = {name: self._daemon.word(name) for name in names}
        end = "211 Query completed with errors\r\n" if self._daemon.dead else "103 Query complete\r\n"
        if self._expanded:
            return "".join(f"303 {name}: {word}\r\n" for name, word in words.items()) + end
        by_word = {each: ",".join(n for n, word in words.items() if word == each) for each in ("on", "off", "unknown")}
        return "".join(f"302 {f'{word}:':<9}{found}\r\n" for word, found in by_word.items()) + end

    def _switch(self, names: list[str], *, on: bool) -> str:
        if self._daemon.dead:
            return "308 pdu1: action timed out waiting for login\r\n210 Command completed with errors\r\n"
        for name in names:
            self._daemon.switch(name, on=on)
        return "102 Command completed successfully\r\n"
