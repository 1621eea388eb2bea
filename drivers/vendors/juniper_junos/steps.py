"""From edits to steps: rows of ``set`` and ``delete`` lines, each a change that a commit makes as a whole.

The order is that of :mod:`drivers.planning`. A port that was a member of a LAG that goes is configured when that is
gone; members leave one LAG before they join another.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from device_profiles.compare import Goal
from device_profiles.paths import Path
from device_profiles.state import Port, State, Vlan
from drivers import limits
from drivers.contract import Step
from drivers.errors import Unsupported
from drivers.planning import Edit, Phase, edits
from drivers.vendors.juniper_junos import switching
from drivers.vendors.juniper_junos.bundles import Bundles
from drivers.vendors.juniper_junos.dialect import Dialect
from drivers.vendors.juniper_junos.port_lines import PortChange, admin

_MEANS_ELSE: Final = re.compile(r"(all|default|none|untagged|\d+(-\d+)?)\Z")
"""Words that name no VLAN, or another, where members are listed."""


def plan(goal: Goal, observed: State, dialect: Dialect) -> tuple[Step, ...]:
    """The steps from ``observed`` to ``goal``. Raises :class:`~drivers.errors.Unsupported`, naming the leaf."""
    found = edits(goal, observed)
    limits.check(found, capabilities=dialect.profile.capabilities, implicit=dialect.profile.implicit)
    return tuple(_Planner(goal, observed, dialect, found).steps())


@dataclass(frozen=True, slots=True)
class _Planner:
    goal: Goal
    observed: State
    dialect: Dialect
    edits: tuple[Edit, ...]

    def steps(self) -> Iterator[Step]:
        bundles = Bundles(self.goal, self.observed, self.dialect)
        freed = self._freed()
        for edit in sorted(self.edits, key=lambda edit: self._turn(edit, freed)):
            if edit.section == "vlans":
                yield self._vlan(edit)
            elif edit.section == "lags":
                yield bundles.step(edit)
            elif edit.fields == {"enabled"}:
                self._known(edit.key)
                yield admin(edit.key, up=edit.phase is Phase.OPEN)
            else:
                yield from self._port(edit)

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

    def _known(self, port: str) -> None:
        if port not in self.observed.ports and port not in self.goal.state.lags:
            raise Unsupported(f"ports.{port} is declared, and the switch has no port {port}")

    def _port(self, edit: Edit) -> Iterator[Step]:
        port, wanted = edit.key, edit.after
        self._known(port)
        before = self.observed.ports.get(port, Port())
        fields = edit.fields - {"enabled"}
        if port in self.goal.state.lags and port not in self.observed.lags:
            before, fields = _new_bundle(wanted), fields - switching.FIELDS  # its switching came with the bundle
        if fields:
            yield PortChange(port, wanted=wanted, before=before, fields=fields, dialect=self.dialect).step()

    # VLANs.

    def _vlan(self, edit: Edit) -> Step:
        number, before, after = int(edit.key), edit.before, edit.after
        path: Path = ("vlans", edit.key)
        if number in self.dialect.profile.reserved_vlans or (number == 1 and before is not None):
            raise Unsupported(f"vlans.{number} is the switch's own: take it out of the role")
        if before is not None:
            self._alone(number, before)
        if edit.phase is Phase.REMOVE_VLANS:
            return Step(
                capability="vlans",
                text=f"VLAN {number}: remove {before.name}",
                commands=(f"delete vlans {before.name}",),
                undo=(f"set vlans {before.name} vlan-id {number}",),
                impact="none",
                touches=(path,),
                removes=(path,),
            )
        name = self._free(number, after)
        new = before is None
        return Step(
            capability="vlans" if new else "vlans.name",
            text=f"VLAN {number}: {'make' if new else 'name'} {name}",
            commands=(f"set vlans {name} vlan-id {number}",) if new else self._renamed(number, before.name, name),
            undo=(f"delete vlans {name}",) if new else self._renamed(number, name, before.name),
            impact="none",
            touches=edit.paths,
            creates=(path,) if new else (),
        )

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


def _new_bundle(wanted: Port) -> Port:
    """What a LAG that was just made shows."""
    return (
        switching.settled("", wanted=wanted, before=switching.PLAIN) if switching.is_said(wanted) else switching.PLAIN
    )
