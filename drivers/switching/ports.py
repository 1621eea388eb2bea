"""The change of one port as one step: all of its fields that change, and the same backwards."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from device_profiles.state import Port, Stp
from device_profiles.wire import Impact
from drivers.contract import Step
from drivers.errors import Unsupported
from drivers.switching import modes

Told = Callable[[Port, Port], Iterable[str]]
"""The commands that bring a port from a state to another, both complete."""

_STP: Final = "stp."


def admin(port: str, *, up: bool, opened: Iterable[str], shut: Iterable[str]) -> Step:
    """Open or shut a port or a LAG by the commands for either."""
    there, back = (opened, shut) if up else (shut, opened)
    return Step(
        capability="ports.enabled",
        text=f"{port}: {'open' if up else 'shut'}",
        commands=tuple(there),
        undo=tuple(back),
        impact="none" if up else "outage",
        touches=(("ports", port, "enabled"),),
    )


def sendable_description(text: str, *, whose: str = "the port", never: str = "?") -> str:
    """A description that can be sent. Raises ``Unsupported`` for one that a command line takes for something else."""
    if not text.isprintable() or not modes.is_sendable(text, never=never):
        raise Unsupported(f"{whose} has a description that could not be put back if need be: change it by hand first")
    return text


@dataclass(frozen=True, slots=True)
class PortChange:
    """A port from ``before``, complete, to ``wanted`` in the ``fields`` that change."""

    port: str
    wanted: Port
    before: Port
    fields: frozenset[str]

    def step(self, told: Told) -> Step:
        """The step, in the vendor's words. Raises :class:`~drivers.errors.Unsupported`."""
        target = self.target()
        had, has = set(modes.words(self.before)), set(modes.words(target))
        return Step(
            capability="ports.mode" if self.switches else f"ports.{min(self.fields)}",
            text=f"{self.port}: {', '.join(self._said(target))}",
            commands=tuple(told(self.before, target)),
            undo=tuple(told(target, self.before)),
            impact=self._impact(target, gone=had - has),
            touches=tuple(("ports", self.port, *field.split(".")) for field in sorted(self.fields)),
            creates=modes.elements(self.port, has - had),
            removes=modes.elements(self.port, had - has),
        )

    @property
    def switches(self) -> bool:
        """Whether anything of the switching group changes."""
        return bool(self.fields & modes.FIELDS)

    def target(self) -> Port:
        """The whole port as it shall be."""
        plain = {field: getattr(self.wanted, field) for field in ("description", "mtu") if field in self.fields}
        said, had = self.wanted.stp or Stp(), self.before.stp or Stp()
        stp = {
            field: getattr(said if f"{_STP}{field}" in self.fields else had, field) for field in ("edge", "bpdu_guard")
        }
        after = replace(self.before, **plain, stp=Stp(**stp))
        if not self.switches:
            return after
        settled = modes.settled(self.port, wanted=self.wanted, before=self.before)
        return replace(after, **{field: getattr(settled, field) for field in (*modes.FIELDS, "native")})

    def _said(self, target: Port) -> Iterator[str]:
        if self.switches:
            yield modes.spoken(target)
        for field in sorted(self.fields - modes.FIELDS):
            if field.startswith(_STP):
                value = "on" if getattr(target.stp, field.removeprefix(_STP)) else "off"
            else:
                value = str(getattr(target, field))
            yield f"{field} {value}"

    def _impact(self, target: Port, *, gone: set[str]) -> Impact:
        kept = (target.mode, target.access_vlan, target.native_vlan)
        if gone or kept != (self.before.mode, self.before.access_vlan, self.before.native_vlan):
            return "outage"
        return "flap" if "mtu" in self.fields else "none"


def changed_stp(start: Port, end: Port) -> Stp:
    """What of spanning tree has to be said to bring a port from ``start`` to ``end``; None where nothing has."""
    had, has = start.stp or Stp(), end.stp or Stp()
    return Stp(
        edge=has.edge if had.edge != has.edge else None,
        bpdu_guard=has.bpdu_guard if had.bpdu_guard != has.bpdu_guard else None,
    )
