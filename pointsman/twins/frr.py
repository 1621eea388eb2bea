"""A router's console by FRRouting's vtysh, of which it has what is asked to read it; compared with FRRouting 8.4.4.

It is told apart from the switches' languages beside it in little: a table of interfaces in place of one of ports.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

BANNER: Final = "\nHello, this is FRRouting (version 8.4.4).\nCopyright 1996-2005 Kunihiro Ishiguro, et al.\n\n"
_VERSION: Final = (
    "FRRouting 8.4.4 ({name}) on Linux(6.1.0).\nCopyright 1996-2005 Kunihiro Ishiguro, et al.\n"
    "configured with:\n    '--prefix=/usr' '--sysconfdir=/etc/frr' '--enable-multipath=256'\n"
)
_HEADING: Final = "\n\tVRF default(0)\n\nInterface       Status  Protocol  Description\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Interface:
    """What the router shows of one of its interfaces."""

    up: bool = True
    running: bool = True
    description: str = ""

    def row(self, name: str) -> str:
        """Its row in the table."""
        status = "up" if self.up else "down"
        return f"{name:16}{status:8}{'up' if self.up and self.running else 'down':10}{self.description}\n"


@dataclass(slots=True, kw_only=True)
class Router:
    """A router that nothing here changes. ``writes`` counts what was typed to configure it, which it refuses."""

    name: str = "rt1"
    interfaces: Mapping[str, Interface] = field(default_factory=lambda: {"eth0": Interface(), "lo": Interface()})
    writes: int = 0


class Vtysh:
    """A session of vtysh (see :class:`pointsman.twins.languages.terminal.Language`)."""

    page_lines = 0
    pager = ""

    def __init__(self, router: Router) -> None:
        self._router = router
        self._configures = False
        self.ended = False

    @property
    def prompt(self) -> str:
        """What it shows when it waits."""
        return f"{self._router.name}{'(config)' if self._configures else ''}# "

    def run(self, line: str) -> str:
        """Do what a line says; what it prints."""
        words = " ".join(line.split())
        if not words or words[0] in "!#":
            return ""
        if words in ("exit", "quit", "end"):
            self.ended = not self._configures and words != "end"
            self._configures = False
            return ""
        if self._configures:
            self._router.writes += 1
        elif words == "configure terminal":
            self._configures = True
            return ""
        return "" if words.endswith("terminal paginate") else self._shown(words)

    def _shown(self, words: str) -> str:
        if words == "show version":
            return _VERSION.format(name=self._router.name)
        if words == "show interface description":
            return _HEADING + "".join(each.row(name) for name, each in sorted(self._router.interfaces.items()))
        return f"% Unknown command: {words}\n"
