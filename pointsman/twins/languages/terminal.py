"""A terminal line in front of a language: echo, login, pages, questions. Bytes in, bytes out; no input or output.

It behaves as a device's line does: what is typed is echoed when it is taken, so what is typed ahead is echoed behind
the next prompt; a password is not echoed; a long answer stops at its pager until a key is pressed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol, runtime_checkable

_WORDS: Final = re.compile(r"[ -~]+")


@dataclass(frozen=True, slots=True)
class Asks:
    """A question in place of an answer: what is shown, and what is done with the line that comes."""

    prompt: str
    then: Callable[[str], str | Asks]
    echo: bool = False


class Language(Protocol):
    """One session of a device."""

    page_lines: int
    """How long a page is; 0: answers are not paged."""
    pager: str
    """What stops an answer."""
    ended: bool
    """Whether the session is over."""

    @property
    def prompt(self) -> str:
        """What it shows when it waits."""

    def run(self, line: str) -> str | Asks:
        """Do what a line says; what it prints, each line ended by ``\\n``."""


@runtime_checkable
class Holding(Protocol):
    """A session that may hold something of its device, and lets it go when its line is gone."""

    def hang_up(self) -> None:
        """The line is gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Password:
    """Who may log in on the line itself (telnet, a console)."""

    user: str
    password: str
    user_prompt: str = "Username: "
    password_prompt: str = "Password: "  # noqa: S105 -- a prompt, no password
    refusal: str = "% Login invalid\n"


class Terminal:
    """A line to one session. ``password``: it asks who is there, first."""

    def __init__(self, language: Language, *, banner: str = "", password: Password | None = None) -> None:
        self._language = language
        self._banner = banner
        self._password = password
        self._asked: Asks | None = None
        self._rest: list[str] = []
        self._typed = ""
        self._before = ""
        self._out = bytearray()

    @property
    def ended(self) -> bool:
        """Whether the session is over."""
        return self._language.ended

    def greet(self) -> bytes:
        """What the line shows first."""
        self._print(self._banner)
        if self._password is None:
            self._print(self._language.prompt)
        else:
            self._ask_who()
        return self._take()

    def hang_up(self) -> None:
        """The line is gone."""
        if isinstance(self._language, Holding):
            self._language.hang_up()

    def feed(self, data: bytes) -> bytes:
        """What the line shows for what was typed."""
        text, at = data.decode("utf-8", "replace"), 0
        while at < len(text):
            words = None if self._rest else _WORDS.match(text, at)  # with a pager, each is a key
            if words is None:
                self._char(text[at])
            else:
                self._before = " "
                self._typing(words[0])
            at = at + 1 if words is None else words.end()
        return self._take()

    def _char(self, char: str) -> None:
        before, self._before = self._before, char
        if char == "\n" and before == "\r":
            return
        if self._rest:
            self._key(char)
        elif char in "\r\n":
            line, self._typed = self._typed, ""
            self._print("\n")
            self._line(line)
        elif char in "\x08\x7f":
            self._typed = self._typed[:-1]
        elif char == "\x15":
            self._typed = ""
        elif char.isprintable():
            self._typing(char)

    def _typing(self, words: str) -> None:
        self._typed += words
        if self._asked is None or self._asked.echo:
            self._print(words)

    def _line(self, line: str) -> None:
        asked, self._asked = self._asked, None
        self._answer(asked.then(line) if asked is not None else self._language.run(line))

    def _answer(self, answer: str | Asks) -> None:
        if isinstance(answer, Asks):
            self._asked = answer
            self._print(answer.prompt)
            return
        lines = answer.splitlines(keepends=True)
        page = self._language.page_lines - 1
        if page > 0 and len(lines) > page:
            self._print("".join(lines[:page]) + self._language.pager)
            self._rest = lines[page:]
            return
        self._print(answer)
        self._wait()

    def _key(self, key: str) -> None:
        lines, self._rest = self._rest, []
        width = len(self._language.pager)
        self._print("\b" * width + " " * width + "\b" * width)
        if key in "qQ":
            self._wait()
        elif key in "\r\n":
            self._print(lines[0])
            self._more(lines[1:])
        else:
            self._answer("".join(lines))

    def _more(self, lines: list[str]) -> None:
        if lines:
            self._print(self._language.pager)
            self._rest = lines
        else:
            self._wait()

    def _wait(self) -> None:
        if not self.ended:
            self._print(self._language.prompt)

    def _ask_who(self) -> None:
        assert self._password is not None  # noqa: S101 -- only called where it is set
        self._asked = Asks(self._password.user_prompt, self._named, echo=True)
        self._print("\n" + self._password.user_prompt)

    def _named(self, user: str) -> str | Asks:
        assert self._password is not None  # noqa: S101
        return Asks(self._password.password_prompt, lambda password: self._checked(user, password))

    def _checked(self, user: str, password: str) -> str | Asks:
        known = self._password
        assert known is not None  # noqa: S101
        if (user, password) == (known.user, known.password):
            return ""
        again = Asks(known.user_prompt, self._named, echo=True)
        return Asks(f"{known.refusal}\n{known.user_prompt}", again.then, echo=True)

    def _print(self, text: str) -> None:
        self._out += text.replace("\n", "\r\n").encode()

    def _take(self) -> bytes:
        out, self._out = bytes(self._out), bytearray()
        return out


class Respawned:
    """A line whose terminal begins anew when its session has ended, as getty has it."""

    def __init__(self, make: Callable[[], Terminal]) -> None:
        self._make = make
        self.terminal = make()
        self.terminal.greet()

    def __call__(self, data: bytes) -> bytes:
        """What the line shows for what was typed."""
        said = self.terminal.feed(data)
        if self.terminal.ended:
            self.terminal = self._make()
            said += self.terminal.greet()
        return said
