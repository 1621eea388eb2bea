"""The commands of ovs-vsctl that work on any row: ``list get set clear remove add create`` (ovs-vsctl(8))."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from pointsman.twins.database import Transaction
from pointsman.twins.values import COLUMNS, Column, CommandFailed, Value, pair, parse, shown

Options = Mapping[str, str]
SYMBOL: Final = "--id"

_SETTING: Final = re.compile(r"([a-z_]+)(?::((?:\"(?:[^\"\\]|\\.)*\"|[^=\"]+)))?=(.*)\Z", re.DOTALL)


def table_of(word: str) -> str:
    """A table by its name in any case, or the beginning of it."""
    found = [table for table in COLUMNS if table.lower().startswith(word.lower().replace("-", "_"))]
    if len(found) != 1:
        raise CommandFailed(f'unknown table "{word}"')
    return found[0]


def _column(table: str, word: str) -> Column:
    column = COLUMNS[table].get(word)
    if column is None:
        raise CommandFailed(f'{table} does not contain a column whose name matches "{word}"')
    return column


def settings(transaction: Transaction, table: str, row: dict[str, Value], words: tuple[str, ...]) -> dict[str, Value]:
    """New values of columns from ``column[:key]=value`` words."""
    values: dict[str, Value] = {}
    for word in words:
        match = _SETTING.match(word)
        if match is None:
            raise CommandFailed(f'{word}: argument does not end in "=" followed by a value.')
        name, key, text = match[1], match[2], match[3]
        column = _column(table, name)
        if key is None:
            values[name] = parse(text, column, transaction.symbols)
            continue
        old = values.get(name, row[name])
        if not isinstance(old, dict):
            raise CommandFailed(f"cannot specify key to set for non-map column {name}")
        values[name] = old | dict([pair(f"{key}={text}")])
    return values


def set_columns(transaction: Transaction, _options: Options, word: str, record: str, *words: str) -> str:
    """Set columns of a row."""
    table = table_of(word)
    key = transaction.symbols.get(record) or transaction.key(table, record)
    transaction.change(table, key, **settings(transaction, table, transaction.tables[table][key], words))
    return ""


def get(transaction: Transaction, options: Options, word: str, record: str, *columns: str) -> str:
    """Columns of a row; with ``--id`` also a name for it."""
    table = table_of(word)
    if "--if-exists" in options and transaction.find(table, record) is None:
        return ""
    row = transaction.row(table, record)
    if SYMBOL in options:
        transaction.symbols[options[SYMBOL]] = transaction.key(table, record)
    return "\n".join(_shown(table, row, column) for column in columns)


def _shown(table: str, row: dict[str, Value], word: str) -> str:
    name, _, key = word.partition(":")
    _column(table, name)
    value = row[name]
    if key and isinstance(value, dict):
        if key.strip('"') not in value:
            raise CommandFailed(f'no key "{key}" in {table} record column {name}')
        return f'"{value[key.strip(chr(34))]}"'
    return shown(value)


def list_rows(transaction: Transaction, options: Options, word: str, *records: str) -> str:
    """Rows for people; the JSON form is the database's own."""
    table = table_of(word)
    columns = options.get("--columns", "").split(",") if "--columns" in options else sorted(COLUMNS[table])
    rows = [transaction.row(table, record) for record in records] or list(transaction.tables[table].values())
    blocks = ("\n".join(f"{column:<20}: {_shown(table, row, column)}" for column in columns) for row in rows)
    return "\n\n".join(blocks)


def clear(transaction: Transaction, _options: Options, word: str, record: str, *columns: str) -> str:
    """Empty columns of a row."""
    table = table_of(word)
    key = transaction.key(table, record)
    for name in columns:
        empty: Value = {} if _column(table, name).kind == "map" else ()
        transaction.change(table, key, **{name: empty})
    return ""


def remove(transaction: Transaction, _options: Options, word: str, record: str, name: str, *texts: str) -> str:
    """Take elements or keys out of a column."""
    table = table_of(word)
    column = _column(table, name)
    key = transaction.key(table, record)
    old = transaction.tables[table][key][name]
    if isinstance(old, dict):
        gone = {text.partition("=")[0].strip('"') for text in texts}
        new: Value = {each: value for each, value in old.items() if each not in gone}
    else:
        new = tuple(each for each in old if each not in _parsed(texts, column, transaction))
    if len(new) < column.fewest:
        raise CommandFailed(
            f'"remove" operation would put {len(new)} values in column {name} of table {table} '
            f"but the minimum number is {column.fewest}"
        )
    transaction.change(table, key, **{name: new})
    return ""


def add(transaction: Transaction, _options: Options, word: str, record: str, name: str, *texts: str) -> str:
    """Put elements or keys into a column."""
    table = table_of(word)
    column = _column(table, name)
    key = transaction.key(table, record)
    old = transaction.tables[table][key][name]
    new: Value = old | dict(map(pair, texts)) if isinstance(old, dict) else _joined(old, texts, column, transaction)
    transaction.change(table, key, **{name: new})
    return ""


def _joined(old: Value, texts: tuple[str, ...], column: Column, transaction: Transaction) -> Value:
    return tuple(sorted({*old, *_parsed(texts, column, transaction)}))


def _parsed(texts: tuple[str, ...], column: Column, transaction: Transaction) -> Value:
    return parse(",".join(texts), Column(kind=column.kind, most=1 << 30, numbers=column.numbers), transaction.symbols)


def create(transaction: Transaction, options: Options, word: str, *words: str) -> str:
    """A new row; its UUID."""
    table = table_of(word)
    key = transaction.create(table)
    transaction.change(table, key, **settings(transaction, table, transaction.tables[table][key], words))
    if SYMBOL in options:
        transaction.symbols[options[SYMBOL]] = key
    return key
