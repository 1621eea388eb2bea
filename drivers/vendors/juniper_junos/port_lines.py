"""The statements of one port, as lines of configuration mode, and those of what changes of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from device_profiles.scalars import VLAN_MIN, vlan_ranges
from device_profiles.state import Port, Stp
from drivers.contract import Step
from drivers.errors import Unsupported
from drivers.switching import modes, ports
from drivers.vendors.juniper_junos.dialect import HEADER_BYTES, Dialect
from drivers.vendors.juniper_junos.switching import DEFAULT

_NEVER_SENT = '?"\\'
_OPENED = ("disable", "unit 0 disable")


def admin(port: str, *, up: bool) -> Step:
    """Open or shut a port or a LAG."""
    return ports.admin(port, up=up, opened=admin_lines(port, up=True), shut=admin_lines(port, up=False))


def admin_lines(port: str, *, up: bool) -> tuple[str, ...]:
    """The lines that open or shut a port."""
    if not up:
        return (f"set interfaces {port} disable",)
    return tuple(f"delete interfaces {port} {words}" for words in _OPENED)


def switching_lines(port: str, before: Port, after: Port, dialect: Dialect) -> Iterator[str]:
    """The lines that bring a port's switching from ``before`` to ``after``, both complete.

    The list of members is written anew, whatever it was spelt like (a name, a number, a range): all lines take effect
    at once. Raises :class:`~drivers.errors.Unsupported` for what could not be put back.
    """
    place = f"interfaces {port}"
    family = f"{place} unit 0 family ethernet-switching"
    yield from _without_strange(port, before)
    if before.mode in ("access", "trunk") and after.mode in ("access", "trunk"):
        yield f"delete {family} vlan members"
    match after.mode:
        case "access":
            yield f"set {family} {_mode_word(dialect)} access"
            yield f"set {family} vlan members {_member(after.access_vlan or VLAN_MIN)}"
            if before.mode == "trunk":
                yield _no_native(port, dialect)
        case "trunk":
            yield f"set {family} {_mode_word(dialect)} trunk"
            yield from (f"set {family} vlan members {word}" for word in _carried(after, dialect))
            yield from _native(port, before, after, dialect)
        case "other":
            yield f"delete {family}"
            yield _no_native(port, dialect)
            yield from (f"set {line}" for line in modes.written_back(after))
        case None:
            yield f"delete {family}"
            yield _no_native(port, dialect)


def _mode_word(dialect: Dialect) -> str:
    return "interface-mode" if dialect.quirks.els else "port-mode"


def _member(vlan: int) -> str:
    return DEFAULT if vlan == VLAN_MIN else str(vlan)


def _carried(port: Port, dialect: Dialect) -> Iterator[str]:
    """The members of a trunk; with ELS its native VLAN must be one."""
    if port.trunk_vlans == "all":
        yield "all"
        return
    native = {port.native_vlan} if isinstance(port.native_vlan, int) and dialect.quirks.els else set()
    vlans = {*(port.trunk_vlans or ()), *native}
    if VLAN_MIN in vlans:
        yield DEFAULT
    yield from vlan_ranges(vlans - {VLAN_MIN})


def _native(port: str, before: Port, after: Port, dialect: Dialect) -> Iterator[str]:
    if isinstance(after.native_vlan, int):
        place = f"interfaces {port}" if dialect.quirks.els else f"interfaces {port} unit 0 family ethernet-switching"
        yield f"set {place} native-vlan-id {after.native_vlan}"
    elif before.mode not in (None, "access"):
        yield _no_native(port, dialect)


def _no_native(port: str, dialect: Dialect) -> str:
    place = f"interfaces {port}" if dialect.quirks.els else f"interfaces {port} unit 0 family ethernet-switching"
    return f"delete {place} native-vlan-id"


def _without_strange(port: str, before: Port) -> Iterator[str]:
    """Take away statements that the schema has no words for."""
    for line in modes.written_back(before):
        if " family inet" in line and " address " in line:
            raise Unsupported(f"{port} routes and has an address: make it a switch port by hand first")
        yield f"delete {line}"


def description_line(port: str, text: str | None) -> str:
    """The line of a description. Raises :class:`~drivers.errors.Unsupported`."""
    if text is None:
        return f"delete interfaces {port} description"
    return f'set interfaces {port} description "{ports.sendable_description(text, whose=port, never=_NEVER_SENT)}"'


def mtu_line(port: str, mtu: int, dialect: Dialect) -> str:
    """The line of an MTU, of which the schema's default is what is there without one."""
    size = mtu + HEADER_BYTES
    if size == dialect.quirks.default_mtu:
        return f"delete interfaces {port} mtu"
    if size > dialect.quirks.most_mtu:
        most = dialect.quirks.most_mtu - HEADER_BYTES
        raise Unsupported(f"ports.{port}.mtu is {mtu}, and this switch has {most} at most")
    return f"set interfaces {port} mtu {size}"


def stp_lines(port: str, stp: Stp, dialect: Dialect) -> Iterator[str]:
    """The lines of what is said of spanning tree."""
    protocol = f"protocols {dialect.quirks.stp} interface"
    block = _block(dialect)
    if stp.edge is not None:
        if stp.edge:
            yield f"set {protocol} {port} edge"
        else:
            # What is named says itself whether it is an edge, whatever is said of all interfaces.
            yield from (*_both(f"delete {protocol}", port, " edge"), f"set {protocol} {port}")
    if stp.bpdu_guard is not None:
        yield from (f"set {block} interface {port}",) if stp.bpdu_guard else _both(f"delete {block} interface", port)


def stp_delete_lines(port: str, dialect: Dialect) -> Iterator[str]:
    """The lines after which spanning tree says nothing of an interface."""
    yield from _both(f"delete protocols {dialect.quirks.stp} interface", port)
    yield from _both(f"delete {_block(dialect)} interface", port)


def _block(dialect: Dialect) -> str:
    return "protocols layer2-control bpdu-block" if dialect.quirks.els else "ethernet-switching-options bpdu-block"


def _both(verb: str, port: str, rest: str = "") -> tuple[str, str]:
    """An interface is named with its unit or without."""
    return f"{verb} {port}{rest}", f"{verb} {port}.0{rest}"


def own_lines(port: str, shown: Port, dialect: Dialect) -> Iterator[str]:
    """What a port shows beside its switching, its description and being enabled, where it is no default."""
    if shown.mtu is not None:
        yield mtu_line(port, shown.mtu, dialect)
    if shown.stp is not None:
        yield from stp_lines(port, Stp(edge=shown.stp.edge or None, bpdu_guard=shown.stp.bpdu_guard or None), dialect)


@dataclass(frozen=True, slots=True)
class Told:
    """The lines of a port's change (see :data:`drivers.switching.ports.Told`)."""

    change: ports.PortChange
    dialect: Dialect

    def __call__(self, start: Port, end: Port) -> Iterator[str]:
        port, fields = self.change.port, self.change.fields
        if "description" in fields:
            yield description_line(port, end.description)
        if "mtu" in fields and end.mtu is not None:
            yield mtu_line(port, end.mtu, self.dialect)
        if self.change.switches:
            yield from switching_lines(port, modes.of(start), modes.of(end), self.dialect)
        yield from stp_lines(port, ports.changed_stp(start, end), self.dialect)
