"""How a Junos-like switch is told what is planned: ``set`` and ``delete`` lines, a step's in one commit."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar, Final

from device_profiles.compare import Goal
from device_profiles.state import Port, State, Vlan
from drivers.contract import Step
from drivers.errors import Unsupported
from drivers.planning import Edit, Phase
from drivers.switching import planner, vlans
from drivers.switching.ports import PortChange
from drivers.switching.rows import Rows
from drivers.vendors.juniper_junos import port_lines, switching
from drivers.vendors.juniper_junos.bundles import Bundles
from drivers.vendors.juniper_junos.dialect import Dialect

_MEANS_ELSE: Final = re.compile(r"(all|default|none|untagged|\d+(-\d+)?)\Z")
"""Words that name no VLAN, or another, where members are listed."""


def plan(goal: Goal, observed: State, dialect: Dialect) -> tuple[Step, ...]:
    """The steps from ``observed`` to ``goal``. Raises :class:`~drivers.errors.Unsupported`, naming the leaf."""
    tongue = _Tongue(Bundles(observed, dialect), observed, dialect)
    return planner.plan(goal, observed, profile=dialect.profile, tongue=tongue)


@dataclass(frozen=True, slots=True)
class _Tongue:
    plain: ClassVar[Port] = Port()

    bundling: Bundles
    observed: State
    dialect: Dialect

    def admin(self, port: str, *, up: bool) -> Step:
        return port_lines.admin(port, up=up)

    def port(self, change: PortChange) -> Step:
        return change.step(port_lines.Told(change, self.dialect))

    def vlan(self, edit: Edit) -> Step:
        number, before = int(edit.key), edit.before
        if number in self.dialect.profile.reserved_vlans or (number == 1 and before is not None):
            raise Unsupported(f"vlans.{number} is the switch's own: take it out of the role")
        if before is not None:
            self._alone(number, before)
        if edit.phase is Phase.REMOVE_VLANS:
            rows = Rows((f"delete vlans {before.name}",), (f"set vlans {before.name} vlan-id {number}",))
            return vlans.step(edit, rows, name=before.name)
        name = self._free(number, edit.after)
        if before is None:
            rows = Rows((f"set vlans {name} vlan-id {number}",), (f"delete vlans {name}",))
        else:
            rows = Rows(self._renamed(number, before.name, name), self._renamed(number, name, before.name))
        return vlans.step(edit, rows, name=name)

    def _free(self, number: int, wanted: Vlan) -> str:
        """The name of a VLAN in the configuration. Raises ``Unsupported`` where it is taken or means something else."""
        name = wanted.name or f"vlan{number}"
        if _MEANS_ELSE.match(name):
            raise Unsupported(f"vlans.{number}.name: '{name}' means something else on this switch: choose another name")
        taken = next((other for other, vlan in self.observed.vlans.items() if vlan.name == name), number)
        if taken != number:
            raise Unsupported(f"vlans.{number}.name: VLAN {taken} has the name {name} on this switch")
        return name

    def _alone(self, number: int, shown: Vlan) -> None:
        """Raise ``Unsupported`` where one statement makes several VLANs."""
        if sum(vlan.name == shown.name for vlan in self.observed.vlans.values()) > 1:
            raise Unsupported(f"vlans.{number} is one of a list in '{shown.name}': change that by hand")

    def _renamed(self, number: int, old: str, new: str) -> tuple[str, ...]:
        """The lines that give a VLAN another name; members that were listed by the old one are so by number."""
        lines = [f"rename vlans {old} to {new}", f"set vlans {new} vlan-id {number}"]
        for port, shown in sorted(self.observed.ports.items()):
            if number in switching.listed(shown):
                place = f"interfaces {port} unit 0 family ethernet-switching vlan members"
                lines += [f"delete {place} {old}", f"set {place} {number}"]
        return tuple(lines)
