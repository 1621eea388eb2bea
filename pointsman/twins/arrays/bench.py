"""A twin of an array of files for the suite of promises: as new when it is reset, and used by machines."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from device_profiles.profile import Profile
from drivers.access import parse_access
from drivers.conformance import Ground, Login, Subject
from drivers.conformance.memory import MemoryConnection, MemoryStream
from drivers.contract import Connection
from drivers.credentials import Credential
from drivers.transports import open_connection
from pointsman.twins import shell
from pointsman.twins.arrays.host import File, Host
from pointsman.twins.arrays.rack import ArrayRack

_ANOTHER: Final = "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
_TIMEOUT_S: Final = 10.0


class Bench:
    """One array, that ``make`` makes, and the machines that use it. ``pool`` is where their volumes are."""

    def __init__(self, make: Callable[[], Host], *, pool: str) -> None:
        self._make = make
        self._pool = pool
        self.host = make()

    def subject(self, profile: Profile, *, grammar: str) -> Subject:
        """It with its pool to be used."""
        return Subject(
            profile=profile,
            ground=Ground(pool=self._pool, prompt="#0000 0"),
            open=self.open,
            reset=self.reset,
            writes=self.writes,
            restart=self.restart,
            login=self.login,
            initiators=self,
            secrets=("PRIVATE KEY-----",),
            grammar=grammar,
        )

    async def open(self) -> Connection:
        """A connection to it."""
        return MemoryConnection(self._start, identity=_ANOTHER)

    def _start(self, command: str, stream: MemoryStream) -> None:
        del command
        stream.talk = shell.talk(self.host)

    async def reset(self) -> None:
        """Begin anew: sessions that are open go on with the same object."""
        self.host.__dict__.update(self._make().__dict__)

    async def writes(self) -> int:
        """How often it was changed."""
        return self.host.writes

    async def restart(self) -> None:
        """Start what exports its files anew."""
        self.host.restart()

    async def log_in(self, export: str, initiator: str) -> bool:
        """An initiator logs in; whether it is let in."""
        return self.host.log_in(export, initiator)

    async def log_out(self, export: str, initiator: str) -> None:
        """An initiator leaves."""
        self.host.log_out(export, initiator)

    def _path(self, volume: str) -> str:
        return f"{self.host.root}/{self._pool}/{volume}"

    async def store(self, volume: str, data: bytes) -> None:
        """Write at the beginning of a volume."""
        self.host.files[self._path(volume)].data = data

    async def stored(self, volume: str) -> bytes:
        """What stands at the beginning of a volume."""
        return self.host.files.get(self._path(volume), File()).data

    async def login(self, wanted: Login) -> Connection:
        """Log in over SSH, with a key that it does not know, or where another array is expected."""
        async with ArrayRack({"san-1": self._make()}) as rack:
            (twin,) = rack.nodes
            stranger = ArrayRack({}).key_text
            return await open_connection(
                parse_access(twin.access),
                credential=Credential(name="file:lab.key", text=stranger if wanted.wrong_secret else rack.key_text),
                pin=_ANOTHER if wanted.wrong_identity else twin.host_key,
                timeout_s=_TIMEOUT_S,
            )
