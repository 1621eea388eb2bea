"""The Junos-like twin as a subject: a switch of its own in this process; logins go over SSH to a server of its own."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

from device_profiles.profile import Profile
from drivers.conformance import Ground, Subject
from pointsman.twins.languages.bench import PASSWORD, Bench
from pointsman.twins.languages.junos import PORTS, SECRET, Switch
from pointsman.twins.languages.junos_session import JunosSession
from pointsman.twins.languages.switch import Neighbour

GRAMMAR: Final = "Junos OS CLI and Ethernet Switching User Guides; output compared with recordings of ntc-templates"
_IN_USE: Final = (
    "vlans servers vlan-id 10",
    "vlans phones vlan-id 20",
    "vlans phones l3-interface irb.20",
    "interfaces ge-0/0/0 description uplink",
    "interfaces ge-0/0/0 native-vlan-id 10",
    "interfaces ge-0/0/0 unit 0 family ethernet-switching interface-mode trunk",
    "interfaces ge-0/0/0 unit 0 family ethernet-switching vlan members all",
    "interfaces ge-0/0/1 unit 0 family ethernet-switching vlan members servers",
    "switch-options voip interface ge-0/0/1.0 vlan phones",
    "interfaces ge-0/0/2 unit 0 family inet address 192.0.2.1/24",
)
"""A switch in use: VLANs, a trunk of all of them, a phone's port, a routed port."""


def switch(clock: Callable[[], float] = time.monotonic) -> Switch:
    """A switch in use, with a neighbour and addresses."""
    made = Switch(clock=clock)
    made.committed |= dict.fromkeys(tuple(line.split()) for line in _IN_USE)
    made.neighbours["ge-0/0/0"] = Neighbour("sw2.example.net", "02:00:00:00:00:02", "Ethernet1")
    made.macs = [("02:00:00:00:01:01", "servers", "ge-0/0/1"), ("02:00:00:00:01:02", "phones", "ge-0/0/0")]
    return made


class _Clock:
    """The time of a switch, which can be put forward."""

    def __init__(self) -> None:
        self._ahead_s = 0.0

    def now(self) -> float:
        return time.monotonic() + self._ahead_s

    async def later(self, seconds: float) -> None:
        self._ahead_s += seconds


@asynccontextmanager
async def subject(profile: Profile) -> AsyncIterator[Subject]:
    """A twin with its last six ports and the VLANs 3101 to 3104 to be used."""
    clock = _Clock()
    bench = Bench(lambda: switch(clock.now), JunosSession)
    yield Subject(
        profile=profile,
        ground=Ground(ports=PORTS[-6:], lag="ae7", prompt="admin@sw1#", pager="---(more)---"),
        open=bench.open,
        reset=bench.reset,
        writes=bench.writes,
        login=bench.login,
        later=clock.later,
        secrets=(PASSWORD.password, SECRET),
        grammar=GRAMMAR,
    )
