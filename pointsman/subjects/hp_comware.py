"""The Comware-like twins as subjects: a switch of its own in this process; logins go over SSH to its own server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from device_profiles.profile import Profile
from drivers.access import parse_access
from drivers.conformance import Ground, Login, Subject
from drivers.conformance.memory import MemoryConnection, MemoryStream
from drivers.contract import Connection
from drivers.credentials import Credential
from drivers.transports import open_connection
from pointsman.twins.languages.comware import PORTS, Neighbour, Switch
from pointsman.twins.languages.comware_session import ComwareSession
from pointsman.twins.languages.server import LanguageServer
from pointsman.twins.languages.terminal import Password, Terminal

GRAMMAR: Final = "H3C S5130-EI and Huawei S5700 command references"
_ANOTHER: Final = "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
_PASSWORD: Final = Password(user="admin", password="pointsman-twin")  # noqa: S106 -- a twin's
_TIMEOUT_S: Final = 10.0


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


class _Bench:
    """One switch; another one when it is reset."""

    def __init__(self, profile: str) -> None:
        self._profile = profile
        self.switch = switch(profile)

    async def open(self) -> Connection:
        return MemoryConnection(self.start, identity=_ANOTHER)

    async def reset(self) -> None:
        self.switch = switch(self._profile)

    async def writes(self) -> int:
        return self.switch.writes

    async def restart(self) -> None:
        self.switch.restart()

    def start(self, command: str, stream: MemoryStream) -> None:
        """A session, behind the login."""
        del command
        terminal = Terminal(ComwareSession(self.switch))
        stream.talk = terminal.feed
        stream.push(terminal.greet())

    async def login(self, wanted: Login) -> Connection:
        """Log in over SSH with a password that is wrong, or where another device is expected."""
        async with LanguageServer(lambda: ComwareSession(self.switch), password=_PASSWORD) as server:
            text = "wrong-one" if wanted.wrong_secret else _PASSWORD.password
            return await open_connection(
                parse_access(server.ssh_access),
                credential=Credential(name="file:twin", text=text),
                pin=_ANOTHER if wanted.wrong_identity else server.host_key,
                timeout_s=_TIMEOUT_S,
            )


@asynccontextmanager
async def subject(profile: Profile) -> AsyncIterator[Subject]:
    """A twin with its last six ports and the VLANs 3101 to 3104 to be used."""
    bench = _Bench(profile.name)
    dialect, ports = PORTS[profile.name]
    yield Subject(
        profile=profile,
        ground=Ground(
            ports=ports[-6:],
            lag=f"{dialect.bundle}7",
            lacp="off" if bench.switch.is_vrp else "passive",
            prompt="[sw1]",
            pager="  ---- More ----",
        ),
        open=bench.open,
        reset=bench.reset,
        writes=bench.writes,
        restart=bench.restart,
        login=bench.login,
        secrets=(_PASSWORD.password,),
        grammar=GRAMMAR,
    )
