"""From edits to steps: each edit in its turn, put in the words of one vendor."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Protocol

from device_profiles.compare import Goal
from device_profiles.profile import Profile
from device_profiles.state import Port, State
from drivers import limits
from drivers.contract import Step
from drivers.errors import Unsupported
from drivers.planning import Edit, Phase, edits
from drivers.switching import modes
from drivers.switching.lags import Bundling, Lags
from drivers.switching.order import Order
from drivers.switching.ports import PortChange


class Tongue(Protocol):
    """How one vendor's switch is told what is planned."""

    @property
    def bundling(self) -> Bundling:
        """How it is told of its LAGs."""

    def admin(self, port: str, *, up: bool) -> Step:
        """Open or shut a port or a LAG."""

    def vlan(self, edit: Edit) -> Step:
        """Make, name or remove a VLAN. Raises :class:`~drivers.errors.Unsupported`."""

    def port(self, change: PortChange) -> Step:
        """Change a port. Raises ``Unsupported``."""

    @property
    def plain(self) -> Port:
        """What a port is that has left a LAG."""


def plan(goal: Goal, observed: State, *, profile: Profile, tongue: Tongue) -> tuple[Step, ...]:
    """The steps from ``observed`` to ``goal``. Raises :class:`~drivers.errors.Unsupported`, naming the leaf."""
    found = edits(goal, observed)
    limits.check(found, capabilities=profile.capabilities, implicit=profile.implicit)
    return tuple(_Planner(goal, observed, tongue, Order(goal, observed, found)).steps())


@dataclass(frozen=True, slots=True)
class _Planner:
    goal: Goal
    observed: State
    tongue: Tongue
    order: Order

    def steps(self) -> Iterator[Step]:
        lags = Lags(self.goal, self.observed, self.tongue.bundling)
        leaves = self.order.freed() | self.order.leaving()
        for edit in self.order.ordered():
            if edit.section == "vlans":
                yield self.tongue.vlan(edit)
            elif edit.section == "lags":
                yield lags.step(edit)
            elif edit.fields == {"enabled"}:
                self._known(edit.key)
                yield self.tongue.admin(edit.key, up=edit.phase is Phase.OPEN)
            else:
                yield from self._port(edit, leaves=edit.key in leaves)
        if self.tongue.bundling.shuts_leavers:
            yield from (self.tongue.admin(port, up=True) for port in self.order.reopened())

    def _known(self, port: str) -> None:
        if port not in self.observed.ports and port not in self.goal.state.lags:
            raise Unsupported(f"ports.{port} is declared, and the switch has no port {port}")

    def _port(self, edit: Edit, *, leaves: bool) -> Iterator[Step]:
        port, wanted, fields = edit.key, edit.after, edit.fields - {"enabled"}
        self._known(port)
        if port in self.goal.state.lags and port not in self.observed.lags:
            before, fields = modes.fresh(port, wanted), fields - modes.FIELDS  # its switching came with the bundle
        else:
            before = self._found(port, wanted=wanted, leaves=leaves)
        if fields:
            yield self.tongue.port(PortChange(port, wanted=wanted, before=before, fields=fields))

    def _found(self, port: str, *, wanted: Port, leaves: bool) -> Port:
        """What a port is when its turn has come: as it was shown, but for what the plan did to it before."""
        shown = self.observed.ports.get(port, Port())
        if leaves:
            shown = replace(self.tongue.plain, description=shown.description, enabled=shown.enabled)
        shut = wanted.enabled is False or (leaves and self.tongue.bundling.shuts_leavers)
        return replace(shown, enabled=False) if shut else shown
