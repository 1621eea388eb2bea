"""The SNMP twin as a subject: a switch of its own in this process; logins go by SNMPv3 to an engine of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from device_profiles.profile import Profile
from drivers.conformance import Ground, Subject
from pointsman.twins.snmp.bench import USER, Bench
from pointsman.twins.snmp.bridge import Bridge, Neighbour, Vlan

GRAMMAR: Final = "IF-MIB, BRIDGE-MIB, Q-BRIDGE-MIB and LLDP-MIB (RFC 2863, RFC 4188, RFC 4363, IEEE 802.1AB)"


def bridge() -> Bridge:
    """A switch in use: a few VLANs, a trunk, a port in two VLANs without a tag, neighbours and addresses."""
    made = Bridge()
    made.vlans |= {10: Vlan(b"servers"), 20: Vlan(b"")}
    made.vlans[10].egress |= {1, 2}
    made.vlans[20].egress |= {1, 3}
    made.vlans[10].untagged.add(2)
    made.vlans[20].untagged.add(3)
    made.vlans[1].egress.discard(2)
    made.vlans[1].untagged.discard(2)
    made.ports[2].pvid = 10
    made.ports[1].alias = b"uplink"
    made.neighbours = [Neighbour(1, bytes.fromhex("020000000002"), b"Ethernet1", b"sw2.example.net")]
    made.macs = [("02:00:00:00:01:01", 10, 2), ("02:00:00:00:01:02", 20, 1)]
    return made


async def _restart() -> None:
    """Its tables are kept as they are written."""


@asynccontextmanager
async def subject(profile: Profile) -> AsyncIterator[Subject]:
    """A twin with its last six ports and the VLANs 3101 to 3104 to be used."""
    bench = Bench(bridge)
    yield Subject(
        profile=profile,
        ground=Ground(ports=tuple(f"Port{place}" for place in range(7, 13)), prompt="public"),
        open=bench.open,
        reset=bench.reset,
        writes=bench.writes,
        restart=_restart,
        login=bench.login,
        secrets=(USER.auth, USER.priv),
        grammar=GRAMMAR,
        nonsense="set 1.3.6.1.2.1.1.3.0=i:1",
    )
