"""What a recording plays: a command line or a shell, made of a profile's grammar and of recorded answers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from device_profiles.cli import Mode
from device_profiles.patterns import HOST
from device_profiles.profile import Profile
from drivers.cli.grammar import Grammar
from drivers.errors import Unsupported
from drivers.recording import Exchange

NAMELESS: Final = "replay"
"""The name in a prompt where the recording tells none."""

_PROMPTS: Final = (
    *(
        "{h}#",
        "{h}>",
        "<{h}>",
        "[{h}]",
        "[~{h}]",
        "({h}) #",
        "({h}) >",
        "({h})#",
        "{h} #",
        "{h}.1 #",
        "admin@{h}>",
        "admin@{h}#",
        "{h}::>",
        "IBM_Storwize:{h}:admin>",
    ),
    *("[admin@{h}] >", "{h}(config)#", "({h}) (Config)#", "{h}->", "->", "{h}%", "{h}:~$", "{h}$", "$", "#", ">"),
)
"""How command lines write their prompts; the first that a mode's pattern takes is shown."""
_REFUSALS: Final = (
    "% Invalid input detected at '^' marker.",
    "% Unrecognized command found at '^' position.",
    "Error: Unrecognized command found at '^' position.",
    "Invalid input: {command}",
    "unknown command.",
    "syntax error, expecting <command>.",
    "bad command name {command} (line 1 column 1)",
    "ERROR: Invalid command",
    "command not found",
    "1038 Function not implemented",
    "CMMVC5709E [{command}] is not a supported command.",
)
_NOT_FOUND: Final = 127


class Answers:
    """The exchanges of a recording, found by command."""

    def __init__(self, exchanges: tuple[Exchange, ...]) -> None:
        self.exchanges = exchanges
        self._by_command = {_plain(each.send): each for each in exchanges if each.send.strip()}
        self.missing: dict[str, None] = {}

    def find(self, command: str) -> Exchange | None:
        """The exchange of a command, however it is spelled; None where none, or more than one, fits."""
        plain = _plain(command)
        if plain in self._by_command:
            return self._by_command[plain]
        fitting = [each for known, each in self._by_command.items() if _is_short_for(plain, known)]
        return fitting[0] if len(fitting) == 1 else None


def _plain(command: str) -> str:
    return " ".join(command.casefold().removeprefix("/").split())


def _is_short_for(one: str, other: str) -> bool:
    """Whether each word of one begins the word of the other at its place, as command lines take it."""
    left, right = re.split(r"[ -]", one), re.split(r"[ -]", other)
    return len(left) == len(right) and all(a.startswith(b) or b.startswith(a) for a, b in zip(left, right, strict=True))


class LinePlayer:
    """Plays a command line: what is shown for a line that was sent."""

    def __init__(self, grammar: Grammar, answers: Answers, *, greeting: str) -> None:
        self._grammar = grammar
        self._answers = answers
        self._buffer = ""
        recorded = grammar.prompt(_prompt_in(greeting, answers, grammar).encode())
        host = recorded.host.decode() if recorded is not None and recorded.host else NAMELESS
        home = grammar.modes[grammar.cli.home_mode]
        self._shown = {mode.name: _shown(grammar, mode, host) for mode in grammar.cli.modes}
        if recorded is not None:
            self._shown[recorded.mode.name] = recorded.line.decode()
        self._mode = home
        self._silent = {command.send for command in grammar.cli.open} | {
            *grammar.cli.save,
            *grammar.cli.logout.split("\n"),
        }

    def opening(self) -> str:
        """What the line shows first."""
        return f"\r\n{self._prompt}"

    @property
    def _prompt(self) -> str:
        return f"{self._shown[self._mode.name]} "

    def sent(self, text: str) -> Iterator[str]:
        """What comes back for what was sent."""
        self._buffer += text.replace("\r\n", "\n").replace("\r", "\n")
        while "\n" in self._buffer:
            line, _, self._buffer = self._buffer.partition("\n")
            answer = self._answer(line)
            # A console that does not echo draws its prompt on a line of its own all the same.
            head = f"{line}\r\n" if self._grammar.cli.echo else "" if answer else "\r\n"
            yield f"{head}{answer}{self._prompt}"

    def _answer(self, line: str) -> str:
        comment = self._grammar.cli.comment.partition("{nonce}")[0]
        if not line.strip():
            return ""
        found = self._answers.find(line)
        if found is not None:
            return _as_printed(found, self._grammar)
        if (comment and line.startswith(comment)) or line in self._silent or self._goes(line):
            return ""
        self._answers.missing[line] = None
        return f"{_refusal(self._grammar, line)}\r\n"

    def _goes(self, line: str) -> bool:
        """Whether a line leads to another mode; then it is the one that the line stands in."""
        for mode in self._grammar.cli.modes:
            if mode.parent == self._mode.name and line == mode.enter:
                self._mode = mode
                return True
        if self._mode.parent and line == self._mode.leave:
            self._mode = self._grammar.modes[self._mode.parent]
            return True
        return False


