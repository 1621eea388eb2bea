"""A profile's command line, compiled once and shared by all sessions of that profile."""

from __future__ import annotations

import functools
import re
from typing import Final, NamedTuple

from device_profiles.cli import Cli, Mode
from device_profiles.patterns import HOST, at_line_start

LONGEST_PROMPT_BYTES: Final = 512
_LONGEST_REFUSAL_BYTES: Final = 4096
"""A refusal is short; a text in a long answer that looks like one is not."""


class Prompt(NamedTuple):
    """A prompt that was seen: the mode that it tells, the host that it names, and the line itself."""

    mode: Mode
    host: bytes
    line: bytes


class Refusal(NamedTuple):
    """A line by which the device refuses; ``busy``: because somebody else configures it."""

    line: bytes
    busy: bool


class Asked(NamedTuple):
    """A question and what is answered."""

    pattern: re.Pattern[bytes]
    answer: str


class Met(NamedTuple):
    """A line where there is no command line, and where the device stands then."""

    pattern: re.Pattern[bytes]
    is_at: str


class Grammar:
    """What a line of a device means. Lines are rendered, without trailing blanks where it says so."""

    def __init__(self, cli: Cli) -> None:
        self.cli = cli
        self.modes = {mode.name: mode for mode in cli.modes}
        self._prompts = [(mode, _prompt(mode.prompt, cli.host)) for mode in cli.modes]
        self.user = _compiled(cli.login.asks_user)
        self.password = _compiled(cli.login.password)
        self.failed = [_compiled(text) for text in cli.login.failed]
        self.passwords = {mode.name: _compiled(mode.password) for mode in cli.modes if mode.password}
        self.pager = _compiled(cli.pager.prompt) if cli.pager is not None else None
        self.obstacles = [Met(_compiled(each.shows), each.is_at) for each in cli.obstacles]
        self.questions = [Asked(_compiled(question.asks), question.answer) for question in cli.questions]
        self._failures = [_line(text, rb"[^\n]*") for text in cli.failures]
        self._busy = [_line(text, rb"[^\n]*") for text in cli.busy]
        self._noise = [_line(text, rb"[^\n]*\n?") for text in cli.noise]

    def prompt(self, line: bytes, host: bytes | None = None) -> Prompt | None:
        """The prompt that the whole of ``line`` is. With ``host``: only a prompt of that device."""
        line = line.rstrip(b" ")
        if not line or len(line) > LONGEST_PROMPT_BYTES:
            return None
        for mode, pattern in self._prompts:
            match = pattern.fullmatch(line)
            if match is None:
                continue
            named = match.groupdict().get("host") or b""
            if host is None or self._is_of(named, host):
                return Prompt(mode, named, line)
        return None

    def _is_of(self, named: bytes, host: bytes) -> bool:
        cut = self.cli.host_cut
        return named == host or bool(cut and len(named) >= cut and host.startswith(named))

    def refusal(self, answer: bytes) -> Refusal | None:
        """The line of ``answer`` (rendered) by which the device refuses; None where it does not."""
        if len(answer) > _LONGEST_REFUSAL_BYTES or not answer.strip():
            return None
        for patterns, busy in ((self._busy, True), (self._failures, False)):
            found = [match for pattern in patterns if (match := pattern.search(answer)) is not None]
            if found:
                return Refusal(min(found, key=lambda match: match.start())[0].strip(), busy=busy)
        return None

    def quiet(self, text: bytes) -> bytes:
        """``text`` (rendered) without the lines that the device prints whenever it likes."""
        for pattern in self._noise:
            text = pattern.sub(b"", text)
        return text

    def steps(self, start: str, end: str) -> tuple[list[Mode], list[Mode]]:
        """The modes to leave, and then to enter, on the way from one mode to another."""
        up, down = list(self.cli.way_up(start)), list(self.cli.way_up(end))
        while up and down and up[-1] is down[-1]:
            up.pop()
            down.pop()
        return up, down[::-1]


@functools.lru_cache(maxsize=256)
def grammar_of(cli: Cli) -> Grammar:
    """The compiled form of a command line."""
    return Grammar(cli)


def _compiled(text: str) -> re.Pattern[bytes]:
    return re.compile(text.encode())


def _line(text: str, rest: bytes) -> re.Pattern[bytes]:
    return re.compile(at_line_start(text).encode() + rest, re.MULTILINE)


def _prompt(pattern: str, host: str) -> re.Pattern[bytes]:
    return _compiled(pattern.replace(HOST, f"(?P<host>{host})"))
