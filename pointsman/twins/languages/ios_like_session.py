"""One session of the IOS-like twin: modes, exec commands, paging."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from pointsman.twins.languages import ios_like_callers as callers
from pointsman.twins.languages import ios_like_shows as shows
from pointsman.twins.languages.ios_like import Switch
from pointsman.twins.languages.ios_like_config import Configuring
from pointsman.twins.languages.ios_like_reaching import served, ssh, ssh_feature
from pointsman.twins.languages.terminal import Asks

_PAGE_LINES: Final = 24
_SHOWS: Final[Mapping[str, Callable[[Switch], str]]] = {
    "running-config": shows.running_config,
    "vlan brief": shows.vlan_brief,
    "interfaces status": shows.interfaces_status,
    "interface status": shows.interfaces_status,
    "etherchannel summary": shows.bundles,
    "port-channel summary": shows.bundles,
    "spanning-tree": shows.spanning_tree,
    "mac address-table": shows.mac_table,
    "lldp neighbors": shows.lldp_table,
    "lldp neighbors detail": shows.lldp_detail,
    "version": shows.version,
    "inventory": shows.inventory,
    "vtp status": shows.vtp_status,
    "users": callers.users,
    "ip interface brief": callers.addresses,
}
_OWN_SHOWS: Final[Mapping[str, Mapping[str, Callable[[Switch], str]]]] = {
    "ios": {
        "startup-config": callers.startup_config,
        "ip ssh": ssh,
        "tcp brief": callers.connections,
        "tcp brief numeric": callers.connections,
    },
    "nxos": {
        "running-config diff": callers.difference,
        "startup-config": callers.saved_config,
        "feature | include sshServer": ssh_feature,
    },
    "eos": {
        "running-config diffs": callers.difference,
        "startup-config": callers.saved_config,
        "management ssh": served,
    },
}
_SAVED: Final = {
    "ios": "Building configuration...\n[OK]\n",
    "nxos": "[########################################] 100%\nCopy complete.\n",
    "eos": "Copy completed successfully.\n",
}


class IosSession:
    """A session on a switch (see :class:`pointsman.twins.languages.terminal.Language`)."""

    pager = " --More-- "

    def __init__(self, switch: Switch) -> None:
        self._switch = switch
        self._privileged = not switch.enable_secret
        self._configuring: Configuring | None = None
        self.page_lines = _PAGE_LINES
        self.ended = False

    @property
    def prompt(self) -> str:
        """The host's name, and the mode."""
        host = self._switch.config.hostname
        if self._configuring is None:
            return f"{host}{'#' if self._privileged else '>'}"
        place = self._configuring.place
        shown = host[:20] if self._switch.dialect.name == "ios" else host
        if self._switch.dialect.name == "eos" and self._configuring.interface is not None:
            place = f"{place}-{self._switch.short(self._configuring.interface.name)}"
        return f"{shown}({place})#"

    def run(self, line: str) -> str | Asks:
        """Do what a line says."""
        words = " ".join(line.split())
        if not words or words.startswith("!"):
            return ""
        if self._configuring is not None:
            return self._configure(self._configuring, words)
        return self._exec(words)

    def _configure(self, configuring: Configuring, line: str) -> str | Asks:
        if line == "end":
            configuring.leave()
            self._configuring = None
            return ""
        if line == "exit":
            if configuring.place == "config":
                self._configuring = None
            configuring.up()
            return ""
        if line.startswith("do "):
            return self._exec(line.removeprefix("do "))
        return configuring.run(line)

    def _exec(self, line: str) -> str | Asks:
        if line == "enable":
            return self._enable()
        if self._own(line):
            return ""
        if not self._privileged:
            return self._switch.dialect.invalid
        return self._privileged_command(line)

    def _own(self, line: str) -> bool:
        """Whether a line was about the session itself."""
        if line == "disable":
            self._privileged = not self._switch.enable_secret
        elif line in ("exit", "logout", "quit"):
            self.ended = True
        elif match := re.fullmatch(r"terminal length (\d+)", line):
            self.page_lines = int(match[1])
        else:
            return re.fullmatch(r"terminal width \d+", line) is not None
        return True

    def _privileged_command(self, line: str) -> str | Asks:
        shown = self._show(line.removeprefix("show ")) if line.startswith("show ") else None
        if shown is not None:
            return shown
        if line == "configure terminal":
            self._configuring = Configuring(self._switch)
            ios = self._switch.dialect.name != "eos"
            return "Enter configuration commands, one per line.  End with CNTL/Z.\n" if ios else ""
        if line in ("write memory", "copy running-config startup-config"):
            return self._save(line)
        return self._switch.dialect.invalid

    def _show(self, what: str) -> str | None:
        show = _SHOWS.get(what) or _OWN_SHOWS[self._switch.dialect.name].get(what)
        return callers.asked(self._switch, what) if show is None else show(self._switch)

    def _save(self, line: str) -> str | Asks:
        if self._switch.dialect.name == "ios" and line.startswith("copy"):
            return Asks("Destination filename [startup-config]? ", lambda _: self._saved(), echo=True)
        return self._saved()

    def _saved(self) -> str:
        self._switch.save()
        return _SAVED[self._switch.dialect.name]

    def _enable(self) -> str | Asks:
        if not self._switch.enable_secret:
            self._privileged = True
            return ""

        def check(password: str) -> str:
            self._privileged = password == self._switch.enable_secret
            return "" if self._privileged else "% Access denied\n\n"

        return Asks("Password: ", check)
