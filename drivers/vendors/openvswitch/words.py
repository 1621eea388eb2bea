"""Words on their way to the switch's shell: the one place where they are checked and quoted.

Two grammars lie between us and a value. The shell's is met by quoting every word. That of ovs-vsctl ends a bare value
at commas, blanks, quotes, brackets, ``=`` and ``:``; free text is therefore always written as a JSON string in ASCII,
which it takes as one value (ovs-vsctl(8), "Database Values").
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterable
from typing import Final

from device_profiles.names import PORT_NAME, printable
from drivers.errors import Unsupported

TIMEOUT_S: Final = 10
"""How long ovs-vsctl waits for ovs-vswitchd to have taken a change over."""

_NAME: Final = re.compile(PORT_NAME.removesuffix("$") + r"\Z")


def name(text: str) -> str:
    """A port's or bridge's name that may stand in a command. Raises :class:`~drivers.errors.Unsupported`.

    The pattern also keeps a name from being an option (``-x``) or a symbol of ovs-vsctl (``@x``).
    """
    if not _NAME.match(text):
        raise Unsupported(f"the name '{printable(text, most=40)}' is never sent to a switch: rename the port there")
    return text


def string(text: str) -> str:
    """Free text as a value of ovs-vsctl."""
    return json.dumps(text, ensure_ascii=True)


def line(*words: str) -> str:
    """One shell command of these words. Raises ``Unsupported`` where a word holds a control character."""
    for word in words:
        if not word.isascii() or not word.isprintable():
            raise Unsupported(f"'{printable(word, most=40)}' is never sent to a switch: only plain text is")
    return shlex.join(words)


def transaction(commands: Iterable[tuple[str, ...]]) -> str:
    """One ovs-vsctl run of several commands: one database transaction, all or nothing."""
    words = ["ovs-vsctl", f"--timeout={TIMEOUT_S}"]
    for command in commands:
        words += ("--", *command)
    return line(*words)


def admin_state(ports: Iterable[str], *, up: bool) -> tuple[str, ...]:
    """Commands that open or shut ports."""
    return tuple(line("ip", "link", "set", "dev", name(port), "up" if up else "down") for port in ports)
