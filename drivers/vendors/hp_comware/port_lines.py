"""All lines of one port that change, as one step."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from device_profiles.paths import Path
from device_profiles.state import Port, Stp
from device_profiles.wire import Impact
from drivers.contract import Step
from drivers.errors import Unsupported
from drivers.vendors.hp_comware import switching, switching_lines
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
    there, back = ("undo shutdown", "shutdown") if up else ("shutdown", "undo shutdown")
    return Step(
        capability="ports.enabled",
        text=f"{port}: {'open' if up else 'shut'}",
        commands=in_view(port, (there,)),
        undo=in_view(port, (back,)),
        impact="none" if up else "outage",
        touches=(("ports", port, "enabled"),),
    )


def description(text: str | None) -> str:
    """The line of a description. Raises ``Unsupported`` for one that a command line would take for something else."""
    if text is None:
        return "undo description"
    if not text.isascii() or not text.isprintable() or "?" in text:
        raise Unsupported("the port has a description that could not be put back if need be: change it by hand first")
    return f"description {text}"


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
class PortChange:
    """A port from ``before``, complete, to ``wanted`` in the ``fields`` that change.

    ``before.enabled`` is whether it is open when the change is made.
    """

    port: str
    wanted: Port
    before: Port
    fields: frozenset[str]
    dialect: Dialect

    def step(self) -> Step:
        """The step. Raises :class:`~drivers.errors.Unsupported`."""
        target = self._target()
        joined = set(switching.words(target)) - set(switching.words(self.before))
        gone = set(switching.words(self.before)) - set(switching.words(target))
        return Step(
            capability="ports.mode" if self._switches else f"ports.{min(self.fields)}",
            text=f"{self.port}: {', '.join(self._said(target))}",
            commands=in_view(self.port, self._lines(self.before, target)),
            undo=in_view(self.port, self._lines(target, self.before)),
            impact=self._impact(target, gone),
            touches=tuple(("ports", self.port, *field.split(".")) for field in sorted(self.fields)),
            creates=elements(self.port, joined),
            removes=elements(self.port, gone),
        )

    @property
    def _switches(self) -> bool:
        return bool(self.fields & switching.FIELDS)

    def _target(self) -> Port:
        """The whole port as it shall be."""
        after = self.before
        for field in ("description", "mtu"):
            if field in self.fields:
                after = replace(after, **{field: getattr(self.wanted, field)})
        if "stp.edge" in self.fields:
            after = replace(after, stp=Stp(edge=(self.wanted.stp or Stp()).edge))
        if not self._switches:
            return after
        settled = switching.settled(self.port, wanted=self.wanted, before=self.before)
        return replace(after, **{field: getattr(settled, field) for field in (*switching.FIELDS, "native")})

    def _lines(self, start: Port, end: Port) -> Iterator[str]:
        if "description" in self.fields:
            yield description(end.description)
        if "mtu" in self.fields and end.mtu is not None:
            yield mtu_line(self.port, end.mtu, self.dialect)
        if self._switches:
            yield from switching_lines.lines(switching.of(start), switching.of(end), self.dialect)
        had, has = (start.stp or Stp()).edge, (end.stp or Stp()).edge
        if had != has:
            yield edge_line(self.dialect, on=bool(has))

    def _said(self, target: Port) -> Iterator[str]:
        if self._switches:
            yield switching.spoken(target)
        for field in sorted(self.fields - switching.FIELDS):
            value = (target.stp or Stp()).edge if field == "stp.edge" else None
            yield f"{field} {getattr(target, field) if '.' not in field else 'on' if value else 'off'}"

    def _impact(self, target: Port, gone: set[str]) -> Impact:
        kept = (target.mode, target.access_vlan, target.native_vlan)
        if gone or kept != (self.before.mode, self.before.access_vlan, self.before.native_vlan):
            return "outage"
        return "flap" if "mtu" in self.fields else "none"


def elements(port: str, words: Iterable[str]) -> tuple[Path, ...]:
    """The paths of elements of a port's trunk VLANs."""
    ordered = sorted(words, key=lambda word: (len(word), word))
    return tuple(("ports", port, "trunk_vlans", word) for word in ordered)
