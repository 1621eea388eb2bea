"""The Open vSwitch twin as a subject: a switch of its own in this process; logins go over SSH to a rack of one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

from device_profiles.profile import Profile
from drivers.access import parse_access
from drivers.conformance import Ground, Login, Subject
from drivers.conformance.memory import MemoryConnection, MemoryStream
from drivers.contract import Connection
from drivers.credentials import Credential
from drivers.transports import open_connection
from pointsman.twins import TwinRack, shell
from pointsman.twins.switch import Host, Switch

GRAMMAR: Final = "ovs-vsctl(8), ovs-vswitchd.conf.db(5), RFC 7047; output compared with Open vSwitch 3.1"
_ANOTHER: Final = "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
_TIMEOUT_S: Final = 10.0
_WATCHES: Final = "ovsdb-client"
_WATCHING: Final = b'{"data":[],"headings":["row","action","name","tag"]}\n'


def _switch() -> Switch:
    """A switch with a host at p1."""
    switch = Switch("sw1", serial="TWIN-1", number=1, in_band=True)
    switch.devices["p1"].host = Host("h1", "52:54:00:00:00:01")
    return switch


@dataclass(slots=True)
class _Bench:
    """One switch, replaced by a new one when it is reset."""

    switch: Switch = field(default_factory=_switch)

    async def open(self) -> Connection:
        return MemoryConnection(self.start, identity=_ANOTHER)

    async def reset(self) -> None:
        self.switch = _switch()

    async def writes(self) -> int:
        return self.switch.writes

    def start(self, command: str, stream: MemoryStream) -> None:
        """A session: a shell that takes framed commands, or one that watches."""
        if _WATCHES in command:
            watchers = self.switch.watchers
            watchers.append(stream.push)
            stream.when_closed = lambda: watchers.remove(stream.push)
            stream.push(_WATCHING)
        else:
            stream.talk = shell.talk(self.switch)


async def _login(wanted: Login) -> Connection:
    """Log in to a twin over SSH, with a key that it does not know, or to one that is not the one that is expected."""
    async with TwinRack(1) as rack:
        (twin,) = rack.nodes
        stranger = TwinRack(0).key_text
        return await open_connection(
            parse_access(twin.access),
            credential=Credential(name="file:lab.key", text=stranger if wanted.wrong_secret else rack.key_text),
            pin=_ANOTHER if wanted.wrong_identity else twin.host_key,
            timeout_s=_TIMEOUT_S,
        )


@asynccontextmanager
async def subject(profile: Profile) -> AsyncIterator[Subject]:
    """A twin with its ports p4 to p7 and the VLANs 3101 to 3104 to be used."""
    bench = _Bench()
    yield Subject(
        profile=profile,
        ground=Ground(ports=("p4", "p5", "p6", "p7"), lag="lag1", prompt="#0000 0"),
        open=bench.open,
        reset=bench.reset,
        writes=bench.writes,
        login=_login,
        secrets=("PRIVATE KEY-----",),
        grammar=GRAMMAR,
    )
