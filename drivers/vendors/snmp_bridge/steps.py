"""From edits to steps: one for each edit, as SETs that may be repeated (:mod:`.writing`).

What a port carries is changed in this order: VLANs with a tag that go; the VLAN without one, with the port's own number
of it (PVID), in one request, since a port that is in two VLANs without a tag, or in none of its own, is in neither
state; VLANs with a tag that come. A port that is in no VLAN without a tag gets PVID 1, the default of IEEE 802.1Q, so
that the VLAN that it leaves can go.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from device_profiles.compare import Goal
from device_profiles.paths import Path, render_path
from device_profiles.profile import Profile
from device_profiles.snmp import Table
from device_profiles.state import Port, State
from drivers import limits
from drivers.contract import Step
from drivers.errors import Unsupported
from drivers.planning import Edit, Phase, edits
from drivers.snmp.values import Oid
from drivers.vendors.snmp_bridge import writing
from drivers.vendors.snmp_bridge.interfaces import Interface, Interfaces
from drivers.vendors.snmp_bridge.members import ALL, Membership

SWITCHING: Final = frozenset({"mode", "access_vlan", "native_vlan", "trunk_vlans"})
_DEFAULT_VLAN: Final = 1
_UP, _DOWN = 1, 2
_ONLY_READ: Final = frozenset({"vtpVlanTable", "jnxExVlanTable", "jnxL2aldVlanTable"})
"""What a device has that keeps its VLANs otherwise than Q-BRIDGE-MIB says, or numbers its rows otherwise."""
_CHUNK: Final = 24
"""Bindings of bitmaps in one request: two for each VLAN, each as long as there are ports."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read, with what a plan needs beside the state."""

    state: State
    interfaces: Interfaces = field(default_factory=Interfaces)
    known: Membership = field(default_factory=Membership)
    tables: frozenset[str] = frozenset()


def plan(goal: Goal, reading: Reading, *, profile: Profile) -> tuple[Step, ...]:
    """The steps to ``goal``. Raises :class:`~drivers.errors.Unsupported`, naming the leaf."""
    found = limits.check(edits(goal, reading.state), capabilities=profile.capabilities, implicit=profile.implicit)
    found = tuple(edit for edit in found if edit.section not in profile.implicit)
    return tuple(step for edit in found for step in _Planner(reading, profile).steps(edit))


