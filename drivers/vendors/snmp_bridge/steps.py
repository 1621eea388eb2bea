"""From edits to steps, as SETs that can be repeated (see the writer for the grammar of a command)."""

from __future__ import annotations

from dataclasses import dataclass, field

from device_profiles.compare import Goal
from device_profiles.profile import Profile
from device_profiles.state import State
from drivers.contract import Step
from drivers.errors import Unsupported
from drivers.planning import edits
from drivers.vendors.snmp_bridge.interfaces import Interfaces
from drivers.vendors.snmp_bridge.membership import Membership


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read, with what a plan needs beside the state."""

    state: State
    interfaces: Interfaces = field(default_factory=Interfaces)
    known: Membership = field(default_factory=Membership)
    tables: frozenset[str] = frozenset()


def plan(goal: Goal, reading: Reading, *, profile: Profile) -> tuple[Step, ...]:
    found = edits(goal, reading.state)
    if found:
        raise Unsupported(f"{profile.title} is only read here: nothing of it can be changed")
    return ()
