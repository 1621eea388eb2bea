"""The twins of blade enclosures as subjects: an enclosure of its own in this process; logins go over SSH."""

from __future__ import annotations

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
from pointsman.twins.languages.dell_cmc import DellCmcSession
from pointsman.twins.languages.enclosure import TwinEnclosure
from pointsman.twins.languages.hp_oa import HpOaSession
from pointsman.twins.languages.server import LanguageServer
from pointsman.twins.languages.terminal import Language, Password, Terminal

GRAMMAR: Final = "HPE Onboard Administrator CLI guide, Dell CMC RACADM reference"
SESSIONS: Final[dict[str, Callable[[TwinEnclosure], Language]]] = {
    "hp_c7000": HpOaSession,
    "dell_m1000e": DellCmcSession,
}
_ANOTHER: Final = "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
_PASSWORD: Final = Password(user="admin", password="pointsman-twin")  # noqa: S106 -- a twin's
_TIMEOUT_S: Final = 10.0


class Bench:
    """One enclosure; another one when it is reset."""

    def __init__(self, profile: str) -> None:
        self._make = SESSIONS[profile]
        self.enclosure = TwinEnclosure()

    async def open(self) -> Connection:
        return MemoryConnection(self.start, identity=_ANOTHER)

    async def reset(self) -> None:
        self.enclosure = TwinEnclosure()

    async def writes(self) -> int:
        return self.enclosure.writes

    def start(self, command: str, stream: MemoryStream) -> None:
        """A session, behind the login."""
        del command
        terminal = Terminal(self._make(self.enclosure))
        stream.talk = terminal.feed
        stream.push(terminal.greet())

    async def login(self, wanted: Login) -> Connection:
        """Log in over SSH with a password that is wrong, or where another device is expected."""
        async with LanguageServer(lambda: self._make(self.enclosure), password=_PASSWORD) as server:
            return await open_connection(
                parse_access(server.ssh_access),
                credential=Credential(
                    name="file:twin", text="wrong-one" if wanted.wrong_secret else _PASSWORD.password
                ),
                pin=_ANOTHER if wanted.wrong_identity else server.host_key,
                timeout_s=_TIMEOUT_S,
            )


@asynccontextmanager
async def subject(profile: Profile) -> AsyncIterator[Subject]:
    """A twin whose blades may all be switched."""
    bench = Bench(profile.name)
    yield Subject(
        profile=profile,
        ground=Ground(slots=("1", "2", "4"), prompt="enc1>"),
        open=bench.open,
        reset=bench.reset,
        writes=bench.writes,
        login=bench.login,
        secrets=(_PASSWORD.password,),
        grammar=GRAMMAR,
    )
