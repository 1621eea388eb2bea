"""What a terminal would show for the bytes that came: backspaces, carriage returns and escape sequences worked in.

A device erases its pager, redraws a line that is longer than the screen, and echoes what it was sent. All of that is
made into plain lines here, so that nobody after this file meets anything but text and ``\\n``.
"""

from __future__ import annotations

import re
from typing import Final

_ESCAPES: Final = re.compile(
    rb"\x1b\[[0-?]*[ -/]*[@-~]"  # CSI (ECMA-48, 5.4): cursor, colour, erase
    rb"|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"  # OSC: window titles
    rb"|\x1b[()][0-9A-Za-z]|\x1b[=>78DEHMc]"
)
_BLANKS: Final = b" \t\n"
_SHORTEST_TAIL: Final = 8
"""A line that the device scrolled shows ``$`` and the end of what was sent, this much of it at least."""


def rendered(data: bytes) -> bytes:
    """The lines of ``data`` as a terminal shows them, ended by ``\\n``."""
    if b"\x1b" in data:
        data = _ESCAPES.sub(b"", data)
    if b"\x00" in data or b"\x07" in data:
        data = data.replace(b"\x00", b"").replace(b"\x07", b"")
    data = data.replace(b"\r\n", b"\n")
    if b"\r" not in data and b"\b" not in data:
        return data
    return b"\n".join(_drawn(line) for line in data.replace(b"\r\n", b"\n").split(b"\n"))


def _drawn(line: bytes) -> bytes:
    line = line.rstrip(b"\r")
    if b"\r" not in line and b"\b" not in line:
        return line
    cells = bytearray()
    column = 0
    for byte in line:
        if byte == 0x0D:
            column = 0
        elif byte == 0x08:
            column = max(0, column - 1)
        else:
            cells[column : column + 1] = bytes((byte,))
            column += 1
    return bytes(cells).rstrip(b" ")


def after_echo(text: bytes, sent: bytes, *, prompt: bytes = b"") -> bytes | None:
    """``text`` (rendered) without the echo of ``sent`` at its head; None where its head is something else.

    The device may have wrapped the echo at the width of its screen, scrolled it (``$`` and its end), or drawn its
    prompt again before it.
    """
    if text.startswith(sent) and text[len(sent) : len(sent) + 1] == b"\n":
        return text[len(sent) + 1 :]
    if prompt and text.lstrip(_BLANKS).startswith(prompt):
        text = text.lstrip(_BLANKS)[len(prompt) :]
    end = _end_of_echo(text, sent)
    if end is None:
        end = _end_of_scrolled(text, sent)
    if end is None:
        return None
    rest, newline, answer = text[end:].partition(b"\n")
    return answer if newline and not rest.strip() else None


def _end_of_echo(text: bytes, sent: bytes) -> int | None:
    """Where the echo of ``sent`` ends, blanks and line ends left out of account."""
    position = 0
    for byte in sent:
        if byte in _BLANKS:
            continue
        while position < len(text) and text[position] in _BLANKS:
            position += 1
        if position == len(text) or text[position] != byte:
            return None
        position += 1
    return position


def _end_of_scrolled(text: bytes, sent: bytes) -> int | None:
    line = text.partition(b"\n")[0]
    mark = line.rfind(b"$")
    tail = line[mark + 1 :].strip()
    if mark < 0 or len(tail) < _SHORTEST_TAIL or not sent.rstrip().endswith(tail):
        return None
    return len(line)
