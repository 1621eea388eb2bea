"""The system view of the Comware-like twin, and the views below it: one method for each kind of line."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from pointsman.twins.languages.comware import EVERY, Interface, Switch
from pointsman.twins.languages.comware_reaching import Reaching
from pointsman.twins.languages.terminal import Asks

_LARGEST_FRAME: Final = 10000
_LEAST_FRAME: Final = 1536
_HYBRID: Final = (
    r"(undo )?port hybrid (?:vlan (?P<vlans>[\d to]+?)(?: (?P<how>tagged|untagged))?"
    r"|(?P<way>tagged|untagged) vlan (?P<list>.+))"
)


class Refused(Exception):
    """What is printed in place of doing what a line says."""


def unknown(switch: Switch) -> Refused:
    """The refusal of a line that is not understood."""
    if switch.is_vrp:
        return Refused("          ^\nError: Unrecognized command found at '^' position.\n")
    return Refused("          ^\n % Unrecognized command found at '^' position.\n")


class Views:
    """One session's place: the system view, or that of an interface or a VLAN."""

    def __init__(self, switch: Switch) -> None:
        self._switch = switch
        self.interface: Interface | None = None
        self.vlan: int | None = None
        self._reaching = Reaching(switch)

    @property
    def place(self) -> str:
        """What the prompt shows behind the name."""
        if self._reaching.place:
            return self._reaching.place
        if self.interface is not None:
            return f"-{self.interface.name}"
        return f"-vlan{self.vlan}" if self.vlan is not None else ""

    def leave(self) -> None:
        """Back to the system view."""
        self.interface = self.vlan = None
        self._reaching = Reaching(self._switch)

    def run(self, line: str) -> str | Asks:
        """Do what a line says; what it prints. Raises :class:`Refused`."""
        said = None if self.interface is not None or self.vlan is not None else self._reaching.run(line)
        if said is not None:
            return said
        if self.interface is not None:
            if not self._in_interface(self.interface, line):
                raise unknown(self._switch)
        elif self.vlan is not None:
            self._in_vlan(self.vlan, line)
        else:
            return self._top(line)
        self._switch.writes += 1
        return ""

    # The system view.

    def _top(self, line: str) -> str:
        if match := re.fullmatch(r"(undo )?interface (\S+(?: \d\S*)?)", line):
            (self._remove if match[1] else self._enter)(match[2])
        elif match := re.fullmatch(r"(undo )?vlan (\d+)", line):
            self._vlan(int(match[2]), remove=bool(match[1]))
        elif match := re.fullmatch(r"vlan batch (.+)", line):
            for number in self._numbers(match[1]):
                self._switch.config.vlans.setdefault(number, None)
        elif match := re.fullmatch(r"sysname ([\w.-]+)", line):
            self._switch.config.hostname = match[1]
        else:
            raise unknown(self._switch)
        self._switch.writes += 1
        return ""

    def _enter(self, name: str) -> None:
        self.interface = self._switch.interface(name)
        if self.interface is None:
            raise unknown(self._switch)

    def _remove(self, name: str) -> None:
        long = self._switch.long(name)
        if long not in self._switch.config.interfaces or not long.startswith(self._switch.dialect.bundle):
            raise unknown(self._switch)
        members = self._switch.members(long)
        if members and self._switch.is_vrp:
            raise Refused("Error: The trunk has member interfaces.\n")
        for member in members:
            member.group = None
        del self._switch.config.interfaces[long]

    def _vlan(self, number: int, *, remove: bool) -> None:
        if not 1 <= number <= 4094:
            raise unknown(self._switch)
        if not remove:
            self._switch.config.vlans.setdefault(number, None)
            self.vlan = number
            return
        if number == 1:
            raise Refused("Error: The default VLAN cannot be deleted.\n")
        self._switch.config.vlans.pop(number, None)
        for port in self._switch.config.interfaces.values():
            if port.access == number:
                port.access = 1

    def _in_vlan(self, number: int, line: str) -> None:
        match = re.fullmatch(r"(undo )?name ?(\S{1,32})?", line)
        if match is None or bool(match[1]) == bool(match[2]):
            raise unknown(self._switch)
        self._switch.config.vlans[number] = match[2]

    def _numbers(self, words: str) -> frozenset[int]:
        if words == "all":
            return EVERY
        spans = re.findall(r"(\d+)(?: to (\d+))?", words)
        if len(spans) > 10 or not re.fullmatch(r"\d+(?: to \d+)?(?: \d+(?: to \d+)?)*", words):
            raise Refused("Error: Too many parameters found at '^' position.\n")
        found = frozenset(number for low, high in spans for number in range(int(low), int(high or low) + 1))
        if not found or not found <= EVERY:
            raise unknown(self._switch)
        return found

    # An interface.

    def _in_interface(self, port: Interface, line: str) -> bool:
        for pattern, change, reaches in _lines(self._switch):
            match = re.fullmatch(pattern, line)
            if match is not None:
                change(self, port, match)
                if reaches and not self._switch.is_vrp:
                    for member in self._switch.members(port.name):
                        change(self, member, match)
                return True
        return False

    def _description(self, port: Interface, match: re.Match[str]) -> None:
        port.description = match[2] if not match[1] else None

    def _shutdown(self, port: Interface, match: re.Match[str]) -> None:
        port.shut = not match[1]

    def _link_type(self, port: Interface, match: re.Match[str]) -> None:
        kind = match[2]
        if (kind or "access") == (port.link_type or ("access" if not self._switch.is_vrp else "")):
            return
        if self._switch.is_vrp:
            if not port.is_new:
                raise Refused("Error: Please renew the default configurations.\n")
        elif {kind, port.link_type} == {"trunk", "hybrid"}:
            raise Refused("Error: The port cannot change between trunk and hybrid: set it to access first.\n")
        port.renew()
        port.link_type = kind

    def _own(self, port: Interface, kind: str) -> None:
        """Raise :class:`Refused` where a port has another link type than a line is for."""
        if (port.link_type or ("access" if not self._switch.is_vrp else "")) != kind:
            raise Refused(f"Error: The port is not a {kind} port.\n")

    def _access(self, port: Interface, match: re.Match[str]) -> None:
        self._own(port, "access")
        number = int(match[2] or 1)
        if number not in self._switch.config.vlans:
            raise Refused("Error: The VLAN does not exist.\n")
        port.access = number

    def _permit(self, port: Interface, match: re.Match[str]) -> None:
        self._own(port, "trunk")
        listed = self._numbers(match[2])
        port.permitted = port.permitted - listed if match[1] else port.permitted | listed

    def _pvid(self, port: Interface, match: re.Match[str]) -> None:
        self._own(port, match[2])
        port.pvid = int(match[3] or 1)

    def _hybrid(self, port: Interface, match: re.Match[str]) -> None:
        self._own(port, "hybrid")
        listed = self._numbers(match["vlans"] or match["list"])
        port.tagged, port.untagged = port.tagged - listed, port.untagged - listed
        if not match[1] and (match["how"] or match["way"]) == "tagged":
            port.tagged |= listed
        elif not match[1]:
            port.untagged |= listed

    def _frame(self, port: Interface, match: re.Match[str]) -> None:
        size = int(match[2] or _LARGEST_FRAME)
        if not _LEAST_FRAME <= size <= _LARGEST_FRAME:
            raise unknown(self._switch)
        port.frame = 0 if match[1] else None if size == _LARGEST_FRAME else size

    def _group(self, port: Interface, match: re.Match[str]) -> None:
        if match[1]:
            port.group = None
            return
        number = int(match[2])
        if f"{self._switch.dialect.bundle}{number}" not in self._switch.config.interfaces:
            raise Refused("Error: The aggregate interface does not exist.\n")
        if self._switch.is_vrp and (port.link_type is not None or not port.is_new or port.others):
            raise Refused("Error: The interface has some configurations: clear them first.\n")
        port.group = number

    def _dynamic(self, port: Interface, match: re.Match[str]) -> None:
        if not port.name.startswith(self._switch.dialect.bundle):
            raise unknown(self._switch)
        if self._switch.is_vrp and self._switch.members(port.name) and port.dynamic is bool(match[1]):
            raise Refused("Error: The working mode cannot be changed while the trunk has members.\n")
        port.dynamic = not match[1]

    def _passive(self, port: Interface, match: re.Match[str]) -> None:
        if self._switch.is_vrp:
            raise unknown(self._switch)
        port.passive = not match[1]

    def _edge(self, port: Interface, match: re.Match[str]) -> None:
        port.edge = not match[1]

    def _least(self, port: Interface, match: re.Match[str]) -> None:
        port.min_links = None if match[1] else int(match[2])

    def _other(self, port: Interface, match: re.Match[str]) -> None:
        line = match[0].removeprefix("undo ")
        port.others = [other for other in port.others if other != line]
        if not match[1]:
            port.others.append(line)

    def _bridges(self, port: Interface, match: re.Match[str]) -> None:
        del match
        port.others = [line for line in port.others if line != "port link-mode route" and " address " not in line]


