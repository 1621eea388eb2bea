"""The step that changes one port: all of its columns in one transaction, and the same backwards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from device_profiles.paths import Path
from device_profiles.state import Port
from device_profiles.wire import Impact
from drivers.contract import Step
from drivers.vendors.openvswitch import columns, switching
from drivers.vendors.openvswitch.words import transaction

SWITCHING: Final = frozenset({"mode", "access_vlan", "native_vlan", "trunk_vlans"})


@dataclass(frozen=True, slots=True)
class PortChange:
    """All columns of one port or LAG that change, as one step.

    ``mtus`` are its interfaces with the MTU that each shows; ``table`` is where its description stands.
    """

    port: str
    wanted: Port
    before: Port
    fields: frozenset[str]
    mtus: Mapping[str, int | None]
    table: str

    def step(self) -> Step:
        """The step. Raises :class:`~drivers.errors.Unsupported` where the switching does not go together."""
        settled = self._settled()
        words = [] if settled is None else [switching.spoken(settled)]
        words += [f"{field} {_value(self.wanted, field)}" for field in sorted(self.fields - SWITCHING)]
        joined = set(switching.trunk_words(settled or Port())) - set(switching.trunk_words(self.before))
        gone = set(switching.trunk_words(self.before)) - set(switching.trunk_words(settled or self.before))
        undo = (*self._columns(self.before, self.before if settled else None), *self._mtus_back())
        return Step(
            capability="ports.mode" if settled is not None else f"ports.{min(self.fields)}",
            text=f"{self.port}: {', '.join(words)}",
            commands=(transaction((*self._columns(self.wanted, settled), *self._mtus())),),
            undo=(transaction(undo),) if undo else (),
            impact=self._impact(settled, gone),
            touches=tuple(self._paths()),
            creates=_elements(self.port, joined),
            removes=_elements(self.port, gone),
        )

    def _settled(self) -> Port | None:
        if not self.fields & SWITCHING:
            return None
        return switching.settled(self.port, wanted=self.wanted, before=self.before)

    def _columns(self, to: Port, settled: Port | None) -> Iterator[columns.Command]:
        if settled is not None:
            yield columns.vlans(self.port, settled)
        if "description" in self.fields:
            yield columns.description(self.table, self.port, to.description)
        if "stp.edge" in self.fields:
            yield columns.edge(self.port, to.stp.edge if to.stp is not None else None)

    def _mtus(self) -> Iterator[columns.Command]:
        if "mtu" in self.fields and self.wanted.mtu is not None:
            for interface in self.mtus:
                yield columns.mtu(interface, self.wanted.mtu)

    def _mtus_back(self) -> Iterator[columns.Command]:
        if "mtu" in self.fields:
            for interface, shown in self.mtus.items():
                if shown is not None:
                    yield columns.mtu(interface, shown)

    def _impact(self, settled: Port | None, gone: set[str]) -> Impact:
        if settled is not None:
            kept = (settled.mode, settled.access_vlan, settled.native_vlan)
            if gone or kept != (self.before.mode, self.before.access_vlan, self.before.native_vlan):
                return "outage"
        return "flap" if "mtu" in self.fields else "none"

    def _paths(self) -> Iterator[Path]:
        for field in sorted(self.fields):
            yield ("ports", self.port, *field.split("."))


def _value(port: Port, field: str) -> str:
    if field == "stp.edge":
        return "on" if port.stp is not None and port.stp.edge else "off"
    return str(getattr(port, field))


def _elements(port: str, words: set[str]) -> tuple[Path, ...]:
    ordered = sorted(words, key=lambda word: (len(word), word))
    return tuple(("ports", port, "trunk_vlans", word) for word in ordered)
