"""The step that changes one port: all of its columns in one transaction, and the same backwards."""

from __future__ import annotations

from collections.abc import Iterator
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
    """All columns of one port that change, as one step."""

    port: str
    wanted: Port
    before: Port
    fields: frozenset[str]

    def step(self, members: tuple[str, ...], *, table: str) -> Step:
        settled = self._settled()
        words = [] if settled is None else [switching.spoken(settled)]
        words += [f"{field} {_value(self.wanted, field)}" for field in sorted(self.fields - SWITCHING)]
        joined = set(switching.trunk_words(settled or Port())) - set(switching.trunk_words(self.before))
        gone = set(switching.trunk_words(self.before)) - set(switching.trunk_words(settled or self.before))
        return Step(
            capability="ports.mode" if settled is not None else f"ports.{min(self.fields)}",
            text=f"{self.port}: {', '.join(words)}",
            commands=(transaction(self._commands(self.wanted, settled, members, table)),),
            undo=(transaction(self._commands(self.before, self.before if settled else None, members, table)),),
            impact=self._impact(settled, gone),
            touches=tuple(self._paths()),
            creates=_elements(self.port, joined),
            removes=_elements(self.port, gone),
        )

    def _settled(self) -> Port | None:
        if not self.fields & SWITCHING:
            return None
        return switching.settled(self.port, wanted=self.wanted, before=self.before)

    def _commands(
        self, to: Port, settled: Port | None, members: tuple[str, ...], table: str
    ) -> Iterator[columns.Command]:
        if settled is not None:
            yield columns.vlans(self.port, settled)
        if "description" in self.fields:
            yield columns.description(table, self.port, to.description)
        if "stp.edge" in self.fields:
            yield columns.edge(self.port, to.stp.edge if to.stp is not None else None)
        if "mtu" in self.fields and to.mtu is not None:
            yield from columns.mtu(members, to.mtu)

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
