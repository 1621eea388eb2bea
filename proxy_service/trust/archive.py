"""A backup as a file: all rows of all tables as JSON lines, compressed, ended by a hash of what came before.

The same for SQLite and PostgreSQL, so that what was saved of one can be restored to the other. The first line says what
it is, and of which schema; a file of another schema is not read, since rows mean something only with theirs.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import os
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import orjson

FORMAT: Final = 1
_WHAT: Final = "backup"
_LEVEL: Final = 5


class Unreadable(Exception):
    """A file that is no backup, is damaged, or is of another schema; one sentence that says what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What a backup says of itself."""

    schema: str
    made_at: str
    version: str
    epoch: str


@dataclass(frozen=True, slots=True)
class TableRows:
    """Some rows of one table, with the names of their columns."""

    table: str
    columns: tuple[str, ...]
    rows: list[list[Any]]


def write(file: Path, head: Head, parts: Iterable[TableRows]) -> int:
    """Write a backup that its owner alone can read; how many rows it has. Raises OSError, also where the file is."""
    count, digest = 0, hashlib.sha256()
    partial = file.with_name(f"{file.name}.part")
    try:
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as raw:
            with gzip.GzipFile(fileobj=raw, mode="wb", compresslevel=_LEVEL, mtime=0) as out:

                def put(line: Any) -> None:
                    text = orjson.dumps(line, default=_packed) + b"\n"
                    digest.update(text)
                    out.write(text)

                put({"pointsman": _WHAT, "format": FORMAT, **{name: getattr(head, name) for name in Head.__slots__}})
                for part in parts:
                    put({"table": part.table, "columns": part.columns})
                    for row in part.rows:
                        put(row)
                    count += len(part.rows)
                out.write(orjson.dumps({"rows": count, "sha256": digest.hexdigest()}) + b"\n")
            raw.flush()
            os.fsync(raw.fileno())
        os.link(partial, file)  # in place of renaming, which would replace another backup
    finally:
        partial.unlink(missing_ok=True)
    return count


def read_head(file: Path, *, schema: str) -> Head:
    """What a backup says of itself, once all of it has been looked at. Raises :class:`Unreadable`."""
    head: Head | None = None
    for line in _lines(file):
        head = head or _head(file, line, schema)
    if head is None:
        raise Unreadable(f"{file} is no backup of Pointsman: there is nothing in it")
    return head


def read_rows(file: Path) -> Iterator[TableRows]:
    """The rows of a backup, each with its table, in the order in which they were written."""
    table, columns = "", ()
    for number, line in enumerate(_lines(file)):
        if isinstance(line, dict):
            if number:
                table, columns = line["table"], tuple(line["columns"])
        else:
            yield TableRows(table, columns, [[_unpacked(value) for value in line]])


def _head(file: Path, line: Any, schema: str) -> Head:
    if not isinstance(line, dict) or line.get("pointsman") != _WHAT:
        raise Unreadable(f"{file} is no backup of Pointsman")
    if line.get("format") != FORMAT:
        raise Unreadable(f"{file} is a backup of format {line.get('format')}: use the version that made it")
    head = Head(**{name: str(line.get(name, "")) for name in Head.__slots__})
    if head.schema != schema:
        raise Unreadable(
            f"{file} is of schema {head.schema}, and this version's is {schema}: restore it with version "
            f"{head.version}, which made it, and bring the database up from there"
        )
    return head


def _lines(file: Path) -> Iterator[Any]:
    """All lines but the last, which is compared with them. Raises :class:`Unreadable`."""
    digest = hashlib.sha256()
    before = b""
    try:
        with gzip.open(file, "rb") as lines:
            for text in lines:
                if before:
                    digest.update(before)
                    yield orjson.loads(before)
                before = text
        last = orjson.loads(before or b"null")
    except OSError as error:
        if error.errno is not None:
            raise Unreadable(f"{file} cannot be read: {error.strerror}") from None
        raise Unreadable(f"{file} is no backup of Pointsman, or damaged: {error}") from None
    except (EOFError, zlib.error, orjson.JSONDecodeError):
        raise Unreadable(f"{file} is damaged: a part of it is missing or was changed: use another backup") from None
    if not before:
        return
    if not isinstance(last, dict) or last.get("sha256") != digest.hexdigest():
        raise Unreadable(f"{file} is damaged: it is not as its hash says: use another backup")


def _packed(value: Any) -> Any:
    """Bytes as JSON has no words for them."""
    if isinstance(value, bytes | bytearray | memoryview):
        return {"base64": base64.b64encode(value).decode()}
    raise TypeError(f"a column of type {type(value).__name__} cannot be kept")


def _unpacked(value: Any) -> Any:
    return base64.b64decode(value["base64"]) if isinstance(value, dict) else value
