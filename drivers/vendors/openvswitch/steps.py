"""From edits to steps: one step for each edit, with all columns of a port in one transaction.

The order is that of :mod:`drivers.planning`, with what Open vSwitch needs besides: a bundle is taken apart before its
members are bundled anew, or before they are configured as plain ports; members leave one LAG before they join another.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from device_profiles.compare import Goal
from device_profiles.paths import Path, render_path
from device_profiles.state import Port, State
from device_profiles.wire import Impact
from drivers.contract import Step
from drivers.errors import Unsupported
from drivers.planning import Edit, Phase, edits
from drivers.vendors.openvswitch import columns, switching
from drivers.vendors.openvswitch.bundles import Bundles
from drivers.vendors.openvswitch.reading import Reading
from drivers.vendors.openvswitch.words import admin_state, transaction

_SWITCHING = frozenset({"mode", "access_vlan", "native_vlan", "trunk_vlans"})
_IMPLICIT = frozenset({"vlans"})
"""VLANs are there by use: declaring one asks nothing of the switch."""


def plan(goal: Goal, reading: Reading, *, capabilities: frozenset[str]) -> tuple[Step, ...]:
    """The steps from ``reading`` to ``goal``. Raises :class:`~drivers.errors.Unsupported`, naming the leaf."""
    found = [edit for edit in edits(goal, reading.state) if edit.section not in _IMPLICIT]
    for edit in found:
        _supported(edit, capabilities)
    planner = _Planner(goal, reading, tuple(found))
    return tuple(planner.steps())


def _supported(edit: Edit, capabilities: frozenset[str]) -> None:
    shapes = {f"{edit.section}.{field}" for field in edit.fields} or {edit.section}
    for shape in sorted(shapes - capabilities):
        path = (edit.section, edit.key, *shape.split(".")[1:])
        raise Unsupported(f"{render_path(path)} is declared, and Open vSwitch has nothing for it")


@dataclass(frozen=True, slots=True)
class _Planner:
    goal: Goal
    reading: Reading
    edits: tuple[Edit, ...]

    @property
    def _observed(self) -> State:
        return self.reading.state

    def steps(self) -> Iterator[Step]:
        bundles = Bundles(self.goal, self.reading)
        freed = self._freed()
        for edit in sorted(self.edits, key=lambda edit: self._turn(edit, freed)):
            if edit.section == "lags":
                yield bundles.step(edit)
            elif edit.fields == {"enabled"}:
                yield self._admin(edit.key, up=edit.phase is Phase.OPEN)
            else:
                yield from self._port(edit)
        yield from self._reopened(freed)

    def _turn(self, edit: Edit, freed: frozenset[str]) -> tuple[int, int]:
        """When an edit is made: its phase, and its place within it."""
        if edit.section == "lags" and edit.before is not None:
            own = frozenset(edit.before.members or ())
            if edit.phase is Phase.REMOVE_LAGS:
                return (Phase.LAGS, 0) if own & self._claimed() else (edit.phase, 0)
            return (edit.phase, 1 if own <= frozenset(edit.after.members or own) else 0)
        if edit.phase is Phase.PORTS and edit.key in freed:
            return (Phase.REMOVE_LAGS, 1)
        return (edit.phase, 2)

    def _claimed(self) -> frozenset[str]:
        return frozenset(member for lag in self.goal.state.lags.values() for member in lag.members or ())

    def _freed(self) -> frozenset[str]:
        """Ports that are members now, and will be plain ports because their whole LAG goes."""
        gone = [edit.before for edit in self.edits if edit.phase is Phase.REMOVE_LAGS]
        return frozenset(member for lag in gone for member in lag.members or ()) - self._claimed()

    def _members(self, port: str) -> tuple[str, ...]:
        """The interfaces of a port or LAG once the plan is done."""
        lag = self.goal.state.lags.get(port)
        if lag is not None and lag.members:
            return lag.members
        shown = self._observed.lags.get(port)
        return shown.members or () if shown is not None else (port,)

    def _admin(self, key: str, *, up: bool) -> Step:
        own = self._members(key)
        if up:
            own = tuple(port for port in own if not self._shut_by_declaration(port))
        was_up = [port for port in own if self._shown(port).enabled]
        was_down = [port for port in own if not self._shown(port).enabled]
        return Step(
            capability="ports.enabled",
            text=f"{key}: {'open' if up else 'shut'}{'' if own == (key,) else ' ' + ', '.join(own)}",
            commands=admin_state(own, up=up),
            undo=(*admin_state(was_up, up=True), *admin_state(was_down, up=False)),
            impact="none" if up else "outage",
            touches=tuple(("ports", port, "enabled") for port in dict.fromkeys((key, *own))),
        )

    def _shown(self, port: str) -> Port:
        return self._observed.ports.get(port, Port())

    def _shut_by_declaration(self, port: str) -> bool:
        declared = self.goal.state.ports.get(port)
        return declared is not None and declared.enabled is False

    def _reopened(self, freed: frozenset[str]) -> Iterator[Step]:
        """Freed ports were shut with their LAG; where being enabled is declared and was so, no edit says it again."""
        for port in sorted(freed):
            declared = self.goal.state.ports.get(port)
            if declared is not None and declared.enabled and self._shown(port).enabled:
                yield self._admin(port, up=True)

    def _port(self, edit: Edit) -> Iterator[Step]:
        port, wanted = edit.key, edit.after
        new_lag = port in self.goal.state.lags and port not in self._observed.lags
        if port not in self._observed.ports and not new_lag:
            raise Unsupported(f"ports.{port} is declared, and the switch has no port {port}")
        change = _PortChange(port, wanted=wanted, before=self._before(port), fields=edit.fields)
        if new_lag:  # its switching came with the bundle
            change = _PortChange(port, wanted=wanted, before=Port(), fields=edit.fields - _SWITCHING)
        if change.fields - {"enabled"}:
            yield change.step(self._members(port), table="Interface" if port in self._claimed() else "Port")

    def _before(self, port: str) -> Port:
        """What a port shows; a member that becomes a plain port has no switching before that."""
        return self._shown(port)


@dataclass(frozen=True, slots=True)
class _PortChange:
    """All columns of one port that change, as one step."""

    port: str
    wanted: Port
    before: Port
    fields: frozenset[str]

    def step(self, members: tuple[str, ...], *, table: str) -> Step:
        settled = self._settled()
        words = [] if settled is None else [switching.spoken(settled)]
        words += [f"{field} {_value(self.wanted, field)}" for field in sorted(self.fields - _SWITCHING)]
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
        if not self.fields & _SWITCHING:
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
