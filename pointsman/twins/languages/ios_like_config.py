"""Configuration mode of the IOS-like twin: one method for each kind of line."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from pointsman.twins.languages.ios_like import EVERY, RESERVED, Interface, Switch
from pointsman.twins.languages.ios_like_reaching import Reaching

_LARGEST_MTU: Final = 9216


class Refused(Exception):
    """What is printed in place of doing what a line says."""


class Configuring:
    """One session's place in the configuration mode: at the top, in an interface, or in a VLAN."""

    def __init__(self, switch: Switch) -> None:
        self._switch = switch
        self.interface: Interface | None = None
        self.vlans: tuple[int, ...] = ()
        self._reaching = Reaching(switch)
        self._name: str | None = None

    @property
    def place(self) -> str:
        """What the prompt shows in brackets."""
        if self._reaching.place:
            return self._reaching.place
        if self.interface is not None:
            return "config-if"
        return "config-vlan" if self.vlans else "config"

    def run(self, line: str) -> str:
        """Do what a line says; what it prints."""
        try:
            return self._run(line)
        except Refused as refusal:
            return str(refusal)

    def up(self) -> None:
        """Leave one mode."""
        if not self._reaching.up():
            self.leave()

    def leave(self) -> None:
        """Back to the top; a VLAN comes into being now."""
        self._reaching = Reaching(self._switch)
        self._make_vlans()
        self.interface = None

    def _run(self, line: str) -> str:
        said = self._reaching.run(line)
        if said is not None:
            return said
        top = self._top(line)
        if top is not None:
            return top
        own = self._in_interface if self.interface is not None else self._in_vlan if self.vlans else None
        if own is None or not own(line):
            raise Refused(self._switch.dialect.invalid)
        self._wrote()
        return ""

    def _wrote(self) -> None:
        self._switch.writes += 1
        self._switch.changed_at += 1

    # At the top.

    def _top(self, line: str) -> str | None:
        """What a line of the top prints; None where it is none."""
        if match := re.fullmatch(r"interface (\S+(?: \d\S*)?)", line):
            self.leave()
            self._enter(match[1])
        elif match := re.fullmatch(r"no interface (\S+)", line):
            self.leave()
            self._remove(match[1])
        elif match := re.fullmatch(r"(no )?vlan ([\d,-]+)", line):
            self.leave()
            self._vlan(match[2], remove=bool(match[1]))
        elif match := re.fullmatch(r"(no )?feature (\S+)", line):
            self._feature(match[2], remove=bool(match[1]))
        elif match := re.fullmatch(r"hostname ([\w.-]+)", line):
            self._switch.config.hostname = match[1]
            self._wrote()
        else:
            return None
        return ""

    def _enter(self, name: str) -> None:
        known = set(self._switch.config.interfaces)
        self.interface = self._switch.interface(name)
        if self.interface is None:
            raise Refused(self._switch.dialect.invalid)
        if self.interface.name not in known:
            self._wrote()

    def _remove(self, name: str) -> None:
        dialect = self._switch.dialect
        found = self._switch.config.interfaces.get(self._switch.long(name))
        if found is None or not found.name.startswith((dialect.bundle, "Vlan")):
            raise Refused(dialect.invalid)
        for member in self._switch.members(found.name):
            member.group, member.shut = None, True
        del self._switch.config.interfaces[found.name]
        self._wrote()

    def _feature(self, name: str, *, remove: bool) -> None:
        if self._switch.dialect.name != "nxos":
            raise Refused(self._switch.dialect.invalid)
        (self._switch.config.features.discard if remove else self._switch.config.features.add)(name)
        self._wrote()

    # VLANs.

    def _vlan(self, words: str, *, remove: bool) -> None:
        numbers = self._numbers(words)
        if not remove:
            if set(numbers) & set(RESERVED) and self._switch.dialect.late_vlans:
                raise Refused(f"Command rejected: VLAN {words} is reserved.\n")
            self.vlans = numbers
            self._name = None
            if not self._switch.dialect.late_vlans:
                self._make_vlans(stay=True)
            self._wrote()
            return
        if 1 in numbers:
            raise Refused("%Default VLAN 1 may not be deleted.\n")
        for number in numbers:
            self._switch.config.vlans.pop(number, None)
        self._wrote()

    def _make_vlans(self, *, stay: bool = False) -> None:
        vlans = self._switch.config.vlans
        for number in self.vlans:
            vlans[number] = self._name or vlans.get(number, f"VLAN{number:04}")
        if not stay:
            self.vlans = ()

    def _in_vlan(self, line: str) -> bool:
        match = re.fullmatch(r"(no )?name ?(\S{1,32})?", line)
        if match is None or bool(match[1]) == bool(match[2]):
            return False
        self._name = match[2] or f"VLAN{self.vlans[0]:04}"
        if not self._switch.dialect.late_vlans:
            self._make_vlans(stay=True)
        return True

    def _numbers(self, words: str) -> tuple[int, ...]:
        found: set[int] = set()
        for span in words.split(","):
            low, _, high = span.partition("-")
            if not low.isdecimal() or not (high or low).isdecimal() or not 1 <= int(low) <= int(high or low) <= 4094:
                raise Refused(self._switch.dialect.invalid)
            found.update(range(int(low), int(high or low) + 1))
        return tuple(sorted(found))

    # An interface.

    def _in_interface(self, line: str) -> bool:
        assert self.interface is not None  # noqa: S101 -- asked by the caller
        for pattern, change, reaches in _LINES:
            match = re.fullmatch(pattern, line)
            if match is None:
                continue
            change(self, self.interface, match)
            if reaches and self._switch.dialect.reaches_members:
                for member in self._switch.members(self.interface.name):
                    change(self, member, match)
            return True
        return self._reaching.address(self.interface, line)

    def _description(self, port: Interface, match: re.Match[str]) -> None:
        port.description = None if match[1] else match[2]

    def _shutdown(self, port: Interface, match: re.Match[str]) -> None:
        port.shut = not match[1]

    def _mtu(self, port: Interface, match: re.Match[str]) -> None:
        if match[2] and not 64 <= int(match[2]) <= _LARGEST_MTU:
            raise Refused(self._switch.dialect.invalid)
        port.mtu = None if match[1] or int(match[2]) == 1500 else int(match[2])

    def _switchport(self, port: Interface, match: re.Match[str]) -> None:
        port.routed = bool(match[1])

    def _mode(self, port: Interface, match: re.Match[str]) -> None:
        if match[2] == "trunk" and self._switch.isl and not port.encapsulated:
            auto = 'An interface whose trunk encapsulation is "Auto" can not be configured to "trunk" mode.'
            raise Refused(f"Command rejected: {auto}\n")
        if match[2] and match[2].startswith("dynamic") and self._switch.dialect.name != "ios":
            raise Refused(self._switch.dialect.invalid)
        port.mode = None if match[1] else match[2]

    def _access(self, port: Interface, match: re.Match[str]) -> None:
        port.access = 1 if match[1] else self._numbers(match[2])[0]

    def _native(self, port: Interface, match: re.Match[str]) -> None:
        if match[2] == "tag":
            if self._switch.dialect.name != "eos":
                raise Refused(self._switch.dialect.invalid)
            port.native = "tag"
        else:
            port.native = 1 if match[1] else self._numbers(match[2])[0]

    def _encapsulation(self, port: Interface, match: re.Match[str]) -> None:
        if not self._switch.isl:
            raise Refused(self._switch.dialect.invalid)
        port.encapsulated = not match[1]

    def _allowed(self, port: Interface, match: re.Match[str]) -> None:
        if match[1]:
            port.allowed = EVERY
            return
        word, vlans = match[2] or "", match[3] or ""
        if word in ("all", "none"):
            port.allowed = EVERY if word == "all" else frozenset()
            return
        listed = frozenset(self._numbers(vlans))
        port.allowed = {
            "add": port.allowed | listed,
            "remove": port.allowed - listed,
            "except": EVERY - listed,
        }.get(word, listed)

    def _group(self, port: Interface, match: re.Match[str]) -> None:
        if match[1]:
            port.group = None
            return
        number, mode = int(match[2]), match[3] or "on"
        dialect = self._switch.dialect
        if dialect.name == "nxos" and mode != "on" and "lacp" not in self._switch.config.features:
            raise Refused("ERROR: Cannot use active or passive mode: LACP is not enabled\n")
        bundle = f"{dialect.bundle}{number}"
        others = [member for member in self._switch.members(bundle) if member is not port]
        changes = port.group not in (None, number) or (port.group == number and port.group_mode != mode)
        if changes or any((member.group_mode == "on") != (mode == "on") for member in others):
            raise Refused(f"Command rejected ({bundle}, {port.name}): the channel group has another mode\n")
        self._switch.interface(bundle)
        port.group, port.group_mode = number, mode

    def _spanning_tree(self, port: Interface, match: re.Match[str]) -> None:
        line = match[2]
        if line not in self._switch.dialect.edge:
            raise Refused(self._switch.dialect.invalid)
        port.edge = None if match[1] else line

    def _guard(self, port: Interface, match: re.Match[str]) -> None:
        port.guard = None if match[1] else match[2] == "enable"

    def _min_links(self, port: Interface, match: re.Match[str]) -> None:
        word = "lacp" if self._switch.dialect.name == "nxos" else "port-channel"
        if match[2] != word or (match[3] and not 2 <= int(match[3]) <= 16):
            raise Refused(self._switch.dialect.invalid)
        port.min_links = None if match[1] else int(match[3])

    def _fallback(self, port: Interface, match: re.Match[str]) -> None:
        if self._switch.dialect.name != "eos":
            raise Refused(self._switch.dialect.invalid)
        port.fallback = not match[1]

    def _other(self, port: Interface, match: re.Match[str]) -> None:
        line = match[2]
        kind = " ".join(line.split()[:3])
        port.others = [other for other in port.others if not other.startswith(kind)]
        if not match[1]:
            port.others.append(line)


