"""The driver: what is asked of the switch, and when. What an answer means stands in the modules beside this one."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import ClassVar, Final

from device_profiles.compare import Goal
from device_profiles.facts import Facts
from device_profiles.leaves import SHAPES
from device_profiles.links import Neighbour
from device_profiles.operation import MacEntry, Operation
from device_profiles.profile import Profile
from device_profiles.snmp.schema import Variant
from device_profiles.state import EMPTY, Port, State, Vlan
from drivers.contract import Connection, Step, Want
from drivers.errors import Garbled, Unreachable, Unsupported
from drivers.selection import Selection
from drivers.snmp.managed import managed_of
from drivers.snmp.polling import Poll, Poller
from drivers.snmp.signs import best, look
from drivers.vendors.snmp_bridge import facts, interfaces, lags, macs, membership, neighbours, operating, steps
from drivers.vendors.snmp_bridge.interfaces import Interfaces
from drivers.vendors.snmp_bridge.lags import Bundles
from drivers.vendors.snmp_bridge.members import Membership
from drivers.vendors.snmp_bridge.switching import switching
from drivers.vendors.snmp_bridge.writing import Writer

_STATE: Final = (*interfaces.TABLES, *membership.tables(), *lags.TABLES)
_SOURCE: Final = "IF-MIB, BRIDGE-MIB and Q-BRIDGE-MIB"
_SETTLE: Final = "settle_s"
_SETTLE_S: Final = 5.0
_FIRST_VLAN: Final = 1
_PATIENCE_S: Final = 10.0
"""How long bridges of VLANs are awaited in vain, all together."""
PER_VLAN: Final = "fdb_per_vlan"
"""A variant's word for devices that have a bridge for each VLAN."""


