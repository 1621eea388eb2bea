"""From edits to steps: rows of lines in the system view, each object in its own view.

The order is that of :mod:`drivers.planning`, with what a switch with LAGs needs besides: members leave one LAG before
they join another, and a port that was a member is configured as a plain port only when its LAG is gone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from device_profiles.compare import Goal
from device_profiles.paths import Path
from device_profiles.state import Port, State, Vlan
from drivers import limits
from drivers.contract import Step
from drivers.errors import Unsupported
from drivers.planning import Edit, Phase, edits
from drivers.vendors.hp_comware import switching
from drivers.vendors.hp_comware.bundles import Bundles
from drivers.vendors.hp_comware.dialect import Dialect
from drivers.vendors.hp_comware.port_lines import QUIT, PortChange, admin
from drivers.vendors.hp_comware.reading import default_name


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
                yield from self._port(edit, shut=edit.key in freed | self._leaving())
        yield from self._reopened(freed | self._leaving())

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

    def _leaving(self) -> frozenset[str]:
        """Ports that leave a LAG which stays."""
        found: set[str] = set()
        for name, wanted in self.goal.state.lags.items():
            shown = self.observed.lags.get(name)
            if shown is not None and wanted.members is not None:
                found |= set(shown.members or ()) - set(wanted.members)
        return frozenset(found) - self._claimed()

    def _reopened(self, shut: frozenset[str]) -> Iterator[Step]:
        """Who left a LAG was shut; where being enabled is declared and was so, no edit says it again."""
        for port in sorted(shut):
            declared, shown = self.goal.state.ports.get(port), self.observed.ports.get(port)
            if declared is not None and declared.enabled and shown is not None and shown.enabled:
                yield admin(port, up=True)

    def _known(self, port: str) -> None:
        if port not in self.observed.ports and port not in self.goal.state.lags:
            raise Unsupported(f"ports.{port} is declared, and the switch has no port {port}")

    def _port(self, edit: Edit, *, shut: bool) -> Iterator[Step]:
        port, wanted = edit.key, edit.after
        self._known(port)
        before = self.observed.ports.get(port, Port())
        fields = edit.fields - {"enabled"}
        if port in self.goal.state.lags and port not in self.observed.lags:
            # Its switching came with the bundle; a new one is open.
            before, fields = replace(_new_bundle(wanted), enabled=True), fields - switching.FIELDS
        elif shut:
            plain = Port() if self.dialect.quirks.unsaid == "dynamic" else Port(mode="access", access_vlan=1)
            before = replace(plain, description=before.description)
        if wanted.enabled is False:
            before = replace(before, enabled=False)  # it was shut before, and stays so
        if fields:
            yield PortChange(port, wanted=wanted, before=before, fields=fields, dialect=self.dialect).step()

    def _vlan(self, edit: Edit) -> Step:
        number, before, after = int(edit.key), edit.before, edit.after
        path: Path = ("vlans", edit.key)
        if number in self.dialect.profile.reserved_vlans or (number == 1 and edit.phase is Phase.REMOVE_VLANS):
            raise Unsupported(f"vlans.{number} is reserved by the switch: take it out of the role")
        if edit.phase is Phase.REMOVE_VLANS:
            return Step(
                capability="vlans",
                text=f"VLAN {number}: remove",
                commands=(f"undo vlan {number}",),
                undo=_made(number, before),
                impact="none",
                touches=(path,),
                removes=(path,),
            )
        new = before is None
        return Step(
            capability="vlans" if new else "vlans.name",
            text=f"VLAN {number}: {'make' if new else 'name'} {after.name or ''}".rstrip(),
            commands=_made(number, after),
            undo=(f"undo vlan {number}",) if new else _made(number, before),
            impact="none",
            touches=edit.paths,
            creates=(path,) if new else (),
        )


def _new_bundle(wanted: Port) -> Port:
    """What a LAG that was just made shows."""
    return (
        switching.settled("", wanted=wanted, before=switching.PLAIN) if switching.is_said(wanted) else switching.PLAIN
    )


def _made(number: int, vlan: Vlan) -> tuple[str, ...]:
    """The lines that make a VLAN, or give it its name."""
    if vlan.name is None:
        return (f"vlan {number}", QUIT)
    return (f"vlan {number}", "undo name" if vlan.name == default_name(number) else f"name {vlan.name}", QUIT)
