"""All lines of one port that change, as one step."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from device_profiles.paths import Path
from device_profiles.state import Port, Stp
from device_profiles.wire import Impact
from drivers.contract import Step
from drivers.errors import Unsupported
from drivers.vendors.cisco_ios import switching, switching_lines
from drivers.vendors.cisco_ios.dialect import Dialect

_SWITCHING = frozenset({"mode", "access_vlan", "native_vlan", "trunk_vlans"})
_NEVER_SENT = "?"


def admin(port: str, *, up: bool) -> Step:
    """Open or shut a port or a LAG."""
    there, back = ("no shutdown", "shutdown") if up else ("shutdown", "no shutdown")
    return Step(
        capability="ports.enabled",
        text=f"{port}: {'open' if up else 'shut'}",
        commands=(f"interface {port}", there),
        undo=(f"interface {port}", back),
        impact="none" if up else "outage",
        touches=(("ports", port, "enabled"),),
    )


def edge(port: Port, dialect: Dialect, *, on: bool) -> str:
    """The line that makes an edge of a port, or none."""
    if not on:
        return dialect.words.no_edge
    return dialect.words.edge_trunk if port.mode == "trunk" else dialect.words.edge


def description(text: str | None) -> str:
    """The line of a description. Raises ``Unsupported`` for one that a command line would take for something else."""
    if text is None:
        return "no description"
    if not text.isascii() or not text.isprintable() or _NEVER_SENT in text:
        raise Unsupported("the port has a description that could not be put back if need be: change it by hand first")
    return f"description {text}"


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
class PortChange:
    """A port from ``before``, complete, to ``wanted`` in the ``fields`` that change."""

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
            commands=(f"interface {self.port}", *self._lines(self.before, target)),
            undo=(f"interface {self.port}", *self._lines(target, self.before)),
            impact=self._impact(target, gone),
            touches=tuple(("ports", self.port, *field.split(".")) for field in sorted(self.fields)),
            creates=elements(self.port, joined),
            removes=elements(self.port, gone),
        )

    @property
    def _switches(self) -> bool:
        return bool(self.fields & _SWITCHING)

    def _target(self) -> Port:
        """The whole port as it shall be."""
        after = self.before
        for field in ("description", "mtu"):
            if field in self.fields:
                after = replace(after, **{field: getattr(self.wanted, field)})
        said, had = self.wanted.stp or Stp(), self.before.stp or Stp()
        after = replace(
            after,
            stp=Stp(
                edge=said.edge if "stp.edge" in self.fields else had.edge,
                bpdu_guard=said.bpdu_guard if "stp.bpdu_guard" in self.fields else had.bpdu_guard,
            ),
        )
        if not self._switches:
            return after
        settled = switching.settled(self.port, wanted=self.wanted, before=self.before)
        fields = ("mode", "access_vlan", "native_vlan", "trunk_vlans", "native")
        return replace(after, **{field: getattr(settled, field) for field in fields})

    def _lines(self, start: Port, end: Port) -> Iterator[str]:
        if "description" in self.fields:
            yield description(end.description)
        if "mtu" in self.fields and end.mtu is not None:
            yield f"mtu {end.mtu}"
        if self._switches:
            yield from switching_lines.lines(switching.of(start), switching.of(end), self.dialect)
        yield from stp(end, self._stp(start, end), self.dialect)

    def _stp(self, start: Port, end: Port) -> Stp:
        """What of spanning tree has to be said: what changes, and that an edge is one in its new mode, too."""
        had, has = start.stp or Stp(), end.stp or Stp()
        differ = self.dialect.trunk_edges_differ
        moves = differ and bool(has.edge) and (start.mode == "trunk") != (end.mode == "trunk")
        return Stp(
            edge=has.edge if had.edge != has.edge or moves else None,
            bpdu_guard=has.bpdu_guard if had.bpdu_guard != has.bpdu_guard else None,
        )

    def _said(self, target: Port) -> Iterator[str]:
        if self._switches:
            yield switching.spoken(target)
        for field in sorted(self.fields - _SWITCHING):
            value = getattr(target.stp or Stp(), field.removeprefix("stp."), None) if "." in field else None
            yield f"{field} {getattr(target, field) if '.' not in field else 'on' if value else 'off'}"

    def _impact(self, target: Port, gone: set[str]) -> Impact:
        kept = (target.mode, target.access_vlan, target.native_vlan)
        if gone or kept != (self.before.mode, self.before.access_vlan, self.before.native_vlan):
            return "outage"
        return "flap" if "mtu" in self.fields else "none"


def elements(port: str, words: set[str]) -> tuple[Path, ...]:
    """The paths of elements of a port's trunk VLANs."""
    ordered = sorted(words, key=lambda word: (len(word), word))
    return tuple(("ports", port, "trunk_vlans", word) for word in ordered)
