"""The Comware-like twins as subjects: a switch of its own in this process; logins go over SSH to its own server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from device_profiles.profile import Profile
from drivers.conformance import Ground, Subject
from pointsman.twins.languages.bench import PASSWORD, StartingBench
from pointsman.twins.languages.comware import PORTS, Switch
from pointsman.twins.languages.comware_session import ComwareSession
from pointsman.twins.languages.switch import Neighbour

GRAMMAR: Final = "H3C S5130-EI and Huawei S5700 command references"


def switch(profile: str) -> Switch:
    """A switch in use: a few VLANs, a trunk of all of them, a phone's port, a hybrid port, neighbours and addresses."""
    made = Switch(profile)
    ports = [made.config.interfaces[name] for name in PORTS[profile][1]]
    made.config.vlans |= {10: "servers", 20: None}
    ports[0].description, ports[0].link_type, ports[0].permitted = "uplink", "trunk", frozenset(range(1, 4095))
    ports[1].link_type, ports[1].access, ports[1].others = "access", 10, ["voice-vlan 20 enable"]
    ports[2].link_type, ports[2].pvid, ports[2].tagged = "hybrid", 10, frozenset((20,))
    ports[2].untagged = frozenset((10,))
    made.startup.vlans |= made.config.vlans
    made.neighbours[ports[0].name] = Neighbour("sw2.example.net", "0200-0000-0002", "Ethernet1", "to sw1")
    made.macs = [("0200-0000-0101", 10, ports[3].name), ("0200-0000-0102", 20, ports[0].name)]
    return made


@asynccontextmanager
async def subject(profile: Profile) -> AsyncIterator[Subject]:
    """A twin with its last six ports and the VLANs 3101 to 3104 to be used."""
    bench = StartingBench(lambda: switch(profile.name), ComwareSession)
    dialect, ports = PORTS[profile.name]
    yield Subject(
        profile=profile,
        ground=Ground(
            ports=ports[-6:],
            lag=f"{dialect.bundle}7",
            lacp="off" if bench.device.is_vrp else "passive",
            prompt="[sw1]",
            pager="  ---- More ----",
        ),
        open=bench.open,
        reset=bench.reset,
        writes=bench.writes,
        restart=bench.restart,
        login=bench.login,
        secrets=(PASSWORD.password,),
        grammar=GRAMMAR,
    )
