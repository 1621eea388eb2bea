"""The lines of one port: what changes of it, and what it has beside its switching."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from device_profiles.state import Port, Stp
from drivers.contract import Step
from drivers.switching import modes, ports
from drivers.vendors.cisco_ios import switching_lines
from drivers.vendors.cisco_ios.dialect import Dialect


def admin(port: str, *, up: bool) -> Step:
    """Open or shut a port or a LAG."""
    view = f"interface {port}"
    return ports.admin(port, up=up, opened=(view, "no shutdown"), shut=(view, "shutdown"))


def edge(port: Port, dialect: Dialect, *, on: bool) -> str:
    """The line that makes an edge of a port, or none."""
    if not on:
        return dialect.words.no_edge
    return dialect.words.edge_trunk if port.mode == "trunk" else dialect.words.edge


def description(text: str | None) -> str:
    """The line of a description. Raises :class:`~drivers.errors.Unsupported`."""
    return "no description" if text is None else f"description {ports.sendable_description(text)}"


def own_lines(port: Port, dialect: Dialect) -> Iterator[str]:
    """What an interface shows beside its switching, as lines."""
    if port.description is not None:
        yield description(port.description)
    if port.mtu is not None and "ports.mtu" in dialect.profile.capabilities:
        yield f"mtu {port.mtu}"
    if port.stp is not None:
        yield from stp(port, port.stp, dialect)


def stp(port: Port, wanted: Stp, dialect: Dialect) -> Iterator[str]:
    """The lines of spanning tree on a port of a mode."""
    if wanted.edge is not None:
        yield edge(port, dialect, on=wanted.edge)
    if wanted.bpdu_guard is not None:
        yield f"spanning-tree bpduguard {'enable' if wanted.bpdu_guard else 'disable'}"


@dataclass(frozen=True, slots=True)
class Told:
    """The lines of a port's change (see :data:`drivers.switching.ports.Told`)."""

    change: ports.PortChange
    dialect: Dialect

    def __call__(self, start: Port, end: Port) -> Iterator[str]:
        yield f"interface {self.change.port}"
        if "description" in self.change.fields:
            yield description(end.description)
        if "mtu" in self.change.fields and end.mtu is not None:
            yield f"mtu {end.mtu}"
        if self.change.switches:
            yield from switching_lines.lines(modes.of(start), modes.of(end), self.dialect)
        yield from stp(end, self._stp(start, end), self.dialect)

    def _stp(self, start: Port, end: Port) -> Stp:
        """What changes of spanning tree, and that an edge is one in its new mode, too."""
        changed = ports.changed_stp(start, end)
        moves = self.dialect.trunk_edges_differ and (start.mode == "trunk") != (end.mode == "trunk")
        edge = end.stp.edge if end.stp is not None else None
        return replace(changed, edge=edge) if moves and edge else changed