def _prompt_in(greeting: str, answers: Answers, grammar: Grammar) -> str:
    """A prompt that the recording shows: at the end of the greeting, or before an echo that was left in an answer."""
    last = greeting.rstrip().rpartition("\n")[2].strip()
    if grammar.prompt(last.encode()) is not None:
        return last
    for each in answers.exchanges:
        head = each.receive.lstrip().partition("\n")[0].rstrip()
        if head.endswith(each.send) and grammar.prompt(head.removesuffix(each.send).rstrip().encode()) is not None:
            return head.removesuffix(each.send).rstrip()
    return ""


def _shown(grammar: Grammar, mode: Mode, host: str) -> str:
    for prompt in _PROMPTS:
        text = prompt.replace("{h}", host if HOST in mode.prompt else NAMELESS)
        seen = grammar.prompt(text.encode())
        if seen is not None and seen.mode is mode:
            return text
    raise Unsupported(f"the prompt of mode {mode.name} is not known: record it, as what an empty line shows")


def _as_printed(exchange: Exchange, grammar: Grammar) -> str:
    """An answer without the echo and the prompt that a recording may have kept, with the line ends of a terminal."""
    lines = exchange.receive.replace("\r\n", "\n").split("\n")
    first = next((at for at, line in enumerate(lines) if line.strip()), None)
    if first is not None and _is_echo(lines[first], exchange.send, grammar):
        lines = lines[first + 1 :]
    while lines and not lines[-1].strip():
        lines.pop()
    if lines and re.search(r"[A-Za-z]", lines[-1]) and grammar.prompt(lines[-1].strip().encode()) is not None:
        lines.pop()
    return "".join(f"{line}\r\n" for line in lines)


def _is_echo(line: str, sent: str, grammar: Grammar) -> bool:
    before = line.strip().removesuffix(sent.strip())
    if before == line.strip():
        return False
    return not before or grammar.prompt(before.strip().encode()) is not None


def _refusal(grammar: Grammar, command: str) -> str:
    """A line by which this command line refuses."""
    for text in _REFUSALS:
        line = text.format(command=command)
        if grammar.refusal(line.encode()) is not None:
            return line
    raise Unsupported("the profile does not say how the device refuses a command: a recording cannot play it")


class ShellPlayer:
    """Plays a shell whose commands come in a frame (:class:`drivers.session.ShellSession`)."""

    def __init__(self, profile: Profile, answers: Answers) -> None:
        if profile.shell is None:
            raise Unsupported(f"the profile {profile.name} has no shell")
        before, after = profile.shell.frame.format(command="\0", nonce="\1").split("\0")
        ends = re.escape(after).replace("\1", r"(?P<nonce>\w+)")
        self._frame = re.compile(re.escape(before) + r"(?P<command>.*?)" + ends, re.DOTALL)
        self._done = profile.shell.done
        self._answers = answers
        self._buffer = ""

    def opening(self) -> str:
        """A shell without a terminal shows nothing."""
        return ""

    def sent(self, text: str) -> Iterator[str]:
        """What comes back for what was sent."""
        self._buffer += text
        while (match := self._frame.search(self._buffer)) is not None:
            self._buffer = self._buffer[match.end() :]
            found = self._answer(match["command"])
            mark = f"\n#{match['nonce']} {found.status}\n"
            if re.fullmatch(self._done.replace("{nonce}", match["nonce"]), mark) is None:
                raise Unsupported("the end mark of this shell is not known: a recording cannot play it")
            yield f"{found.receive}{mark}"

    def _answer(self, command: str) -> Exchange:
        found = self._answers.find(command)
        if found is None and command == ":":
            return Exchange(command, "")
        if found is None:
            self._answers.missing[command] = None
            return Exchange(command, f"sh: {command.split(maxsplit=1)[0]}: not found\n", _NOT_FOUND)
        return found
