"""A twin's shell: as much of sh as a driver's commands need, and nothing that could run anything else.

Words are split and unquoted as sh does it; ``&&`` and ``;`` join commands. There are no variables, no substitution and
no redirection: what somebody smuggled into a name would show as a command that is not found.
"""

from __future__ import annotations

import functools
import re
import shlex
from collections.abc import Callable, Iterator
from typing import Final, Protocol

from pointsman.twins import tools, vsctl
from pointsman.twins.faults import Faults
from pointsman.twins.switch import Switch
from pointsman.twins.values import CommandFailed

NOT_FOUND: Final = 127
_SYNTAX: Final = 2
_FRAME: Final = re.compile(
    rb"\{ (?P<command>.*?)\n\} </dev/null 2>&1; printf '\\n#%s %d\\n' (?P<nonce>[0-9a-f]+) \$\?\n", re.DOTALL
)

Commands = tuple[tuple[str, tuple[str, ...]], ...]
"""Commands of a line, each with what joins it to the one before (empty for the first)."""


class Machine(Protocol):
    """A twin whose programs are its own: any but a switch."""

    faults: Faults
    asked: int
    watchers: list[Callable[[bytes], None]]

    def execute(self, argv: tuple[str, ...]) -> tuple[bytes, int]:
        """Run one program; what it prints and its exit status."""


def frames(received: bytearray) -> Iterator[tuple[str, str]]:
    """Take the framed commands out of what came in: (command, nonce)."""
    while (match := _FRAME.match(received)) is not None:
        yield match["command"].decode("utf-8", "replace"), match["nonce"].decode()
        del received[: match.end()]


def mark(nonce: str, status: int) -> bytes:
    """What ends the answer to a framed command."""
    return f"\n#{nonce} {status}\n".encode()


def talk(machine: Switch | Machine) -> Callable[[bytes], bytes]:
    """A session that takes framed commands: bytes in, bytes out."""
    received = bytearray()

    def answer(data: bytes) -> bytes:
        nonlocal received
        received += data
        answers = b""
        for command, nonce in frames(received):
            printed, status = run(machine, command)
            answers += printed + mark(nonce, status)
        return answers

    return answer


def run(machine: Switch | Machine, line: str) -> tuple[bytes, int]:
    """Run a command line; what it prints and its exit status."""
    machine.asked += 1
    try:
        commands = _parsed(line)
    except ValueError as error:
        return f"sh: 1: Syntax error: {error}\n".encode(), _SYNTAX
    printed = b""
    status = 0
    for joint, argv in commands:
        if joint == "&&" and status != 0:
            continue
        output, status = _run(machine, argv) if isinstance(machine, Switch) else machine.execute(argv)
        printed += output
    return printed, status


@functools.lru_cache(maxsize=2048)
def _parsed(line: str) -> Commands:
    lexer = shlex.shlex(line, posix=True, punctuation_chars="&;>")
    lexer.whitespace_split = True
    lexer.commenters = ""
    commands: list[tuple[str, tuple[str, ...]]] = []
    words: list[str] = []
    joint = ""
    for word in (*lexer, ";"):
        if word not in ("&&", ";"):
            words.append(word)
            continue
        if words:
            commands.append((joint, tuple(words)))
        words, joint = [], word
    return tuple(commands)


def _run(switch: Switch, argv: tuple[str, ...]) -> tuple[bytes, int]:
    program, *arguments = argv
    try:
        if program == "ovs-vsctl":
            return _vsctl(switch, argv[1:]), 0
        if program in (":", "true"):
            return b"", 0
        tool = tools.PROGRAMS.get(program)
        if tool is None:
            return f"sh: 1: {program}: not found\n".encode(), NOT_FOUND
        return tool(switch, arguments), 0
    except tools.Ended as ended:
        return f"{ended}\n".encode(), ended.status
    except CommandFailed as failed:
        return f"ovs-vsctl: {failed}\n".encode(), 1


def _vsctl(switch: Switch, arguments: tuple[str, ...]) -> bytes:
    if arguments == ("--version",):
        return b"ovs-vsctl (Open vSwitch) 3.1.0\nDB Schema 8.3.1\n"
    writes = vsctl.is_write(arguments)
    switch.writes += writes
    if writes and switch.faults.fail_writes:
        raise CommandFailed(switch.faults.fail_writes)
    return vsctl.run(switch.database, arguments)
