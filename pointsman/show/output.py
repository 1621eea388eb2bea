"""Where output goes, and how: one object per command, made when the command runs.

On a terminal rich draws tables and trees; on a pipe the same rows come as aligned columns without borders or colour,
one a line, so that grep and awk work. ``--json`` prints the service's own answer, in ASCII: no control character of a
device reaches a terminal this way either.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import IO, Any, Final

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from pointsman.show.text import safe

Row = Sequence[str]

_COLOURS: Final = {"yes": "green", "no": "red", "up": "green", "down": "red", "ok": "green", "failed": "red"}


@dataclass(frozen=True, slots=True)
class Branch:
    """One line of a tree and what hangs below it."""

    text: str
    twigs: list[Branch] = field(default_factory=list)

    def add(self, text: str) -> Branch:
        """A new line below this one."""
        twig = Branch(text)
        self.twigs.append(twig)
        return twig


def print_json(document: Any) -> None:
    """A JSON document for programs."""
    sys.stdout.write(json.dumps(document, indent=2, ensure_ascii=True).replace("\x7f", "\\u007f") + "\n")


def print_json_line(document: Any) -> None:
    """A JSON document on a line of its own, at once: for streams."""
    sys.stdout.write(json.dumps(document, ensure_ascii=True).replace("\x7f", "\\u007f") + "\n")
    sys.stdout.flush()


def say(sentence: str = "") -> None:
    """One line for people on standard output."""
    sys.stdout.write((safe(sentence) if sentence else "") + "\n")
    sys.stdout.flush()


def note(sentence: str) -> None:
    """One line beside the output: on standard error."""
    sys.stderr.write(safe(sentence) + "\n")
    sys.stderr.flush()


def on_terminal(stream: IO[str] | None = None) -> bool:
    """Whether people look at the stream (standard output)."""
    return (stream or sys.stdout).isatty()


def print_table(columns: Row, rows: Sequence[Row], *, empty: str) -> None:
    """Rows under their columns; ``empty`` is what to say, on standard error, where there are none."""
    if not rows:
        note(empty)
    elif on_terminal():
        _print_rich_table(columns, rows)
    else:
        for line in plain_lines(columns, rows):
            sys.stdout.write(line + "\n")


def plain_lines(columns: Row, rows: Sequence[Row]) -> list[str]:
    """Rows as aligned lines, two blanks between the columns, the names of the columns in capitals."""
    cells = [[name.upper() for name in columns], *([safe(cell) for cell in row] for row in rows)]
    widths = [max(len(row[index]) for row in cells) for index in range(len(columns))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells]


def print_tree(branch: Branch) -> None:
    """A tree: drawn on a terminal, indented lines on a pipe."""
    if on_terminal():
        Console().print(_rich_tree(branch))
    else:
        for line in indented(branch):
            sys.stdout.write(line + "\n")


def indented(branch: Branch, depth: int = 0) -> list[str]:
    """A tree as lines, two blanks for each level."""
    lines = ["  " * depth + safe(branch.text)]
    for twig in branch.twigs:
        lines += indented(twig, depth + 1)
    return lines


def _rich_tree(branch: Branch) -> Tree:
    tree = Tree(_coloured(safe(branch.text)), guide_style="dim")
    for twig in branch.twigs:
        tree.children.append(_rich_tree(twig))
    return tree


def _print_rich_table(columns: Row, rows: Sequence[Row]) -> None:
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name in columns:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*(_coloured(safe(cell)) for cell in row))
    Console().print(table)


def _coloured(cell: str) -> Text:
    """Text without markup (it may come from a device); the first word of a status has a colour."""
    return Text(cell, style=_COLOURS.get(cell.split(" ", 1)[0], ""))
