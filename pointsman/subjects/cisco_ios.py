"""The IOS-like twin as a subject: a switch of its own in this process; logins go over SSH to a server of its own."""

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
from pointsman.twins.languages.ios_like import PORTS, Interface, Neighbour, Switch
from pointsman.twins.languages.ios_like_session import IosSession
from pointsman.twins.languages.server import LanguageServer
from pointsman.twins.languages.terminal import Password, Terminal

GRAMMAR: Final = "Cisco and Arista command references; output compared with recordings of ntc-templates and napalm"
_ANOTHER: Final = "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
_PASSWORD: Final = Password(user="admin", password="pointsman-twin")  # noqa: S106 -- a twin's
_TIMEOUT_S: Final = 10.0


class _Bench:
    """One switch; another one when it is reset."""

    def __init__(self, profile: str) -> None:
        self._profile = profile
        self.switch = _switch(profile)

    async def open(self) -> Connection:
        return MemoryConnection(self.start, identity=_ANOTHER)

    async def reset(self) -> None:
        self.switch = _switch(self._profile)

    async def writes(self) -> int:
        return self.switch.writes

    async def restart(self) -> None:
        self.switch.restart()

    def start(self, command: str, stream: MemoryStream) -> None:
        """A session, behind the login."""
        del command
        terminal = Terminal(IosSession(self.switch))
        stream.talk = terminal.feed
        stream.push(terminal.greet())

    async def login(self, wanted: Login) -> Connection:
        """Log in over SSH with a password that is wrong, or where another device is expected."""
        async with LanguageServer(lambda: IosSession(self.switch), password=_PASSWORD) as server:
            return await open_connection(
                parse_access(server.ssh_access),
                credential=Credential(
                    name="file:twin", text="wrong-one" if wanted.wrong_secret else _PASSWORD.password
                ),
                pin=_ANOTHER if wanted.wrong_identity else server.host_key,
                timeout_s=_TIMEOUT_S,
            )


def _switch(profile: str) -> Switch:
    """A switch in use: a few VLANs, a trunk, a routed port, a phone's port, neighbours and addresses."""
    switch = Switch(profile)
    ports = PORTS[profile][1]
    switch.config.vlans |= {10: "servers", 20: "VLAN0020"}
    switch.config.interfaces[ports[0]] = Interface(
        ports[0], description="uplink", mode="trunk", native=1, encapsulated=True
    )
    switch.config.interfaces[ports[1]] = Interface(
        ports[1], mode="access", access=10, others=["switchport voice vlan 20"]
    )
    switch.config.interfaces[ports[2]] = Interface(ports[2], routed=True)
    switch.neighbours[ports[0]] = Neighbour("sw2.example.net", "02:00:00:00:00:02", "Ethernet1", "to sw1")
    switch.macs = [("02:00:00:00:01:01", 10, ports[3]), ("02:00:00:00:01:02", 20, ports[0])]
    return switch


@asynccontextmanager
async def subject(profile: Profile) -> AsyncIterator[Subject]:
    """A twin with its last six ports and the VLANs 3101 to 3103 to be used."""
    bench = _Bench(profile.name)
    dialect, ports = PORTS[profile.name]
    yield Subject(
        profile=profile,
        ground=Ground(ports=ports[-6:], lag=f"{dialect.bundle}7", prompt="sw1#"),
        open=bench.open,
        reset=bench.reset,
        writes=bench.writes,
        restart=bench.restart,
        login=bench.login,
        secrets=(_PASSWORD.password,),
        grammar=GRAMMAR,
    )
