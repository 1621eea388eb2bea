"""A twin for the suite of promises: it can be had as new, and logged in to over TLS."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from drivers.access import parse_access
from drivers.conformance import Login
from drivers.contract import Connection
from drivers.credentials import Credential
from drivers.transports import open_connection
from pointsman.twins.redfish.service import PASSWORD, USER, Direct, Service
from pointsman.twins.web import Web, certificate

LATE: Final = 1
"""Readings until something is done."""
_TIMEOUT_S: Final = 5.0
_WORDS: Final = {"None": "disk", "Hdd": "disk", "Pxe": "pxe", "Cd": "cdrom", "Usb": "usb", "BiosSetup": "bios"}


class Behind:
    """The machines behind a twin's slots or outlets (see :class:`drivers.conformance.subject.Machines`)."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench

    async def boots(self, key: str) -> Sequence[str]:
        """What a machine booted from, once for each boot."""
        return [_WORDS.get(source, source) for source in self._bench.service.boots_of(key)]

    async def hear_nothing(self, key: str) -> None:
        """Its operating system obeys nobody."""
        self._bench.service.deaf.add(self._bench.service.path_of(key))

    async def lie(self, key: str) -> None:
        """What is switched is answered as done, and is not."""
        self._bench.service.lazy.add(self._bench.service.path_of(key))


class Bench:
    """One service, that ``make`` makes; as new when it is reset."""

    def __init__(self, make: Callable[[], Service]) -> None:
        self._make = make
        self.service = make()
        self.machines = Behind(self)

    async def open(self) -> Connection:
        """A connection to it."""
        return Direct(self.service, identity=certificate().fingerprint)

    async def reset(self) -> None:
        """Begin anew: connections that are open go on with the same object, and the same sessions."""
        fresh = self._make()
        fresh.tokens = self.service.tokens
        self.service.__dict__ = fresh.__dict__

    async def writes(self) -> int:
        """How often it was changed."""
        return self.service.writes

    async def login(self, wanted: Login) -> Connection:
        """Log in over TLS with a wrong password, or where another certificate is expected."""
        async with Web(self.service, secure=True) as web:
            return await open_connection(
                parse_access(f"redfish+https://{USER}@{web.address}"),
                credential=Credential(name="file:twin", text="wrong-one" if wanted.wrong_secret else PASSWORD),
                pin=certificate("somebody else").fingerprint if wanted.wrong_identity else web.identity,
                timeout_s=_TIMEOUT_S,
            )
