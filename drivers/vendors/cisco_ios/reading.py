"""The switch's configuration: from the text of its running configuration, and its table of VLANs, to a state."""

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
from drivers.vendors.cisco_ios import switching
from drivers.vendors.cisco_ios.blocks import blocks
from drivers.vendors.cisco_ios.dialect import Dialect
from drivers.vendors.cisco_ios.vlans import parse_list, parse_table

_INTERFACE: Final = re.compile(r"interface (\S.*)\Z")
_VLAN: Final = re.compile(r"vlan (\d[\d,-]*)\Z")
_GROUP: Final = re.compile(r"channel-group (\d+)(?: force)?(?: mode (\S+))?\Z")
_MTU: Final = re.compile(r"(?:mtu|switchport mtu) (\d+)\Z")
_SYSTEM_MTU: Final = re.compile(r"system mtu(?: jumbo)? (\d+)\Z")
_DOMAIN: Final = re.compile(r"(?m)^(?:ip domain[ -]name|dns domain) (\S+)")
_MIN_LINKS: Final = re.compile(r"(?:port-channel|lacp) min-links (\d+)\Z")
_EDGE: Final = re.compile(r"spanning-tree (?:portfast|port type)(?: (.+))?\Z")
_FALLBACK: Final = re.compile(r"port-channel lacp fallback (static|individual)\Z")
_GUARD: Final = re.compile(r"spanning-tree bpduguard (enable|disable)\Z")
_EDGE_DEFAULTS: Final = frozenset(
    ("spanning-tree portfast default", "spanning-tree portfast edge default", "spanning-tree port type edge default")
)
_GUARD_DEFAULTS: Final = frozenset(
    (
        "spanning-tree portfast bpduguard default",
        "spanning-tree portfast edge bpduguard default",
        "spanning-tree port type edge bpduguard default",
        "spanning-tree edge-port bpduguard default",
    )
)

_LACP: Final[dict[str, LacpMode]] = {"active": "active", "passive": "passive", "on": "off", "": "off"}
_DEFAULT_MTU: Final = 1500


@dataclass(frozen=True, slots=True)
class _Defaults:
    """What holds where an interface says nothing."""

    routed: bool
    shut: bool
    edge: bool
    guard: bool
    mtu: int


def parse(running: str | None, vlans: str | None, dialect: Dialect) -> State:
    """The state that a running configuration and a table of VLANs show; None is what was not asked.

    Raises :class:`~drivers.errors.Garbled`, naming the first line that cannot be read.
    """
    found = list(_whole(running, dialect)) if running is not None else []
    ports, lags = _interfaces(found, dialect)
    if vlans is not None:
        table = parse_table(vlans, command=dialect.commands.vlans)
    else:
        table = {} if running is None else defined(found, _VLAN, numbers=parse_list, unnamed=default_name)
    return State(vlans=dict(sorted(table.items())), ports=dict(sorted(ports.items())), lags=dict(sorted(lags.items())))


def domain(running: str) -> str:
    """The domain name that a running configuration sets; empty where it sets none."""
    match = _DOMAIN.search(running)
    return printable(match[1]) if match is not None else ""


def _whole(running: str, dialect: Dialect) -> Iterator[Block]:
    """The blocks of a configuration that is all there."""
    found = list(blocks(ended(running, dialect.quirks.ends_with, command=dialect.commands.running)))
    if not any(_INTERFACE.match(block.head) for block in found):
        raise Garbled(f"'{dialect.commands.running}' shows no interface: nothing was concluded from it")
    return iter(found)


def default_name(number: int) -> str:
    """The name of a VLAN that nobody named."""
    return "default" if number == 1 else f"VLAN{number:04}"


def _interfaces(found: Sequence[Block], dialect: Dialect) -> tuple[dict[str, Port], dict[str, Lag]]:
    own = [(name, block) for name, block in _named(found, dialect) if dialect.names.is_port(name)]
    defaults = _defaults(found, [block.lines for _, block in own])
    ports: dict[str, Port] = {}
    groups: dict[str, dict[str, str]] = {name: {} for name, _ in own if dialect.names.bundle_number(name) is not None}
    lines_of = {name: block.lines for name, block in own}
    for name, lines in lines_of.items():
        group = next((match for line in lines if (match := _GROUP.match(line))), None)
        if group is not None:
            groups.setdefault(dialect.bundle_name(group[1]), {})[name] = group[2] or ""
        ports[name] = _port(name, lines, defaults, dialect, member=group is not None)
    lags = {name: _lag(members, lines_of.get(name, ())) for name, members in groups.items()}
    return ports, lags


