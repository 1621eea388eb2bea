"""Steps that make, change and remove LAGs: each is one database transaction.

A port that leaves a bundle is shut first, as other switches do when a port-channel goes: two cables between the same
two switches are a loop once they are two plain ports. It is opened again only where its being enabled is declared.
"""

from __future__ import annotations

from dataclasses import dataclass

from device_profiles.compare import Goal
from device_profiles.paths import Path
from device_profiles.state import Lag, Port, State
from drivers.contract import Step
from drivers.errors import Unsupported
from drivers.planning import Edit, Phase
from drivers.vendors.openvswitch import columns, switching
from drivers.vendors.openvswitch.reading import Reading
from drivers.vendors.openvswitch.words import admin_state, transaction

_NEW: Port = Port(mode="trunk", native_vlan="none", trunk_vlans=())
"""What a LAG carries that nobody declares anything for: nothing."""


@dataclass(frozen=True, slots=True)
class Bundles:
    """Plans the edits of LAGs: towards ``goal``, from ``reading``."""

    goal: Goal
    reading: Reading

    @property
    def _observed(self) -> State:
        return self.reading.state

    def step(self, edit: Edit) -> Step:
        """The step of one edit of a LAG. Raises :class:`~drivers.errors.Unsupported`."""
        if edit.phase is Phase.REMOVE_LAGS:
            return self._remove(edit.key, edit.before)
        if edit.before is None:
            return self._make(edit.key, edit.after, edit.paths)
        return self._change(edit.key, edit.before, edit.after, edit.paths)

    def _make(self, lag: str, wanted: Lag, paths: tuple[Path, ...]) -> Step:
        if lag in self._observed.ports:
            raise Unsupported(f"lags.{lag} is declared, and {lag} is a port of the switch: give the LAG another name")
        own = self._members(lag, wanted)
        carrying = self.carrying(lag)
        bridge = self._bridge(own)
        undo: list[columns.Command] = [("--if-exists", "del-port", lag)]
        for member in own:
            undo += columns.plain(bridge, member, self._observed.ports[member])
        made = columns.bundle(bridge, lag, wanted=wanted, carrying=carrying, descriptions=self._descriptions(own))
        return Step(
            capability="lags",
            text=f"{lag}: bundle {', '.join(own)}, LACP {wanted.lacp or 'off'}, {switching.spoken(carrying)}",
            commands=(transaction(made),),
            undo=(transaction(undo),),
            impact="flap",
            touches=(*paths, *_switching_paths(lag), *(("ports", member) for member in own)),
            creates=(
                ("lags", lag),
                *(("lags", lag, "members", member) for member in own),
                *_elements(lag, carrying),
            ),
        )

    def carrying(self, lag: str) -> Port:
        """The switching that a new LAG starts with."""
        wanted = self.goal.state.ports.get(lag)
        if wanted is None or not switching.is_said(wanted):
            return _NEW
        return switching.settled(lag, wanted=wanted, before=Port())

    def _change(self, lag: str, before: Lag, wanted: Lag, paths: tuple[Path, ...]) -> Step:
        target = Lag(
            members=before.members if wanted.members is None else self._members(lag, wanted),
            lacp=wanted.lacp or before.lacp,
            fallback=before.fallback if wanted.fallback is None else wanted.fallback,
        )
        joining = _without(target.members, before.members)
        leaving = _without(before.members, target.members)
        up = [member for member in leaving if self._observed.ports[member].enabled]
        return Step(
            capability="lags.members" if joining or leaving else "lags.lacp",
            text=_change_text(lag, before, target),
            commands=(*admin_state(leaving, up=False), transaction(self._rebundle(lag, before, target))),
            undo=(transaction(self._rebundle(lag, target, before)), *admin_state(up, up=True)),
            impact="flap",
            touches=(*paths, *(("ports", member) for member in (*joining, *leaving))),
            creates=tuple(("lags", lag, "members", member) for member in joining),
            removes=tuple(("lags", lag, "members", member) for member in leaving),
        )

    def _rebundle(self, lag: str, before: Lag, target: Lag) -> list[columns.Command]:
        """From the LAG ``before`` to the LAG ``target``; who leaves gets back what it showed as a plain port."""
        joining = _without(target.members, before.members)
        leaving = _without(before.members, target.members)
        commands: list[columns.Command] = []
        if joining or leaving:
            kept = [member for member in target.members or () if member not in joining]
            commands += [("--if-exists", "del-port", member) for member in joining]
            commands += columns.members(lag, kept=kept, fresh=joining, descriptions=self._descriptions(joining))
            for member in leaving:
                commands += columns.plain(self._bridge((lag,)), member, self._observed.ports[member])
        if (before.lacp, before.fallback) != (target.lacp, target.fallback):
            commands.append(columns.lacp(lag, target))
        return commands

    def _remove(self, lag: str, before: Lag) -> Step:
        own = before.members or ()
        bridge = self._bridge((lag,))
        commands: list[columns.Command] = [("--if-exists", "del-port", lag)]
        for member in own:
            commands += columns.plain(bridge, member, self._observed.ports[member])
        descriptions = self._descriptions(own)
        back = columns.bundle(bridge, lag, wanted=before, carrying=self._observed.ports[lag], descriptions=descriptions)
        up = [member for member in own if self._observed.ports[member].enabled]
        return Step(
            capability="lags",
            text=f"{lag}: shut {', '.join(own)}, and take the bundle apart",
            commands=(*admin_state(own, up=False), transaction(commands)),
            undo=(transaction(back), *admin_state(up, up=True)),
            impact="outage",
            touches=(("lags", lag), ("ports", lag), *(("ports", member) for member in own)),
            removes=(("lags", lag),),
        )

    def _members(self, lag: str, wanted: Lag) -> tuple[str, ...]:
        own = wanted.members or ()
        if not own:
            raise Unsupported(f"lags.{lag}.members: Open vSwitch has no LAG without members")
        for member in own:
            if member not in self._observed.ports:
                raise Unsupported(f"lags.{lag}.members.{member}: the switch has no port {member}")
            if member in self._observed.lags or member in self.reading.bridge_of.values():
                raise Unsupported(f"lags.{lag}.members.{member}: {member} is a LAG or a bridge, and no port of a cable")
        return own

    def _bridge(self, ports: tuple[str, ...]) -> str:
        """The bridge of ports that shall be one LAG."""
        bridges = {self.reading.bridge_of[port] for port in ports if port in self.reading.bridge_of}
        if len(bridges) != 1:
            raise Unsupported(f"{', '.join(ports)} are not ports of one bridge, and cannot be one LAG")
        return bridges.pop()

    def _descriptions(self, ports: tuple[str, ...]) -> dict[str, str]:
        found = {port: self._observed.ports[port].description for port in ports}
        return {port: text for port, text in found.items() if text is not None}


def _elements(port: str, carrying: Port) -> tuple[Path, ...]:
    return tuple(("ports", port, "trunk_vlans", word) for word in switching.trunk_words(carrying))


def _switching_paths(port: str) -> tuple[Path, ...]:
    return tuple(("ports", port, field) for field in ("mode", "access_vlan", "native_vlan", "trunk_vlans"))


def _without(some: tuple[str, ...] | None, others: tuple[str, ...] | None) -> tuple[str, ...]:
    return tuple(one for one in some or () if one not in (others or ()))


def _change_text(lag: str, before: Lag, target: Lag) -> str:
    parts = []
    if joining := _without(target.members, before.members):
        parts.append(f"add {', '.join(joining)}")
    if leaving := _without(before.members, target.members):
        parts.append(f"shut {', '.join(leaving)} and take it out")
    if before.lacp != target.lacp:
        parts.append(f"LACP {target.lacp}")
    if before.fallback != target.fallback:
        parts.append(f"fallback {'on' if target.fallback else 'off'}")
    return f"{lag}: {'; '.join(parts)}"
