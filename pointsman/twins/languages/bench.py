"""A twin with a command line for the suite of promises: another device when it is reset, and logged in to over SSH."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Generic, Protocol, TypeVar

from drivers.access import parse_access
from drivers.conformance import Login
from drivers.conformance.memory import MemoryConnection, MemoryStream
from drivers.contract import Connection
from drivers.credentials import Credential
from drivers.transports import open_connection
from pointsman.twins.languages.server import LanguageServer
from pointsman.twins.languages.terminal import Language, Password, Terminal

PASSWORD: Final = Password(user="admin", password="pointsman-twin")  # noqa: S106 -- a twin's
_ANOTHER: Final = "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
_TIMEOUT_S: Final = 10.0


class Device(Protocol):
    """What sessions are sessions of."""

    writes: int
    """How often it was changed."""


class Starting(Device, Protocol):
    """A device that has to be told to save."""

    def restart(self) -> None:
        """Start anew, from what was saved."""


DeviceT = TypeVar("DeviceT", bound=Device)
StartingT = TypeVar("StartingT", bound=Starting)


def connected(session: Callable[[], Language], *, identity: str = "") -> MemoryConnection:
    """A connection each of whose streams is a session, behind the login."""

    def start(command: str, stream: MemoryStream) -> None:
        del command
        terminal = Terminal(session())
        stream.talk, stream.when_closed = terminal.feed, terminal.hang_up
        stream.push(terminal.greet())

    return MemoryConnection(start, identity=identity)


class Bench(Generic[DeviceT]):
    """One device, that ``make`` makes; ``session`` begins a session of it."""

    def __init__(self, make: Callable[[], DeviceT], session: Callable[[DeviceT], Language]) -> None:
        self._make = make
        self._session = session
        self.device = make()

    async def open(self) -> Connection:
        """A connection to it."""
        return connected(lambda: self._session(self.device), identity=_ANOTHER)

    async def reset(self) -> None:
        """Put another device in its place."""
        self.device = self._make()

    async def writes(self) -> int:
        """How often it was changed."""
        return self.device.writes

    async def login(self, wanted: Login) -> Connection:
        """Log in over SSH with a password that is wrong, or where another device is expected."""
        async with LanguageServer(lambda: self._session(self.device), password=PASSWORD) as server:
            text = "wrong-one" if wanted.wrong_secret else PASSWORD.password
            return await open_connection(
                parse_access(server.ssh_access),
                credential=Credential(name="file:twin", text=text),
                pin=_ANOTHER if wanted.wrong_identity else server.host_key,
                timeout_s=_TIMEOUT_S,
            )


class StartingBench(Bench[StartingT]):
    """One device that has to be told to save."""

    async def restart(self) -> None:
        """Start it anew."""
        self.device.restart()
