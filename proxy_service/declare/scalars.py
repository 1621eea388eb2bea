"""Words of a YAML document by the core schema of YAML 1.2: ``on`` is a word, a time stays as it was written."""

from __future__ import annotations

import re
from typing import Any, Final

from ruamel.yaml.events import ScalarEvent

from device_profiles.problems import Problem, written
from proxy_service.problems import invalid

_CORE = "tag:yaml.org,2002:"
CORE_TAGS: Final = frozenset({"!", *(_CORE + name for name in ("str", "int", "float", "bool", "null", "map", "seq"))})

_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INTEGER = re.compile(r"[-+]?[0-9]{1,18}\Z")
_BASED = re.compile(r"0(?:o[0-7]{1,20}|x[0-9a-fA-F]{1,16})\Z")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]{1,3})?\Z")
_LONGEST_NUMBER = 30


def value_of(event: ScalarEvent, path: tuple[str, ...]) -> Any:
    """What a scalar stands for. Raises :class:`Refused` where its tag says something else."""
    tag = (event.tag or "").removeprefix(_CORE)
    if tag in ("str", "!"):
        return event.value
    plain = event.style is None or tag
    value = _plain(event.value) if plain else event.value
    if tag and (type(value).__name__ if value is not None else "null") != tag:
        raise invalid([Problem(written(path), f"is tagged as {tag} and is none")])
    return value


def as_key(event: ScalarEvent) -> str:
    """A key as text: numbers in their plain form, everything else as written."""
    if event.style is None and (_INTEGER.match(event.value) or _BASED.match(event.value)):
        return str(_plain(event.value))
    return str(event.value)


def _plain(text: str) -> Any:
    if text in _NULLS:
        return None
    if text in _BOOLS:
        return _BOOLS[text]
    if _INTEGER.match(text):
        return int(text)
    if _BASED.match(text):
        return int(text, 0)
    if len(text) <= _LONGEST_NUMBER and _FLOAT.match(text):
        return float(text)
    return text
