"""What CLIs of arrays print: rows below a heading, delimited or in columns, and blocks of names and values."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

Row = dict[str, str]

_NAMED: Final = re.compile(r"\s*([A-Z(][^:]*?)\s*:(?:\s+(.*?))?\s*")
_GAP: Final = re.compile(r"\s+")


def delimited(text: str, *, by: str = ":") -> list[Row]:
    """Rows below a heading whose words are parted by ``by``, or where none is in it by blanks.

    A row may be cut short, as a heading may; what has no name is left out, and what was cut is not there.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines:
        return []
    names = _parted(lines[0], by, lines[0])
    return [dict(zip(names, _parted(line, by, lines[0]), strict=False)) for line in lines[1:]]


def _parted(line: str, by: str, heading: str) -> list[str]:
    return line.split(by) if by in heading else _GAP.split(line)


def described(text: str, *, by: str = ":") -> list[tuple[str, str]]:
    """One name and value a line, parted by ``by`` or by a blank; a name may come again."""
    found = []
    for line in text.splitlines():
        name, mark, value = line.strip().partition(by)
        if not mark or " " in name:
            name, _, value = line.strip().partition(" ")
        if name:
            found.append((name, value.strip()))
    return found


def instances(text: str, *, first: str) -> list[Row]:
    """Blocks of ``Name: value``, each of which begins with ``first``. What a line adds to a value is in it, by lines.

    A name begins with a capital, so that an address or an initiator's name in a line of its own is none.
    """
    return list(_instances(text, first))


def _instances(text: str, first: str) -> Iterator[Row]:
    row: Row = {}
    last = ""
    for line in text.splitlines():
        match = _NAMED.fullmatch(line)
        if match is not None:
            last = match[1]
            if last == first:
                if row:
                    yield row
                row = {}
            if row or last == first:
                row[last] = match[2] or ""
        elif line.strip() and row:
            row[last] = f"{row[last]}\n{line.strip()}"
        elif not line.strip():
            last = last if row else ""
    if row:
        yield row
