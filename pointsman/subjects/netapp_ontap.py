"""The ONTAP twin as a subject: an array of its own in this process; logins go over TLS."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

from device_profiles.profile import Profile
from drivers.access import parse_access
from drivers.conformance import Ground, Login, Subject
from drivers.contract import Connection
from drivers.credentials import Credential
from drivers.rest.session import Session
from drivers.transports import open_connection
from pointsman.twins.arrays.ontap import PASSWORD, SVM, USER, Direct, Ontap
from pointsman.twins.web import Web, certificate

GRAMMAR: Final = "NetApp ONTAP 9 REST API reference (storage/luns, protocols/san/igroups, lun-maps, iscsi/sessions)"
_TIMEOUT_S: Final = 5.0
_FOUND: Final = "/vol/tank/found"


def array() -> Ontap:
    """An array in use: a LUN of somebody else's, shown to a machine that is logged in."""
    made = Ontap(needs_login=True)
    svm = {"name": SVM}
    initiator = {"name": "iqn.2020-01.example:host"}
    for path, document in (
        ("/api/storage/luns", {"svm": svm, "name": _FOUND, "space": {"size": 64 << 20}}),
        ("/api/protocols/san/igroups", {"svm": svm, "name": "found"}),
        (
            "/api/protocols/san/lun-maps",
            {"svm": svm, "lun": {"name": _FOUND}, "igroup": {"name": "found"}, "logical_unit_number": 0},
        ),
    ):
        made.change("POST", path, document)
    next(iter(made.igroups.values()))["initiators"].append(initiator)
    made.log_in("found", initiator["name"])
    made.data[_FOUND] = b"somebody's data"
    return made


@dataclass(slots=True)
class _Bench:
    """One array, as new when it is reset; and the machines that use it."""

    array: Ontap = field(default_factory=array)

    async def open(self) -> Connection:
        return Direct(self.array, identity=certificate().fingerprint)

    async def reset(self) -> None:
        # Connections that are open go on with the same object.
        self.array.__dict__.update(array().__dict__)

    async def writes(self) -> int:
        return self.array.writes

    async def log_in(self, export: str, initiator: str) -> bool:
        return self.array.log_in(export, initiator)

    async def log_out(self, export: str, initiator: str) -> None:
        self.array.log_out(export, initiator)

    async def store(self, volume: str, data: bytes) -> None:
        self.array.data[f"/vol/tank/{volume}"] = data

    async def stored(self, volume: str) -> bytes:
        return self.array.data.get(f"/vol/tank/{volume}", b"")

    async def restart(self) -> None:
        """It keeps what it was told."""

    async def login(self, wanted: Login) -> Connection:
        """Log in over TLS with a wrong password, or where another certificate is expected."""
        async with Web(self.array, secure=True) as web:
            connection = await open_connection(
                parse_access(f"https://{USER}@{web.address}"),
                credential=Credential(name="file:twin", text="wrong-one" if wanted.wrong_secret else PASSWORD),
                pin=certificate("somebody else").fingerprint if wanted.wrong_identity else web.identity,
                timeout_s=_TIMEOUT_S,
            )
            try:
                await Session(connection, timeout_s=_TIMEOUT_S).get("/api/cluster")
            except BaseException:
                await connection.close()
                raise
            return connection


@asynccontextmanager
async def subject(profile: Profile) -> AsyncIterator[Subject]:
    """A twin with its FlexVol ``tank`` to be used."""
    bench = _Bench()
    yield Subject(
        profile=profile,
        ground=Ground(pool="tank"),
        open=bench.open,
        reset=bench.reset,
        writes=bench.writes,
        restart=bench.restart,
        login=bench.login,
        initiators=bench,
        secrets=(PASSWORD,),
        grammar=GRAMMAR,
        nonsense='POST /api/storage/pointsman {"name":"none"}',
    )
