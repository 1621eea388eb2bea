"""The index of ntc-templates: which template reads which command of which platform; read once, compiled once.

ntc-templates' own ``parse_output`` searches its index at every call (9.6 ms for two outputs); here the index is a list
in memory and a template is compiled when it is first used and kept. A line of the index is ``template[:template...],
hostname, platform, command``; platform and command are regular expressions, and ``sh[[ow]]`` in a command stands for
``sh``, ``sho`` and ``show`` (the head of the index file).
"""

from __future__ import annotations

import functools
import importlib.util
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import textfsm

from device_profiles.generic import names_of
from device_profiles.names import printable
from drivers.errors import Garbled, Unsupported

Value = str | list[str]
Row = Mapping[str, Value]
"""One row of a parsed answer: fields in lower case to texts, or lists of texts."""

_COMPLETION: Final = re.compile(r"\[\[(.+?)\]\]")
_FIELDS: Final = re.compile(r"^Value\s+(?:\S+\s+)?(\w+)\s+\(", re.MULTILINE)
_INPUT: Final = re.compile(r"Input Line: (.*?)\.?\s*\Z", re.DOTALL)
_ELEMENT: Final = re.compile(r"(\s+\^.*\)\{)(\d+)(\}.*->\s*Continue(?:\.Record)?\s*)")
"""A rule that takes one element of a list, behind a number of others."""
_MOST_ELEMENTS: Final = 64
_BLANK_LINES: Final = re.compile(r"\A(?:[ \t]*\r?\n)+|(?:\r?\n[ \t]*)+\Z")


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the index."""

    templates: tuple[str, ...]
    command: re.Pattern[str]
    asked: str
    """The command in full, as the template's name tells it."""


def folder() -> Path:
    """Where the templates lie. Raises :class:`~drivers.errors.Unsupported` where they are not installed."""
    found = importlib.util.find_spec("ntc_templates")
    if found is None or not found.submodule_search_locations:
        raise Unsupported("ntc-templates is not installed here: install it beside this agent")
    return Path(found.submodule_search_locations[0]) / "templates"


@functools.cache
def _lines() -> tuple[tuple[str, str, str], ...]:
    """Templates, platform and command of each line, in the index's own order: the first that fits counts."""
    return tuple(_read((folder() / "index").read_text(encoding="utf-8")))


def _read(text: str) -> Iterator[tuple[str, str, str]]:
    for line in text.splitlines():
        parts = [part.strip() for part in line.split(",", 3)]
        if not line.startswith("#") and len(parts) == 4 and parts[0] != "Template":
            yield parts[0], parts[2], parts[3]


@functools.cache
def platforms() -> tuple[str, ...]:
    """The names of all platforms that the index knows."""
    return tuple(sorted({name for pattern in {line[1] for line in _lines()} for name in names_of(pattern)}))


def _completed(pattern: str) -> str:
    """``sh[[ow]]`` as a regular expression: ``sh(?:o(?:w)?)?``."""

    def optional(match: re.Match[str]) -> str:
        letters = match[1]
        return "".join(f"(?:{re.escape(letter)}" for letter in letters) + ")?" * len(letters)

    return _COMPLETION.sub(optional, pattern)


def _asked(template: str, platform: str, command: re.Pattern[str]) -> str:
    """The command in full. Templates are named after platform and command; a name that does not fit its own pattern
    (a command with an argument in it) names no command that could be asked, and gives an empty text."""
    stem = template.removesuffix(".textfsm").strip()
    names = names_of(platform)
    for name in names:
        if stem.startswith(f"{name}_"):
            asked = stem.removeprefix(f"{name}_").replace("_", " ")
            return asked if command.match(asked) else ""
    return ""


@functools.cache
def of_platform(platform: str) -> tuple[Entry, ...]:
    """The lines of the index that are about a platform."""
    return tuple(
        _entry(templates, pattern, command)
        for templates, pattern, command in _lines()
        if pattern == platform or (not pattern.isidentifier() and re.fullmatch(pattern, platform))
    )


def _entry(templates: str, platform: str, command: str) -> Entry:
    names = tuple(name.strip() for name in templates.split(":"))
    compiled = re.compile(_completed(command), re.IGNORECASE)
    return Entry(names, compiled, _asked(names[0], platform, compiled))


@functools.cache
def templates_for(platform: str, command: str) -> tuple[str, ...]:
    """The templates that read ``command`` of ``platform``; none where the index knows none."""
    for entry in of_platform(platform):
        if entry.command.match(command):
            return entry.templates
    return ()


@functools.cache
def fields(template: str) -> frozenset[str]:
    """The fields of a template, in lower case."""
    return frozenset(name.lower() for name in _FIELDS.findall(_text(template)))


def _text(template: str) -> str:
    return (folder() / template).read_text(encoding="utf-8")


@functools.cache
def _compiled(template: str) -> textfsm.TextFSM:
    return textfsm.TextFSM(io.StringIO(_with_longer_lists(_text(template))))


def _with_longer_lists(text: str) -> str:
    """A template that reads lists of any length.

    TextFSM has no repetition, so templates take the elements of a list one rule at a time (``(?:[^,]+,){5}${VLAN}``),
    up to some number; what a device lists beyond it would be lost without a word. Each such row of rules goes on here
    to as many elements as fit on a line.
    """
    made: list[str] = []
    lines = text.splitlines()
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        made.append(line)
        match = _ELEMENT.fullmatch(line)
        if match is not None and not _continues(match, following):
            made += [f"{match[1]}{number}{match[3]}" for number in range(int(match[2]) + 1, _MOST_ELEMENTS)]
    return "\n".join(made) + "\n"


def _continues(match: re.Match[str], following: str) -> bool:
    after = _ELEMENT.fullmatch(following)
    return after is not None and (after[1], after[3].rstrip()) == (match[1], match[3].rstrip())


def parse(platform: str, command: str, text: str) -> list[tuple[str, list[Row]]]:
    """The rows of an answer, by the template that read them.

    Raises :class:`~drivers.errors.Unsupported` where no template reads the command, and ``Garbled`` with command and
    first offending line where the answer is not as the template knows it.
    """
    templates = templates_for(platform, command)
    if not templates:
        raise Unsupported(f"nothing here reads '{printable(command, most=80)}' of {platform}")
    plain = _BLANK_LINES.sub("", text.replace("\r\n", "\n")) + "\n"
    return [(template.removesuffix(".textfsm"), _rows(template, command, plain)) for template in templates]


def _rows(template: str, command: str, text: str) -> list[Row]:
    machine: Any = _compiled(template)
    machine.Reset()
    try:
        found = machine.ParseText(text)
    except textfsm.TextFSMError as error:
        match = _INPUT.search(str(error))
        line = f": {printable(match[1].strip(), most=120)}" if match is not None else ""
        raise Garbled(f"the answer to '{command}' has a line that cannot be read{line}") from None
    names = [name.lower() for name in machine.header]
    return [dict(zip(names, map(_cell, row), strict=True)) for row in found]


def _cell(cell: Any) -> Value:
    """A text or a list of texts. TextFSM gives None for a group that took no part in its match."""
    if isinstance(cell, list):
        return [each if isinstance(each, str) else "" for each in cell]
    return cell if isinstance(cell, str) else ""
