"""The SNMP twin as a subject: a switch of its own in this process; logins go by SNMPv3 to an engine of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from device_profiles.profile import Profile
from drivers.access import parse_access
from drivers.conformance import Ground, Login, Subject
from drivers.contract import Connection
from drivers.credentials import Credential
from drivers.transports import open_connection
from pointsman.twins.snmp.agent import Direct
from pointsman.twins.snmp.bridge import Bridge, Neighbour, Vlan
from pointsman.twins.snmp.engine import Engine, User

GRAMMAR: Final = "IF-MIB, BRIDGE-MIB, Q-BRIDGE-MIB and LLDP-MIB (RFC 2863, RFC 4188, RFC 4363, IEEE 802.1AB)"
_ANOTHER: Final = "80001f8804ffffffffff"
_USER: Final = User(name="pointsman", auth="twin-auth-pass", priv="twin-priv-pass")
_TIMEOUT_S: Final = 5.0


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


class _Bench:
    """One switch; another one when it is reset."""

    def __init__(self) -> None:
        self.device = bridge()

    async def open(self) -> Connection:
        return Direct(self.device, identity=_ANOTHER)

    async def reset(self) -> None:
        # The same object goes on, since connections to it are open.
        self.device.__dict__ = bridge().__dict__

    async def writes(self) -> int:
        return self.device.writes

    async def restart(self) -> None:
        """Its tables are kept as they are written."""

    async def login(self, wanted: Login) -> Connection:
        """Log in by SNMPv3 with a passphrase that is wrong, or where another engine is expected."""
        async with Engine(self.device, _USER) as engine:
            text = "wrong-one-here" if wanted.wrong_secret else f"{_USER.auth}\n{_USER.priv}"
            return await open_connection(
                parse_access(f"snmpv3://{_USER.name}@{engine.address}?timeout=1"),
                credential=Credential(name="file:twin", text=text),
                pin=_ANOTHER if wanted.wrong_identity else engine.identity,
                timeout_s=_TIMEOUT_S,
            )


@asynccontextmanager
async def subject(profile: Profile) -> AsyncIterator[Subject]:
    """A twin with its last six ports and the VLANs 3101 to 3104 to be used."""
    bench = _Bench()
    yield Subject(
        profile=profile,
        ground=Ground(ports=tuple(f"Port{place}" for place in range(7, 13)), prompt="public"),
        open=bench.open,
        reset=bench.reset,
        writes=bench.writes,
        restart=bench.restart,
        login=bench.login,
        secrets=(_USER.auth, _USER.priv),
        grammar=GRAMMAR,
        nonsense="set 1.3.6.1.2.1.1.3.0=i:1",
    )
