"""The SNMP PDU twin as a subject: a PDU of its own in this process; logins go by SNMPv3 to an engine of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from device_profiles.profile import Profile
from drivers.access import parse_access
from drivers.conformance import Ground, Login, Subject
from drivers.contract import Connection
from drivers.credentials import Credential
from drivers.transports import open_connection
from pointsman.twins.snmp.agent import Direct
from pointsman.twins.snmp.engine import Engine, User
from pointsman.twins.snmp.outlets import Pdu

GRAMMAR: Final = "the profile's own tables, which name the vendor's MIB; judged by recordings"
_ANOTHER: Final = "80001f8804ffffffffff"
_USER: Final = User(name="pointsman", auth="twin-auth-pass", priv="twin-priv-pass")
_TIMEOUT_S: Final = 5.0
_LATE: Final = 1


def _new(profile: Profile) -> Pdu:
    """A PDU with one outlet that is named after what it feeds."""
    made = Pdu(profile, late=_LATE)
    made.outlets[1].name = b"web-1/psu1"
    return made


class _Bench:
    """One PDU; as new when it is reset."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self.device = _new(profile)

    async def open(self) -> Connection:
        return Direct(self.device, identity=_ANOTHER)

    async def reset(self) -> None:
        # The same object goes on, since connections to it are open.
        self.device.__dict__ = _new(self._profile).__dict__

    async def writes(self) -> int:
        return self.device.writes

    async def boots(self, key: str) -> list[str]:
        """What an outlet feeds got its power so often."""
        return ["power"] * self.device.outlets[await self._place(key)].boots

    async def hear_nothing(self, key: str) -> None:
        """An outlet asks nobody."""

    async def lie(self, key: str) -> None:
        """Commands to an outlet are answered, and not done."""
        self.device.lie(await self._place(key))

    async def _place(self, key: str) -> int:
        """The number of an outlet, by the name that its driver gives it."""
        return 1 + (await _outlets(self)).index(key)

    async def login(self, wanted: Login) -> Connection:
        """Log in by SNMPv3 with a passphrase that is wrong, or where another engine is expected."""
        async with Engine(self.device, _USER) as engine:
            text = "wrong-one-here" if wanted.wrong_secret else f"{_USER.auth}\n{_USER.priv}"
            return await open_connection(
                parse_access(f"snmpv3://{_USER.name}@{engine.address}?timeout=1"),
                credential=Credential(name="file:twin", text=text),
                pin=_ANOTHER if wanted.wrong_identity else engine.identity,
                timeout_s=_TIMEOUT_S,
            )


@asynccontextmanager
async def subject(profile: Profile) -> AsyncIterator[Subject]:
    """A twin with one of its outlets, or two, to be used."""
    bench = _Bench(profile)
    outlets = await _outlets(bench)
    yield Subject(
        profile=profile,
        ground=Ground(outlets=outlets[-2:]),
        open=bench.open,
        reset=bench.reset,
        writes=bench.writes,
        login=bench.login,
        machines=bench,
        secrets=(_USER.auth, _USER.priv),
        grammar=GRAMMAR,
        nonsense="set 1.3.6.1.2.1.1.3.0=i:1",
    )


async def _outlets(bench: _Bench) -> tuple[str, ...]:
    """The outlets of the twin, as its driver names them."""
    connection = await bench.open()
    driver = Subject(profile=bench.device.profile, ground=Ground(), open=bench.open).driver(
        connection, bench.device.profile
    )
    try:
        return tuple((await driver.read(())).outlets)
    finally:
        await driver.close()
        await connection.close()