_Change = Callable[[Configuring, Interface, re.Match[str]], None]
_LINES: Final[tuple[tuple[str, _Change, bool], ...]] = (
    (r"(no )?description ?(.+)?", Configuring._description, False),
    (r"(no )?shutdown", Configuring._shutdown, True),
    (r"(no )?mtu ?(\d+)?", Configuring._mtu, True),
    (r"(no )?switchport", Configuring._switchport, True),
    (r"(no )?switchport mode ?(access|trunk|dynamic auto|dynamic desirable|dot1q-tunnel)?", Configuring._mode, True),
    (r"(no )?switchport access vlan ?(\d+)?", Configuring._access, True),
    (r"(no )?switchport trunk native vlan ?(\d+|tag)?", Configuring._native, True),
    (r"(no )?switchport trunk encapsulation ?(dot1q)?", Configuring._encapsulation, True),
    (
        r"(no )?switchport trunk allowed vlan(?: (all|none|add|remove|except))?(?: ([\d,-]+))?",
        Configuring._allowed,
        True,
    ),
    (r"(no )?channel-group(?: (\d+))?(?: mode (active|passive|on|desirable|auto))?", Configuring._group, False),
    (r"(no )?(spanning-tree (?:portfast|port type).*)", Configuring._spanning_tree, True),
    (r"(no )?spanning-tree bpduguard ?(enable|disable)?", Configuring._guard, True),
    (r"(no )?(port-channel|lacp) min-links ?(\d+)?", Configuring._min_links, False),
    (r"(no )?port-channel lacp fallback ?(static)?", Configuring._fallback, False),
    (r"(no )?(switchport (?:voice vlan|private-vlan|vlan mapping|nonegotiate)\b.*)", Configuring._other, True),
)
"""Lines of an interface: pattern, what is done, and whether a Port-channel hands it to its members."""
