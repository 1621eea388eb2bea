"""``ovs-vsctl`` on a twin: a command line of several commands is one transaction (ovs-vsctl(8))."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from pointsman.twins import ports, records
from pointsman.twins.database import Database, Transaction
from pointsman.twins.values import COLUMNS, CommandFailed

_READS: Final = frozenset({"list", "get", "list-ports", "list-br", "port-to-br"})
_COMMANDS: Final[dict[str, Callable[..., str]]] = {
    "set": records.set_columns,
    "get": records.get,
    "list": records.list_rows,
    "clear": records.clear,
    "remove": records.remove,
    "add": records.add,
    "create": records.create,
    "add-br": ports.add_bridge,
    "add-port": ports.add_port,
    "add-bond": ports.add_bond,
    "del-port": ports.delete_port,
    "list-br": ports.list_bridges,
    "list-ports": ports.list_ports,
    "port-to-br": ports.port_to_bridge,
}


@dataclass(frozen=True, slots=True)
class _Call:
    """One command of a line: its own options, its name and arguments."""

    options: dict[str, str] = field(default_factory=dict)
    words: list[str] = field(default_factory=list)


def is_write(argv: tuple[str, ...]) -> bool:
    """Whether a command line (without its first word) has a command that writes. Raises :class:`CommandFailed`."""
    return any(call.words[0] not in _READS for call in _calls(argv)[0])


def run(database: Database, argv: tuple[str, ...]) -> bytes:
    """Run a command line without its first word; what it prints.

    Raises :class:`CommandFailed`; then nothing was changed.
    """
    calls, as_json = _calls(argv)
    writes = is_write(argv)
    transaction = database.begin() if writes or any(records.SYMBOL in call.options for call in calls) else None
    printed = [_run(database, transaction, call, as_json=as_json) for call in calls]
    if transaction is not None and writes:
        database.commit(transaction)
    return b"".join(printed)


@functools.lru_cache(maxsize=2048)
def _calls(argv: tuple[str, ...]) -> tuple[tuple[_Call, ...], bool]:
    """The commands of a line, and whether they shall answer in JSON; what is cached is never changed."""
    calls = [_Call()]
    as_json = False
    words = iter(argv)
    for word in words:
        if word == "--":
            if calls[-1].words:
                calls.append(_Call())
        elif word in ("-f", "--format") and not calls[-1].words:
            as_json = next(words, "") == "json"
        elif word.startswith("-") and not calls[-1].words:
            name, _, value = word.partition("=")
            calls[-1].options[name] = value
        else:
            calls[-1].words.append(word)
    if not calls[-1].words:
        raise CommandFailed("missing command name (use --help for help)")
    return tuple(calls), as_json


def _run(database: Database, transaction: Transaction | None, call: _Call, *, as_json: bool) -> bytes:
    name, *arguments = call.words
    if name == "list" and as_json and len(arguments) == 1:
        table = records.table_of(arguments[0])
        columns = tuple(call.options.get("--columns", "").split(",")) if "--columns" in call.options else ()
        return database.json(table, columns or ("_uuid", *sorted(COLUMNS[table])))
    command = _COMMANDS.get(name)
    if command is None:
        raise CommandFailed(f"unknown command '{name}'; use --help for help")
    try:
        text = command(transaction or database.begin(), call.options, *arguments)
    except TypeError:
        raise CommandFailed(f"'{name}' command has too few or too many arguments") from None
    return f"{text}\n".encode() if text else b""
