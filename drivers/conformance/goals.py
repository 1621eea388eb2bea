"""Goals for any device: for each shape that a profile declares, a way from one value to another.

A :class:`~drivers.conformance.cases.Case` is two goals: the device is brought to ``before``, and the way from there to
``after`` is judged. Cases that a profile does not declare all shapes of do not come up; a shape without a case is a
hole in this file, and the suite says so (:func:`unsampled`).
"""

from __future__ import annotations

import functools
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from device_profiles.compare import Goal
from device_profiles.leaves import RULES, SHAPES
from device_profiles.profile import Profile
from device_profiles.state import Export, Lag, Outlet, Slot, State, Stp, Vlan, Volume
from drivers.conformance.cases import NOTHING, Case, absent, becoming, few_of, joined, port, shapes_of, sides
from drivers.conformance.subject import Ground

_SIZE: Final = 64 << 20
INITIATORS: Final = ("iqn.2024-01.example:one", "iqn.2024-01.example:two")
"""The machines that the suite's exports show volumes to."""


class Goals:
    """The goals that ``profile`` can have on ``ground``. ``few``: a few cases stand for all."""

    def __init__(self, profile: Profile, ground: Ground, *, few: bool = False) -> None:
        self.profile = profile
        self.ground = ground
        self.few = few

    @functools.cached_property
    def cases(self) -> tuple[Case, ...]:
        """Every case whose shapes the profile declares, simple ones first; or a few that have all shapes among them."""
        able = frozenset(self.profile.capabilities) & SHAPES
        found = tuple(case for case in self._all() if case.shapes and case.shapes <= able)
        return few_of(found) if self.few else found

    @functools.cached_property
    def covering(self) -> tuple[Case, ...]:
        """A few cases that have all shapes among them, and those in which something goes."""
        return few_of(self.cases)

    @property
    def whole(self) -> Case:
        """The case in which most happens at once."""
        return self.cases[-1]

    @property
    def short(self) -> Case:
        """A short case that is more than one change; the whole one where there is none."""
        several = [case for case in self.cases if len(case.shapes) > 1 and not case.after.absent]
        return min(several, key=lambda case: len(case.shapes), default=self.whole)

    def bystander(self) -> Goal:
        """A port that has something of everything, and that no case is about."""
        if len(self.ground.ports) < 4:
            return NOTHING
        name, mtu = self.ground.ports[1], self.ground.mtus[0]
        able: dict[str, Any] = {"description": "a bystander", "enabled": True, "mtu": mtu}
        said = port(name, **{field: value for field, value in able.items() if self.has(f"ports.{field}")})
        if self.has("ports.stp.edge"):
            said = joined(said, port(name, stp=Stp(edge=True)))
        carrying = self.has("ports.mode", "ports.access_vlan")
        return joined(said, self.access(name, self.ground.vlans[3])) if carrying else said

    def ornaments(self) -> Goal:
        """Something on every port that the cases are about, which they do not declare and must leave as it is."""
        said = [port(name, description=f"ornament {name}") for name in self.ground.ports[:1] + self.ground.ports[-2:]]
        if self.has("ports.stp.edge"):
            said.append(port(self.ground.ports[0], stp=Stp(edge=True)))
        return joined(*said) if said and self.has("ports.description") else NOTHING

    def unsampled(self) -> frozenset[str]:
        """Shapes that the profile declares and no case is about."""
        sampled = frozenset[str]().union(*(case.shapes for case in self._all()))
        tokens = {name for name, rule in RULES.items() if rule.token}  # verbs have promises of their own
        return (frozenset(self.profile.capabilities) & SHAPES) - sampled - tokens

    def _all(self) -> Iterator[Case]:
        if self.ground.ports:
            yield from self._vlans()
            yield from self._ports()
            yield from self._switching()
            if self.ground.lag:
                yield from self._bundles()
        yield from self._outlets()
        yield from self._slots()
        if self.ground.pool:
            yield from self._volumes()
        yield from self._at_once()

    def has(self, *shapes: str) -> bool:
        """Whether the profile declares all of these."""
        return all(shape in self.profile.capabilities for shape in shapes)

    def vlan(self, number: int, name: str | None = None) -> Goal:
        """A VLAN, where the device has such things."""
        return Goal(State(vlans={number: Vlan(name=name)})) if self.has("vlans") else NOTHING

    def access(self, name: str, vlan: int) -> Goal:
        """A port in one VLAN."""
        return joined(self.vlan(vlan), port(name, mode="access", access_vlan=vlan))

    def trunk(self, name: str, *vlans: int, native: int | None = None) -> Goal:
        """A port that carries several VLANs."""
        numbers = (*vlans, *(() if native is None else (native,)))
        carrying = port(name, mode="trunk", trunk_vlans=vlans, native_vlan=native)
        return joined(*(self.vlan(number) for number in numbers), carrying)

    def bundle(self, *members: str, vlan: int | None = None, **values: Any) -> Goal:
        """A LAG that carries one VLAN."""
        values = {"lacp": "active"} | values if self.has("lags.lacp") else values
        lag = Goal(State(lags={self.ground.lag: Lag(members=members, **values)}))
        carried = self.ground.vlans[0] if vlan is None else vlan
        return joined(lag, self.trunk(self.ground.lag, carried)) if self.has("ports.trunk_vlans") else lag

    def _vlans(self) -> Iterator[Case]:
        one = self.ground.vlans[0]
        if self.has("vlans"):
            yield Case("a VLAN is made", NOTHING, self.vlan(one))
            yield Case("a VLAN is removed", self.vlan(one), absent(("vlans", str(one))))
            yield Case("a VLAN is named", self.vlan(one, "first"), self.vlan(one, "second"))

    def _ports(self) -> Iterator[Case]:
        name = self.ground.ports[0]
        low, high = self.ground.mtus
        values: dict[str, tuple[Any, Any]] = {
            "description": ("first", "to web-07 (rack 3) #2"),
            "enabled": (True, False),
            "mtu": (high, low),
            "stp": (Stp(edge=False), Stp(edge=True)),
        }
        for field, (before, after) in values.items():
            yield Case(f"{field} is set", port(name, **{field: before}), port(name, **{field: after}))
        yield Case("a port is opened", port(name, enabled=False), port(name, enabled=True))
        guard = (port(name, stp=Stp(bpdu_guard=value)) for value in (False, True))
        yield Case("BPDU guard is set", *guard)
        prompt = port(name, description=self.ground.prompt)
        yield Case("a description looks like a prompt", port(name, description="first"), prompt)

    def _switching(self) -> Iterator[Case]:
        name = self.ground.ports[0]
        one, two, three, _ = self.ground.vlans
        yield Case("a port changes its VLAN", self.access(name, one), self.access(name, two))
        yield Case("a port becomes a trunk", self.access(name, one), self.trunk(name, two, three))
        yield Case("a trunk becomes an access port", self.trunk(name, one, two), self.access(name, three))
        yield Case("a trunk grows", self.trunk(name, one), self.trunk(name, one, two))
        yield Case("a trunk shrinks", self.trunk(name, one, two), self.trunk(name, two))
        if self.has("ports.native_vlan"):
            native = self.trunk(name, one, two, native=three)
            yield Case("a trunk gets a native VLAN", self.trunk(name, one, two, native=one), native)
        if self.has("vlans"):
            leaves_it = joined(self.access(name, two), absent(("vlans", str(one))))
            yield Case("a VLAN goes with its port", self.access(name, one), leaves_it)
        if self.has("ports.enabled"):
            shut = joined(self.access(name, one), port(name, enabled=False))
            opened = joined(self.access(name, two), port(name, enabled=True))
            yield Case("a port is configured, then opened", shut, opened)
            yield Case("a port is shut, then configured", opened, shut)

    def _bundles(self) -> Iterator[Case]:
        first, second = self.ground.ports[-2:]
        lag = absent(("lags", self.ground.lag))
        both = self.bundle(first, second)
        yield Case("a LAG is made", NOTHING, both)
        yield Case("a LAG loses a member", both, self.bundle(first))
        yield Case("a LAG gains a member", self.bundle(first), both)
        yield Case("a LAG is removed", both, lag)
        yield Case("LACP is set", self.bundle(first, second, lacp=self.ground.lacp), both)
        yield Case(
            "LACP fallback is set",
            self.bundle(first, second, fallback=False),
            self.bundle(first, second, fallback=True),
        )
        yield Case("min_links is set", self.bundle(first, second, min_links=1), self.bundle(first, second, min_links=2))

    def _outlets(self) -> Iterator[Case]:
        for outlet in self.ground.outlets[:1]:
            yield becoming("outlets", outlet, Outlet(name="first"), Outlet(name="second"))
            yield becoming("outlets", outlet, Outlet(power="on"), Outlet(power="off"))
            yield becoming("outlets", outlet, Outlet(power="off"), Outlet(power="on"))

    def _slots(self) -> Iterator[Case]:
        for slot in self.ground.slots[:1]:
            yield becoming("slots", slot, Slot(power="on"), Slot(power="off"))
            yield becoming("slots", slot, Slot(power="off"), Slot(power="on"))
            yield becoming("slots", slot, Slot(boot_device="disk"), Slot(boot_device="pxe"))
            yield becoming("slots", slot, Slot(identify=False), Slot(identify=True))

    def _volumes(self) -> Iterator[Case]:
        volume = self.volume("conf-a")
        yield Case("a volume is made", NOTHING, volume)
        yield Case("a volume grows", volume, self.volume("conf-a", times=2))
        one = self.export("conf", *INITIATORS[:1], luns={1: "conf-a"})
        two = self.export("conf", *INITIATORS, luns={1: "conf-a", 2: "conf-b"})
        both = joined(volume, self.volume("conf-b"))
        yield Case("an export is made", both, joined(both, one))
        yield Case("an export grows", joined(both, one), joined(both, two))
        moved = self.export("conf", *INITIATORS[1:], luns={2: "conf-b"})
        yield Case("an export loses a machine and a volume", joined(both, two), joined(both, moved))
        yield Case("an export is removed", joined(both, two), absent(("exports", "conf")))

    def volume(self, name: str, *, times: int = 1) -> Goal:
        """A volume of so many times the size that the suite's volumes have."""
        return Goal(State(volumes={name: Volume(size=times * _SIZE, pool=self.ground.pool)}))

    def export(self, name: str, *initiators: str, luns: Mapping[int, str]) -> Goal:
        """An export."""
        return Goal(State(exports={name: Export(initiators=tuple(sorted(initiators)), luns=luns)}))

    def _stored(self) -> tuple[Goal, Goal]:
        """A volume grows and another is made, an export goes and another takes over what it showed."""
        one, two = INITIATORS
        before = joined(self.volume("conf-a"), self.volume("conf-b"), self.export("old", one, luns={1: "conf-b"}))
        after = joined(
            self.volume("conf-a", times=2),
            self.volume("conf-b"),
            self.volume("conf-c"),
            self.export("conf", one, two, luns={1: "conf-a", 2: "conf-b", 3: "conf-c"}),
            absent(("exports", "old")),
        )
        return before, after

    def _at_once(self) -> Iterator[Case]:
        """All that the profile declares, in one plan: built of the parts that are declared."""
        parts = list(self.parts())
        if parts:
            yield Case("all at once", joined(*(part[0] for part in parts)), joined(*(part[1] for part in parts)))

    def parts(self) -> Iterator[tuple[Goal, Goal]]:
        """Changes that do not get in each other's way, before and after."""
        if len(self.ground.ports) >= 4:
            yield from self._switched()
        if self.ground.pool and self.has("volumes", "volumes.size", "volumes.pool", "exports"):
            yield self._stored()
        for outlet in self.ground.outlets:
            if self.has("outlets.power"):
                yield sides("outlets", outlet, Outlet(power="on"), Outlet(power="off"))
        for slot in self.ground.slots:
            if self.has("slots.power", "slots.boot_device"):
                before, after = Slot(power="on", boot_device="disk"), Slot(power="off", boot_device="pxe")
                yield sides("slots", slot, before, after)
            elif self.has("slots.power"):
                yield sides("slots", slot, Slot(power="on"), Slot(power="off"))

    def _switched(self) -> Iterator[tuple[Goal, Goal]]:
        first, second = self.ground.ports[:2]
        one, two, three, _ = self.ground.vlans
        if self.has("ports.mode", "ports.access_vlan"):
            yield self.access(first, one), self.access(first, two)
            if self.has("ports.trunk_vlans"):
                yield self.access(second, one), self.trunk(second, two, three)
        if self.has("vlans"):
            yield self.vlan(one), absent(("vlans", str(one)))
        if self.has("ports.description"):
            yield port(first, description="first"), port(first, description="second")
        if self.has("ports.enabled"):
            yield port(first, enabled=False), port(first, enabled=True)
        if self.ground.lag and self.has("lags", "lags.members", "lags.lacp"):
            yield NOTHING, self.bundle(*self.ground.ports[-2:], vlan=two)


def unsupported(profile: Profile, ground: Ground) -> Iterator[tuple[str, Goal]]:
    """One goal for each shape that the profile neither declares nor has by itself, and that only that shape stands
    for.
    """
    able: Collection[str] = frozenset((*profile.capabilities, *profile.implicit))
    everything = replace(profile, capabilities=tuple(SHAPES), implicit=())
    wide = replace(
        ground,
        ports=ground.ports or ("p1", "p2", "p3", "p4"),
        lag=ground.lag or "lag1",
        outlets=ground.outlets or ("1",),
        slots=ground.slots or ("1",),
        pool=ground.pool or "pool",
    )
    seen: set[str] = set()
    for case in Goals(everything, wide).cases:
        lacking = shapes_of(case.after) - frozenset(able)
        if not lacking <= seen and not case.after.absent:
            seen |= lacking
            yield ", ".join(sorted(lacking)), case.after
