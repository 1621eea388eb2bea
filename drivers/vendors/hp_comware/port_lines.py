"""The lines of one port: what changes of it, and what it has beside its switching."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from device_profiles.state import Port, Stp
from drivers.contract import Step
from drivers.errors import Unsupported
from drivers.switching import modes, ports
from drivers.vendors.hp_comware import switching_lines
from drivers.vendors.hp_comware.dialect import OVERHEAD_BYTES, Dialect

QUIT = "quit"
"""Back from a view; what comes next begins with a view of its own."""
_PLAIN_MTU = 1500


def in_view(port: str, lines: Iterable[str]) -> tuple[str, ...]:
    """Lines in the view of an interface; nothing where there are none."""
    told = tuple(lines)
    return (f"interface {port}", *told, QUIT) if told else ()


def admin(port: str, *, up: bool) -> Step:
    """Open or shut a port or a LAG."""
    return ports.admin(port, up=up, opened=in_view(port, ("undo shutdown",)), shut=in_view(port, ("shutdown",)))


def description(text: str | None) -> str:
    """The line of a description. Raises :class:`~drivers.errors.Unsupported`."""
    return "undo description" if text is None else f"description {ports.sendable_description(text)}"


def mtu_line(port: str, mtu: int, dialect: Dialect) -> str:
    """The line of the longest frame."""
    size = mtu + OVERHEAD_BYTES
    if mtu == _PLAIN_MTU:
        return "undo jumboframe enable"
    if not dialect.quirks.least_frame <= size <= dialect.quirks.default_frame:
        low, high = (size - OVERHEAD_BYTES for size in (dialect.quirks.least_frame, dialect.quirks.default_frame))
        raise Unsupported(f"ports.{port}.mtu is {mtu}, and this switch can have {_PLAIN_MTU} or {low} to {high}")
    return dialect.words.frame.format(size=size)


def edge_line(dialect: Dialect, *, on: bool) -> str:
    """The line that makes an edge of a port, or none."""
    return dialect.words.edge if on else "undo stp edged-port"


def own_lines(port: str, shown: Port, dialect: Dialect) -> Iterator[str]:
    """What an interface shows beside its switching, as lines."""
    if shown.description is not None:
        yield description(shown.description)
    if shown.mtu is not None:
        yield mtu_line(port, shown.mtu, dialect)
    if shown.stp is not None and shown.stp.edge:
        yield edge_line(dialect, on=True)


@dataclass(frozen=True, slots=True)
class Told:
    """The lines of a port's change (see :data:`drivers.switching.ports.Told`).

    Whether the port is open when the change is made is ``enabled`` of the state that it starts from.
    """

    change: ports.PortChange
    dialect: Dialect

    def __call__(self, start: Port, end: Port) -> tuple[str, ...]:
        return in_view(self.change.port, self._lines(start, end))

    def _lines(self, start: Port, end: Port) -> Iterator[str]:
        if "description" in self.change.fields:
            yield description(end.description)
        if "mtu" in self.change.fields and end.mtu is not None:
            yield mtu_line(self.change.port, end.mtu, self.dialect)
        if self.change.switches:
            begins = replace(modes.of(start), enabled=start.enabled)
            yield from switching_lines.lines(begins, modes.of(end), self.dialect)
        had, has = ((port.stp or Stp()).edge for port in (start, end))
        if had != has:  # nothing is said of a new LAG or of a member: back to that is none
            yield edge_line(self.dialect, on=bool(has))