_Change = Callable[[Views, Interface, re.Match[str]], None]


def _lines(switch: Switch) -> tuple[tuple[str, _Change, bool], ...]:
    """Patterns of lines, what they change, and whether what a LAG is told reaches its members."""
    dialect = switch.dialect
    least = "least active-linknumber" if switch.is_vrp else "link-aggregation selected-port minimum"
    return (
        (r"(undo )?description ?(.*)", Views._description, False),
        (r"(undo )?shutdown", Views._shutdown, False),
        (r"(undo )?port link-type(?: (access|trunk|hybrid))?", Views._link_type, True),
        (rf"(undo )?{dialect.access} ?(\d+)?", Views._access, True),
        (rf"(undo )?{dialect.permit} (.+)", Views._permit, True),
        (r"(undo )?port (trunk|hybrid) pvid(?: vlan)?(?: (\d+))?", Views._pvid, True),
        (_HYBRID, Views._hybrid, True),
        (r"(undo )?jumboframe enable(?: (\d+))?", Views._frame, False),
        (rf"(undo )?{dialect.member}(?: (\d+))?", Views._group, False),
        (r"(undo )?(?:link-aggregation mode|mode)(?: dynamic| lacp)?", Views._dynamic, False),
        (r"(undo )?lacp mode(?: passive)?", Views._passive, False),
        (r"(undo )?stp edged-port(?: enable)?", Views._edge, False),
        (rf"(undo )?{least}(?: (\d+))?", Views._least, False),
        (r"port link-mode bridge|portswitch", Views._bridges, False),
        (r"(undo )?(?:voice-vlan \d+ enable|port link-mode route|ip address .+)", Views._other, False),
    )
