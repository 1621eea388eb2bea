"""The switch's configuration: from its statements and the table of its interfaces to a state."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from device_profiles.names import printable
from device_profiles.scalars import VLAN_MAX, VLAN_MIN
from device_profiles.state import LacpMode, Lag, Port, State, Stp, Vlan
from drivers.errors import Garbled
from drivers.switching.reading import LONGEST_TEXT, shown_mtu
from drivers.vendors.juniper_junos import switching
from drivers.vendors.juniper_junos.dialect import HEADER_BYTES, Dialect
from drivers.vendors.juniper_junos.statements import Tree, at, expanded, parse, statements, value
from drivers.vendors.juniper_junos.switching import DEFAULT, Members

_TERSE: Final = re.compile(rb"(?m)^(\S+) +(?:up|down) +(?:up|down)\b")
_SPAN: Final = re.compile(r"(\d+)-(\d+)\Z")
_OPTIONS: Final = ("ether-options", "gigether-options")
_STP: Final = ("rstp", "mstp", "vstp")
_BLOCKS: Final = (("protocols", "layer2-control", "bpdu-block"), ("ethernet-switching-options", "bpdu-block"))
_VOICE: Final = (("switch-options", "voip"), ("ethernet-switching-options", "voip"))
_LACP: Final[dict[str | None, LacpMode]] = {"active": "active", "passive": "passive", None: "off"}


def names(terse: bytes) -> tuple[bytes, ...]:
    """The interfaces that ``show interfaces terse`` lists, whatever their state.

    Raises :class:`~drivers.errors.Garbled` where there is no table.
    """
    found = tuple(name for name in _TERSE.findall(terse) if b"." not in name)
    if not found:
        raise Garbled("'show interfaces terse' lists no interface: nothing was concluded from it")
    return found


def parse_state(configuration: str, interfaces: Iterable[str], dialect: Dialect) -> State:
    """The state that a configuration shows on a switch with these interfaces.

    Raises :class:`~drivers.errors.Garbled`, naming what cannot be read.
    """
    physical = [name for name in map(dialect.canonical, interfaces) if dialect.names.is_physical(name)]
    tree = parse(configuration, ports=physical)
    return _Reading(tree, tuple(physical), dialect).state()


@dataclass(frozen=True, slots=True)
class _Reading:
    tree: Tree
    physical: tuple[str, ...]
    dialect: Dialect

    def state(self) -> State:
        vlans = {1: Vlan(name=DEFAULT)} | dict(self._vlans())
        numbers = {vlan.name: number for number, vlan in vlans.items() if vlan.name is not None}
        members = self._groups()
        said = at(self.tree, "interfaces")
        configured = {name for word in said if self.dialect.names.is_port(name := self.dialect.canonical(word))}
        ports = sorted({*self.physical, *configured, *members})
        bundled = {name for group in members.values() for name in group}
        elsewhere = self._elsewhere(numbers)
        edges, guards = self._edges(), self._guards()
        found: dict[str, Port] = {}
        for name in ports:
            own = at(said, name)
            if name in bundled:
                found[name] = Port(description=_description(own), enabled=_enabled(own))
                continue
            edge = edges.get(name, edges.get("all", False))
            found[name] = Port(
                description=_description(own),
                enabled=_enabled(own),
                mtu=self._mtu(name, own),
                stp=Stp(edge=edge, bpdu_guard=name in guards or (edge and self._guards_edges())),
                **self._switching(name, own, numbers, elsewhere),
            )
        lags = {name: self._lag(own, at(said, name)) for name, own in sorted(members.items())}
        return State(vlans=dict(sorted(vlans.items())), ports=found, lags=lags)

    def _switching(
        self, name: str, own: Tree, numbers: Mapping[str, int], elsewhere: Mapping[str, Members]
    ) -> dict[str, Any]:
        return switching.read(name, own, numbers, elsewhere.get(name, switching.NOWHERE))

    # VLANs.

    def _vlans(self) -> Iterator[tuple[int, Vlan]]:
        for word, said in at(self.tree, "vlans").items():
            for number in sorted(_numbers(word, said)):
                yield number, Vlan(name=printable(word, most=LONGEST_TEXT))

    def _elsewhere(self, numbers: Mapping[str, int]) -> dict[str, Members]:
        """What is said of a port's VLANs under the VLANs, and of voice."""
        vlans: dict[str, set[int]] = {}
        lines: dict[str, list[str]] = {}
        for word, said in at(self.tree, "vlans").items():
            for name in self._named(at(said, "interface")):
                if word in numbers:
                    vlans.setdefault(name, set()).add(numbers[word])
        for path in _VOICE:
            for word, said in at(self.tree, *path, "interface").items():
                for name in self._named({word: said}):
                    lines.setdefault(name, []).extend(statements(said, *path, "interface", word))
        return {name: Members(frozenset(vlans.get(name, ())), tuple(lines.get(name, ()))) for name in {*vlans, *lines}}

    def _named(self, interfaces: Iterable[str]) -> Iterator[str]:
        """The ports that a list of interfaces means, ranges worked in."""
        ranges = at(self.tree, "interfaces", "interface-range")
        for word in interfaces:
            for name in expanded(ranges, word, self.physical):
                yield self.dialect.canonical(name)

    # Ports.

    def _mtu(self, name: str, own: Tree) -> int | None:
        said = value(own, "mtu")
        if said is not None and not said.isdecimal():
            raise Garbled(f"interfaces {name} mtu: '{printable(said, most=40)}' is no number: nothing was concluded")
        mtu = (int(said) if said is not None else self.dialect.quirks.default_mtu) - HEADER_BYTES
        return shown_mtu(mtu)

    def _edges(self) -> dict[str, bool]:
        """Whether an interface that spanning tree names is an edge; ``all`` for those that it does not name."""
        found: dict[str, bool] = {}
        for protocol in _STP:
            for word, said in at(self.tree, "protocols", protocol, "interface").items():
                for name in self._named((word,)):
                    found[name] = found.get(name, False) or "edge" in said
        return found

    def _guards(self) -> set[str]:
        return {name for path in _BLOCKS for name in self._named(at(self.tree, *path, "interface"))}

    def _guards_edges(self) -> bool:
        return any("bpdu-block-on-edge" in at(self.tree, "protocols", protocol) for protocol in _STP)

    # LAGs.

    def _groups(self) -> dict[str, list[str]]:
        """The members of each LAG."""
        said = at(self.tree, "interfaces")
        found: dict[str, list[str]] = {name: [] for name in said if self.dialect.names.bundle_number(name) is not None}
        for word, own in said.items():
            name = self.dialect.canonical(word)
            lag = next((lag for option in _OPTIONS if (lag := value(own, option, "802.3ad"))), None)
            if lag is not None and self.dialect.names.is_physical(name):
                found.setdefault(lag, []).append(name)
        return found

    def _lag(self, members: Iterable[str], own: Tree) -> Lag:
        options = at(own, "aggregated-ether-options")
        least = value(options, "minimum-links")
        mode = next((word for word in ("active", "passive") if word in at(options, "lacp")), None)
        return Lag(
            members=tuple(sorted(members)),
            # LACP without a mode is passive (Junos: "the default is passive").
            lacp="passive" if mode is None and "lacp" in options else _LACP[mode],
            min_links=int(least) if least is not None and least.isdecimal() and int(least) > 0 else 1,
        )


def _numbers(word: str, said: Tree) -> set[int]:
    """The numbers of a statement of VLANs: one, a list, or a range; those that are no VLAN are left out."""
    found: set[int] = set()
    for text in (*at(said, "vlan-id"), *at(said, "vlan-id-list"), *at(said, "vlan-range")):
        span = _SPAN.match(text)
        if span is not None:
            found |= set(range(int(span[1]), min(int(span[2]), VLAN_MAX) + 1))
        elif text.isdecimal():
            found.add(int(text))
    if word == DEFAULT and not found:
        found.add(VLAN_MIN)
    return {number for number in found if VLAN_MIN <= number <= VLAN_MAX}


def _description(own: Tree) -> str | None:
    said = value(own, "description") or value(own, "unit", "0", "description")
    return None if said is None else printable(said, most=LONGEST_TEXT)


def _enabled(own: Tree) -> bool:
    return "disable" not in own and "disable" not in at(own, "unit", "0")
