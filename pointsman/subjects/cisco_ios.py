"""The IOS-like twin as a subject: a switch of its own in this process; logins go over SSH to a server of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from device_profiles.profile import Profile
from drivers.conformance import Ground, Subject
from pointsman.twins.languages.bench import PASSWORD, StartingBench
from pointsman.twins.languages.ios_like import PORTS, Interface, Switch
from pointsman.twins.languages.ios_like_session import IosSession
from pointsman.twins.languages.switch import Neighbour

GRAMMAR: Final = "Cisco and Arista command references; output compared with recordings of ntc-templates and napalm"


def switch(profile: str) -> Switch:
    """A switch in use: a few VLANs, a trunk, a routed port, a phone's port, neighbours and addresses."""
    made = Switch(profile)
    ports = PORTS[profile][1]
    made.config.vlans |= {10: "servers", 20: "VLAN0020"}
    made.config.interfaces[ports[0]] = Interface(
        ports[0], description="uplink", mode="trunk", native=1, encapsulated=True
    )
    made.config.interfaces[ports[1]] = Interface(
        ports[1], mode="access", access=10, others=["switchport voice vlan 20"]
    )
    made.config.interfaces[ports[2]] = Interface(ports[2], routed=True)
    made.neighbours[ports[0]] = Neighbour("sw2.example.net", "02:00:00:00:00:02", "Ethernet1", "to sw1")
    made.macs = [("02:00:00:00:01:01", 10, ports[3]), ("02:00:00:00:01:02", 20, ports[0])]
    return made


@asynccontextmanager
async def subject(profile: Profile) -> AsyncIterator[Subject]:
    """A twin with its last six ports and the VLANs 3101 to 3103 to be used."""
    bench = StartingBench(lambda: switch(profile.name), IosSession)
    dialect, ports = PORTS[profile.name]
    yield Subject(
        profile=profile,
        ground=Ground(ports=ports[-6:], lag=f"{dialect.bundle}7", prompt="sw1#"),
        open=bench.open,
        reset=bench.reset,
        writes=bench.writes,
        restart=bench.restart,
        login=bench.login,
        secrets=(PASSWORD.password,),
        grammar=GRAMMAR,
    )
