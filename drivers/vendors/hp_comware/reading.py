"""The switch's configuration: from the text of its current configuration to a state."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from device_profiles.names import printable
from device_profiles.state import LacpMode, Lag, Port, State, Stp
from drivers.errors import Garbled
from drivers.switching.blocks import Block
from drivers.switching.reading import LONGEST_TEXT, Unreadable, ended, garbled, shown_mtu
from drivers.switching.vlans import defined
from drivers.vendors.hp_comware import switching
from drivers.vendors.hp_comware.blocks import blocks
from drivers.vendors.hp_comware.dialect import OVERHEAD_BYTES, Dialect
from drivers.vendors.hp_comware.vlans import parse_list

_INTERFACE: Final = re.compile(r"interface (\S.*)\Z")
_VLAN: Final = re.compile(r"vlan (?:batch )?(\d[\d to]*)\Z")
_EDGE: Final = re.compile(r"stp edged-port( enable| disable)?\Z")
_DYNAMIC: Final = re.compile(r"link-aggregation mode dynamic\Z|mode lacp(-static|-dynamic)?\Z")
_NO_FRAME: Final = "undo jumboframe enable"
_PLAIN_FRAME: Final = 1522


def default_name(number: int) -> str:
    """The name of a VLAN that nobody named."""
    return f"VLAN {number:04}"


def parse(running: str, dialect: Dialect) -> State:
    """The state that a configuration shows.

    Raises :class:`~drivers.errors.Garbled`, naming the first line that cannot be read.
    """
    command = dialect.commands.running
    found = list(blocks(ended(running, dialect.quirks.ends_with, command=command)))
    lines_of = dict(_interfaces(found, dialect))
    if not lines_of:
        raise Garbled(f"'{command}' shows no interface: nothing was concluded from it")
    reading = _Interfaces(lines_of, dialect)
    return State(
        vlans=defined(found, _VLAN, numbers=parse_list, unnamed=default_name),
        ports=dict(sorted(reading.ports().items())),
        lags=dict(sorted(reading.lags().items())),
    )


def _interfaces(found: Sequence[Block], dialect: Dialect) -> Iterator[tuple[str, tuple[str, ...]]]:
    for block in found:
        match = _INTERFACE.match(block.head)
        if match is not None and dialect.names.is_port(name := dialect.canonical(match[1].replace(" ", ""))):
            yield name, block.lines


@dataclass(frozen=True, slots=True)
class _Interfaces:
    """The interfaces of a configuration, by canonical name, with their lines."""

    lines_of: dict[str, tuple[str, ...]]
    dialect: Dialect

    def ports(self) -> dict[str, Port]:
        """All ports and LAGs."""
        bundled = {member for members in self._groups().values() for member in members}
        return {name: self._port(name, lines, member=name in bundled) for name, lines in self.lines_of.items()}

    def lags(self) -> dict[str, Lag]:
        """All LAGs."""
        return {name: self._lag(name, members) for name, members in self._groups().items()}

    def _groups(self) -> dict[str, list[str]]:
        member = self.dialect.said(self.dialect.words.member)
        found: dict[str, list[str]] = {
            name: [] for name in self.lines_of if self.dialect.names.bundle_number(name) is not None
        }
        for name, lines in self.lines_of.items():
            for match in filter(None, map(member.match, lines)):
                found.setdefault(self.dialect.bundle_name(match[1]), []).append(name)
        return found

    def _port(self, name: str, lines: Sequence[str], *, member: bool) -> Port:
        said = next((line.partition(" ")[2] for line in lines if line.startswith("description ")), None)
        text = None if said is None else printable(said, most=LONGEST_TEXT)
        enabled = "shutdown" not in lines
        if member:
            return Port(description=text, enabled=enabled)
        try:
            fields: dict[str, Any] = switching.read(lines, self.dialect)
        except Unreadable as error:
            raise garbled(f"'{self.dialect.commands.running}', {name}", str(error)) from None
        edges = [match[1] != " disable" for line in lines if (match := _EDGE.match(line))]
        return Port(
            description=text,
            enabled=enabled,
            mtu=self._mtu(name, lines),
            stp=Stp(edge=bool(edges and edges[-1])),
            **fields,
        )

    def _mtu(self, name: str, lines: Sequence[str]) -> int | None:
        if "ports.mtu" not in self.dialect.profile.capabilities or self.dialect.names.bundle_number(name) is not None:
            return None
        frame = self.dialect.said(self.dialect.words.frame)
        size = self.dialect.quirks.default_frame
        for line in lines:
            match = frame.match(line)
            if line == _NO_FRAME:
                size = _PLAIN_FRAME
            elif match is not None and match[1].isdecimal():
                size = int(match[1])
        return shown_mtu(size - OVERHEAD_BYTES)

    def _lag(self, name: str, members: Sequence[str]) -> Lag:
        lines = self.lines_of.get(name, ())
        least = [match[1] for line in lines if (match := self.dialect.said(self.dialect.words.min_links).match(line))]
        return Lag(
            members=tuple(sorted(members)),
            lacp=self._lacp(members) if any(map(_DYNAMIC.match, lines)) else "off",
            min_links=int(least[-1]) if least and least[-1].isdecimal() else 1,
        )

    def _lacp(self, members: Sequence[str]) -> LacpMode | None:
        passive = {bool(self.dialect.words.passive) and self.dialect.words.passive in self.lines_of[m] for m in members}
        if len(passive) == 2:
            return None
        return "passive" if True in passive else "active"
