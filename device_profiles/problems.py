"""What is wrong with a document: a path and a sentence, never the value (it may be a secret or an attack)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pydantic import ValidationError

from device_profiles.names import printable
from device_profiles.paths import render_path

_KEY_MARK = "[key]"


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that is wrong. ``path`` is where, written from the document's root."""

    path: str
    message: str


def problems_of(error: ValidationError) -> list[Problem]:
    """The problems that pydantic found, one a place, in order, without the library's own vocabulary."""
    found: dict[str, Problem] = {}
    for item in error.errors(include_url=False, include_context=False, include_input=False):
        path = written(_place(item["loc"]))
        found.setdefault(path, Problem(path, _sentence(item["type"], item["msg"])))
    return list(found.values())


def written(parts: Iterable[str]) -> str:
    """A path whose keys may be hostile, made safe to print."""
    return render_path(tuple(printable(part, most=80) for part in parts))


def _place(parts: tuple[int | str, ...]) -> list[str]:
    """The keys of a place, without the names of the types that pydantic tried there."""
    keys = [str(part) for part in parts]
    if keys[-1:] == [_KEY_MARK]:
        return keys[:-1]
    while keys and keys[-1].startswith(("constrained-", "literal[", "function-", "tuple[", "str", "int", "bool")):
        keys.pop()
    return keys


def _sentence(kind: str, message: str) -> str:
    if kind in {"unexpected_keyword_argument", "extra_forbidden"}:
        return "unknown key"
    if kind in {"missing_argument", "missing"}:
        return "is missing"
    text = message.removeprefix("Value error, ")
    return text[:1].lower() + text[1:]
