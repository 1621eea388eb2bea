"""The Junos-like twin as a subject: a switch of its own in this process; logins go over SSH to a server of its own."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

from device_profiles.profile import Profile
from drivers.access import parse_access
from drivers.conformance import Ground, Login, Subject
from drivers.conformance.memory import MemoryConnection, MemoryStream
from drivers.contract import Connection
from drivers.credentials import Credential
from drivers.transports import open_connection
from pointsman.twins.languages.junos import PORTS, SECRET, Neighbour, Switch
from pointsman.twins.languages.junos_session import JunosSession
from pointsman.twins.languages.server import LanguageServer
from pointsman.twins.languages.terminal import Password, Terminal

GRAMMAR: Final = "Junos OS CLI and Ethernet Switching User Guides; output compared with recordings of ntc-templates"
_ANOTHER: Final = "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
_PASSWORD: Final = Password(user="admin", password="pointsman-twin")  # noqa: S106 -- a twin's
_TIMEOUT_S: Final = 10.0
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


class _Bench:
    """One switch; another one when it is reset."""

    def __init__(self) -> None:
        self.ahead_s = 0.0
        self.switch = switch(self.now)

    def now(self) -> float:
        return time.monotonic() + self.ahead_s

    async def later(self, seconds: float) -> None:
        self.ahead_s += seconds

    async def open(self) -> Connection:
        return MemoryConnection(self.start, identity=_ANOTHER)

    async def reset(self) -> None:
        self.switch = switch(self.now)

    async def writes(self) -> int:
        return self.switch.writes

    def start(self, command: str, stream: MemoryStream) -> None:
        """A session, behind the login."""
        del command
        terminal = Terminal(JunosSession(self.switch))
        stream.talk = terminal.feed
        stream.when_closed = terminal.hang_up
        stream.push(terminal.greet())

    async def login(self, wanted: Login) -> Connection:
        """Log in over SSH with a password that is wrong, or where another device is expected."""
        async with LanguageServer(lambda: JunosSession(self.switch), password=_PASSWORD) as server:
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
    bench = _Bench()
    yield Subject(
        profile=profile,
        ground=Ground(ports=PORTS[-6:], lag="ae7", prompt="admin@sw1#", pager="---(more)---"),
        open=bench.open,
        reset=bench.reset,
        writes=bench.writes,
        login=bench.login,
        later=bench.later,
        secrets=(_PASSWORD.password, SECRET),
        grammar=GRAMMAR,
    )
