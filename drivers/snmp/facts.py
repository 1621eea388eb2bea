"""Facts from where a profile says that they stand (:class:`device_profiles.snmp.Source`)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from device_profiles.snmp import Source
from drivers.snmp.polling import Poll


def first_of(poll: Poll, sources: Iterable[Source]) -> str:
    """What the first source says that says something; an empty text where none does."""
    for source in sources:
        for text in _texts(poll, source.of):
            if found := _part(text, source.pattern):
                return found
    return ""


def facts_of(poll: Poll, facts: Mapping[Any, tuple[Source, ...]]) -> dict[str, str]:
    """All words of a profile that something is said of."""
    found = {str(word): first_of(poll, sources) for word, sources in facts.items()}
    return {word: text for word, text in found.items() if text}


def names_of(facts: Mapping[Any, tuple[Source, ...]]) -> tuple[str, ...]:
    """What is to be polled for facts."""
    return tuple(dict.fromkeys(source.of for sources in facts.values() for source in sources))


def _texts(poll: Poll, name: str) -> Iterator[str]:
    table, _, column = name.partition(".")
    if column:
        yield from (str(row[column]) for row in poll.rows(table).values() if column in row)
    elif name in poll.scalars:
        yield str(poll.scalars[name])


def _part(text: str, pattern: str) -> str:
    if not pattern:
        return text.strip()
    match = re.search(pattern, text)
    return "" if match is None else (match[1] if match.re.groups else match[0]).strip()
