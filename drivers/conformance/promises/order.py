"""The safe order: what is there between two commands of a plan is looked at by somebody else.

Between any two commands no port carries a VLAN that it carries neither before nor after, no VLAN is missing under a
port that uses it, and what is shut or opened is so while nothing unwanted could pass. The looking is done from a
second session, before each command and at the end of each step, so the order of commands within a step counts as
well.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from device_profiles.scalars import VLAN_MAX, VLAN_MIN, vlan_ranges
from device_profiles.state import Port, State
from drivers.conformance.faults import Looking
from drivers.conformance.promise import promise
from drivers.conformance.subject import Subject
from drivers.conformance.trial import Broken, Trial
from drivers.conformance.wire import Fault

_EVERY: Final = frozenset(range(VLAN_MIN, VLAN_MAX + 1))


def carried(state: State, port: str) -> frozenset[int]:
    """The VLANs that a port may carry frames of; all of them where the device does not say."""
    own = state.ports.get(port, Port())
    lag = next((name for name, item in state.lags.items() if port in (item.members or ())), port)
    item = state.ports.get(lag, Port())
    if own.enabled is False or item.enabled is False:
        return frozenset()
    return listed(item) if item.mode in ("access", "trunk") else _EVERY


def listed(port: Port) -> frozenset[int]:
    """The VLANs that a port's configuration names."""
    if port.mode == "access":
        return frozenset() if port.access_vlan is None else frozenset({port.access_vlan})
    native = frozenset({port.native_vlan}) if isinstance(port.native_vlan, int) else frozenset[int]()
    return native | (_EVERY if port.trunk_vlans == "all" else frozenset(port.trunk_vlans or ()))


@dataclass(frozen=True, slots=True)
class Passage:
    """The way from one state to another, by which every state between them is judged."""

    before: State
    after: State
    objects: bool
    """Whether the device has VLANs as objects."""

    def wrong(self, between: State) -> str:
        """What is wrong with a state on the way; an empty text where nothing is."""
        for port in between.ports:
            strange = carried(between, port) - carried(self.before, port) - carried(self.after, port)
            if strange:
                words = ", ".join(vlan_ranges(strange)[:4])
                return f"{port} carries VLAN {words}, which it carries neither before nor after"
            if self.objects and (missing := self._missing(between, port)):
                return f"{port} uses VLAN {missing[0]}, which is not there yet or not there any more"
        return ""

    def _missing(self, between: State, port: str) -> list[int]:
        item = between.ports[port]
        if item.mode not in ("access", "trunk") or item.trunk_vlans == "all":
            return []
        known = set(self.before.vlans) | set(self.after.vlans)
        return sorted((listed(item) & known) - set(between.vlans))


def _switching(subject: Subject) -> str:
    if not subject.ground.ports:
        return "nothing on this device switches, or none of its ports was given"
    declared = "ports.mode" in subject.profile.capabilities
    return "" if declared else f"{subject.profile.name} does not declare ports.mode"


@promise("keeps the safe order at every command", excuse=_switching)
async def keeps_a_safe_order(trial: Trial) -> None:
    objects = "vlans" in trial.subject.profile.capabilities
    for case in trial.goals.cases:
        opened = await trial.settle(trial.goals.bystander(), case.before)
        looker = await trial.open()
        between: list[State] = []

        async def look(looker=looker, between=between) -> None:  # type: ignore[no-untyped-def]
            between.append(await trial.read(looker))

        before = await trial.read(opened)
        for step in await trial.plan(opened, case.after):
            opened.wire.fault = Looking(look)
            await trial.apply(opened, step)
            opened.wire.fault = Fault()
            await look()
        passage = Passage(before, await trial.read(opened), objects)
        for state in between:
            wrong = passage.wrong(state)
            if wrong:
                raise Broken(f"{case.name}: on the way {wrong}")
