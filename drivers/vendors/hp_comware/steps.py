"""How a Comware-like switch is told what is planned: lines in the system view, each object in its own view."""

from __future__ import annotations

from dataclasses import dataclass

from device_profiles.compare import Goal
from device_profiles.state import Port, State, Vlan
from drivers.contract import Step
from drivers.planning import Edit
from drivers.switching import planner, reopening, vlans
from drivers.switching.ports import PortChange
from drivers.vendors.hp_comware import port_lines
from drivers.vendors.hp_comware.bundles import Bundles
from drivers.vendors.hp_comware.dialect import Dialect
from drivers.vendors.hp_comware.port_lines import QUIT
from drivers.vendors.hp_comware.reading import default_name


def plan(goal: Goal, observed: State, dialect: Dialect) -> tuple[Step, ...]:
    """The steps from ``observed`` to ``goal``. Raises :class:`~drivers.errors.Unsupported`, naming the leaf."""
    tongue = _Tongue(Bundles(goal, observed, dialect), dialect)
    steps = planner.plan(goal, observed, profile=dialect.profile, tongue=tongue)
    return reopening.told(steps, shut="shutdown", opened="undo shutdown")


@dataclass(frozen=True, slots=True)
class _Tongue:
    bundling: Bundles
    dialect: Dialect

    @property
    def plain(self) -> Port:
        return self.dialect.plain

    def admin(self, port: str, *, up: bool) -> Step:
        return port_lines.admin(port, up=up)

    def vlan(self, edit: Edit) -> Step:
        vlans.refuse_reserved(edit, self.dialect.profile)
        rows = vlans.rows(edit, _made, lambda number: (f"undo vlan {number}",))
        return vlans.step(edit, rows, name=vlans.declared_name(edit))

    def port(self, change: PortChange) -> Step:
        return change.step(port_lines.Told(change, self.dialect))


def _made(number: int, vlan: Vlan) -> tuple[str, ...]:
    """The lines that make a VLAN, or give it its name."""
    if vlan.name is None:
        return (f"vlan {number}", QUIT)
    return (f"vlan {number}", "undo name" if vlan.name == default_name(number) else f"name {vlan.name}", QUIT)
