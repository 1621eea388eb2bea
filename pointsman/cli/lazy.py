"""A group of commands that imports a command when it is called, and not before.

`pointsman --help` lists two dozen commands and must come at once; the modules behind them load HTTP clients, database
drivers and terminal drawing. So each command is a line in a table (see ``app``): name, section, sentence and module.
Help is written from the table, without boxes, so that it reads the same on a pipe.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, MutableMapping
from dataclasses import dataclass
from typing import Any, Final

import typer
from typer.core import TyperGroup

from pointsman.cli.hoist import hoisted


@dataclass(frozen=True, slots=True)
class Entry:
    """One command: ``module`` holds a typer application named ``app``."""

    name: str
    section: str
    help: str
    module: str


class LazyCommands(MutableMapping[str, Any]):
    """Commands by name, each imported when it is first asked for."""

    def __init__(self, entries: tuple[Entry, ...]) -> None:
        self.entries = {entry.name: entry for entry in entries}
        self._loaded: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._loaded:
            entry = self.entries[name]
            command = typer.main.get_command(importlib.import_module(entry.module).app)
            command.name = name
            self._loaded[name] = _plain(command)
        return self._loaded[name]

    def __setitem__(self, name: str, command: Any) -> None:
        self._loaded[name] = command

    def __delitem__(self, name: str) -> None:
        del self.entries[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)


_GAP: Final = 2
_COMPLETION: Final = frozenset({"install_completion", "show_completion"})


def _plain(command: Any) -> Any:
    """A command, and those below it, with help without boxes and without the shell completion that is the root's."""
    command.rich_markup_mode = None
    command.params = [param for param in command.params if param.name not in _COMPLETION]
    for below in getattr(command, "commands", {}).values():
        _plain(below)
    return command


class LazyGroup(TyperGroup):
    """The root command. ``entries`` are set by ``app`` before it is made."""

    entries: tuple[Entry, ...] = ()

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = LazyCommands(self.entries)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """The root's own options may stand anywhere on the line."""
        return super().parse_args(ctx, hoisted(args))

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002 - the signature is typer's
        """The commands under their sections, without importing any."""
        sections: dict[str, list[tuple[str, str]]] = {}
        for entry in self.entries:
            sections.setdefault(entry.section, []).append((entry.name, entry.help))
        width = max(len(entry.name) for entry in self.entries)
        for title, rows in sections.items():
            with formatter.section(title):
                formatter.write_dl([(name.ljust(width), text) for name, text in rows], col_spacing=_GAP)
