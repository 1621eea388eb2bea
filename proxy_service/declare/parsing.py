"""Bytes of a body to plain values: JSON, or YAML read as YAML 1.2.

YAML is composed from the parser's events by ourselves, for four reasons: a duplicate key is an error that has a
place; an alias counts as much as what it repeats, so that a YAML bomb is refused while it is read; ``on`` and times
stay the words that were written; keys become texts whatever they look like. Nesting and size are limited.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final, NoReturn

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
    StreamStartEvent,
)

from device_profiles.names import printable
from device_profiles.problems import Problem, written
from proxy_service.declare.scalars import CORE_TAGS, as_key, value_of
from proxy_service.problems import Refused, Slug, invalid

LARGEST_BYTES: Final = 10_000_000
DEEPEST: Final = 32
MOST_VALUES: Final = 1_500_000
"""Values of a document with its aliases written out; a document of 5,000 objects has some hundred thousand."""
LARGE_BYTES: Final = 4_000
"""From this size on a body is parsed in a thread."""


async def parse(body: bytes) -> Any:
    """The values in ``body``. Raises :class:`Refused` for what is neither JSON nor YAML, or too much."""
    if len(body) > LARGEST_BYTES:
        raise Refused(Slug.TOO_LARGE, f"a body has at most {LARGEST_BYTES} bytes; split the document")
    return await asyncio.to_thread(parse_now, body) if len(body) > LARGE_BYTES else parse_now(body)


def parse_now(body: bytes) -> Any:
    """:func:`parse` in the calling thread."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        _refuse("", "the body is not UTF-8 text")
    if text.lstrip()[:1] in ("{", "["):
        try:
            return _json(text)
        except json.JSONDecodeError:
            pass  # a YAML document may begin with a brace as well
        except (RecursionError, ValueError):
            _refuse("", "the JSON is nested too deeply or holds a number that is too long")
    return _yaml(text)


def _refuse(path: str, message: str) -> NoReturn:
    raise invalid([Problem(path, message)])


def _json(text: str) -> Any:
    value = json.loads(text, object_pairs_hook=_unique, parse_constant=lambda word: _refuse("", f"{word} is no number"))
    _look_through(value, ())
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        twice, _ = Counter(name for name, _ in pairs).most_common(1)[0]
        _refuse(written((twice,)), "this key stands twice in one mapping")
    return found


def _look_through(value: Any, path: tuple[str, ...]) -> None:
    """Refuse what is nested too deeply or is no Unicode text (a lone surrogate, written as an escape)."""
    if len(path) > DEEPEST:
        _refuse(written(path), f"is nested deeper than {DEEPEST} levels")
    if isinstance(value, dict):
        for key, item in value.items():
            _look_through(key, path)
            _look_through(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _look_through(item, (*path, str(index)))
    elif isinstance(value, str):
        _look_at(value, path)


def _look_at(text: str, path: tuple[str, ...]) -> None:
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            _refuse(written(path), "is no Unicode text")


def _yaml(text: str) -> Any:
    try:
        return _Composer(YAML(typ="safe", pure=True).parse(text)).document()
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f" in line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        _refuse("", f"this is not YAML{where}: {printable(str(error.problem or 'it cannot be read'), most=120)}")
    except (YAMLError, ValueError, RecursionError):
        _refuse("", "this is not YAML: it holds a character or a number that YAML does not allow")


class _Composer:
    """Builds values from parser events, and counts them."""

    def __init__(self, events: Iterator[Event]) -> None:
        self._events = events
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._values = 0

    def document(self) -> Any:
        """The one document of the stream; an empty stream is an empty mapping."""
        event = self._next()
        while isinstance(event, StreamStartEvent | DocumentStartEvent):
            event = self._next()
        if isinstance(event, StreamEndEvent):
            return {}
        value = self._value(event, ())
        if not isinstance(self._next(), DocumentEndEvent) or not isinstance(self._next(), StreamEndEvent):
            _refuse("", "a body holds one YAML document; send the others by themselves")
        return {} if value is None else value

    def _next(self) -> Event:
        return next(self._events)

    def _count(self, number: int, path: tuple[str, ...]) -> None:
        self._values += number
        if self._values > MOST_VALUES:
            _refuse(written(path[:4]), f"with its aliases written out this is more than {MOST_VALUES} values")
        if len(path) > DEEPEST:
            _refuse(written(path[:4]), f"is nested deeper than {DEEPEST} levels")

    def _value(self, event: Event, path: tuple[str, ...]) -> Any:
        if isinstance(event, AliasEvent):
            return self._alias(event, path)
        before = self._values
        self._count(1, path)
        if not isinstance(event, ScalarEvent | SequenceStartEvent | MappingStartEvent):
            _refuse(written(path), "cannot be read as YAML")
        if (event.tag or "!") not in CORE_TAGS:
            _refuse(written(path), "has a tag that is not of YAML's core schema")
        value = self._of(event, path)
        if event.anchor:
            self._anchors[event.anchor] = value, self._values - before
        return value

    def _of(self, event: ScalarEvent | SequenceStartEvent | MappingStartEvent, path: tuple[str, ...]) -> Any:
        if isinstance(event, ScalarEvent):
            _look_at(event.value, path)
            return value_of(event, path)
        if isinstance(event, SequenceStartEvent):
            items: list[Any] = []
            while not isinstance(item := self._next(), SequenceEndEvent):
                items.append(self._value(item, (*path, str(len(items)))))
            return items
        return self._mapping(path)

    def _alias(self, event: AliasEvent, path: tuple[str, ...]) -> Any:
        known = self._anchors.get(event.anchor)
        if known is None:
            _refuse(written(path), "refers to an anchor that does not stand before it")
        self._count(known[1], path)
        return known[0]

    def _mapping(self, path: tuple[str, ...]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        merged: dict[str, Any] = {}
        while not isinstance(event := self._next(), MappingEndEvent):
            if not isinstance(event, ScalarEvent):
                _refuse(written(path), "a key is a word or a number")
            _look_at(event.value, path)
            key = as_key(event)
            value = self._value(self._next(), (*path, key))
            if key == "<<" and event.style is None:
                for part in value if isinstance(value, list) else [value]:
                    if not isinstance(part, dict):
                        _refuse(written(path), "only mappings can be merged with <<")
                    merged = {**part, **merged}
            elif key in found:
                line = event.start_mark.line + 1
                _refuse(written((*path, key)), f"this key stands twice in one mapping (line {line})")
            else:
                found[key] = value
        return {**merged, **found} if merged else found
