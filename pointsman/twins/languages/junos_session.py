"""One session of the Junos-like twin: shell, operational and configuration mode, paging."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping
from typing import Final

from pointsman.twins.languages import junos_callers as callers
from pointsman.twins.languages import junos_shows as shows
from pointsman.twins.languages.junos import Refused, Statement, Switch
from pointsman.twins.languages.terminal import Asks

_PAGE_LINES: Final = 24
_UNKNOWN: Final = "            ^\nunknown command.\n"
_SHOWS: Final[Mapping[str, Callable[[Switch], str]]] = {
    "configuration | display set": shows.configuration,
    "interfaces terse": callers.addresses,
    "system users no-resolve": callers.users,
    "system connections inet": callers.connections,
    "arp no-resolve": callers.arp,
    "interfaces": shows.interfaces,
    "spanning-tree interface": shows.spanning_tree,
    "lacp interfaces": shows.lacp,
    "ethernet-switching table": shows.mac_table,
    "lldp neighbors": shows.lldp,
    "version": shows.version,
    "chassis hardware": shows.hardware,
    "system uptime": shows.uptime,
    "system commit": shows.commits,
}


class JunosSession:
    """A session on a switch (see :class:`pointsman.twins.languages.terminal.Language`)."""

    pager = "---(more)---"

    def __init__(self, switch: Switch, *, user: str = "admin") -> None:
        self._switch = switch
        self._user = user
        self._shell = user == "root"
        self._configuring = False
        self.page_lines = _PAGE_LINES
        self.ended = False

    @property
    def prompt(self) -> str:
        """Which routing engine answers, who is where, and the mode."""
        who = f"{self._user}@{self._switch.hostname()}"
        if self._shell:
            return f"{who}:RE:0% "
        waits = self._switch.waits_minutes() if self._configuring else None
        note = "" if waits is None else f"# commit confirmed will be rolled back in {waits} minutes\n"
        return f"\n{note}{{master:0}}[edit]\n{who}# " if self._configuring else f"\n{{master:0}}\n{who}> "

    def run(self, line: str) -> str | Asks:
        """Do what a line says."""
        text = line.strip()
        if not text or text.startswith("#"):
            return ""
        if self._shell:
            return self._in_shell(text)
        try:
            return self._configure(text) if self._configuring else self._operate(text)
        except Refused as refusal:
            return str(refusal)

    def hang_up(self) -> None:
        """The line is gone: a candidate that was held is free again."""
        self._switch.end(self)

    def _in_shell(self, line: str) -> str:
        if line == "cli":
            self._shell = False
            return ""
        if line in ("exit", "logout"):
            self.ended = True
            return ""
        return f"{line.split(maxsplit=1)[0]}: Command not found.\n"

    def _operate(self, line: str) -> str:
        if line in ("exit", "quit"):
            self._shell, self.ended = self._user == "root", self._user != "root"
            return ""
        if match := re.fullmatch(r"set cli screen-(length|width) (\d+)", line):
            if match[1] == "length":
                self.page_lines = int(match[2])
            return f"Screen {match[1]} set to {match[2]}\n"
        if line == "set cli complete-on-space off":
            return "Disabling complete-on-space\n"
        if line == "configure exclusive":
            self._switch.begin(self._user, self)
            self._configuring = True
            return "warning: uncommitted changes will be discarded on exit\nEntering configuration mode\n"
        what = line.removeprefix("show ") if line.startswith("show ") else ""
        show = _SHOWS.get(what)
        answer = callers.asked(self._switch, what) if show is None else show(self._switch)
        if answer is None:
            raise Refused(_UNKNOWN)
        return answer

    # Configuration mode.

    def _configure(self, line: str) -> str | Asks:
        verb, _, rest = line.partition(" ")
        match verb:
            case "commit":
                return self._commit(rest)
            case "show":
                return self._show(rest)
            case "exit":
                return self._exit()
        return self._edit(verb, _words(rest))

    def _edit(self, verb: str, words: Statement) -> str:
        """Change the candidate."""
        match verb, *words:
            case "set", *_:
                self._switch.set(words)
            case "delete", *_:
                return self._switch.delete(words)
            case "rename", *_, "to", name:
                self._switch.rename(words[:-2], name)
            case "rollback", number if number.isdecimal():
                self._switch.rollback(int(number))
                return "load complete\n"
            case _:
                raise Refused(_UNKNOWN)
        return ""

    def _show(self, rest: str) -> str:
        if rest == "| compare":
            return self._switch.changed()
        place, _, pipe = rest.partition(" | ")
        if pipe != "display set":
            raise Refused(_UNKNOWN)
        return shows.statements(self._switch.edit(), _words(place))

    def _commit(self, how: str) -> str:
        match = re.fullmatch(r"(?:(check)|(?:confirmed (\d+))?\s*(and-quit)?)", how)
        if match is None:
            raise Refused("                ^\nsyntax error.\n")
        if match[1]:
            self._switch.check()
            return "configuration check succeeds\n"
        self._switch.commit(within_min=int(match[2]) if match[2] else None)
        said = ""
        if match[2]:
            said = f"commit confirmed will be automatically rolled back in {match[2]} minutes unless confirmed\n"
        said += "configuration check succeeds\ncommit complete\n"
        return said + self._leave() if match[3] else said

    def _exit(self) -> str | Asks:
        if not self._switch.changed():
            return self._leave()
        question = (
            "The configuration has been changed but not committed\n"
            "warning: Auto rollback will be done on exit from exclusive mode\n"
            "Discard uncommitted changes? [yes,no] (yes) "
        )
        return Asks(question, lambda said: "" if said == "no" else self._leave(), echo=True)

    def _leave(self) -> str:
        self._switch.end(self)
        self._configuring = False
        return "Exiting configuration mode\n"


def _words(text: str) -> Statement:
    """The words of a line, unquoted."""
    try:
        return tuple(shlex.split(text, posix=True))
    except ValueError:
        raise Refused("                ^\nsyntax error, unbalanced quote.\n") from None
