"""One spelling for each port of a device.

A device writes ``GigabitEthernet1/0/1`` in one table and ``Gi1/0/1`` in another. The profile's rules come first; where
they know nothing, the names of the tables of ports are the spellings, and a shorter one that fits exactly one of
them stands for it.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from typing import Final

from device_profiles.names import printable
from device_profiles.profile import PortNames

_NAME: Final = re.compile(r"(?P<head>[A-Za-z][A-Za-z-]*?)(?P<number>\d[\d/.:]*)")
_NO_PORT: Final = re.compile(
    r"(?i)(vlan|vl|vlan-?interface|vlanif|loopback|lo|inloopback|null|nu|tunnel|tu|bvi|bdi|irb|ve|rvi|nve|cpu|self|sup-eth|switch"
    r"|register-tunnel|control|async|internal|inband|stack-nic|register|inlineps|virtual|router|lan-?bridge)"
    r"[ -]?\d*(/\d+)*(\.\d+)?|[^.]*\.\d+|\d*\s*cpu.*"
)


def is_port(name: str) -> bool:
    """Whether a name is that of a port or LAG: no VLAN interface, loopback, tunnel, sub-interface."""
    return bool(name) and _NO_PORT.fullmatch(name) is None


class Names:
    """The spellings of one device."""

    def __init__(self, rules: PortNames) -> None:
        self._rules = rules
        self._by_number: dict[str, list[tuple[str, str]]] = {}
        self._known: set[str] = set()
        self.canonical = functools.cache(self._canonical)

    def learn(self, names: Iterable[str]) -> None:
        """Take names of a table of ports as the device's own spellings."""
        fresh = {self._plain(name) for name in names} - self._known
        for name in sorted(fresh):
            self._known.add(name)
            if match := _NAME.fullmatch(name):
                self._by_number.setdefault(match["number"], []).append((match["head"].lower(), name))
        if fresh:
            self.canonical = functools.cache(self._canonical)

    def _plain(self, name: str) -> str:
        return self._rules.canonical(printable(" ".join(name.split()))).replace(" ", "")

    def _canonical(self, name: str) -> str:
        """The spelling of a port; its own where nothing else is known."""
        name = self._plain(name)
        match = _NAME.fullmatch(name)
        if match is None:
            return name
        head = match["head"].lower()
        fitting = [whole for letters, whole in self._by_number.get(match["number"], ()) if letters.startswith(head)]
        longest = max(fitting, key=len, default=name)
        return longest if len({whole.lower() for whole in fitting} - {name.lower()}) <= 1 else name
