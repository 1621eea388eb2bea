"""What is typed: bytes for the line, and commands behind the escape key.

The escape key is Ctrl-], as telnet has it; twice it is sent once. Everything else goes to the line as it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from typing import Final

ESCAPE: Final = 0x1D


class Command(Enum):
    """What the key after the escape key means."""

    QUIT = "q"
    BREAK = "b"
    WRITE = "w"
    TAKE_OVER = "t"
    RELEASE = "r"
    POWER = "p"
    ECHO = "e"
    WHO = "i"
    HELP = "?"


MEANINGS: Final = {
    Command.QUIT: "quit",
    Command.WRITE: "write, when nobody else does",
    Command.TAKE_OVER: "take the line over, whoever has it",
    Command.RELEASE: "let the line go, and watch",
    Command.BREAK: "send a break",
    Command.POWER: "cycle the power that --power names (twice: to be sure)",
    Command.ECHO: "show what you type yourself, on a line that does not (again: no more)",
    Command.WHO: "who is here",
    Command.HELP: "this help",
}
_COMMANDS: Final = {ord(command.value): command for command in Command} | {ord("."): Command.QUIT}


class Keys:
    """Takes commands out of what is typed; the escape key may be the last byte of one piece."""

    def __init__(self) -> None:
        self._escaped = False

    def feed(self, data: bytes) -> Iterator[bytes | Command]:
        """What ``data`` means, in order."""
        plain = bytearray()
        for byte in data:
            if not self._escaped:
                if byte == ESCAPE:
                    self._escaped = True
                else:
                    plain.append(byte)
                continue
            self._escaped = False
            if byte == ESCAPE:
                plain.append(byte)
                continue
            if plain:
                yield bytes(plain)
                plain.clear()
            yield _COMMANDS.get(byte | 0x20 if 0x41 <= byte <= 0x5A else byte, Command.HELP)
        if plain:
            yield bytes(plain)


def help_text() -> str:
    """The commands, a line each."""
    return "\n".join(f"  Ctrl-] {command.value}  {meaning}" for command, meaning in MEANINGS.items())
