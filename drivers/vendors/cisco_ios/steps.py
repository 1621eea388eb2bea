"""How an IOS-like switch is told what is planned: lines in configuration mode, each object named first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from device_profiles.compare import Goal
from device_profiles.documents import Allow
from device_profiles.state import Port, State, Vlan
from drivers.contract import Step
from drivers.planning import Edit
from drivers.switching import planner, reopening, vlans
from drivers.switching.ports import PortChange
from drivers.vendors.cisco_ios import port_lines
from drivers.vendors.cisco_ios.bundles import Bundles
from drivers.vendors.cisco_ios.dialect import Dialect
from drivers.vendors.cisco_ios.reading import default_name


def plan(goal: Goal, observed: State, dialect: Dialect, *, vtp: bool = False) -> tuple[Step, ...]:
    """The steps from ``observed`` to ``goal``. Raises :class:`~drivers.errors.Unsupported`, naming the leaf.

    ``vtp``: what is done to a VLAN here is done to it on other switches, too.
    """
    tongue = _Tongue(Bundles(goal, observed, dialect), dialect, ("vtp",) if vtp else ())
    steps = planner.plan(goal, observed, profile=dialect.profile, tongue=tongue)
    return reopening.told(steps, shut="shutdown", opened="no shutdown")


@dataclass(frozen=True, slots=True)
class _Tongue:
    plain: ClassVar[Port] = Port()

    bundling: Bundles
    dialect: Dialect
    vlans_need: tuple[Allow, ...]

    def admin(self, port: str, *, up: bool) -> Step:
        return port_lines.admin(port, up=up)

    def vlan(self, edit: Edit) -> Step:
        vlans.refuse_reserved(edit, self.dialect.profile)
        rows = vlans.rows(edit, _made, lambda number: (f"no vlan {number}",))
        return vlans.step(edit, rows, name=vlans.declared_name(edit), needs=self.vlans_need)

    def port(self, change: PortChange) -> Step:
        return change.step(port_lines.Told(change, self.dialect))


def _made(number: int, vlan: Vlan) -> tuple[str, ...]:
    """The lines that make a VLAN, or give it its name; it is made when its mode is left."""
    if vlan.name is None:
        return (f"vlan {number}", "exit")
    return (f"vlan {number}", "no name" if vlan.name == default_name(number) else f"name {vlan.name}", "exit")
