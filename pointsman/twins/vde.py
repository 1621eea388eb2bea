"""A vde_switch in memory, by its console: written from vde2's ``consmgmt.c`` and ``port.c``, compared with 2.3.2.

Commands are told apart by line; nothing is echoed. VLAN 0 is there and cannot be removed; a port is made by creating it
or by plugging something in; a port in a VLAN without a tag cannot be taken out of it, only put into another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

GREETING: Final = "VDE switch V.2.3.2\n(C) Virtual Square Team (coord. R. Davoli) 2005,2006,2007 - GPLv2\n\n"
PROMPT: Final = "vde$ "
_NOBODY: Final = 4095
_LAST: Final = 4093
_OK, _NO_SUCH, _EXISTS, _INVALID, _UNKNOWN, _IN_USE = 0, 6, 17, 22, 38, 98
_WORDS: Final = {
    _OK: "Success",
    _NO_SUCH: "No such device or address",
    _EXISTS: "File exists",
    _INVALID: "Invalid argument",
    _UNKNOWN: "Function not implemented",
    _IN_USE: "Address already in use",
}

Result = int | Iterable[str]


@dataclass(slots=True)
class Seat:
    """A port that was made."""

    untagged: int = 0
    plugged: bool = False


@dataclass(slots=True)
class Vde:
    """One switch; ``writes`` counts commands that change it."""

    numports: int = 32
    ports: dict[int, Seat] = field(default_factory=dict)
    tagged: dict[int, set[int]] = field(default_factory=lambda: {0: set()})
    macs: list[tuple[str, int, int]] = field(default_factory=list)
    writes: int = 0
    uptime: int = 0

    def run(self, line: str) -> str:
        """What the console prints for a line, its prompt included."""
        words = line.split()
        if not words or words[0].startswith("#"):
            return f"\n{PROMPT}"
        self.uptime += 1
        table = _TABLES.get(words[0])
        if table is not None:
            data = "".join(f"{row}\n" for row in table(self))
            return f"0000 DATA END WITH '.'\n{data}.\n{self._end(_OK)}"
        change = _CHANGES.get(words[0])
        return self._end(_UNKNOWN if change is None else self._change(change, words[1:]))

    def _change(self, change: tuple[int, Callable[..., int]], words: list[str]) -> int:
        count, method = change
        if len(words) != count or not all(word.isdecimal() for word in words):
            return _INVALID
        done = method(self, *map(int, words))
        self.writes += 1
        return done

    @staticmethod
    def _end(errno: int) -> str:
        return f"1{errno:03} {_WORDS[errno]}\n\n{PROMPT}"

    # What changes it.

    def create_vlan(self, vlan: int) -> int:
        """``vlan/create``."""
        if not 0 < vlan <= _LAST:
            return _INVALID
        if vlan in self.tagged:
            return _EXISTS
        self.tagged[vlan] = set()
        return _OK

    def remove_vlan(self, vlan: int) -> int:
        """``vlan/remove``."""
        if vlan not in self.tagged:
            return _NO_SUCH
        if vlan == 0 or self.tagged[vlan] or any(seat.untagged == vlan for seat in self.ports.values()):
            return _IN_USE
        del self.tagged[vlan]
        return _OK

    def create_port(self, port: int) -> int:
        """``port/create``."""
        if not 0 < port < self.numports:
            return _INVALID
        if port in self.ports:
            return _EXISTS
        self.ports[port] = Seat()
        return _OK

    def set_vlan(self, port: int, vlan: int) -> int:
        """``port/setvlan``: a port that was in that VLAN with a tag is in it without one."""
        if port not in self.ports or (vlan not in self.tagged and vlan != _NOBODY):
            return _NO_SUCH
        self.ports[port].untagged = vlan
        self.tagged.get(vlan, set()).discard(port)
        return _OK

    def add_port(self, vlan: int, port: int) -> int:
        """``vlan/addport``."""
        if port not in self.ports or vlan not in self.tagged:
            return _NO_SUCH
        if self.ports[port].untagged != vlan:
            self.tagged[vlan].add(port)
        return _OK

    def remove_from(self, vlan: int, port: int) -> int:
        """``vlan/delport``."""
        if port not in self.ports or vlan not in self.tagged:
            return _NO_SUCH
        if self.ports[port].untagged == vlan:
            return _IN_USE
        self.tagged[vlan].discard(port)
        return _OK

    # What it shows.

    def shown_ports(self) -> Iterable[str]:
        """``port/allprint``."""
        for number, seat in sorted(self.ports.items()):
            active = "ACTIVE" if seat.plugged else "INACTIVE"
            yield f"Port {number:04} untagged_vlan={seat.untagged:04} {active} - NOT Unnamed Allocatable"
            yield " Current User: NONE Access Control: (User: NONE - Group: NONE)"
            yield " IN:  pkts          0          bytes                    0"
            yield " OUT: pkts          0          bytes                    0"
            if seat.plugged:
                yield f"  -- endpoint ID {number:04} module unix prog   : vdeplug: user=root pid={1000 + number}"

    def shown_vlans(self) -> Iterable[str]:
        """``vlan/allprint``."""
        for vlan, tagged in sorted(self.tagged.items()):
            yield f"VLAN {vlan:04}"
            for number, seat in sorted(self.ports.items()):
                if number in tagged or seat.untagged == vlan:
                    status = "1 status=Forwarding" if seat.plugged else "0 status=Learning"
                    yield f" -- Port {number:04} tagged={int(number in tagged)} active={status}"

    def shown_macs(self) -> Iterable[str]:
        """``hash/print``."""
        for place, (mac, vlan, port) in enumerate(self.macs):
            yield f"Hash: {place:04} Addr: {mac} VLAN {vlan:04} to port: {port:03}  age 1 secs"

    def shown_numbers(self) -> Iterable[str]:
        """``port/showinfo``."""
        return (f"Numports={self.numports}", "HUB=false", "counters=true")

    def shown_info(self) -> Iterable[str]:
        """``showinfo``."""
        about = (f"pid 77 MAC 00:ff:00:00:00:01 uptime {self.uptime}", "mgmt /run/vde/mgmt perm 0600")
        return (*GREETING.splitlines(), *about)


_TABLES: Final[dict[str, Callable[[Vde], Iterable[str]]]] = {
    "port/allprint": Vde.shown_ports,
    "vlan/allprint": Vde.shown_vlans,
    "hash/print": Vde.shown_macs,
    "port/showinfo": Vde.shown_numbers,
    "showinfo": Vde.shown_info,
}
_CHANGES: Final[dict[str, tuple[int, Callable[..., int]]]] = {
    "vlan/create": (1, Vde.create_vlan),
    "vlan/remove": (1, Vde.remove_vlan),
    "port/create": (1, Vde.create_port),
    "port/setvlan": (2, Vde.set_vlan),
    "vlan/addport": (2, Vde.add_port),
    "vlan/delport": (2, Vde.remove_from),
}


class Console:
    """The line to a switch: bytes in, bytes out."""

    def __init__(self, switch: Callable[[], Vde]) -> None:
        self._switch = switch
        self._typed = bytearray()

    def greet(self) -> bytes:
        """What it shows first."""
        return f"{GREETING}{PROMPT}".encode()

    def feed(self, data: bytes) -> bytes:
        """What it shows for what was typed."""
        self._typed += data
        *whole, rest = bytes(self._typed).replace(b"\r", b"\n").split(b"\n")
        self._typed = bytearray(rest)
        return "".join(self._switch().run(line.decode("utf-8", "replace")) for line in whole).encode()