def _named(found: Sequence[Block], dialect: Dialect) -> Iterator[tuple[str, Block]]:
    for block in found:
        match = _INTERFACE.match(block.head)
        if match is not None:
            yield dialect.canonical(match[1].replace(" ", "")), block


def _defaults(found: Sequence[Block], ports: Sequence[tuple[str, ...]]) -> _Defaults:
    heads = {block.head for block in found}
    sizes = [int(match[1]) for head in sorted(heads) if (match := _SYSTEM_MTU.match(head))]
    return _Defaults(
        # A port that switches says so where ports route by default (Catalyst 6500, Nexus 7000).
        routed="system default switchport" not in heads and any("switchport" in lines for lines in ports),
        shut="system default switchport shutdown" in heads,
        edge=not _EDGE_DEFAULTS.isdisjoint(heads),
        guard=not _GUARD_DEFAULTS.isdisjoint(heads),
        mtu=max(sizes) if sizes else _DEFAULT_MTU,
    )


def _port(name: str, lines: Sequence[str], defaults: _Defaults, dialect: Dialect, *, member: bool) -> Port:
    routed = switching.is_routed(lines, by_default=defaults.routed)
    description = next((line.partition(" ")[2] for line in lines if line.startswith("description ")), None)
    enabled = _enabled(lines, defaults, dialect, routed=routed)
    text = None if description is None else printable(description, most=LONGEST_TEXT)
    if member:
        return Port(description=text, enabled=enabled)
    try:
        fields: dict[str, Any] = switching.read(lines, dialect, routed=routed)
    except Unreadable as error:
        raise garbled(f"'{dialect.commands.running}', {name}", str(error)) from None
    stp = _stp(lines, defaults, trunk=fields.get("mode") == "trunk" and dialect.trunk_edges_differ)
    return Port(description=text, enabled=enabled, mtu=_mtu(lines, defaults), stp=stp, **fields)


def _enabled(lines: Sequence[str], defaults: _Defaults, dialect: Dialect, *, routed: bool) -> bool:
    if "shutdown" in lines:
        return False
    if "no shutdown" in lines:
        return True
    return not (dialect.quirks.routed_ports_are_shut if routed else defaults.shut)


def _mtu(lines: Sequence[str], defaults: _Defaults) -> int | None:
    said = [int(match[1]) for line in lines if (match := _MTU.match(line))]
    mtu = said[-1] if said else defaults.mtu
    return shown_mtu(mtu)


def _stp(lines: Sequence[str], defaults: _Defaults, *, trunk: bool) -> Stp:
    edge = defaults.edge and not trunk
    guard: bool | None = None
    for line in lines:
        if match := _EDGE.match(line):
            edge = _is_edge(match[1] or "", trunk=trunk)
        elif match := _GUARD.match(line):
            guard = match[1] == "enable"
    return Stp(edge=edge, bpdu_guard=defaults.guard and edge if guard is None else guard)


def _is_edge(words: str, *, trunk: bool) -> bool:
    """Whether the words behind ``portfast`` or ``port type`` make an edge of a port; of a trunk only with ``trunk``."""
    if words in ("", "edge"):
        return not trunk
    return words in ("trunk", "edge trunk")


def _lag(modes: dict[str, str], lines: Sequence[str]) -> Lag:
    said = {_LACP.get(mode) for mode in modes.values()}
    least = [int(match[1]) for line in lines if (match := _MIN_LINKS.match(line))]
    return Lag(
        members=tuple(sorted(modes)),
        lacp=said.pop() if len(said) == 1 else None,
        fallback=any(_FALLBACK.match(line) for line in lines),
        min_links=least[-1] if least and least[-1] > 0 else 1,
    )