@dataclass(frozen=True, slots=True)
class _Planner:
    reading: Reading
    profile: Profile

    def steps(self, edit: Edit) -> Iterator[Step]:
        if edit.section == "vlans":
            yield self._vlan(edit)
        elif edit.section == "ports":
            yield from self._port(edit)
        else:
            raise Unsupported(f"{edit.section}.{edit.key} is declared, and this device is not told of it by SNMP")

    # Names of variables.

    def _table(self, name: str) -> Table:
        if self.profile.snmp is None or name not in self.profile.snmp.all_tables:
            raise Unsupported(f"the profile {self.profile.name} knows no table {name}")
        return self.profile.snmp.all_tables[name]

    @property
    def _is_ieee(self) -> bool:
        """Whether the device has the younger tables only."""
        tables = self.reading.tables
        return "ieee8021QBridgePortVlanTable" in tables and "dot1qPortVlanTable" not in tables

    def _vlan_variable(self, column: str, vlan: int) -> Oid:
        if _ONLY_READ & self.reading.tables or self.reading.known.as_text or not self._has_bridge():
            raise Unsupported(f"vlans.{vlan}: the device keeps its VLANs in tables that are only read here")
        prefix, index = ("ieee8021QBridge", (1, vlan)) if self._is_ieee else ("dot1q", (vlan,))
        return (*self._table(f"{prefix}VlanStaticTable").column(f"{prefix}VlanStatic{column}"), *index)

    def _has_bridge(self) -> bool:
        ports = {"dot1qPortVlanTable", "ieee8021QBridgePortVlanTable", "dot1qVlanStaticTable"}
        return bool(ports & self.reading.tables)

    def _pvid(self, number: int) -> Oid:
        if self._is_ieee:
            return (*self._table("ieee8021QBridgePortVlanTable").column("ieee8021QBridgePvid"), 1, number)
        return (*self._table("dot1qPortVlanTable").column("dot1qPvid"), number)

    # VLANs.

    def _vlan(self, edit: Edit) -> Step:
        vlan = int(edit.key)
        status, name = self._vlan_variable("RowStatus", vlan), self._vlan_variable("Name", vlan)
        gone = writing.command((writing.integer(status, writing.DESTROY),))
        if edit.after is None:
            return Step(
                capability="vlans",
                text=f"remove VLAN {vlan}",
                commands=(gone,),
                undo=(self._made(vlan, edit.before.name), *self._members(vlan)),
                impact="outage",
                touches=edit.paths,
                removes=edit.paths,
            )
        if edit.before is None:
            return Step(
                capability="vlans",
                text=f"make VLAN {vlan}",
                commands=(self._made(vlan, edit.after.name),),
                undo=(gone,),
                impact="none",
                touches=edit.paths,
                creates=(("vlans", edit.key),),
            )
        return Step(
            capability="vlans.name",
            text=f"name VLAN {vlan} {edit.after.name}",
            commands=(writing.command((writing.text(name, edit.after.name or ""),)),),
            undo=(writing.command((writing.text(name, edit.before.name or ""),)),),
            impact="none",
            touches=edit.paths,
        )

    def _made(self, vlan: int, name: str | None) -> str:
        bindings = [writing.row(self._vlan_variable("RowStatus", vlan))]
        if name:
            bindings.append(writing.text(self._vlan_variable("Name", vlan), name))
        return writing.command(bindings)

    def _members(self, vlan: int) -> Iterator[str]:
        """Put the ports back that a VLAN has."""
        known, bindings = self.reading.known, []
        numbers = {index: number for number, index in self.reading.interfaces.base.items()}
        for index in sorted({*known.tagged, *known.untagged}):
            tagged, untagged = (vlan in sets.get(index, ()) for sets in (known.tagged, known.untagged))
            if tagged or untagged:
                bindings += self._bits(numbers.get(index, index), vlan, tagged=tagged, untagged=untagged)
        if bindings:
            yield writing.command(bindings)

    def _bits(self, number: int, vlan: int, *, tagged: bool, untagged: bool) -> list[str]:
        """How a port is in a VLAN: with a tag, without, or not at all."""
        egress, without = (self._vlan_variable(column, vlan) for column in ("EgressPorts", "UntaggedPorts"))
        return [
            writing.bit(egress, number, on=tagged or untagged),
            writing.bit(without, number, on=untagged),
        ]

    # Ports.

    def _port(self, edit: Edit) -> Iterator[Step]:
        interface = self.reading.interfaces.named(edit.key)
        if interface is None or edit.before is None:
            raise Unsupported(f"ports.{edit.key} is declared, and the device has no port {edit.key}")
        if edit.fields == {"enabled"}:
            yield self._admin(edit, interface)
            return
        if "description" in edit.fields:
            yield self._described(edit, interface)
        if edit.fields & SWITCHING:
            yield self._carrying(edit, interface)

    def _admin(self, edit: Edit, interface: Interface) -> Step:
        name = (*self._table("ifTable").column("ifAdminStatus"), interface.index)
        up = edit.phase is Phase.OPEN
        said = {True: _UP, False: _DOWN}
        before = _DOWN if edit.before.enabled is False else _UP
        return Step(
            capability="ports.enabled",
            text=f"{edit.key}: {'open' if up else 'shut'}",
            commands=(writing.command((writing.integer(name, said[up]),)),),
            undo=(writing.command((writing.integer(name, before),)),),
            impact="none" if up else "outage",
            touches=edit.paths,
        )

    def _described(self, edit: Edit, interface: Interface) -> Step:
        name = (*self._table("ifXTable").column("ifAlias"), interface.index)
        return Step(
            capability="ports.description",
            text=f"{edit.key}: describe it",
            commands=(writing.command((writing.text(name, edit.after.description or ""),)),),
            undo=(writing.command((writing.text(name, edit.before.description or ""),)),),
            impact="none",
            touches=tuple(path for path in edit.paths if path[2] == "description"),
        )

    def _carrying(self, edit: Edit, interface: Interface) -> Step:
        for lag, item in self.reading.state.lags.items():
            if edit.key in (item.members or ()):
                leaf = render_path((*edit.paths[0][:2], *sorted(edit.fields & SWITCHING)[:1]))
                raise Unsupported(f"{leaf}: {edit.key} is a member of {lag}; declare it at ports.{lag}")
        number = next((n for n, index in self.reading.interfaces.base.items() if index == interface.index), None)
        if number is None:
            raise Unsupported(f"ports.{edit.key}: it is no port of the device's bridge")
        settled = _complete(edit)
        old, new = self._now(interface), _Carried.of(settled, reading=self.reading)
        return Step(
            capability="ports.mode",
            text=f"{edit.key}: {new}",
            commands=tuple(self._moves(number, old, new)),
            undo=tuple(self._moves(number, new, old)),
            impact="outage" if (old.tagged | old.all_untagged) - new.tagged - new.all_untagged else "none",
            touches=tuple(path for path in edit.paths if path[2] in SWITCHING),
            creates=_elements(edit.key, settled, over=edit.before),
            removes=_elements(edit.key, edit.before, over=settled),
        )

    def _now(self, interface: Interface) -> _Carried:
        known, index = self.reading.known, interface.index
        untagged = frozenset(known.untagged.get(index, ()))
        return _Carried(frozenset(known.tagged.get(index, ())), untagged, known.pvid.get(index))

    def _moves(self, number: int, old: _Carried, new: _Carried) -> Iterator[str]:
        kept = new.tagged | new.all_untagged | old.all_untagged
        yield from self._tagged(number, sorted(old.tagged - kept), on=False)
        bindings = [
            binding
            for vlan in sorted(old.all_untagged ^ new.all_untagged)
            for binding in self._bits(number, vlan, tagged=vlan in new.tagged, untagged=vlan in new.all_untagged)
        ]
        if new.pvid is not None and new.pvid != old.pvid:
            bindings.append(writing.unsigned(self._pvid(number), new.pvid))
        if bindings:
            yield writing.command(bindings)
        yield from self._tagged(number, sorted(new.tagged - old.tagged - old.all_untagged), on=True)

    def _tagged(self, number: int, vlans: list[int], *, on: bool) -> Iterator[str]:
        for at in range(0, len(vlans), _CHUNK // 2):
            part = vlans[at : at + _CHUNK // 2]
            yield writing.command(
                [each for vlan in part for each in self._bits(number, vlan, tagged=on, untagged=False)]
            )


@dataclass(frozen=True, slots=True)
class _Carried:
    """What a port carries."""

    tagged: frozenset[int]
    all_untagged: frozenset[int]
    pvid: int | None

    @classmethod
    def of(cls, port: Port, *, reading: Reading) -> _Carried:
        """What a port of the schema carries."""
        if port.mode == "access":
            vlan = port.access_vlan or _DEFAULT_VLAN
            return cls(frozenset(), frozenset({vlan}), vlan)
        native = port.native_vlan if isinstance(port.native_vlan, int) else None
        listed = (
            frozenset(reading.known.names) & ALL if port.trunk_vlans == "all" else frozenset(port.trunk_vlans or ())
        )
        untagged = frozenset({native}) if native is not None else frozenset[int]()
        return cls(listed - untagged, untagged, native or _DEFAULT_VLAN)

    def __str__(self) -> str:
        parts = [f"VLAN {', '.join(map(str, sorted(self.all_untagged)))} untagged"] if self.all_untagged else []
        parts += [f"{len(self.tagged)} VLANs tagged"] if self.tagged else []
        return "carry " + (" and ".join(parts) or "nothing")


def _elements(port: str, of: Port, *, over: Port) -> tuple[Path, ...]:
    """The VLANs that one trunk lists and another does not, as elements of the set."""
    listed, beside = (_listed(each) for each in (of, over))
    ordered = sorted(listed - beside, key=lambda word: (len(word), word))
    return tuple(("ports", port, "trunk_vlans", word) for word in ordered)


def _listed(port: Port) -> set[str]:
    if port.mode != "trunk" or port.trunk_vlans is None:
        return set()
    return {"all"} if port.trunk_vlans == "all" else {str(vlan) for vlan in port.trunk_vlans}


def _complete(edit: Edit) -> Port:
    """The whole port as it shall be. A port that becomes a trunk starts from none, and without a native VLAN."""
    port: Port = edit.merged
    if port.mode == "trunk" and edit.before.mode != "trunk":
        wanted = edit.after
        return Port(mode="trunk", native_vlan=wanted.native_vlan or "none", trunk_vlans=wanted.trunk_vlans or ())
    return port