class SnmpBridge:
    """Any switch that speaks SNMP (see :class:`drivers.contract.Driver`). What could not be read: :attr:`unread`."""

    capabilities: ClassVar[frozenset[str]] = frozenset(
        {
            *("vlans", "vlans.name", "ports.description", "ports.enabled", "ports.mode", "ports.access_vlan"),
            *("ports.native_vlan", "ports.trunk_vlans", "operation", "facts", "neighbours", "fdb"),
        }
    )

    def __init__(self, connection: Connection, profile: Profile) -> None:
        if profile.snmp is None:
            raise Unsupported(f"the profile {profile.name} says nothing about SNMP, which this driver speaks")
        self._profile = profile
        self._snmp = profile.snmp
        self._managed = managed_of(connection)
        self._poller = Poller(self._managed, profile.snmp)
        self._writer = Writer(self._managed, settle_s=_settle_s(profile))
        self._known = frozenset((*profile.snmp.all_tables, *profile.snmp.all_scalars))
        self._declared = frozenset(profile.capabilities) & SHAPES
        self._variant: Variant | None = None
        self._state = EMPTY
        self._shown = EMPTY
        self._reading = steps.Reading(EMPTY)
        self._selection = Selection()
        self._unread: dict[str, None] = {}

    @property
    def unread(self) -> tuple[str, ...]:
        """What could not be read or told so far, a sentence each."""
        return tuple(self._unread)

    async def read(self, want: Want) -> State:
        """All that the tables say of VLANs, ports and LAGs, in one poll, and then what of it is wanted."""
        poll = await self._poll(_STATE)
        state, self._reading = self._state_of(poll)
        self._state = self._state if state == self._state else state
        self._reading = replace(self._reading, state=self._state)
        # Who asks for all that a switch can change is shown what is only read as well: LAGs, and sizes of frames.
        everything = (not want or frozenset(want) >= self._declared) and "ports.mode" in self._declared
        self._shown = self._state if everything else self._selection.of(self._state, want or self._declared)
        return self._shown

    async def _poll(self, names: Iterable[str], *, vlan: int | None = None, spare: bool = False) -> Poll:
        known = (name for name in names if name.partition(".")[0] in self._known)
        poll = await self._poller.read(*known, vlan=vlan, spare=spare)
        self._told(poll)
        return poll

    def _told(self, poll: Poll) -> None:
        self._unread.update(poll.problems)

    def _state_of(self, poll: Poll) -> tuple[State, steps.Reading]:
        found, known, bundled = _parts(poll)
        self._told(poll)
        if not found.by_index:
            raise Garbled("1.3.6.1.2.1.2.2.1: the device shows no interface: nothing was concluded")
        # Members carry what their bundle carries, where the device tells VLANs by bundles.
        inside = {port for port, lag in bundled.lag_of.items() if lag in known.tagged or lag in known.untagged}
        ports = {
            each.name: _port(each, Port() if each.index in inside else switching(each.index, known))
            for each in interfaces.in_order(found.ports(besides=bundled.members))
        }
        state = State(
            vlans={vlan: Vlan(name=name or None) for vlan, name in sorted(known.names.items())},
            ports=dict(sorted(ports.items())),
            lags=lags.lags(bundled, found),
        )
        return state, steps.Reading(state, found, known, _tables_of(poll))

    def plan(self, goal: Goal, observed: State) -> tuple[Step, ...]:
        """The steps to ``goal``. Numbers of ports are remembered from the last reading."""
        current = self._reading if observed is self._shown else replace(self._reading, state=observed)
        return steps.plan(goal, current, profile=self._profile)

    async def apply(self, step: Step) -> None:
        """A step's commands in order; each is one SET, and is read back."""
        await self._writer.run(step.commands, doing=step.text)

    async def undo(self, step: Step) -> None:
        """A step's undo commands in order."""
        await self._writer.run(step.undo, doing=f"undo of {step.text}")

    async def save(self) -> None:
        """Nothing to do: SNMP has no word for it, and the profile says that a change persists."""

    async def operation(self, want: Want) -> Operation:
        """``ports`` and ``macs``, in one poll; nothing wanted is all."""
        at = datetime.now(UTC)
        with_ports, with_macs = not want or "ports" in want, not want or "macs" in want
        poll = await self._poll(
            (*_STATE, *(operating.TABLES if with_ports else ()), *(macs.TABLES if with_macs else ()))
        )
        found, known, bundled = _parts(poll)
        return Operation(
            at=at,
            source=_SOURCE,
            ports=operating.operation(poll, found, bundled) if with_ports else {},
            macs=await self._macs(poll, found, known) if with_macs else (),
            vlans_carried=tuple(sorted(known.carried)),
        )

    async def _macs(self, poll: Poll, found: Interfaces, known: Membership) -> tuple[MacEntry, ...]:
        plain = macs.macs(poll, found, known)
        variant = await self._which()
        if variant is None or PER_VLAN not in variant.quirks:
            return plain
        # The bridge that answers without a VLAN is that of VLAN 1.
        entries = [replace(entry, vlan=_FIRST_VLAN) if entry.vlan is None else entry for entry in plain]
        left_s = _PATIENCE_S
        for vlan in sorted(known.carried - {_FIRST_VLAN}):
            began = time.monotonic()
            try:
                entries += await self._macs_of(vlan, found)
            except Unreachable as error:
                self._unread[f"the addresses of VLAN {vlan} could not be read: {error}"] = None
                left_s -= time.monotonic() - began
            if left_s <= 0:
                self._unread["the addresses of further VLANs were not asked for: the device does not answer"] = None
                break
        return macs.sorted_macs(entries)

    async def _macs_of(self, vlan: int, found: Interfaces) -> list[MacEntry]:
        poll = await self._poll(("dot1dBasePortTable", "dot1dTpFdbTable"), vlan=vlan)
        here = Interfaces(found.by_index, Interfaces.of(poll).base or found.base)
        return macs.macs_of_vlan(poll, here, vlan)

    async def facts(self) -> Facts:
        """What the switch is and holds."""
        variant = await self._which()
        sources = (variant.facts if variant is not None else {}, self._snmp.facts)
        wanted = [name for each in sources for name in facts.names_of(each)]
        names = (*facts.SCALARS, *facts.TABLES, *interfaces.TABLES, *wanted)
        poll = await self._poll(dict.fromkeys(names), spare=True)
        return facts.facts(
            poll,
            Interfaces.of(poll),
            sources,
            platform=variant.platform if variant is not None else self._profile.name,
            vendor=variant.vendor if variant is not None else self._profile.vendor,
        )

    async def links(self) -> tuple[Neighbour, ...]:
        """What LLDP and the protocols like CDP saw."""
        poll = await self._poll((*interfaces.TABLES, *neighbours.TABLES))
        return neighbours.neighbours(poll, Interfaces.of(poll))

    async def _which(self) -> Variant | None:
        """The variant that the device is; none of them where none fits."""
        if self._variant is None and self._snmp.variants:
            signs = [sign for each in self._snmp.variants for sign in each.signs]
            found = best(await look(self._managed, signs), self._snmp.variants)
            self._variant = found[0] if found else None
        return self._variant

    async def close(self) -> None:
        """Nothing of its own is open; the connection stays."""


def _settle_s(profile: Profile) -> float:
    """How long a device may take to do what it has said yes to, by the profile's quirk ``settle_s``."""
    unknown = sorted(set(profile.quirks) - {_SETTLE})
    if unknown:
        raise Unsupported(f"profile {profile.name}: quirks.{unknown[0]}: there is no such quirk")
    found = profile.quirks.get(_SETTLE, _SETTLE_S)
    if isinstance(found, bool) or not isinstance(found, int | float) or found < 0:
        raise Unsupported(f"profile {profile.name}: quirks.{_SETTLE}: is a number of seconds")
    return float(found)


def _parts(poll: Poll) -> tuple[Interfaces, Membership, Bundles]:
    found = Interfaces.of(poll)
    return found, membership.membership(poll, found), lags.bundles(poll, found)


def _port(each: interfaces.Interface, carrying: Port) -> Port:
    status, mtu = each.row.get("ifAdminStatus"), each.row.get("ifMtu", 0)
    return replace(
        carrying,
        description=each.row.get("ifAlias") or None,
        enabled=None if status is None else status == "up",
        mtu=mtu if 576 <= mtu <= 65535 else None,
    )


def _tables_of(poll: Poll) -> frozenset[str]:
    return frozenset(poll.tables)
