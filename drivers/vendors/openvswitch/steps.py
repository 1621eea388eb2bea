"""From edits to steps: one step for each edit, with all columns of a port in one transaction.

The order is that of :mod:`drivers.planning`, with what Open vSwitch needs besides: a bundle is taken apart before its
members are bundled anew, or before they are configured as plain ports; members leave one LAG before they join another.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from device_profiles.compare import Goal
from device_profiles.paths import render_path
from device_profiles.state import Port, State
from drivers import limits
from drivers.contract import Step
from drivers.errors import Unsupported
from drivers.planning import Edit, Phase, edits
from drivers.vendors.openvswitch.bundles import Bundles
from drivers.vendors.openvswitch.port_changes import SWITCHING, PortChange
from drivers.vendors.openvswitch.reading import Reading
from drivers.vendors.openvswitch.words import admin_state

_IMPLICIT = frozenset({"vlans"})
"""VLANs are there by use: declaring one asks nothing of the switch."""


def plan(goal: Goal, reading: Reading, *, capabilities: frozenset[str]) -> tuple[Step, ...]:
    """The steps from ``reading`` to ``goal``. Raises :class:`~drivers.errors.Unsupported`, naming the leaf."""
    found = [edit for edit in edits(goal, reading.state) if edit.section not in _IMPLICIT]
    for edit in found:
        _supported(edit, capabilities)
    limits.check(found, capabilities=capabilities)
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
                yield from self._admin(edit.key, up=edit.phase is Phase.OPEN)
            else:
                yield from self._port(edit)
        yield from self._reopened()

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
        """Ports that are declared members of some LAG."""
        return frozenset(member for lag in self.goal.state.lags.values() for member in lag.members or ())

    def _bundled(self) -> dict[str, str]:
        """The LAG of each port that is a member once the plan is done."""
        gone = {edit.key for edit in self.edits if edit.phase is Phase.REMOVE_LAGS}
        lags = {key: lag for key, lag in self._observed.lags.items() if key not in gone}
        return {member: key for key in (*lags, *self.goal.state.lags) for member in self._members(key)}

    def _leaving(self) -> frozenset[str]:
        """Ports that the plan takes out of a LAG, and therefore shuts."""
        changed = {edit.key: edit for edit in self.edits if edit.section == "lags" and edit.before is not None}
        removed = {key for key, edit in changed.items() if edit.phase is Phase.REMOVE_LAGS}
        return frozenset(
            member
            for key, edit in changed.items()
            for member in edit.before.members or ()
            if key in removed or member not in self._members(key)
        )

    def _freed(self) -> frozenset[str]:
        """Ports that are members now, and will be plain ports."""
        return self._leaving() - frozenset(self._bundled())

    def _members(self, port: str) -> tuple[str, ...]:
        """The interfaces of a port or LAG once the plan is done."""
        lag = self.goal.state.lags.get(port)
        if lag is not None and lag.members:
            return lag.members
        shown = self._observed.lags.get(port)
        return shown.members or () if shown is not None else (port,)

    def _admin(self, key: str, *, up: bool) -> Iterator[Step]:
        own = self._members(key)
        if up:
            own = tuple(port for port in own if self._declared(port) is not False)
        if not own:
            return
        was_up = [port for port in own if self._shown(port).enabled]
        was_down = [port for port in own if not self._shown(port).enabled]
        yield Step(
            capability="ports.enabled",
            text=f"{key}: {'open' if up else 'shut'}{'' if own == (key,) else ' ' + ', '.join(own)}",
            commands=admin_state(own, up=up),
            undo=(*admin_state(was_up, up=True), *admin_state(was_down, up=False)),
            impact="none" if up else "outage",
            touches=tuple(("ports", port, "enabled") for port in dict.fromkeys((key, *own))),
        )

    def _shown(self, port: str) -> Port:
        return self._observed.ports.get(port, Port())

    def _declared(self, port: str) -> bool | None:
        """Whether a port is declared to be enabled."""
        declared = self.goal.state.ports.get(port)
        return None if declared is None else declared.enabled

    def _reopened(self) -> Iterator[Step]:
        """Open what was open and was shut only to be taken out of a LAG.

        That is what is a member again, and what is declared to be enabled: no edit says so, for it was.
        """
        bundled = self._bundled()
        for port in sorted(self._leaving()):
            declared = self._declared(port)
            if self._shown(port).enabled and (declared or (declared is None and port in bundled)):
                yield from self._admin(port, up=True)

    def _port(self, edit: Edit) -> Iterator[Step]:
        port, wanted, fields = edit.key, edit.after, edit.fields - {"enabled"}
        if port not in self._observed.ports and port not in self.goal.state.lags:
            raise Unsupported(f"ports.{port} is declared, and the switch has no port {port}")
        lag = self._bundled().get(port)
        if lag is not None and (misplaced := sorted(fields - {"description"})):
            raise Unsupported(f"ports.{port}.{misplaced[0]}: {port} is a member of {lag}; declare it at ports.{lag}")
        if port not in self._observed.ports:
            fields -= SWITCHING  # a new LAG: its switching came with it
        if fields:
            yield PortChange(
                port,
                wanted=wanted,
                before=self._shown(port),
                fields=fields,
                mtus=self._mtus(port),
                table="Port" if lag is None else "Interface",
            ).step()

    def _mtus(self, port: str) -> dict[str, int | None]:
        """The interfaces of a port or LAG, and what each shows as its MTU; members of a LAG show theirs there."""
        lag_of = {member: key for key, lag in self._observed.lags.items() for member in lag.members or ()}
        return {member: self._shown(lag_of.get(member, member)).mtu for member in self._members(port)}
