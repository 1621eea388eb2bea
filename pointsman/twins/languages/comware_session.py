"""One session of the Comware-like twin: the user view, the system view and those below it, paging, saving."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from pointsman.twins.languages import comware_callers as callers
from pointsman.twins.languages import comware_shows as shows
from pointsman.twins.languages.comware import Switch
from pointsman.twins.languages.comware_reaching import keys
from pointsman.twins.languages.comware_views import Refused, Views, unknown
from pointsman.twins.languages.terminal import Asks

_PAGE_LINES: Final = 24
_SHOWS: Final[Mapping[str, Mapping[str, Callable[[Switch], str]]]] = {
    "comware": {
        "link-aggregation verbose": shows.link_aggregation,
        "lldp neighbor-information verbose": shows.lldp_information,
        "device manuinfo": shows.manuinfo,
        "version": shows.version_of_comware,
        "interface brief": shows.brief_of_comware,
        "mac-address": shows.macs_of_comware,
        "tcp": callers.connections,
        "public-key local rsa public": keys,
    },
    "vrp": {
        "eth-trunk": shows.eth_trunk,
        "lldp neighbor": shows.lldp_neighbor,
        "device manufacture-info": shows.manufacture_info,
        "version": shows.version_of_vrp,
        "interface brief": shows.brief_of_vrp,
        "mac-address": shows.macs_of_vrp,
        "tcp status": callers.connections,
        "arp all": lambda switch: callers.arp(switch, ""),
        "rsa local-key-pair public": keys,
    },
}
_BOTH: Final[Mapping[str, Callable[[Switch], str]]] = {
    "current-configuration": shows.configuration,
    "saved-configuration": callers.saved_configuration,
    "stp brief": shows.stp_brief,
    "users": callers.users,
    "ip interface brief": callers.addresses,
}


class ComwareSession:
    """A session on a switch (see :class:`pointsman.twins.languages.terminal.Language`)."""

    pager = "  ---- More ----"

    def __init__(self, switch: Switch) -> None:
        self._switch = switch
        self._views: Views | None = None
        self.page_lines = _PAGE_LINES
        self.ended = False

    @property
    def prompt(self) -> str:
        """The host's name, in brackets of the view."""
        host = self._switch.config.hostname
        return f"<{host}>" if self._views is None else f"[{host}{self._views.place}]"

    def run(self, line: str) -> str | Asks:
        """Do what a line says."""
        words = " ".join(line.split())
        if not words:
            return ""
        try:
            return self._run(words)
        except Refused as refusal:
            return str(refusal)

    def _run(self, line: str) -> str | Asks:
        if line.startswith("display "):
            return self._display(line.removeprefix("display "))
        if self._views is None:
            return self._user(line)
        if line == "return" or (line == "quit" and not self._views.place):
            self._views = None
        elif line == "quit":
            self._views.leave()
        else:
            return self._views.run(line)
        return ""

    def _display(self, what: str) -> str:
        show = _SHOWS[self._switch.dialect.name].get(what) or _BOTH.get(what)
        answer = callers.asked(self._switch, what) if show is None else show(self._switch)
        if answer is None:
            raise unknown(self._switch)
        return answer

    def _user(self, line: str) -> str | Asks:
        if line == "quit":
            self.ended = True
        elif line == "system-view":
            self._views = Views(self._switch)
            how = "return user view with Ctrl+Z." if self._switch.is_vrp else "return to User View with Ctrl+Z."
            return f"{'Enter system view, ' if self._switch.is_vrp else 'System View: '}{how}\n"
        elif line == ("screen-length 0 temporary" if self._switch.is_vrp else "screen-length disable"):
            self.page_lines = 0
            return "Info: The configuration takes effect on the current user terminal interface only.\n"
        elif line == "undo terminal monitor":
            return (
                "Info: Current terminal monitor is off.\n"
                if self._switch.is_vrp
                else "The current terminal is disabled to display logs.\n"
            )
        elif re.fullmatch(r"save( force)?", line):
            return self._save(asks=not line.endswith("force"))
        else:
            raise unknown(self._switch)
        return ""

    def _save(self, *, asks: bool) -> str | Asks:
        if not self._switch.is_vrp and not asks:
            return self._saved()
        question = "The current configuration will be written to the device.\nAre you sure to continue? [Y/N]:"
        if not self._switch.is_vrp:
            question = "The current configuration will be written to the device. Are you sure? [Y/N]:"
        return Asks(question, lambda said: self._named() if said.lower() == "y" else "", echo=True)

    def _named(self) -> str | Asks:
        if self._switch.is_vrp:
            return self._saved()
        question = (
            "Please input the file name(*.cfg)[flash:/startup.cfg]\n"
            "(To leave the existing filename unchanged, press the enter key):"
        )
        return Asks(question, lambda _: self._saved(), echo=True)

    def _saved(self) -> str:
        self._switch.save()
        if self._switch.is_vrp:
            return "Now saving the current configuration to the slot 0.\nSave the configuration successfully.\n"
        return "Validating file. Please wait...\nSaved the current configuration to mainboard device successfully.\n"
