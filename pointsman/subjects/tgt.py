"""The tgt twin as a subject: an array of its own in this process; logins go over SSH to a rack of one."""

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
from pointsman.twins import shell
from pointsman.twins.arrays.host import File
from pointsman.twins.arrays.rack import ArrayRack
from pointsman.twins.arrays.tgt import Lun, Target, TgtHost

GRAMMAR: Final = "tgtadm(8); behaviour and output compared with tgt 1.0.85"
_ANOTHER: Final = "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
_TIMEOUT_S: Final = 10.0
_FOUND: Final = "iqn.2020-01.example:found"
_OTHERS: Final = """<target {target}>
    <backing-store {path}>
        lun 1
        scsi_id found
    </backing-store>
    initiator-name iqn.2020-01.example:host
</target>
"""


def array() -> TgtHost:
    """An array in use: a volume of somebody else's, shown to a machine that is logged in."""
    made = TgtHost()
    path = f"{made.root}/tank/found"
    made.files[path] = File(size=64 << 20, blocks=(64 << 20) // 512, data=b"somebody's data")
    made.targets[1] = Target(_FOUND, names=["iqn.2020-01.example:host"])
    made.targets[1].luns[1] = Lun(path, 64 << 20)
    made.log_in(_FOUND, "iqn.2020-01.example:host")
    made.files["/etc/tgt/conf.d/others.conf"] = File(text=_OTHERS.format(target=_FOUND, path=path))
    return made


@dataclass(slots=True)
class _Bench:
    """One array, replaced by a new one when it is reset; and the machines that use it."""

    host: TgtHost = field(default_factory=array)

    async def open(self) -> Connection:
        return MemoryConnection(self._start, identity=_ANOTHER)

    def _start(self, command: str, stream: MemoryStream) -> None:
        del command
        stream.talk = shell.talk(self.host)

    async def reset(self) -> None:
        # Sessions that are open go on with the same object.
        self.host.__dict__.update(array().__dict__)

    async def writes(self) -> int:
        return self.host.writes

    async def restart(self) -> None:
        self.host.restart()

    async def log_in(self, export: str, initiator: str) -> bool:
        return self.host.log_in(export, initiator)

    async def log_out(self, export: str, initiator: str) -> None:
        self.host.log_out(export, initiator)

    async def store(self, volume: str, data: bytes) -> None:
        self.host.files[f"{self.host.root}/tank/{volume}"].data = data

    async def stored(self, volume: str) -> bytes:
        return self.host.files.get(f"{self.host.root}/tank/{volume}", File()).data


async def _login(wanted: Login) -> Connection:
    """Log in to a twin over SSH, with a key that it does not know, or to one that is not the one that is expected."""
    async with ArrayRack({"san-1": array()}) as rack:
        (twin,) = rack.nodes
        stranger = ArrayRack({}).key_text
        return await open_connection(
            parse_access(twin.access),
            credential=Credential(name="file:lab.key", text=stranger if wanted.wrong_secret else rack.key_text),
            pin=_ANOTHER if wanted.wrong_identity else twin.host_key,
            timeout_s=_TIMEOUT_S,
        )


@asynccontextmanager
async def subject(profile: Profile) -> AsyncIterator[Subject]:
    """A twin with its pool ``tank`` to be used."""
    bench = _Bench()
    yield Subject(
        profile=profile,
        ground=Ground(pool="tank", prompt="#0000 0"),
        open=bench.open,
        reset=bench.reset,
        writes=bench.writes,
        restart=bench.restart,
        login=_login,
        initiators=bench,
        secrets=("PRIVATE KEY-----",),
        grammar=GRAMMAR,
    )
