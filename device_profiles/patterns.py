"""Regular expressions in profile files: checked when the file is loaded, so that a typing error names its key."""

from __future__ import annotations

import re
from typing import Annotated, Final

from pydantic import AfterValidator

HOST: Final = "{host}"
"""Stands in a prompt's pattern for the name of the device."""
_FLAGS: Final = re.compile(r"\(\?([aimsux]+)\)")


def _regex(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"not a regular expression: {error}") from None
    return pattern


def at_line_start(pattern: str) -> str:
    """``pattern`` as a part of a larger expression: what a line (with ``re.MULTILINE``) begins with."""
    flags = _FLAGS.match(pattern)
    if flags is None:
        return f"^(?:{pattern})"
    return f"^(?{flags[1]}:{pattern[flags.end() :]})"


def _line(pattern: str) -> str:
    _regex(at_line_start(_regex(pattern)))
    return pattern


def _prompt(pattern: str) -> str:
    if pattern.count(HOST) > 1:
        raise ValueError("a prompt names {host} once at most")
    _regex(pattern.replace(HOST, "(?P<host>x)"))
    if re.fullmatch(pattern.replace(HOST, "x"), ""):
        raise ValueError("a prompt's pattern must not match an empty line")
    return pattern


Pattern = Annotated[str, AfterValidator(_regex)]
LinePattern = Annotated[str, AfterValidator(_line)]
"""The beginning of a line."""
PromptPattern = Annotated[str, AfterValidator(_prompt)]
"""What the whole last line is when a command line waits; ``{host}`` stands for the device's name."""
